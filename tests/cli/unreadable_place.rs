//! A place that cannot be looked into is no empty place.

#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::support::project::outcome;
use crate::support::releases::{four, three};
#[cfg(unix)]
use crate::support::user::{again, unprivileged};
use crate::support::{Project, put};

/// With a linear history the first new revision follows the project's own: they must not be taken for absent.
#[cfg(unix)]
#[test]
fn a_version_location_behind_a_closed_directory_is_an_error() {
    let project = Project::new();
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    let inner = project.root.join("closed/versions");
    put(
        &inner.join("a.py"),
        "revision = 'a'\ndown_revision = None\n",
    );
    std::fs::remove_dir_all(project.root.join("alembic/versions")).unwrap();
    symlink("../closed/versions", project.root.join("alembic/versions")).unwrap();
    let (first, next) = (project.install(&three()), project.install(&four()));
    let _ = unprivileged(&project, []);
    let closed = project.root.join("closed");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    for arguments in [
        ["sync", "--from", first.as_str()],
        ["check", "--from", next.as_str()],
    ] {
        outcome(&mut again(&project, arguments)).fails(&["alembic/versions", "ermission denied"]);
    }
    assert!(!project.vendored().exists());
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    outcome(&mut again(&project, ["sync", "--from", first.as_str()])).exits(0);
}
