//! Commands that only read start nothing and write nothing; and how any command ends when its reader leaves.

use std::process::Stdio;

use crate::support::releases::{FIRST, Wrapping, four, three};
use crate::support::{Outcome, Project, Snapshot, put_script};

/// Programs that must not be started: each leaves a mark.
fn set_traps(project: &Project) -> camino::Utf8PathBuf {
    let mark = project.beside("started");
    for name in [
        "python3", "python", "uv", "pip", "pip3", "git", "sh", "alembic",
    ] {
        put_script(
            &project.programs().join(name),
            &format!("echo {name} >> {mark}"),
        );
    }
    mark
}

#[test]
fn commands_that_only_read_start_nothing_and_write_nothing() {
    let sources = [
        None,
        Some(three()),
        Some(four().sql(FIRST, "SELECT 'new';\n")),
    ];
    for project in [
        Project::new(),
        Project::with(&three()),
        Project::damaged(),
        Project::with(&Wrapping::Call.three()),
    ] {
        let mark = set_traps(&project);
        for source in &sources {
            let site = source.as_ref().map(|package| project.install(package));
            let from = site.iter().flat_map(|site| ["--from", site.as_str()]);
            let from: Vec<&str> = from.collect();
            let before = Snapshot::of(&project.beside(""));
            for command in [
                &["check"][..],
                &["check", "--format", "json", "--strict"],
                &["status"],
                &["diff"],
            ] {
                project.run(&[command, &from].concat()).does_not_panic();
            }
            assert!(!mark.exists(), "{:?}", std::fs::read_to_string(&mark));
            before.assert_untouched(&Snapshot::of(&project.beside("")));
        }
    }
}

#[test]
fn a_sync_that_needs_no_python_starts_none() {
    let project = Project::new();
    let mark = set_traps(&project);
    project.syncs(&three(), &[]);
    three().install_in_environment(&project.root.join(".venv"));
    project.run(&["sync"]).exits(0);
    assert!(!mark.exists());
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let project = Project::with(&three());
    let mut changed = four();
    for number in 10..99 {
        changed = changed.sql(
            &format!("01.03.00_{number}_more.sql"),
            &"SELECT 1;\n".repeat(200),
        );
    }
    let site = project.install(&changed);
    for (command, code) in [("check", 1), ("diff", 1), ("status", 1), ("sync", 0)] {
        let mut command = project.tool(&[command, "--from", site.as_str()]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let outcome: Outcome = child.wait_with_output().unwrap().into();
        outcome.exits(code).does_not_panic();
        assert!(!outcome.err.contains("error:"), "{outcome}");
    }
    project.check(&changed, &[]).exits(0);
}

#[test]
fn wrong_usage_exits_2() {
    let project = Project::with(&three());
    let before = project.tree();
    for arguments in [
        &[][..],
        &["snyc"],
        &["sync", "--froce"],
        &["check", "--format", "yaml"],
        &["sync", "--mode", "link"],
        &["sync", "--from", "a", "--release", "1.0"],
        &["sync", "--from", "a", "--python", "b"],
        &["sync", "-q", "-v"],
        &["check", "--force"],
    ] {
        let outcome = project.run(arguments);
        outcome.exits(2).does_not_panic();
        assert!(outcome.out.is_empty(), "{outcome}");
    }
    before.assert_untouched(&project.tree());
}
