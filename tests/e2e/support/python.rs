//! The virtual environment with Alembic, the drivers, PostgreSQL and the linters.

use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::process::{run, scrub};
use super::storage;

const REQUIREMENTS: &str = include_str!("../requirements.txt");

static ENVIRONMENT: LazyLock<Utf8PathBuf> = LazyLock::new(provide);

/// The directory with the environment's programs.
pub(crate) fn bin() -> Utf8PathBuf {
    ENVIRONMENT.join("bin")
}

/// The environment's Python.
pub(crate) fn python() -> Command {
    program("python")
}

/// A program of the environment.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(bin().join(name));
    scrub(&mut command);
    command
}

/// One of the scripts that lie beside this file.
pub(crate) fn script(name: &str) -> Command {
    let mut command = python();
    command.arg(
        Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/e2e/support")
            .join(name),
    );
    command
}

/// The environment's directory of installed packages.
pub(crate) fn site_packages() -> Utf8PathBuf {
    let found = run(python().args([
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]));
    found.exits(0).stdout.trim().into()
}

/// Makes the environment unless there is a finished one of the same requirements and Python.
/// The file `complete` is written last: without it, the directory is an abandoned attempt.
fn provide() -> Utf8PathBuf {
    let _lock = storage::lock("environment");
    let root = storage::root().join("environment");
    let complete = root.join("complete");
    let wanted = format!("{}\n{REQUIREMENTS}", base_python());
    if fs::read_to_string(&complete).is_ok_and(|found| found == wanted) {
        return root;
    }
    if root.exists() {
        fs::remove_dir_all(&root).expect("an old environment can be removed");
    }
    run(scrub(
        Command::new("python3").args(["-m", "venv"]).arg(&root),
    ))
    .exits(0);
    let requirements = storage::root().join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).expect("the target directory can be written");
    let pip = || {
        let mut command = Command::new(root.join("bin/python"));
        scrub(&mut command).args(["-m", "pip"]);
        command
    };
    run(pip()
        .args([
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
            "-r",
        ])
        .arg(&requirements))
    .exits(0);
    run(pip().arg("check")).exits(0);
    fs::write(&complete, wanted).expect("the target directory can be written");
    root
}

/// Where the machine's Python is and which one it is.
fn base_python() -> String {
    let probe =
        "import sys; print(sys.executable, sys.version); sys.exit(sys.version_info < (3, 10))";
    let found = run(scrub(Command::new("python3").args(["-c", probe])));
    assert_eq!(
        found.status,
        Some(0),
        "the end-to-end tests need `python3`, 3.10 or later, on the PATH: {found}"
    );
    found.stdout
}
