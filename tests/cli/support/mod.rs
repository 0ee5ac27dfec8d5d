//! Fake releases, projects to vendor them into, and a way to compare trees.

pub(crate) mod outcome;
pub(crate) mod package;
pub(crate) mod project;
pub(crate) mod releases;
pub(crate) mod snapshot;
pub(crate) mod wheel;

pub(crate) use outcome::Outcome;
pub(crate) use package::Package;
pub(crate) use project::Project;
pub(crate) use snapshot::Snapshot;

use camino::Utf8Path;

/// Writes a file, and the directories above it.
pub(crate) fn put(path: &Utf8Path, bytes: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Writes a shell script that can be run.
pub(crate) fn put_script(path: &Utf8Path, body: &str) {
    use std::os::unix::fs::PermissionsExt;
    put(path, format!("#!/bin/sh\n{body}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
