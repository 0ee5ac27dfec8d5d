//! `sync --release`: a release fetched from the user's package index.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::Utf8PathBuf;
use fs_err as fs;
use tempfile::TempDir;

use crate::support::database::Driver;
use crate::support::process::{Outcome, run};
use crate::support::project::Project;
use crate::support::{python, storage};

/// An index that nobody serves.
const CLOSED: &str = "http://127.0.0.1:9/simple";

/// A directory for the PATH, with programs that note each call before they run.
pub(crate) struct Programs {
    pub(crate) directory: TempDir,
}

impl Programs {
    pub(crate) fn new(names: &[&str]) -> Self {
        let programs = Self {
            directory: storage::temporary(),
        };
        for name in names {
            let script = format!(
                "#!/bin/sh\necho \"{name} $*\" >> '{log}'\nexec '{program}' \"$@\"\n",
                log = programs.log(),
                program = python::bin().join(name),
            );
            let path = storage::path(&programs.directory).join(name);
            fs::write(&path, script).expect("a script can be written");
            fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
                .expect("a script can be made executable");
        }
        programs
    }

    fn log(&self) -> Utf8PathBuf {
        storage::path(&self.directory).join("log")
    }

    /// The calls so far, one a line.
    fn calls(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }
}

pub(crate) const UV: &[&str] = &["uv", "python3"];
pub(crate) const PIP: &[&str] = &["python3"];

fn sync(project: &Project, release: &str, programs: &Programs) -> Command {
    let mut command = project.command(&["sync", "--release", release]);
    command.env("PATH", programs.directory.path());
    command
}

/// Cuts a fetching program off from every index, and from what lies on this machine.
fn without_network(command: &mut Command) -> &mut Command {
    command
        .env("PIP_INDEX_URL", CLOSED)
        .env("PIP_CONFIG_FILE", "/dev/null")
        .env("PIP_RETRIES", "0")
        .env("UV_DEFAULT_INDEX", CLOSED)
        .env("UV_INDEX_URL", CLOSED)
        .env("UV_HTTP_RETRIES", "0")
        .env("UV_NO_CONFIG", "1")
        .env_remove("PIP_EXTRA_INDEX_URL")
        .env_remove("PIP_FIND_LINKS")
        .env_remove("UV_INDEX")
        .env_remove("UV_EXTRA_INDEX_URL")
        .env_remove("UV_FIND_LINKS")
}

#[test]
fn with_uv_then_from_the_cache() {
    let calls = fetches_once(UV);
    assert!(calls.contains("uv "), "{calls}");
    assert!(!calls.contains("-m pip"), "{calls}");
}

#[test]
fn with_pip_then_from_the_cache() {
    let calls = fetches_once(PIP);
    assert!(calls.contains("-m pip"), "{calls}");
}

/// Returns the calls that the first fetch made.
fn fetches_once(names: &[&str]) -> String {
    let programs = Programs::new(names);
    let first = Project::new(Driver::Psycopg);
    run(&mut sync(&first, "3.10.0", &programs)).exits(0);
    assert_eq!(first.locked_revisions(), 38);
    assert_eq!(first.revisions().len(), 38);
    let calls = programs.calls();

    // Another project of the same user, without network. Caches of uv and pip do not count.
    let second = Project::new(Driver::Psycopg);
    fs::create_dir(second.cache()).expect("a directory can be made");
    fs::rename(
        first.cache().join("vendor-migrations"),
        second.cache().join("vendor-migrations"),
    )
    .expect("the first run filled the cache");
    run(without_network(
        sync(&second, "3.10.0", &programs).env("PIP_NO_INDEX", "1"),
    ))
    .exits(0);
    assert_eq!(second.revisions(), first.revisions());
    calls
}

#[test]
fn uv_says_that_a_release_does_not_exist() {
    fails(UV, "3.99.99", |_| ()).says("3.99.99");
}

#[test]
fn pip_says_that_a_release_does_not_exist() {
    fails(PIP, "3.99.99", |_| ()).says("3.99.99");
}

#[test]
fn uv_without_network() {
    fails(UV, "3.10.0", |command| {
        without_network(command);
    });
}

#[test]
fn pip_without_network() {
    fails(PIP, "3.10.0", |command| {
        without_network(command);
    });
}

#[test]
fn with_neither_uv_nor_pip() {
    fails(&[], "3.10.0", |_| ()).says("uv");
}

#[test]
fn a_release_before_the_oldest_supported_one() {
    fails(PIP, "0.16.0", |_| ()).says("0.17.0");
}

/// Fails with status 2 and an explanation, and touches nothing.
fn fails(names: &[&str], release: &str, prepare: fn(&mut Command)) -> Outcome {
    let programs = Programs::new(names);
    let project = Project::new(Driver::Psycopg);
    let before = project.tree();
    let mut command = sync(&project, release, &programs);
    prepare(&mut command);
    let failed = run(&mut command).exits(2);
    assert!(failed.stderr.contains("error"), "{failed}");
    assert!(failed.stderr.contains(release), "{failed}");
    assert!(!failed.stderr.contains("panicked"), "{failed}");
    assert_eq!(project.tree(), before);
    failed
}
