//! Runs the user's own `uv` or `pip`.

use std::io::{self, Seek, Write};
use std::process::{Command, Output};

use camino::Utf8Path;

use super::fetch::{Fetch, FetchError};
use crate::procrastinate::PACKAGE;
use crate::progress::Activity;

/// Puts the release into `directory`, and says which program did.
pub(super) fn download(
    request: &Fetch<'_>,
    directory: &Utf8Path,
) -> Result<&'static str, FetchError> {
    let requirement = format!("{PACKAGE}=={}", request.name());
    let _activity = Activity::begin(format!("Downloading {requirement}"));
    let uv = [
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--no-compile-bytecode",
        "--link-mode",
        "copy",
        "--target",
        directory.as_str(),
    ];
    // The wheel itself is not kept by `uv`, so it has to look at the digest. Hashes are only taken from a file.
    let (uv, input) = match request.sha256 {
        None => ([uv.as_slice(), &[&requirement]].concat(), String::new()),
        Some(sha256) => (
            [uv.as_slice(), &["--require-hashes", "-r", "-"]].concat(),
            format!("{requirement} --hash=sha256:{sha256}\n"),
        ),
    };
    let pip = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--ignore-requires-python",
        "--dest",
        directory.as_str(),
        &requirement,
    ];
    // `uv` reads the project's own configuration. Python would import modules from where it runs, so pip runs elsewhere.
    for (name, program, arguments, place) in [
        ("uv", "uv", uv.as_slice(), request.directory),
        ("pip", "python3", pip.as_slice(), directory),
    ] {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(place);
        match output(&mut command, &input) {
            Ok(output) if output.status.success() => return Ok(name),
            Ok(output) => {
                return Err(FetchError::Failed {
                    program: name,
                    release: request.release.clone(),
                    status: output.status.to_string(),
                    message: end_of(&output),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(FetchError::Failed {
                    program: name,
                    release: request.release.clone(),
                    status: "it did not start".to_owned(),
                    message: error.to_string(),
                });
            }
        }
    }
    Err(FetchError::NoProgram(request.release.clone()))
}

/// Runs the program with `input` as its standard input.
pub(super) fn output(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut file = tempfile::tempfile()?;
    file.write_all(input.as_bytes())?;
    file.rewind()?;
    command.stdin(file).output()
}

/// The last lines of what a program said, indented, without control characters.
pub(super) fn end_of(output: &Output) -> String {
    const MOST_LINES: usize = 8;
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(MOST_LINES)..]
        .iter()
        .map(|line| format!("  {}", crate::escape::one_line(line)))
        .collect::<Vec<_>>()
        .join("\n")
}
