//! A vendored directory that is not one, that cannot be written, or whose names cannot be read.

use std::ffi::OsStr;
use std::fs::Permissions;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};
#[cfg(target_os = "linux")]
use std::process::Stdio;

use crate::support::project::{PROGRAM, outcome};
use crate::support::releases::{FIRST, LATER, four, three};
#[cfg(unix)]
use crate::support::user::unprivileged;
use crate::support::{Outcome, Package, Project, put};

const NAME: &str = "versions_procrastinate";

/// Every command refuses the directory and touches nothing.
#[track_caller]
fn refused(project: &Project, facts: &[&str]) {
    let site = project.install(&three());
    let before = project.tree();
    for command in ["sync", "check", "diff", "status"] {
        project
            .run(&[command, "--from", site.as_str()])
            .fails(facts);
    }
    project
        .run(&["sync", "--force", "--from", site.as_str()])
        .fails(facts);
    before.assert_untouched(&project.tree());
}

#[test]
fn a_file_in_its_place_is_refused() {
    let project = Project::new();
    put(&project.vendored(), "mine");
    refused(&project, &[NAME, "file"]);
}

#[cfg(unix)]
#[test]
fn a_link_in_its_place_is_refused_wherever_it_points() {
    for target in ["../elsewhere", "nowhere", "versions_procrastinate"] {
        let project = Project::new();
        std::fs::create_dir(project.root.join("elsewhere")).unwrap();
        symlink(target, project.vendored()).unwrap();
        refused(&project, &[NAME, "link"]);
    }
}

#[test]
fn a_script_location_that_is_not_there_is_refused() {
    let project = Project::new();
    std::fs::remove_dir_all(project.root.join("alembic")).unwrap();
    let site = project.install(&three());
    project.sync_fails(&site, &["alembic"]);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_are_refused_at_any_depth() {
    for directory in ["", "notes", "notes/deep", "__pycache__"] {
        let project = Project::with(&three());
        let directory = project.vendored().join(directory);
        std::fs::create_dir_all(&directory).unwrap();
        let name = OsStr::from_bytes(b"caf\xe9\x1b[2J.txt");
        std::fs::write(directory.as_std_path().join(name), "").unwrap();
        refused(&project, &[NAME, "UTF-8", "caf"]);
    }
}

#[test]
fn a_project_that_is_not_there_is_named() {
    let project = Project::new();
    for name in ["nowhere", "alembic.ini"] {
        project.run(&["sync", "--project", name]).fails(&[name]);
    }
}

#[cfg(unix)]
#[test]
fn a_first_sync_that_may_not_write_leaves_nothing() {
    let project = Project::new();
    let outcome = sync_without_permission(&project, &three(), "alembic");
    outcome.fails(&["alembic/", "os error 13"]);
}

#[cfg(unix)]
#[test]
fn an_upgrade_that_may_not_write_leaves_everything() {
    let project = Project::with(&three());
    let outcome = sync_without_permission(&project, &four(), "alembic");
    outcome.fails(&["alembic/", "os error 13"]);
}

#[cfg(unix)]
#[test]
fn a_vendored_directory_that_is_read_only_is_left_alone() {
    let project = Project::with(&three());
    let outcome = sync_without_permission(&project, &four(), "alembic/versions_procrastinate");
    outcome.fails(&[NAME]);
}

/// Runs `sync` as somebody who may not write to `directory`, and asserts that nothing changed.
#[cfg(unix)]
#[track_caller]
fn sync_without_permission(project: &Project, package: &Package, directory: &str) -> Outcome {
    let site = project.install(package);
    let directory = project.root.join(directory);
    let mode = |mode| std::fs::set_permissions(&directory, Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    let mut command = unprivileged(project, ["sync", "--from", site.as_str()]);
    let before = project.tree();
    let outcome = outcome(&mut command);
    before.assert_files_untouched(&project.tree());
    mode(0o755);
    outcome
}

#[cfg(unix)]
#[test]
fn an_unprivileged_user_with_permission_succeeds() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let mut command = unprivileged(&project, ["sync", "--from", site.as_str()]);
    outcome(&mut command).exits(0);
    project.check(&four(), &[]).exits(0);
}

#[cfg(unix)]
#[test]
fn commands_that_only_read_need_no_permission_to_write() {
    let project = Project::with(&three());
    let site = project.install(&four());
    for path in ["", "alembic", "alembic/versions_procrastinate"] {
        let path = project.root.join(path);
        std::fs::set_permissions(path, Permissions::from_mode(0o555)).unwrap();
    }
    for command in ["check", "status", "diff"] {
        let mut command = unprivileged(&project, [command, "--from", site.as_str()]);
        outcome(&mut command).exits(1).out_has(&[LATER]);
    }
    for path in ["", "alembic", "alembic/versions_procrastinate"] {
        let path = project.root.join(path);
        std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_directory_of_the_user_does_not_stop_a_sync() {
    let project = Project::with(&three());
    project.write("__pycache__/old.pyc", "x");
    let directory = project.vendored().join("__pycache__");
    let site = project.install(&four());
    let mut command = unprivileged(&project, ["sync", "--from", site.as_str()]);
    std::fs::set_permissions(&directory, Permissions::from_mode(0o555)).unwrap();
    let outcome = outcome(&mut command);
    let directories = project.tree().directories();
    std::fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
    outcome.exits(0);
    assert!(
        !directories.iter().any(|path| path.contains("staged")),
        "{directories:?}"
    );
}

/// Runs `sync` where no file may grow beyond some blocks of 512 bytes, as on a full disk.
fn sync_on_a_full_disk(project: &Project, package: &Package, blocks: u32) -> Outcome {
    let site = project.install(package);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {PROGRAM} sync --from {site}");
    outcome(project.command("/bin/sh").args(["-c", &script]))
}

/// A release whose files need more than one block.
fn large(package: Package) -> Package {
    package.sql(
        LATER,
        &"SELECT 'a long line that fills blocks';\n".repeat(200),
    )
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_project_as_it_was() {
    for blocks in [0, 1, 4] {
        for project in [Project::new(), Project::with(&three())] {
            let before = project.tree();
            let outcome = sync_on_a_full_disk(&project, &large(three()), blocks);
            outcome.fails(&[NAME, "os error 27"]);
            before.assert_files_untouched(&project.tree());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_sync_after_a_full_disk_succeeds() {
    let project = Project::new();
    sync_on_a_full_disk(&project, &large(three()), 1).exits(2);
    project.syncs(&large(three()), &[]);
    project.check(&large(three()), &[]).exits(0);
}

#[cfg(target_os = "linux")]
#[cfg(unix)]
#[test]
fn a_report_that_cannot_be_written_stops_the_run_before_anything_is() {
    let project = Project::new();
    let site = project.install(&three());
    let before = project.tree();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = project.tool(&["sync", "--from", site.as_str()]);
    outcome(command.stdout(full).stderr(Stdio::piped()))
        .exits(2)
        .err_has(&["writing the report failed", "`vendor-migrations status`"]);
    before.assert_untouched(&project.tree());
}

#[cfg(unix)]
#[test]
fn something_that_is_no_file_in_the_place_of_a_vendored_one_is_refused() {
    use crate::support::releases::{FIRST_PY, SECOND_PY};
    let project = Project::with(&three());
    project.remove(FIRST_PY);
    symlink("/etc/hostname", project.vendored().join(FIRST_PY)).unwrap();
    project.remove(SECOND_PY);
    std::fs::create_dir(project.vendored().join(SECOND_PY)).unwrap();
    let site = project.install(&three().sql(FIRST, "SELECT 2;\n"));
    for options in [&[][..], &["--force"]] {
        let before = project.tree();
        let arguments = [&["sync", "--from", site.as_str()], options].concat();
        project.run(&arguments).refuses(&[FIRST_PY, SECOND_PY]);
        before.assert_untouched(&project.tree());
    }
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["not-a-file", FIRST_PY, SECOND_PY]);
}
