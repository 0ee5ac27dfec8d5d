//! What `--force` overwrites can be had back.

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;

use camino::Utf8PathBuf;

use crate::support::project::outcome;
use crate::support::releases::{SECOND_PY, THIRD_PY, four, three};
use crate::support::{Project, put};

/// The directories of the runs that are kept, the oldest first.
fn runs(project: &Project) -> Vec<Utf8PathBuf> {
    let state = match (cfg!(windows), cfg!(target_vendor = "apple")) {
        (true, _) => "local",
        (_, true) => "home/Library/Application Support",
        _ => "home/.local/state",
    };
    let state = project.beside(&format!("{state}/vendor-migrations/overwritten"));
    let mut runs = Vec::new();
    for one in state.read_dir_utf8().into_iter().flatten() {
        let runs_of_project = one.unwrap().into_path();
        assert!(runs_of_project.file_name().unwrap().starts_with("project-"));
        runs.extend(
            runs_of_project
                .read_dir_utf8()
                .unwrap()
                .map(|run| run.unwrap().into_path()),
        );
    }
    runs.sort();
    runs
}

/// A project in which one vendored file is edited.
fn edited() -> (Project, Vec<u8>) {
    let project = Project::with(&three());
    project.edit(SECOND_PY);
    let bytes = project.read(SECOND_PY);
    (project, bytes)
}

#[cfg(unix)]
#[test]
fn what_is_somebodys_is_kept_and_nothing_else() {
    let (project, bytes) = edited();
    let outcome = project.syncs(&four(), &["--force"]);
    let [run] = &runs(&project)[..] else {
        panic!("{:?}", runs(&project));
    };
    outcome.err_has(&["copies of the overwritten files are in", run.as_str()]);
    let path = format!("alembic/versions_procrastinate/{SECOND_PY}");
    assert_eq!(
        crate::support::Snapshot::of(run).paths(),
        std::slice::from_ref(&path)
    );
    assert_eq!(std::fs::read(run.join(path)).unwrap(), bytes);
    for directory in run.ancestors().take(4) {
        let mode = directory.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{directory}");
    }
    project.check(&four(), &["--strict"]).exits(0);
}

#[test]
fn nothing_is_kept_where_nothing_is_overwritten() {
    let project = Project::with(&three());
    project.syncs(&four(), &["--force"]);
    let (project, _) = edited();
    project.sync(&four(), &[]).exits(1);
    project.sync(&four(), &["--force", "--dry-run"]).exits(0);
    assert_eq!(runs(&project), Vec::<Utf8PathBuf>::new());
}

#[test]
fn the_newest_ten_runs_are_kept() {
    let project = Project::with(&three());
    for number in 0..12 {
        project.write(THIRD_PY, format!("# {number}\n"));
        project.syncs(&three(), &["--force"]);
    }
    let kept: Vec<String> = runs(&project)
        .iter()
        .map(|run| {
            let path = run.join("alembic/versions_procrastinate").join(THIRD_PY);
            std::fs::read_to_string(path).unwrap()
        })
        .collect();
    let expected: Vec<String> = (2..12).map(|number| format!("# {number}\n")).collect();
    assert_eq!(kept, expected);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_kept_is_not_overwritten() {
    let (project, _) = edited();
    let site = project.install(&four());
    let file = project.beside("a-file");
    put(&file, "");
    let before = project.tree();
    for (variable, value) in [
        ("XDG_STATE_HOME", file.as_str()),
        ("XDG_STATE_HOME", "/proc/no-such"),
        ("HOME", file.as_str()),
        ("HOME", "/proc/no-such"),
    ] {
        let mut command = project.tool(&["sync", "--force", "--from", site.as_str()]);
        outcome(command.env(variable, value))
            .fails(&["would overwrite can be kept", "XDG_STATE_HOME"]);
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn other_line_ends_are_nobodys() {
    let project = Project::with(&three());
    let text = project.text(SECOND_PY).replace('\n', "\r\n");
    project.write(SECOND_PY, text);
    project.syncs(&four(), &["--force"]);
    assert_eq!(runs(&project), Vec::<Utf8PathBuf>::new());
}
