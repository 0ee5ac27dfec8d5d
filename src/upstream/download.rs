//! Runs the user's own `uv` or `pip`.

use std::io::{self, Seek, Write};
use std::process::{Command, Output};

use camino::Utf8Path;

use super::fetch::{Fetch, FetchError};
use crate::environment::PYTHONS;
use crate::escape::one_line;
use crate::procrastinate::PACKAGE;
use crate::progress::Activity;

/// Downloads the release into `directory`, and returns the name of the program that did.
pub(super) fn download(
    request: &Fetch<'_>,
    directory: &Utf8Path,
) -> Result<&'static str, FetchError> {
    let requirement = format!("{PACKAGE}=={}", request.name());
    let _activity = Activity::begin(format!("Downloading {requirement}"));
    let uv = "pip install --quiet --no-deps --only-binary :all: --no-compile-bytecode --link-mode copy --target";
    let mut uv: Vec<&str> = uv.split(' ').chain([directory.as_str()]).collect();
    // `uv` takes hashes only from a file.
    let input = match request.sha256() {
        None => {
            uv.push(&requirement);
            String::new()
        }
        Some(sha256) => {
            uv.extend(["--require-hashes", "-r", "-"]);
            format!("{requirement} --hash=sha256:{sha256}\n")
        }
    };
    let pip = "-m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --ignore-requires-python --dest";
    let pip = pip.split(' ').chain([directory.as_str(), &requirement]);
    let pip: Vec<&str> = pip.collect();
    // `uv` reads the project's own configuration. Python would import modules from where it runs, so pip runs elsewhere.
    let pips = PYTHONS
        .iter()
        .map(|python| ("pip", *python, &pip, directory));
    let tried = [("uv", "uv", &uv, request.directory)]
        .into_iter()
        .chain(pips);
    for (name, program, arguments, place) in tried {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(place);
        let (status, message) = match output(&mut command, &input) {
            Ok(output) if output.status.success() => return Ok(name),
            Ok(output) => (output.status.to_string(), end_of(&output)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => ("it did not start".to_owned(), error.to_string()),
        };
        if !is_without_pip(&status, &message) {
            return Err(FetchError::Failed {
                program: name,
                release: request.release.clone(),
                status,
                message,
            });
        }
    }
    Err(FetchError::NoProgram(request.release.clone()))
}

/// Whether a Python has no pip, or is none. Where Windows has no Python, its `python` only opens the store, and the launcher `py` finds none; each
/// has a status of its own for that.
fn is_without_pip(status: &str, message: &str) -> bool {
    let is_none = ["exit code: 9009", "exit code: 103"].contains(&status);
    message.contains("No module named pip") || cfg!(windows) && is_none
}

/// Runs the program with `input` as its standard input.
pub(super) fn output(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut file = tempfile::tempfile()?;
    file.write_all(input.as_bytes())?;
    file.rewind()?;
    command.stdin(file).output()
}

/// The last lines of a program's standard error, indented, safe to show.
pub(super) fn end_of(output: &Output) -> String {
    const MOST_LINES: usize = 8;
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines.map(|line| format!("  {}", one_line(line))).collect();
    lines[lines.len().saturating_sub(MOST_LINES)..].join("\n")
}
