//! Several runs in one project at the same time.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::project::held;
use crate::support::releases::{four, three};
use crate::support::{Outcome, Project, put};

fn start(project: &Project, arguments: &[&str]) -> Child {
    let mut command = project.tool(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn end(child: Child) -> Outcome {
    child.wait_with_output().unwrap().into()
}

#[test]
fn a_second_run_waits_and_says_so() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let sync = ["sync", "--wait", "600", "--from", site.as_str()];
    let guard = held(&project.root);
    let mut waiting = start(&project, &sync);
    let mut said = String::new();
    let mut lines = BufReader::new(waiting.stderr.take().unwrap());
    lines.read_line(&mut said).unwrap();
    assert!(
        said.contains("another `vendor-migrations` is running") && said.contains("600 s"),
        "{said}"
    );
    std::thread::sleep(Duration::from_millis(200));
    assert!(waiting.try_wait().unwrap().is_none());
    drop(guard);
    assert!(waiting.wait().unwrap().success());
    project.check(&four(), &["--strict"]).exits(0);
}

#[test]
fn a_run_that_is_not_to_wait_fails_at_once() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let _guard = held(&project.root);
    let before = project.tree();
    for verb in [&["sync", "--from", site.as_str()][..], &["init"]] {
        let outcome = project.run(&[verb, &["--wait", "0"]].concat());
        outcome.fails(&["another `vendor-migrations` is running", "wait"]);
        outcome.err_lacks(&["waiting for it"]);
    }
    before.assert_untouched(&project.tree());
    // What reads only waits for nobody who has not begun to write.
    project.check(&three(), &[]).exits(0);
}

/// Where files are replaced one by one, a reader sees all old or all new.
#[test]
fn a_reader_waits_until_the_files_are_replaced() {
    let project = Project::with(&three());
    let site = project.install(&three());
    let guard = held(&project.vendored());
    let mut reading = start(&project, &["check", "--from", site.as_str()]);
    std::thread::sleep(Duration::from_millis(300));
    assert!(reading.try_wait().unwrap().is_none());
    drop(guard);
    end(reading).exits(0);
}

#[test]
fn many_runs_at_once_end_in_the_same_files() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let (sync, check) = (
        ["sync", "--from", site.as_str()],
        ["check", "--from", site.as_str()],
    );
    let writing: Vec<Child> = (0..6).map(|_| start(&project, &sync)).collect();
    let reading: Vec<Child> = (0..6).map(|_| start(&project, &check)).collect();
    for child in writing {
        let outcome = end(child);
        outcome.exits(0);
        assert!(
            outcome.out.contains("Wrote") || outcome.out.contains("Up to date"),
            "{outcome}"
        );
    }
    for child in reading {
        let outcome = end(child);
        assert!(matches!(outcome.code, Some(0 | 1)), "{outcome}");
        outcome
            .err_lacks(&["interrupted", "left behind"])
            .out_lacks(&["interrupted", "left behind", "stranded"]);
    }
    let reference = Project::with(&three());
    reference.syncs(&four(), &[]);
    reference.tree().assert_same_contents(&project.tree());
}

/// The lock of the project is no reader's.
#[test]
fn a_run_does_not_wait_for_itself() {
    for directory in ["", "directory = \".\"\n", "directory = \"jobs\"\n"] {
        for arguments in [&["init"][..], &["init", "--separate"], &["sync"]] {
            let project = Project::new();
            put(&project.root.join("vendor-migrations.toml"), directory);
            let site = project.install(&three());
            let root = ["-C", project.root.as_str(), "--wait", "0"];
            let source = ["--from", site.as_str()];
            let source = if arguments == ["sync"] {
                &source[..]
            } else {
                &[]
            };
            let outcome = project.run(&[arguments, &root, source].concat());
            outcome.err_lacks(&["is running"]);
        }
    }
}
