//! Findings that a project lives with.

use serde_json::Value;

use super::{edit, finds, own, project};
use crate::support::releases::three;
use crate::support::{Project, put};

/// A project with an error in each of two files, and these settings.
fn faulty(settings: &str) -> Project {
    let project = project(&three());
    own(&project, "one", "one-1", "None");
    own(&project, "two", "two-2", "None");
    put(&project.root.join("vendor-migrations.toml"), settings);
    project
}

fn entry(code: &str, path: &str) -> String {
    format!("[[accept]]\ncode = {code:?}\npath = {path:?}\nreason = \"older than this rule\"\n\n")
}

const ONE: &str = "alembic/versions/one.py";
const TWO: &str = "alembic/versions/two.py";

#[test]
fn by_its_code_and_its_path() {
    let project = faulty(&entry("revision-id", ONE));
    finds(
        &project,
        &three(),
        &[("error[revision-id] alembic/versions/two.py:3", &[])],
    );
    let outcome = project.check(&three(), &[]);
    outcome.out_has(&["accepted[revision-id] alembic/versions/one.py: older than this rule"]);

    let both = entry("revision-id", ONE) + &entry("revision-id", TWO);
    put(&project.root.join("vendor-migrations.toml"), &both);
    finds(&project, &three(), &[]);
    project
        .check(&three(), &["--quiet", "--strict"])
        .exits(0)
        .out_has(&["accepted[revision-id]"]);
}

#[test]
fn in_pyproject_too() {
    let project = faulty("");
    std::fs::remove_file(project.root.join("vendor-migrations.toml")).unwrap();
    let entries = entry("revision-id", ONE) + &entry("revision-id", TWO);
    let text = format!("[project]\nname = \"x\"\n\n{entries}")
        .replace("[[accept]]", "[[tool.vendor-migrations.accept]]");
    put(&project.root.join("pyproject.toml"), text);
    finds(&project, &three(), &[]);
}

#[test]
fn another_code_at_the_path_is_another_finding() {
    let project = faulty(&entry("duplicate-label", ONE));
    finds(
        &project,
        &three(),
        &[
            ("error[revision-id] alembic/versions/one.py:3", &[]),
            ("error[revision-id] alembic/versions/two.py:3", &[]),
            (
                "warning[acceptance-unused] vendor-migrations.toml",
                &[
                    "`duplicate-label`",
                    ONE,
                    "no such finding",
                    "remove the entry",
                ],
            ),
        ],
    );
}

#[test]
fn an_entry_that_accepts_nothing_any_more_is_a_warning() {
    let project = project(&three());
    let text = entry("upgrade-head", "Makefile")
        .replace("[[accept]]", "[[tool.vendor-migrations.accept]]");
    put(&project.root.join("pyproject.toml"), text);
    let head = "warning[acceptance-unused] pyproject.toml";
    finds(
        &project,
        &three(),
        &[(head, &["`upgrade-head`", "Makefile"])],
    );
}

#[test]
fn entries_that_accept_too_much_or_say_too_little_are_refused() {
    for (settings, facts) in [
        (
            entry("revision-id", "alembic/versions/*.py"),
            &["revision-id", "never a pattern"][..],
        ),
        (
            entry("revision-id", "alembic/versions/one.p?"),
            &["revision-id", "never a pattern"],
        ),
        (
            entry("revision-id", ""),
            &["revision-id", "`path` is empty"],
        ),
        (
            entry("revision-id", ONE).replace("older than this rule", " "),
            &["revision-id", "`reason` is empty"],
        ),
        (
            entry("revision-id", ONE).replace("reason = \"older than this rule\"\n", ""),
            &["line 1", "reason"],
        ),
        (
            entry("revision-id", ONE).replace("path", "file"),
            &["line 3", "file"],
        ),
        (entry("revision-idd", ONE), &["line 2", "revision-idd"]),
        (entry("*", ONE), &["line 2"]),
        ("accept = [\"revision-id\"]\n".to_owned(), &["line 1"]),
    ] {
        let project = faulty(&settings);
        for command in ["check", "sync", "status"] {
            let before = project.tree();
            let outcome = project.run(&[command]);
            outcome.fails(&["vendor-migrations.toml"]).err_has(facts);
            before.assert_untouched(&project.tree());
        }
    }
}

#[test]
fn the_json_lists_them_apart() {
    let project = faulty(&entry("revision-id", ONE));
    let outcome = project.check(&three(), &["--format", "json"]);
    let report: Value = serde_json::from_str(&outcome.exits(1).out).unwrap();
    let paths = |key: &str| -> Vec<String> {
        let list = report[key].as_array().unwrap().iter();
        list.map(|finding| finding["path"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(paths("findings"), [TWO]);
    assert_eq!(paths("accepted"), [ONE]);
    let accepted = &report["accepted"][0];
    assert_eq!(accepted["code"], "revision-id");
    assert_eq!(accepted["line"], 3);
    assert_eq!(accepted["reason"], "older than this rule");
    assert!(accepted["message"].as_str().unwrap().contains("one-1"));
}

/// A warning is accepted like an error.
#[test]
fn warnings_too() {
    let project = project(&three());
    edit(
        &project,
        "alembic/env.py",
        "target_metadata = None",
        "target_metadata = models.metadata",
    );
    put(
        &project.root.join("vendor-migrations.toml"),
        entry("autogenerate-filter", "alembic/env.py"),
    );
    finds(&project, &three(), &[]);
}
