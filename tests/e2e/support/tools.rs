//! `uv`, the tools of others that it runs, each in an environment of its own and pinned in `tools.txt`, and `cargo`.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::process::{Outcome, run};
use super::{python, storage};

/// `uv` as a command line finds it, too: the directory with it is the first of the PATH.
pub(crate) fn with_uv(command: &mut Command) -> &mut Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path).filter(|directory| !directory.as_os_str().is_empty());
    let path =
        std::env::join_paths(std::iter::once(python::bin().into_std_path_buf()).chain(others));
    command
        .env("PATH", path.expect("a PATH can be put together again"))
        .env("UV_CACHE_DIR", storage::uv_cache())
        .env("UV_PYTHON", python::bin().join("python"))
        .env("UV_PYTHON_DOWNLOADS", "never")
}

/// A command of `uv`.
pub(crate) fn uv(args: &[&str]) -> Command {
    let mut command = python::program("uv");
    with_uv(&mut command).args(args);
    command
}

/// One of the tools; `packages` are those that it comes from.
pub(crate) fn tool(packages: &[&str], name: &str) -> Command {
    let constraints = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/tools.txt");
    let mut command = uv(&[
        "tool",
        "run",
        "--quiet",
        "--constraints",
        constraints.as_str(),
    ]);
    for (index, package) in packages.iter().enumerate() {
        command.args([if index == 0 { "--from" } else { "--with" }, package]);
    }
    command.arg(name);
    command
}

/// Runs a command that builds this program in the tests' own directory, out of the dependencies that were compiled for the
/// tests: neither a second time, nor over the program that other tests are running. One at a time: Cargo would replace the program while
/// another build packs it.
#[track_caller]
pub(crate) fn build_for_development(command: &mut Command) -> Outcome {
    static ONE_BUILD: Mutex<()> = Mutex::new(());
    let target = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let command = command
        .env("CARGO_TARGET_DIR", storage::root().join("development"))
        .env(
            "CARGO_BUILD_BUILD_DIR",
            target.expect("it lies in the target directory"),
        )
        .env(
            "MATURIN_PEP517_ARGS",
            format!("--locked --profile dev --config {PLAIN}"),
        );
    // A test that failed has left nothing half-done.
    let _turn = ONE_BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    run(command)
}

/// Without the debug information of this program, of which each build leaves its own among the dependencies.
pub(crate) const PLAIN: &str = "profile.dev.package.vendor-migrations.debug=false";

/// Has a command build a release without the optimisations, which take minutes and which no test sees.
pub(crate) fn builds_a_plain_release(command: &mut Command) -> &mut Command {
    command
        .env("CARGO_TARGET_DIR", release_directory())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_ZIGBUILD_CACHE_DIR", storage::root().join("zigbuild"))
        .env("ZIG_GLOBAL_CACHE_DIR", storage::root().join("zig"))
}

/// Where such a release is built.
pub(crate) fn release_directory() -> Utf8PathBuf {
    storage::root().join("release")
}

/// The files that a program made in a directory, by name.
pub(crate) fn files(directory: &Utf8Path, suffix: &str) -> Vec<Utf8PathBuf> {
    let Ok(entries) = directory.read_dir_utf8() else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("the directory can be read").into_path());
    let mut found: Vec<Utf8PathBuf> = paths
        .filter(|path| path.as_str().ends_with(suffix))
        .collect();
    found.sort();
    found
}

/// The only such file.
#[track_caller]
pub(crate) fn only_file(directory: &Utf8Path, suffix: &str) -> Utf8PathBuf {
    let mut found = files(directory, suffix);
    assert_eq!(found.len(), 1, "{suffix} in {directory}: {found:?}");
    found.remove(0)
}

/// A new virtual environment with nothing in it, not even pip.
pub(crate) fn empty_environment(root: &Utf8Path) {
    run(python::python()
        .args(["-m", "venv", "--without-pip"])
        .arg(root))
    .exits(0);
}

/// `pip install` into an environment that need not have pip.
pub(crate) fn pip_install(environment: &Utf8Path) -> Command {
    let mut command = python::python();
    command
        .args(["-m", "pip", "--python"])
        .arg(environment.join("bin/python"))
        .args(["install", "--quiet"]);
    command
}
