//! The virtual environment with Alembic, the drivers, PostgreSQL and the linters.

use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::process::{run, scrub};
use super::storage;

const REQUIREMENTS: &str = include_str!("../requirements.txt");

const IMPORTS: &str = "import alembic.command, alembic.config, asyncpg, psycopg, psycopg2, \
                       sqlalchemy.dialects.postgresql.asyncpg, sqlalchemy.ext.asyncio";

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

/// pip installs only `uv`. `uv` then fills the environments from one cache, in a twentieth of the time.
fn provide() -> Utf8PathBuf {
    environment("environment", REQUIREMENTS, |root| {
        run(scrub(
            Command::new("python3").args(["-m", "venv"]).arg(root),
        ))
        .exits(0);
        let uv = REQUIREMENTS.lines().find(|line| line.starts_with("uv=="));
        run(scrub(&mut Command::new(root.join("bin/python")))
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--only-binary", ":all:"])
            .arg(uv.expect("requirements.txt pins uv")))
        .exits(0);
    })
}

/// The Python of an environment of its own with that Alembic, the three drivers, and what importing Procrastinate
/// needs: pinned as in the environment of all other tests, but for Alembic itself.
pub(crate) fn alembic_environment(version: &str) -> Utf8PathBuf {
    let wanted = |paragraph: &&str| {
        [
            "# Alembic and the three drivers",
            "# What importing Procrastinate needs",
        ]
        .iter()
        .any(|heading| paragraph.starts_with(heading))
    };
    let paragraphs: Vec<&str> = REQUIREMENTS.split("\n\n").filter(wanted).collect();
    assert_eq!(paragraphs.len(), 2, "requirements.txt has other headings");
    let mut requirements = format!("alembic=={version}\n");
    for line in paragraphs.iter().flat_map(|paragraph| paragraph.lines()) {
        if !line.starts_with('#') && !line.starts_with("alembic==") {
            requirements.push_str(line);
            requirements.push('\n');
        }
    }
    let root = environment(&format!("alembic-{version}"), &requirements, |root| {
        let venv = ["-m", "venv", "--without-pip"];
        run(scrub(Command::new("python3").args(venv).arg(root))).exits(0);
    });
    root.join("bin/python")
}

/// Makes the environment unless there is a finished one of the same requirements and Python.
/// The file `complete` is written last: without it, the directory is an abandoned attempt.
fn environment(name: &str, requirements: &str, make: impl FnOnce(&Utf8Path)) -> Utf8PathBuf {
    let _lock = storage::lock(name);
    let root = storage::root().join(name);
    let complete = root.join("complete");
    let wanted = format!("{}\n{requirements}", base_python());
    if fs::read_to_string(&complete).is_ok_and(|found| found == wanted) {
        return root;
    }
    if root.exists() {
        fs::remove_dir_all(&root).expect("an old environment can be removed");
    }
    make(&root);
    let file = root.join("requirements.txt");
    fs::write(&file, requirements).expect("the target directory can be written");
    let python = root.join("bin/python");
    let own = root.join("bin/uv");
    // An environment without uv is filled by the uv of the one that has it.
    let program = if own.exists() { own } else { bin().join("uv") };
    let uv = |action: &str| {
        let mut command = Command::new(&program);
        scrub(&mut command)
            .env("UV_CACHE_DIR", storage::uv_cache())
            .args(["pip", action, "--quiet", "--python"])
            .arg(&python);
        command
    };
    run(uv("install")
        .args(["--no-deps", "--only-binary", ":all:", "-r"])
        .arg(&file))
    .exits(0);
    run(&mut uv("check")).exits(0);
    // Most tests forbid Alembic to write bytecode. It is written once, here.
    run(scrub(Command::new(&python).args(["-c", IMPORTS]))).exits(0);
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
