//! The wheel of a release, built once a process by the command that CONTRIBUTING.md gives.

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
    let wheels = release_directory().join("wheels");
    for old in files(&wheels, ".whl") {
        fs::remove_file(old).expect("an old wheel can be removed");
    }
    let mut shell = Command::new("sh");
    shell
        .args(["-euc", &documented()])
        .current_dir(repository());
    run(builds_a_plain_release(with_uv(scrub(&mut shell)))).exits(0);
    only_file(&wheels, ".whl")
}

/// The command, as CONTRIBUTING.md has it.
pub(super) fn documented() -> String {
    let text = fs::read_to_string(repository().join("CONTRIBUTING.md")).expect("it is there");
    let commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
    let mut builds =
        commands.filter(|command| command.contains("maturin") && command.contains(" build "));
    let command = builds
        .next()
        .expect("CONTRIBUTING.md says how the wheel is built");
    assert_eq!(
        builds.next(),
        None,
        "CONTRIBUTING.md has one command for it"
    );
    command.to_owned()
}

/// Makes an empty environment and installs the wheel into it, without network and without dependencies.
pub(super) fn install(environment: &Utf8Path) {
    empty_environment(environment);
    run(pip_install(environment)
        .args(["--no-index", "--no-deps"])
        .arg(wheel()))
    .exits(0);
}
