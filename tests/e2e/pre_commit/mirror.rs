//! The repository of hooks that take the wheel from the package index, as `python/pre-commit/mirror` writes it.

use std::process::Command;

use camino::Utf8Path;
use fs_err as fs;

use super::repository::{CONFIGURATION, Repository};
use super::{NEW, OLD, fails_with_the_diff};
use crate::support::hook::hook;
use crate::support::process::{Outcome, run, scrub};
use crate::support::{python, storage};
use crate::wheel::built::{repository, wheel};

const URL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "-pre-commit");
const TAG: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// A program of pre-commit's, to which the mirror's address leads to this directory, and an index that has two files.
fn command(root: &Utf8Path, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = hook().command(program, &[&python::bin()]);
    let count = command
        .get_envs()
        .find_map(|(name, value)| (name == "GIT_CONFIG_COUNT").then_some(value?.to_owned()));
    let count: usize = count
        .and_then(|count| count.to_str()?.parse().ok())
        .expect("the hook's own settings are counted");
    // The longest address counts.
    let instead = format!("url.{}.insteadOf", root.join("mirror"));
    command
        .env("GIT_CONFIG_COUNT", (count + 1).to_string())
        .env(format!("GIT_CONFIG_KEY_{count}"), instead)
        .env(format!("GIT_CONFIG_VALUE_{count}"), URL)
        .env("PRE_COMMIT_HOME", root.join("home"))
        .env("PREK_HOME", root.join("prek"))
        .env("PIP_NO_INDEX", "1")
        .env("PIP_FIND_LINKS", root.join("index"))
        .env("UV_NO_INDEX", "1")
        .env("UV_FIND_LINKS", root.join("index"))
        .env("UV_PYTHON_DOWNLOADS", "never");
    command
}

/// Writes the mirror and the index.
fn provide(root: &Utf8Path) {
    let mirror = root.join("mirror");
    fs::create_dir(&mirror).expect("a directory can be made");
    let script = repository().join("python/pre-commit/mirror");
    run(scrub(Command::new("python3").arg(script).arg(&mirror))).exits(0);
    for arguments in [
        &["init", "--quiet", "."][..],
        &["add", "--all"],
        &["commit", "--quiet", "-m", "The hooks"],
        &["tag", TAG],
    ] {
        let mut git = hook().command("git", &[]);
        run(git.current_dir(&mirror).args(arguments)).exits(0);
    }
    let index = root.join("index");
    fs::create_dir(&index).expect("a directory can be made");
    fs::copy(
        wheel(),
        index.join(wheel().file_name().expect("it has one")),
    )
    .expect("a copy");
    let requirements = include_str!("../requirements.txt").lines();
    let builds = requirements.filter(|line| line.starts_with("setuptools=="));
    run(python::python()
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
        .arg(&index)
        .args(builds))
    .exits(0);
}

#[test]
fn pre_commit_and_prek_take_the_wheel() {
    let directory = storage::temporary();
    let root = storage::path(&directory);
    provide(root);
    let read = |path| fs::read_to_string(path).expect("it is there");
    let ours = repository().join(".pre-commit-hooks.yaml");
    assert_eq!(read(root.join("mirror/.pre-commit-hooks.yaml")), read(ours));

    let project = Repository::vendored("");
    // What `init` wrote, with the other address.
    project.configure(|text| text.replace(env!("CARGO_PKG_REPOSITORY"), URL));
    assert!(
        read(root.join("mirror/README.md")).contains(&format!("repo: {URL}\n    rev: {TAG}\n"))
    );
    project.git(&["add", "--all"]).exits(0);
    project.install(".venv", OLD);
    for program in ["pre-commit", "prek"] {
        let check = || -> Outcome {
            let mut command = command(root, python::bin().join(program));
            run(command
                .current_dir(project.root())
                .args(["run", "--all-files", "--verbose"]))
        };
        check().exits(0).says("Passed").says("(.venv)");
        project.install(".venv", NEW);
        fails_with_the_diff(&project, check);
        project.install(".venv", OLD);
    }
    // `init` sees that it is there.
    let before = project.read(CONFIGURATION);
    project.tool(&["init"]).exits(0).says("Wired already");
    assert_eq!(project.read(CONFIGURATION), before);
}
