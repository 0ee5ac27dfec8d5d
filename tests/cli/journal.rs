//! A committed journal of a run that was cut off, where directories cannot be exchanged.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::support::project::held;
use crate::support::releases::{LATER_PY, SECOND, SECOND_PY, four, three};
use crate::support::{Package, Project, Snapshot, put};

const JOURNAL: &str = ".vendor-migrations-journal";
const LOCK: &str = "vendor-migrations.lock";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

fn next() -> Package {
    four().sql(SECOND, "SELECT 'new';\n")
}

/// A project at the old release, with the journal of the upgrade to [`next`], of whose steps the first `done` were done.
fn interrupted(done: usize) -> Project {
    let (project, new) = (Project::with(&three()), Project::with(&three()));
    new.syncs(&next(), &[]);
    let mut steps = Vec::new();
    for (index, name) in [SECOND_PY, LATER_PY, LOCK].into_iter().enumerate() {
        let old = project.vendored().join(name);
        let before = old.exists().then(|| sha256(&project.read(name)));
        let after = new.read(name);
        steps.push(serde_json::json!({"path": name, "before": before, "after": sha256(&after)}));
        let target = if index < done {
            old
        } else {
            project
                .vendored()
                .join(JOURNAL)
                .join(format!("{index}.new"))
        };
        put(&target, after);
    }
    let manifest = serde_json::json!({"steps": steps}).to_string();
    project.write(&format!("{JOURNAL}/manifest.json"), manifest);
    project
}

fn upgraded() -> Snapshot {
    let project = Project::with(&three());
    project.syncs(&next(), &[]);
    project.vendored_tree()
}

#[test]
fn a_run_that_was_cut_off_is_finished_by_the_next() {
    for done in 0..=3 {
        let project = interrupted(done);
        project.syncs(&next(), &[]).err_has(&["interrupted"]);
        upgraded().assert_same_contents(&project.vendored_tree());
        project.check(&next(), &["--strict"]).exits(0);
    }
}

#[test]
fn commands_that_only_read_say_it_and_leave_it() {
    for done in 0..=3 {
        let project = interrupted(done);
        let site = project.install(&next());
        let before = project.tree();
        for arguments in [
            &["check"][..],
            &["status"],
            &["diff"],
            &["sync", "--dry-run"],
        ] {
            let outcome = project.run(&[arguments, &["--from", site.as_str()]].concat());
            outcome.fails(&["was interrupted", "vendor-migrations sync"]);
        }
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn a_run_that_is_still_at_work_is_left_to_finish_itself() {
    for done in 0..=3 {
        let project = interrupted(done);
        let site = project.install(&next());
        let guard = held(&project.root);
        let before = project.tree();
        let sync = ["sync", "--wait", "0", "--from", site.as_str()];
        project.run(&sync).fails(&["another", "is running"]);
        before.assert_untouched(&project.tree());
        // Not by closing it: a child that another test forks may hold it open for a moment.
        drop(guard);
        project.syncs(&next(), &[]);
    }
}

/// `sync` refuses the journal and touches nothing, inside the project or beside it.
#[track_caller]
fn refused(project: &Project, facts: &[&str]) {
    let site = project.install(&next());
    let before = Snapshot::of(&project.beside(""));
    for options in [&[][..], &["--force"]] {
        project
            .run(&[&["sync", "--from", site.as_str()], options].concat())
            .fails(facts);
    }
    before.assert_untouched(&Snapshot::of(&project.beside("")));
}

#[test]
fn a_file_that_changed_since_is_not_overwritten() {
    let project = interrupted(1);
    project.write(LATER_PY, "mine");
    refused(&project, &[LATER_PY]);
    let project = interrupted(1);
    project.edit(SECOND_PY);
    refused(&project, &[SECOND_PY]);
}

#[test]
fn a_journal_that_is_damaged_is_refused() {
    let manifest = format!("{JOURNAL}/manifest.json");
    for text in [
        "",
        "{",
        "[]",
        "{\"steps\": [{\"path\": \"a.py\", \"before\": \"x\", \"after\": null}]}",
    ] {
        let project = interrupted(1);
        project.write(&manifest, text);
        refused(&project, &[JOURNAL]);
    }
    let project = interrupted(1);
    project.remove(&format!("{JOURNAL}/1.new"));
    refused(&project, &[JOURNAL, LATER_PY]);
    let project = interrupted(1);
    project.write(&format!("{JOURNAL}/1.new"), "other");
    refused(&project, &[JOURNAL, LATER_PY]);
    let project = interrupted(1);
    project.write(&manifest, b"\xff");
    refused(&project, &[JOURNAL]);
}

#[test]
fn a_journal_that_names_paths_elsewhere_is_refused() {
    let manifest = format!("{JOURNAL}/manifest.json");
    for path in [
        "../env.py",
        "sql/../../env.py",
        "/tmp/env.py",
        "sql//tmp/env.py",
        "a/b.py",
        ".",
        "sql/",
    ] {
        let project = interrupted(0);
        let text = project.text(&manifest).replace(LATER_PY, path);
        project.write(&manifest, text);
        refused(&project, &[JOURNAL]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_a_journal_out_of_the_directory() {
    let project = interrupted(0);
    let outside = project.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, project.vendored().join("sql")).unwrap();
    let manifest = format!("{JOURNAL}/manifest.json");
    let text = project.text(&manifest).replace(LATER_PY, "sql/escaped.sql");
    project.write(&manifest, text);
    refused(&project, &[]);
}

/// The run that was cut off had met somebody's edit, and was on its way back.
#[test]
fn a_run_that_was_being_taken_back_is_taken_back_by_the_next() {
    let before = Project::with(&three());
    for done in 0..=3 {
        let project = interrupted(done);
        let journal = project.vendored().join(JOURNAL);
        for (index, name) in [SECOND_PY, LATER_PY, LOCK]
            .into_iter()
            .enumerate()
            .take(done)
        {
            let old = before.vendored().join(name);
            if old.exists() {
                std::fs::copy(old, journal.join(format!("{index}.old"))).unwrap();
            }
        }
        std::fs::rename(journal.join("manifest.json"), journal.join("undone.json")).unwrap();
        project
            .syncs(&three(), &[])
            .err_has(&["undid an interrupted earlier run"]);
        assert!(!journal.exists());
        before
            .vendored_tree()
            .assert_same_contents(&project.vendored_tree());
    }
}
