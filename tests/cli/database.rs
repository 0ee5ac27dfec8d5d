//! `database`: what it is given that is no result of the query, and no way to a database.

use serde_json::{Value, json};

use crate::support::{Project, put};

/// A result in which a schema has these objects: kind, name, facts.
fn result(objects: &[(&str, &str, Value)]) -> Value {
    let object = |(kind, name, facts): &(&str, &str, Value)| json!({"schema": "public", "kind": kind, "name": name, "facts": facts, "notes": {}});
    json!({
        "vendor_migrations_query": 1,
        "server": 180_004,
        "database": "jobs",
        "role": "me",
        "recovery": false,
        "path": ["public"],
        "versions": [],
        "objects": objects.iter().map(object).collect::<Value>(),
    })
}

fn with(mut result: Value, key: &str, value: Value) -> String {
    result[key] = value;
    result.to_string()
}

#[test]
fn what_is_no_result_is_refused_with_the_reason() {
    let project = Project::bare();
    let whole = result(&[]).to_string();
    let nothing = with(
        result(&[("index", "procrastinate_x", json!({}))]),
        "role",
        json!("me"),
    );
    let deep = "[".repeat(100_000);
    for (text, why) in [
        ("", "it is empty"),
        (" \n\n", "it is empty"),
        ("BEGIN\nSET\n", "it is empty"),
        (
            &whole[..whole.len() - 5],
            "not JSON of this program's query",
        ),
        (
            "ERROR:  permission denied",
            "not JSON of this program's query",
        ),
        (&format!("{whole}\n{whole}"), "the results of several runs"),
        (&format!("{whole} x"), "not JSON of this program's query"),
        (&deep, "not JSON of this program's query"),
        ("[]", "not the result of this program's query"),
        ("7", "not the result of this program's query"),
        ("{\"version\": 1}", "not the result of this program's query"),
        (
            &with(result(&[]), "vendor_migrations_query", json!(2)),
            "version 2 of the query",
        ),
        (
            &with(result(&[]), "vendor_migrations_query", json!("1")),
            "of the query",
        ),
        (
            &with(result(&[]), "server", json!(110_022)),
            "the server is PostgreSQL 11; the query needs 12",
        ),
        (
            &with(result(&[]), "server", json!("new")),
            "not JSON of this program's query",
        ),
        (&with(result(&[]), "more", json!(1)), "unknown field `more`"),
        (&nothing, "index `procrastinate_x` has no definition"),
    ] {
        put(&project.root.join("result.json"), text);
        let outcome = project.run(&["database", "--from", "result.json"]);
        outcome.fails(&["result.json cannot be used:", why, "help:"]);
        assert_eq!(outcome.out, "", "{outcome}");
    }
}

#[test]
fn two_objects_of_one_name_are_refused() {
    let project = Project::bare();
    let table = json!({"kind": "r", "persistence": "p"});
    let twice = [
        ("table", "procrastinate_jobs", table.clone()),
        ("table", "procrastinate_jobs", table),
    ];
    put(
        &project.root.join("result.json"),
        result(&twice).to_string(),
    );
    project
        .run(&["database", "--from", "result.json"])
        .fails(&["two objects are called table `procrastinate_jobs`"]);
}

#[test]
fn files_that_cannot_be_read() {
    let project = Project::bare();
    put(&project.root.join("latin1.json"), b"\"\xe9\"");
    put(&project.root.join("long.json"), " ".repeat((64 << 20) + 1));
    for (name, why) in [
        ("gone.json", "gone.json cannot be read"),
        (".", "cannot be read"),
        ("latin1.json", "it is not UTF-8"),
        ("long.json", "it is longer than 64 MiB"),
    ] {
        project
            .run(&["database", "--from", name])
            .fails(&[why, "help:"]);
    }
}

#[test]
fn nothing_to_read_is_a_wrong_usage() {
    let project = Project::bare();
    project
        .run(&["database"])
        .exits(2)
        .err_has(&["--from", "--query"]);
    project
        .run(&["database", "--query", "--from", "-"])
        .exits(2)
        .err_has(&["--query"]);
    project
        .run(&["database", "--from", "-", "--phase", "post"])
        .exits(2)
        .err_has(&["pre"]);
    project
        .run(&["database", "--url-from-config"])
        .exits(2)
        .err_has(&["Alembic's configuration has none"]);
    project.run(&["stamp"]).exits(2).err_has(&["RELEASE"]);
    project
        .run(&["stamp", "3.4.0", "--schema", "jobs"])
        .exits(2)
        .err_has(&["--schema"]);
}

#[test]
fn typing_errors_are_answered() {
    let project = Project::bare();
    for (arguments, meant) in [
        (&["databse"][..], "'database'"),
        (&["database", "--qurey"], "'--query'"),
        (&["database", "--from", "-", "--format", "jsn"], "'json'"),
        (&["database", "postgres//db"], "postgresql://"),
        (
            &["database", "--from", "-", "--expect", "vendord"],
            "`vendored`",
        ),
    ] {
        let outcome = project.run(arguments);
        outcome
            .exits(2)
            .err_has(&["error:", meant])
            .does_not_panic();
    }
}

/// Without a project it is told what is there; with one, what is expected.
#[test]
fn an_empty_database() {
    let empty = result(&[]).to_string();
    let bare = Project::bare();
    put(&bare.root.join("result.json"), &empty);
    let outcome = bare.run(&["database", "--from", "result.json"]);
    assert_eq!(
        outcome.exits(0).out,
        "note[missing]\n  the database has nothing of Procrastinate\n\n\
         Database  jobs, PostgreSQL 18.4, as me (result.json)\n\
         Schema    nothing of Procrastinate\n\
         Next      nothing\n"
    );
    let project = Project::of_release("3.10.0");
    put(&project.root.join("result.json"), &empty);
    let outcome = project.run(&["database", "--from", "result.json"]);
    outcome.exits(1).out_has(&[
        "error[missing]",
        "Vendored   Procrastinate 3.10.0 in alembic/versions_procrastinate, 38 revisions\n",
        "Next       alembic upgrade heads\n",
    ]);
}

/// The lock is damaged: the database is not compared with half of it.
#[test]
fn a_project_that_cannot_be_read() {
    let project = Project::of_release("3.10.0");
    put(&project.root.join("result.json"), result(&[]).to_string());
    put(&project.lock_path(), "x");
    project
        .run(&["database", "--from", "result.json"])
        .fails(&["lock"]);
    project
        .run(&["-C", "nowhere", "database", "--from", "result.json"])
        .fails(&["nowhere"]);
}
