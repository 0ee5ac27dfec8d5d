//! Fake releases, projects to vendor them into, and a way to compare trees.

pub(crate) mod index;
pub(crate) mod outcome;
pub(crate) mod package;
pub(crate) mod project;
pub(crate) mod releases;
pub(crate) mod snapshot;
#[cfg(unix)]
pub(crate) mod terminal;
#[cfg(unix)]
pub(crate) mod user;
pub(crate) mod vendored;
pub(crate) mod wheel;

pub(crate) use outcome::Outcome;
pub(crate) use package::Package;
pub(crate) use project::Project;
pub(crate) use snapshot::Snapshot;

use std::process::Command;

use camino::Utf8Path;

/// Writes a file, and the directories above it.
pub(crate) fn put(path: &Utf8Path, bytes: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Writes a shell script that can be run, on Unix.
pub(crate) fn put_script(path: &Utf8Path, body: &str) {
    let draft = path.with_extension("draft");
    put(&draft, format!("#!/bin/sh\n{body}\n"));
    #[cfg(unix)]
    {
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&draft, executable).unwrap();
    }
    copy_program(&draft, path);
    std::fs::remove_file(draft).unwrap();
}

/// Copies a program so that it can be run at once: another process writes it, because one that is open for writing
/// cannot be run, and a child started by another test could hold it open for a moment.
pub(crate) fn copy_program(from: &Utf8Path, to: &Utf8Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    if cfg!(windows) {
        std::fs::copy(from, to).unwrap();
        return;
    }
    let status = Command::new("/bin/cp")
        .args(["-p", from.as_str(), to.as_str()])
        .status();
    assert!(status.unwrap().success(), "{to}");
}
