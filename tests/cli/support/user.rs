//! The program as somebody whom permission bits bind, whoever runs the tests.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

use camino::Utf8Path;

use super::project::PROGRAM;
use super::{Project, copy_program};

const NOBODY: u32 = 65534;

/// The program as a user whom permission bits bind, and who owns the project.
pub(crate) fn unprivileged<const N: usize>(project: &Project, arguments: [&str; N]) -> Command {
    if !is_superuser(project) {
        return project.tool(&arguments);
    }
    let workspace = project.beside("");
    std::fs::set_permissions(&workspace, Permissions::from_mode(0o755)).unwrap();
    let program = project.programs().join("vendor-migrations");
    copy_program(PROGRAM.into(), &program);
    hand_over(&project.root);
    again(project, arguments)
}

/// One more run as that user.
pub(crate) fn again<const N: usize>(project: &Project, arguments: [&str; N]) -> Command {
    if !is_superuser(project) {
        return project.tool(&arguments);
    }
    let mut command = project.command(project.programs().join("vendor-migrations"));
    command.args(arguments).uid(NOBODY).gid(NOBODY);
    command
}

fn hand_over(path: &Utf8Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for child in path.read_dir_utf8().unwrap() {
            hand_over(child.unwrap().path());
        }
    }
}

/// Takes a file away from the user whom the program runs as, if that is possible: only the superuser can.
pub(crate) fn disown(project: &Project, path: &Utf8Path) {
    if is_superuser(project) {
        chown(path, Some(0), Some(0)).unwrap();
    }
}

fn is_superuser(project: &Project) -> bool {
    project.programs().metadata().unwrap().uid() == 0
}
