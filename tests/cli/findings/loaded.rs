//! What Alembic loads, and what stops it. tests/e2e/loaded.rs holds these rules against the real Alembic.

use super::{edit, finds, heads, own, packages, project};
use crate::support::releases::three;
use crate::support::{Project, put};

const LONG: &str = "a_revision_id_of_thirty_three_ch_";

fn raw(project: &Project, name: &str, text: impl AsRef<[u8]>) {
    put(&project.root.join("alembic/versions").join(name), text);
}

/// `check` finds nothing, and has a note with these words.
#[track_caller]
fn notes(project: &Project, facts: &[&str]) {
    let outcome = project.check(&three(), &["--strict"]);
    assert!(heads(&outcome).is_empty(), "{outcome}");
    let mut lines = outcome.err.lines();
    let is_wanted =
        |line: &str| line.starts_with("note: ") && facts.iter().all(|f| line.contains(f));
    assert!(lines.any(is_wanted), "no {facts:?} in {outcome}");
    outcome.exits(0);
}

fn install_alembic(project: &Project, version: &str) {
    put(&project.root.join(".venv/pyvenv.cfg"), "home = /nowhere\n");
    let file = format!(".venv/lib/python3.11/site-packages/alembic-{version}.dist-info/METADATA");
    let text = format!("Metadata-Version: 2.1\nName: alembic\nVersion: {version}\n");
    put(&project.root.join(file), text);
}

#[test]
fn revisions_below_a_location() {
    for package in packages() {
        let project = project(&package);
        own(&project, "mine", "mine", "None");
        own(&project, "2024/next", "next", "\"mine\"");
        let facts = [
            "alembic/versions/2024",
            "exits 0",
            "= true`",
            "`version_locations`",
        ];
        let head = "error[own-versions] alembic.ini:4";
        finds(&project, &package, &[(head, &facts)]);
        // A word that does not count is the place to mend.
        for word in ["True", "1", "true  ; all"] {
            let line = format!("recursive_version_locations = {word}\npath_separator");
            edit(&project, "alembic.ini", "path_separator", &line);
            let said = format!("`{word}`");
            let head = "error[own-versions] alembic.ini:5";
            finds(
                &project,
                &package,
                &[(head, &["only the exact word", &said])],
            );
            edit(&project, "alembic.ini", &line, "path_separator");
        }
        let line = "recursive_version_locations = true\npath_separator";
        edit(&project, "alembic.ini", "path_separator", line);
        finds(&project, &package, &[]);
    }
}

#[test]
fn revisions_that_were_put_away() {
    let project = project(&three());
    own(&project, "squashed", "squashed", "None");
    own(&project, "old/one", "one", "None");
    own(&project, "old/two", "two", "\"one\"");
    notes(
        &project,
        &["alembic/versions/old (2)", "recursive_version_locations"],
    );
    // What was squashed into one of the same id.
    own(&project, "old/squashed", "squashed", "\"two\"");
    notes(&project, &["alembic/versions/old (3)"]);
    // Nothing else is there.
    std::fs::remove_file(project.root.join("alembic/versions/squashed.py")).unwrap();
    let head = "error[own-versions] alembic.ini:4";
    finds(&project, &three(), &[(head, &["alembic/versions/old"])]);
}

/// `env.py` sets the locations where that counts: on the script directory itself.
#[test]
fn revisions_below_a_location_that_env_py_may_name() {
    let project = project(&three());
    own(&project, "2024/mine", "mine", "None");
    let line = "config = context.config\n";
    let set = format!("{line}context.script.version_locations = [\"alembic/versions/2024\"]\n");
    edit(&project, "alembic/env.py", line, &set);
    project
        .check(&three(), &[])
        .out_lacks(&["own-versions"])
        .err_has(&["alembic/versions/2024 (1)"]);
    let late =
        format!("{line}config.set_main_option(\"version_locations\", \"alembic/versions/2024\")\n");
    edit(&project, "alembic/env.py", &set, &late);
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["error[own-versions] alembic.ini:4"]);
}

#[test]
fn one_location_twice() {
    let project = project(&three());
    for again in [
        "alembic/versions",
        "./alembic/versions/",
        "alembic/../alembic/versions",
    ] {
        edit(
            &project,
            "alembic.ini",
            "version_locations = ",
            &format!("version_locations = {again};"),
        );
        let head = "warning[version-locations] alembic.ini:4";
        finds(
            &project,
            &three(),
            &[(head, &["a second time", "loaded twice"])],
        );
        edit(&project, "alembic.ini", &format!("= {again};%"), "= %");
    }
}

#[test]
fn the_column_was_widened() {
    let alter = "op.alter_column('alembic_version', 'version_num', type_=sa.String(255))";
    let sql = "op.execute('ALTER TABLE alembic_version ALTER COLUMN version_num TYPE text')";
    let made = "connection.execute(text(\"CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(255))\"))";
    let head = "error[revision-id] alembic/versions/mine.py:3";
    for line in [alter, sql, made] {
        let project = project(&three());
        own(&project, "mine", LONG, "\"first\"");
        let first = |body: &str| {
            format!("revision = 'first'\ndown_revision = None\n\n\ndef upgrade():\n    {body}\n")
        };
        for nothing in [
            "pass",
            &format!("# {line}"),
            "op.execute('SELECT version_num FROM alembic_version')",
        ] {
            raw(&project, "first.py", first(&format!("pass\n    {nothing}")));
            let facts = ["33 characters", "accept the finding"];
            finds(&project, &three(), &[(head, &facts)]);
        }
        raw(&project, "first.py", first(line));
        notes(
            &project,
            &[LONG, "alembic/versions/first.py", "`version_num`"],
        );
        raw(&project, "first.py", first("pass"));
        let env = project.root.join("alembic/env.py");
        let text = std::fs::read_to_string(&env).unwrap();
        put(
            &env,
            format!("{text}\n\ndef widen(connection):\n    {line}\n"),
        );
        notes(&project, &[LONG, "alembic/env.py", "`version_num`"]);
    }
}

#[test]
fn a_colon_is_legal_before_alembic_1_17_1() {
    for (version, is_legal) in [
        ("1.8.1", true),
        ("1.17.0", true),
        ("1.17.1", false),
        ("1.20.1", false),
    ] {
        let project = project(&three());
        install_alembic(&project, version);
        let both = "version_path_separator = ;\npath_separator";
        edit(&project, "alembic.ini", "path_separator", both);
        own(&project, "mine", "one:two", "None");
        if is_legal {
            notes(&project, &["`one:two`", version, "1.17.1"]);
        } else {
            let head = "error[revision-id] alembic/versions/mine.py:3";
            finds(&project, &three(), &[(head, &["`:`"])]);
        }
    }
}

#[test]
fn words_for_a_target_are_no_ids() {
    for package in packages() {
        for id in ["head", "heads", "base"] {
            let project = project(&package);
            own(&project, "mine", id, "None");
            let head = "error[revision-id] alembic/versions/mine.py:3";
            finds(
                &project,
                &package,
                &[(head, &[id, "`alembic upgrade` fails"])],
            );
        }
    }
}

/// The file that the others follow cannot be read: that is said once.
#[test]
fn one_cause_is_one_finding() {
    for (text, line) in [
        (
            "revision = \"first\"\ndown_revision = None\n\ndef upgrade(:\n",
            4,
        ),
        ("revision = \"first\"\ndown_revision = None\nx = '\0'\n", 3),
        ("revision = \"first\"\n", 1),
    ] {
        for settings in ["", "history = \"linear\"\n"] {
            let project = project(&three());
            put(&project.root.join("vendor-migrations.toml"), settings);
            raw(&project, "first.py", text);
            own(&project, "second", "second", "\"first\"");
            own(&project, "third", "third", "\"second\"");
            let head = format!("error[not-a-revision] alembic/versions/first.py:{line}");
            finds(&project, &three(), &[(&head, &["all"])]);
        }
    }
    // Its id is not known, and may be what the other follows.
    let project = project(&three());
    raw(
        &project,
        "first.py",
        "revision = make_id()\ndown_revision = None\n",
    );
    own(&project, "second", "second", "\"first\"");
    notes(&project, &["without alembic/versions/first.py"]);
}

#[test]
fn a_broken_chain_cannot_be_merged() {
    let project = project(&three());
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    own(&project, "mine", "mine", "\"gone\"");
    let missing = "error[missing-down-revision] alembic/versions/mine.py:4";
    let several = "error[several-heads] alembic/versions/mine.py:4";
    let facts = ["2 heads", "fix the other findings first"];
    finds(
        &project,
        &three(),
        &[(missing, &["`gone`"]), (several, &facts)],
    );
    let outcome = project.check(&three(), &[]);
    assert!(!outcome.out.contains("merge heads"), "{outcome}");
}

/// What stops Alembic stops it in the vendored directory, too.
#[test]
fn no_revision_in_the_vendored_directory() {
    for text in [
        "revision = 'x'\n",
        "revision = 7\ndown_revision = None\n",
        "# coding: klingon\n",
        "x = '\0'\n",
    ] {
        let project = project(&three());
        project.write("x.py", text);
        let head = "error[not-a-revision] alembic/versions_procrastinate/x.py";
        finds(
            &project,
            &three(),
            &[(head, &["all commands of Alembic fail"])],
        );
    }
}

#[test]
fn no_script_location() {
    let project = project(&three());
    put(
        &project.root.join("alembic.ini"),
        "[alembic]\nsqlalchemy.url = x\n",
    );
    let head = "error[version-locations] alembic.ini:1";
    finds(
        &project,
        &three(),
        &[(head, &["no `script_location`", "`env.py`"])],
    );
    let program = "from alembic.config import Config\n\nConfig().set_main_option('script_location', 'alembic')\n";
    put(&project.root.join("migrate.py"), program);
    notes(&project, &["migrate.py:3"]);
}
