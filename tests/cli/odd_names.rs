//! Names that are not UTF-8 where the user gives them, and things that are not what their names say.

use std::ffi::OsStr;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
#[cfg(unix)]
use std::os::unix::fs::symlink;

use crate::support::package::SQL;
use crate::support::project::{PROGRAM, outcome};
use crate::support::releases::{FIRST, SECOND, four, three};
use crate::support::{Project, Snapshot, put};

const LATIN_1: &[u8] = b"caf\xe9";

#[cfg(unix)]
#[test]
fn arguments_that_are_not_utf8_are_refused() {
    let project = Project::with(&three());
    let before = project.tree();
    for option in [
        "--from",
        "--project",
        "--config",
        "--name",
        "--python",
        "--release",
    ] {
        let mut command = project.tool(&["sync", option]);
        let outcome = outcome(command.arg(OsStr::from_bytes(LATIN_1)));
        outcome.exits(2).err_has(&["error:"]).does_not_panic();
    }
    before.assert_untouched(&project.tree());
}

#[cfg(unix)]
#[test]
fn an_environment_whose_path_is_not_utf8_is_not_passed_over_in_silence() {
    let project = Project::new();
    for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
        let mut command = project.tool(&["sync"]);
        let outcome = outcome(command.env(name, OsStr::from_bytes(LATIN_1)));
        outcome.fails(&[name, "UTF-8"]);
    }
}

#[cfg(unix)]
#[test]
fn a_working_directory_whose_name_is_not_utf8_is_no_reason_to_panic() {
    let project = Project::new();
    let site = project.install(&three());
    let odd = project
        .beside("")
        .into_std_path_buf()
        .join(OsStr::from_bytes(LATIN_1));
    std::fs::rename(&project.root, &odd).unwrap();
    let before = Snapshot::of_any(&odd);
    let mut command = project.command(PROGRAM);
    let outcome = outcome(
        command
            .args(["sync", "--from", site.as_str()])
            .current_dir(&odd),
    );
    outcome.does_not_panic();
    match outcome.code {
        Some(0) => assert!(odd.join("alembic/versions_procrastinate").is_dir()),
        _ => {
            outcome.fails(&["UTF-8"]);
            before.assert_untouched(&Snapshot::of_any(&odd));
        }
    }
}

#[cfg(unix)]
#[test]
fn migrations_that_are_no_files_are_refused() {
    let project = Project::new();
    let site = project.install(&three());
    let path = site.join(SQL).join("01.00.00_05_odd.sql");
    symlink("nowhere", &path).unwrap();
    project.sync_fails(&site, &[path.as_str(), "os error"]);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    project.sync_fails(&site, &[path.as_str(), "not a regular file"]);
}

#[cfg(unix)]
#[test]
fn migrations_that_are_links_to_files_are_followed() {
    let project = Project::new();
    let site = project.install(&three());
    let (path, kept) = (site.join(SQL).join(FIRST), project.beside("kept.sql"));
    std::fs::rename(&path, &kept).unwrap();
    symlink(&kept, &path).unwrap();
    project.run(&["sync", "--from", site.as_str()]).exits(0);
    project.check(&three(), &["--strict"]).exits(0);
}

#[test]
fn an_environment_that_is_a_file_is_said_to_be_none() {
    let project = Project::new();
    put(&project.root.join(".venv"), "");
    project.run(&["sync"]).fails(&[".venv"]);
}

#[cfg(unix)]
#[test]
fn a_link_with_the_name_of_the_staging_directory_costs_nobody_a_file() {
    let project = Project::with(&three());
    let outside = project.beside("outside");
    put(&outside.join("mine"), "mine");
    symlink(
        &outside,
        project.root.join("alembic/.versions_procrastinate.staged"),
    )
    .unwrap();
    let before = Snapshot::of(&outside);
    project.sync(&four().sql(SECOND, "SELECT 'new';\n"), &[]);
    before.assert_untouched(&Snapshot::of(&outside));
}
