//! The wheel of a release, built once a process by the command that CONTRIBUTING.md gives: `python/wheels`.

use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::support::process::{run, scrub};
use crate::support::storage;
use crate::support::tools::{
    builds_a_plain_release, empty_environment, files, only_file, pip_install, release_directory,
    with_uv,
};

/// The repository's root.
pub(crate) fn repository() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The wheel.
pub(crate) fn wheel() -> &'static Utf8Path {
    static WHEEL: LazyLock<Utf8PathBuf> = LazyLock::new(build);
    &WHEEL
}

fn build() -> Utf8PathBuf {
    let _lock = storage::lock("wheel");
    run_script(&["--target", &target()]);
    only_file(&release_directory().join("wheels"), ".whl")
}

/// The wheels of all platforms.
pub(super) fn all() -> Vec<Utf8PathBuf> {
    let _lock = storage::lock("wheel");
    run_script(&[]);
    let wheels = files(&release_directory().join("wheels"), ".whl");
    // The next test process expects one.
    let kept = release_directory().join("all-wheels");
    fs::create_dir_all(&kept).expect("the target directory can be written");
    let keep = |wheel: Utf8PathBuf| {
        let to = kept.join(wheel.file_name().expect("a file"));
        fs::copy(&wheel, &to).expect("a wheel can be copied");
        to
    };
    wheels.into_iter().map(keep).collect()
}

/// Rust's name for this machine.
pub(super) fn target() -> String {
    let told = run(Command::new("rustc").arg("-vV")).exits(0).stdout;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc tells it").to_owned()
}

/// Runs the script that CONTRIBUTING.md names.
fn run_script(arguments: &[&str]) {
    for old in files(&release_directory().join("wheels"), ".whl") {
        fs::remove_file(old).expect("an old wheel can be removed");
    }
    let mut script = Command::new(repository().join("python/wheels"));
    script.args(arguments);
    run(builds_a_plain_release(with_uv(scrub(&mut script)))).exits(0);
}

/// Makes an empty environment and installs the wheel into it, without network and without dependencies.
pub(super) fn install(environment: &Utf8Path) {
    empty_environment(environment);
    run(pip_install(environment)
        .args(["--no-index", "--no-deps"])
        .arg(wheel()))
    .exits(0);
}
