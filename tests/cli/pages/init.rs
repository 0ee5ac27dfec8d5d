//! What `init` did.

use serde_json::Value;

use super::{begins, json, unwired};
use crate::support::put;

#[test]
fn init_tells_what_it_changed_and_what_is_left() {
    let project = unwired();
    put(&project.root.join("ruff.toml"), "line-length = 100\n");
    let before = project.tree();
    let dry = project.run(&["init", "--dry-run", "--format", "markdown"]);
    let told = json(
        project
            .run(&["init", "--dry-run", "--format", "json"])
            .exits(0),
    );
    before.assert_untouched(&project.tree());
    begins(dry.exits(0), "init", "would make 2 changes");
    dry.out_has(&["**Would write** alembic.ini, alembic/versions\\_procrastinate/\n"]);
    assert_eq!(
        (&told["dry_run"], &told["written"]),
        (&true.into(), &false.into())
    );
    let done = project.run(&["init", "--format", "markdown"]);
    before.assert_only_changed(
        &project.tree(),
        &[
            "alembic.ini",
            "alembic/versions_procrastinate",
            "alembic/versions_procrastinate/.gitattributes",
        ],
    );
    begins(done.exits(0), "init", "2 changes");
    for page in [&dry, &done] {
        page.out_has(&[
            "- **Changed** `alembic.ini`\n\n<details><summary>Diff</summary>\n\n```diff\n--- a/alembic.ini\n",
            "- **Added** `alembic/versions_procrastinate/`\n",
            "**In alembic/env.py,** so that `alembic revision --autogenerate`",
            "```\n    def include_name(",
            "`context.configure(connection=connection)`: add `include_name=include_name`",
            "**Formatters** must not touch",
            "extend-exclude = [\"alembic/versions_procrastinate\"]\n",
            "#### Next\n\n```sh\nvendor-migrations sync\nvendor-migrations check\nalembic upgrade heads\n```\n",
        ]);
    }
    assert_eq!(told["files"][0]["path"], "alembic.ini");
    assert!(
        told["files"][0]["diff"]
            .to_string()
            .contains("+version_locations"),
        "{told}"
    );
    assert_eq!(
        told["files"][1],
        serde_json::json!({"path": "alembic/versions_procrastinate/", "change": "added"})
    );
    assert_eq!(told["steps"][0]["about"], "env");
    assert_eq!(told["steps"][1]["about"], "formatters");
    assert_eq!(
        told["next"][2],
        serde_json::json!({"when": "now", "command": "alembic upgrade heads"})
    );
    // Nothing is left to do.
    let before = project.tree();
    let again = project.run(&["init", "--format", "markdown"]);
    let told = json(project.run(&["init", "--format", "json"]).exits(0));
    before.assert_untouched(&project.tree());
    begins(again.exits(0), "init", "wired already");
    again
        .out_has(&["**Wired already:** alembic.ini names alembic/versions\\_procrastinate\n"])
        .out_lacks(&["- **"]);
    assert_eq!(
        told["result"][0],
        "Wired already: alembic.ini names alembic/versions_procrastinate"
    );
    assert_eq!(
        (&told["files"], &told["written"]),
        (&Value::Array(Vec::new()), &false.into())
    );
}

/// Whatever the text says on either output, each format says.
#[test]
fn no_format_of_init_leaves_out_what_the_text_says() {
    for options in [&[][..], &["--separate"], &["--history", "linear"]] {
        let project = unwired();
        put(
            &project.root.join(".pre-commit-config.yaml"),
            "repos: &all\n- repo: x\n  hooks:\n  - id: black\n",
        );
        put(
            &project.root.join("pyproject.toml"),
            "[tool.black]\nline-length = 100\n",
        );
        let run = |format: &str| {
            let arguments = [&["init", "--dry-run", "--format", format], options].concat();
            let outcome = project.run(&arguments);
            outcome.exits(0);
            outcome
        };
        let (text, page, told) = (run("text"), run("markdown"), json(&run("json")));
        let plain = |text: &str| text.replace(['\\', '*', '`'], "").replace("<!-- -->", "");
        let (page, told) = (plain(&page.out), plain(&leaves(&told)));
        for line in text.out.lines().chain(text.err.lines()) {
            let line = line
                .trim()
                .trim_start_matches("note: ")
                .trim_start_matches("warning: ");
            if line.is_empty() || line == "Next" {
                continue;
            }
            for said in [&page, &told] {
                assert!(said.contains(&plain(line)), "{line:?} is not in\n{said}");
            }
        }
    }
}

/// All texts of a document, one a line.
fn leaves(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(all) => all.iter().map(leaves).collect(),
        Value::Object(all) => all.values().map(leaves).collect(),
        _ => String::new(),
    }
}
