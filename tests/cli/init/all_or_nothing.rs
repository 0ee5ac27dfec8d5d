//! `init` writes several files: all of them, or none.

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use sha2::{Digest as _, Sha256};

use super::{Shape, UNKNOWN};
use crate::support::project::outcome;
use crate::support::releases::three;
#[cfg(unix)]
use crate::support::user::unprivileged;
use crate::support::{Project, put};

const INI: &str = "[alembic]\nscript_location = %(here)s/alembic\npath_separator = os\n";
const JOURNAL: &str = ".vendor-migrations-journal";

/// A project that is not wired, in a repository with hooks.
fn project() -> Project {
    let project = Shape::ini(INI).project(UNKNOWN);
    put(&project.root.join(".git/HEAD"), "ref: refs/heads/main\n");
    put(&project.root.join(".pre-commit-config.yaml"), "repos: []\n");
    project
}

const LAYOUTS: [&[&str]; 4] = [
    &["init"],
    &["init", "--history", "linear"],
    &["init", "--separate"],
    &["init", "--schema", "queue"],
];

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The project with the journal of a run with these arguments, of whose steps the first `done` were done. Returns the number of steps, too.
fn cut_off(arguments: &[&str], done: usize) -> (Project, usize) {
    let (project, whole) = (project(), project());
    whole.run(arguments).exits(0);
    let journal = project.root.join(JOURNAL);
    let mut steps = Vec::new();
    for path in whole.tree().paths() {
        let (before, after) = (project.root.join(&path), whole.root.join(&path));
        if !after.is_file() || std::fs::read(&before).ok() == std::fs::read(&after).ok() {
            continue;
        }
        let index = steps.len();
        let old = std::fs::read(&before).ok();
        let bytes = std::fs::read(&after).unwrap();
        steps.push(serde_json::json!({
            "path": path,
            "of_project": true,
            "before": old.as_deref().map(sha256),
            "after": sha256(&bytes),
        }));
        match index < done {
            true => put(&before, bytes),
            false => put(&journal.join(format!("{index}.new")), bytes),
        }
    }
    let manifest = serde_json::json!({ "steps": steps }).to_string();
    put(&journal.join("manifest.json"), manifest);
    (project, steps.len())
}

/// Whichever command comes next, it does not go another way.
#[test]
fn a_run_that_was_cut_off_is_finished_by_the_next() {
    for arguments in LAYOUTS {
        let whole = project();
        whole.run(arguments).exits(0);
        let steps = cut_off(arguments, 0).1;
        assert!(steps >= 3, "{arguments:?}: {steps}");
        for done in 0..=steps {
            let (project, _) = cut_off(arguments, done);
            let site = project.install(&three());
            let before = project.tree();
            for reading in [
                &["check"][..],
                &["status"],
                &["sync", "--dry-run"],
                &["init", "--dry-run"],
            ] {
                let source = ["--from", site.as_str()];
                let source = if reading[0] == "init" {
                    &source[..0]
                } else {
                    &source
                };
                let cut = project.run(&[reading, source].concat());
                cut.fails(&["was interrupted", JOURNAL]);
            }
            before.assert_untouched(&project.tree());
            let finished = project.run(&["init"]);
            finished
                .exits(0)
                .err_has(&["finished an interrupted earlier run on the project's files"]);
            whole.tree().assert_same_contents(&project.tree());
        }
        let (project, _) = cut_off(arguments, 1);
        let sync = project.syncs(&three(), &[]);
        sync.err_has(&["finished an interrupted earlier run on the project's files"]);
        whole.syncs(&three(), &[]);
        whole.tree().assert_same_contents(&project.tree());
    }
}

#[test]
fn what_a_run_left_that_was_not_committed_is_named_and_removed() {
    let project = project();
    put(&project.root.join(JOURNAL).join("0.new"), "half");
    project
        .syncs(&three(), &["--dry-run"])
        .err_has(&[JOURNAL, "was left behind"]);
    let outcome = project.run(&["init"]);
    outcome.exits(0).err_has(&["removed", JOURNAL]);
    assert!(!project.root.join(JOURNAL).exists());
}

/// Here the second file cannot be written.
#[cfg(unix)]
#[test]
fn a_failure_takes_everything_back() {
    for arguments in LAYOUTS {
        let project = project();
        std::fs::remove_file(project.root.join(".pre-commit-config.yaml")).unwrap();
        symlink(
            "/nonexistent/x",
            project.root.join("vendor-migrations.toml"),
        )
        .unwrap();
        let arguments = if arguments.len() == 1 {
            &["init", "--history", "linear"]
        } else {
            arguments
        };
        let before = project.tree();
        let outcome = project.run(arguments);
        outcome.fails(&["vendor-migrations.toml"]);
        before.assert_untouched(&project.tree());
    }
}

/// As a file that is mounted by itself: the others are written by then.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_replaced_takes_everything_back() {
    let project = project();
    let etc = project.root.join("etc");
    put(&etc.join("db.ini"), INI.replace("%(here)s/", ""));
    std::fs::remove_file(project.root.join("alembic.ini")).unwrap();
    symlink("etc/db.ini", project.root.join("alembic.ini")).unwrap();
    let mut init = unprivileged(&project, ["init", "--history", "linear"]);
    std::fs::set_permissions(&etc, std::fs::Permissions::from_mode(0o555)).unwrap();
    let before = project.tree();
    outcome(&mut init).fails(&["etc/db.ini", "the project is unchanged"]);
    before.assert_files_untouched(&project.tree());
    before.assert_same_contents(&project.tree());
    std::fs::set_permissions(&etc, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn no_directory_for_temporary_files_is_needed() {
    for arguments in LAYOUTS {
        let project = project();
        let mut shell = project.command("/bin/sh");
        shell.env("TMPDIR", "/nonexistent");
        shell.args([
            "-c",
            "umask 027; exec \"$@\"",
            "sh",
            crate::support::project::PROGRAM,
        ]);
        outcome(shell.args(arguments)).exits(0);
        let new = project.root.join(match arguments[1..] {
            ["--separate"] => "alembic_procrastinate.ini",
            _ => "alembic/versions_procrastinate/.gitattributes",
        });
        assert_eq!(
            new.metadata().unwrap().permissions().mode() & 0o777,
            0o640,
            "{new}"
        );
    }
}

/// For root, that is a user whose container it runs in; others own what they make anyway.
#[cfg(unix)]
#[test]
fn what_is_made_belongs_to_the_owner_of_its_directory() {
    let (project, somebody) = (project(), 1000);
    let mine = project.root.metadata().unwrap().uid();
    let owner = if mine == 0 { somebody } else { mine };
    for path in [
        "",
        "alembic",
        "alembic.ini",
        ".pre-commit-config.yaml",
        "alembic/env.py",
    ] {
        chown(project.root.join(path), Some(owner), None).unwrap();
    }
    project.run(&["init", "--history", "linear"]).exits(0);
    project.syncs(&three(), &["--mode", "render"]);
    project.run(&["init", "--separate", "other"]).exits(2);
    for name in [
        "alembic.ini",
        ".pre-commit-config.yaml",
        "vendor-migrations.toml",
        "alembic/versions_procrastinate",
        "alembic/versions_procrastinate/.gitattributes",
        "alembic/versions_procrastinate/vendor-migrations.lock",
    ] {
        let path = project.root.join(name);
        assert_eq!(path.metadata().unwrap().uid(), owner, "{name}");
    }
}

/// A name that comes with a repository must not lead the program elsewhere.
#[cfg(unix)]
#[test]
fn a_link_of_the_journals_name_leads_nowhere() {
    let project = Project::with(&three());
    let elsewhere = project.beside("elsewhere");
    put(&elsewhere.join("manifest.json"), r#"{"steps": []}"#);
    put(&elsewhere.join("0.new"), "theirs");
    for directory in ["", "alembic/versions_procrastinate"] {
        symlink(&elsewhere, project.root.join(directory).join(JOURNAL)).unwrap();
    }
    project.run(&["init", "--schema", "queue"]);
    project.syncs(&three(), &["--rerender"]);
    assert_eq!(std::fs::read(elsewhere.join("0.new")).unwrap(), b"theirs");
    assert!(elsewhere.join("manifest.json").exists());
    assert!(project.root.join(JOURNAL).is_symlink());
}
