//! `check`, `status` and `diff`: what they report, and that they only look.

use serde_json::Value;

use crate::support::releases::{
    FIRST, FIRST_PY, LATER, LATER_ID, LATER_PY, SECOND, SECOND_PY, THIRD_ID, THIRD_PY, four, three,
};
use crate::support::{Outcome, Project};

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}\n{outcome}"))
}

#[track_caller]
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let project = Project::damaged();
    let codes = [
        "edited",
        "missing",
        "foreign-file",
        "line-endings",
        "gitattributes",
        "migration-missing",
        "migration-changed",
    ];
    let package = four().sql(FIRST, "SELECT 'new';\n");
    project
        .check(&package, &[])
        .exits(1)
        .out_has(&codes)
        .out_has(&[FIRST_PY, SECOND_PY, THIRD_PY, "mine.py", LATER, "help:"]);
    project
        .against(&package, "status", &[])
        .exits(1)
        .out_has(&codes);
    project.run(&["check"]).exits(1).out_has(&codes[..5]);
}

#[test]
fn the_json_report_has_its_documented_keys() {
    let project = Project::damaged();
    let outcome = project.check(&four(), &["--format", "json"]);
    outcome.exits(1);
    let report = json(&outcome);
    assert_eq!(
        keys(&report),
        [
            "accepted", "command", "findings", "notes", "pinned", "pins", "summary", "upstream",
            "vendored", "version"
        ]
    );
    assert_eq!(
        (&report["version"], &report["command"]),
        (&Value::from(1), &Value::from("check"))
    );
    let vendored = &report["vendored"];
    assert_eq!(
        keys(vendored),
        [
            "directory",
            "head",
            "layout",
            "mode",
            "release",
            "revisions"
        ]
    );
    assert_eq!(vendored["directory"], "alembic/versions_procrastinate");
    assert_eq!(
        (&vendored["release"], &vendored["head"]),
        (&"91.1.0".into(), &THIRD_ID.into())
    );
    assert_eq!(
        (
            &vendored["layout"],
            &vendored["mode"],
            &vendored["revisions"]
        ),
        (&"sql".into(), &"render".into(), &3.into())
    );
    let upstream = &report["upstream"];
    assert_eq!(
        keys(upstream),
        ["layout", "migrations", "release", "source"]
    );
    assert_eq!(
        (&upstream["release"], &upstream["migrations"]),
        (&"91.2.0".into(), &4.into())
    );
    assert_eq!(keys(&report["summary"]), ["accepted", "errors", "warnings"]);
}

#[test]
fn each_json_finding_is_complete_and_they_are_sorted() {
    let project = Project::damaged();
    let outcome = project.check(&four(), &["--format", "json"]);
    let report = json(&outcome);
    let findings = report["findings"].as_array().unwrap();
    let paths: Vec<&str> = findings
        .iter()
        .map(|finding| finding["path"].as_str().unwrap())
        .collect();
    assert!(paths.is_sorted(), "{paths:?}");
    for finding in findings {
        for key in ["code", "severity", "path", "message", "remedy"] {
            assert!(
                finding[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key} of {finding}"
            );
        }
    }
    let count = |severity: &str| {
        findings
            .iter()
            .filter(|f| f["severity"] == severity)
            .count()
    };
    assert_eq!(report["summary"]["errors"], count("error"));
    assert_eq!(report["summary"]["warnings"], count("warning"));
    let missing = findings
        .iter()
        .find(|f| f["code"] == "migration-missing")
        .unwrap();
    assert_eq!(
        (&missing["migration"], &missing["revisions"]),
        (&LATER.into(), &vec![LATER_ID].into())
    );
    let edited = findings.iter().find(|f| f["code"] == "edited").unwrap();
    assert!(edited["diff"].as_str().unwrap().contains("-# mine"));
}

#[test]
fn a_clean_project_has_a_clean_report() {
    let project = Project::with(&three());
    let report = json(project.check(&three(), &["--format", "json"]).exits(0));
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert_eq!(
        (&report["summary"]["errors"], &report["summary"]["warnings"]),
        (&0.into(), &0.into())
    );
    let quiet = project.check(&three(), &["-q"]);
    // Made-up releases are in no catalogue, and what could not be compared is said even then.
    let said = "note: Procrastinate 91.1.0 is not in the catalogue of releases";
    assert_eq!(quiet.exits(0).out, "");
    assert!(quiet.err.starts_with(said), "{quiet}");
    assert_eq!(quiet.err.lines().count(), 1, "{quiet}");
}

#[test]
fn nothing_vendored_yet_is_a_finding() {
    let project = Project::new();
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["not-vendored"]);
    project
        .against(&three(), "status", &[])
        .exits(1)
        .out_has(&["sync"]);
    project
        .against(&three(), "diff", &[])
        .exits(1)
        .out_has(&[FIRST_PY]);
    let report = json(&project.check(&three(), &["--format", "json"]));
    assert_eq!(
        (
            &report["vendored"]["release"],
            &report["vendored"]["revisions"]
        ),
        (&Value::Null, &0.into())
    );
}

#[test]
fn upstream_that_is_not_found_is_said_and_fails_only_when_required() {
    let project = Project::with(&three());
    let outcome = project.run(&["check"]);
    outcome
        .exits(0)
        .err_has(&["not found", ".venv", "VIRTUAL_ENV"]);
    project
        .run(&["check", "-q"])
        .exits(0)
        .err_has(&["not found"]);
    let outcome = project.run(&["check", "--format", "json"]);
    outcome.exits(0).err_has(&["not found"]);
    let report = json(&outcome);
    assert_eq!(report["upstream"], Value::Null);
    assert_eq!(report["notes"].as_array().unwrap().len(), 1);
    project
        .run(&["check", "--require-upstream"])
        .fails(&["--require-upstream", ".venv"]);
    project.run(&["diff"]).fails(&[".venv"]);
    project.run(&["status"]).exits(0).err_has(&["not found"]);
    project.edit(SECOND_PY);
    project
        .run(&["check", "--require-upstream"])
        .exits(2)
        .out_has(&["edited"]);
    project.run(&["check"]).exits(1).out_has(&["edited"]);
}

#[test]
fn upstream_that_cannot_be_used_hides_no_local_finding() {
    let project = Project::damaged();
    let package = three().without_metadata();
    project
        .check(&package, &[])
        .fails(&["METADATA"])
        .out_has(&["edited", "missing"]);
    let outcome = project.check(&package, &["--format", "json"]);
    json(outcome.exits(2));
}

#[cfg(unix)]
#[test]
fn a_diff_shows_what_a_sync_would_write() {
    let project = Project::with(&three());
    project
        .against(&three(), "diff", &[])
        .exits(0)
        .out_lacks(&["@@"]);
    let changed = four().sql(SECOND, "SELECT 'new';\n");
    project.against(&changed, "diff", &[]).exits(1).out_has(&[
        "--- a/alembic/versions_procrastinate/",
        "+++ b/alembic/versions_procrastinate/",
        SECOND_PY,
        "+SELECT 'new'",
        "--- /dev/null",
        LATER_PY,
    ]);
}

#[test]
fn status_says_what_is_vendored_and_what_to_do() {
    let project = Project::with(&three());
    let clean = project.against(&three(), "status", &[]);
    clean.exits(0).out_has(&[
        "91.1.0",
        "alembic/versions_procrastinate",
        "3 revisions",
        THIRD_ID,
    ]);
    let behind = project.against(&four(), "status", &[]);
    behind
        .exits(1)
        .out_has(&["91.1.0", "91.2.0", LATER, "vendor-migrations sync"]);
}
