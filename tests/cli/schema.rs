//! The setting `schema`: it is written, used, locked, and never changed in silence.

use crate::support::releases::{
    FIRST, FIRST_PY, FIRST_SQL, LATER_PY, SECOND, SECOND_PY, SECOND_SQL, THIRD_PY, WRAPPINGS, four,
    three, three_as,
};
use crate::support::{Package, Project, put};

const OWN: &str = "vendor-migrations.toml";
const JOBS: &str = "schema = \"jobs\"\n";
const MAKES_IT: &str = "CREATE SCHEMA IF NOT EXISTS \"jobs";
const SETS_IT: &str = "PERFORM set_config('search_path', '\"jobs\"', true);";

impl Project {
    fn set(&self, text: &str) {
        put(&self.root.join(OWN), text);
    }

    fn with_schema(text: &str, package: &Package) -> Self {
        let project = Self::new();
        project.set(text);
        project.syncs(package, &[]);
        project
    }
}

#[test]
fn revisions_are_rendered_for_the_schema_and_the_lock_says_so() {
    let project = Project::with_schema(JOBS, &three());
    for file in [FIRST_PY, SECOND_PY, THIRD_PY] {
        let text = project.text(file);
        assert!(text.contains(SETS_IT), "{text}");
        assert!(!text.contains(MAKES_IT), "{text}");
    }
    let lock = project.lock();
    assert!(lock.contains("\nversion = 2\n"), "{lock}");
    assert!(lock.contains("\n[schema]\nname = \"jobs\"\n\n"), "{lock}");
    project.check(&three(), &["--strict"]).exits(0);
    project.syncs(&three(), &[]).out_has(&["Up to date"]);
    project.syncs(&four(), &[]);
    assert!(project.text(LATER_PY).contains(SETS_IT));
    project
        .against(&four(), "status", &[])
        .out_has(&["mode render, schema \"jobs\""]);
}

#[test]
fn the_first_revision_makes_the_schema_where_that_is_set() {
    let made = "schema = \"jobs\"\ncreate_schema = true\n";
    let project = Project::with_schema(made, &three());
    let first = project.text(FIRST_PY);
    let at = |text: &str| first.find(text).unwrap();
    assert!(at(MAKES_IT) < at(SETS_IT), "{first}");
    assert!(!project.text(SECOND_PY).contains(MAKES_IT));
    assert!(
        project
            .lock()
            .contains("\nname = \"jobs\"\ncreate = true\n")
    );
    // Also where it follows a revision of the project's own.
    let project = Project::new();
    let own = "revision = 'own'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n";
    put(&project.root.join("alembic/versions/own.py"), own);
    project.set(&format!("{made}history = \"linear\"\n"));
    project.syncs(&three(), &[]);
    assert!(project.text(FIRST_PY).contains(MAKES_IT));
    // A change of it is a change of the first revision.
    project.set(&format!("{JOBS}history = \"linear\"\n"));
    let why = "which changes only the first revision";
    project.sync_refuses(&three(), &[], &["`--rerender`", why]);
    project
        .syncs(&three(), &["--rerender"])
        .out_has(&["1 rewritten"]);
    assert!(!project.text(FIRST_PY).contains(MAKES_IT));
}

/// Setting it, changing it and taking it away: each needs the option, and the text says when that is right.
#[test]
fn a_change_is_refused_without_its_option() {
    let right = "is right only if all databases have Procrastinate's objects";
    for (before, after, words) in [
        ("", JOBS, "in the schema \"jobs\" already"),
        (
            JOBS,
            "schema = \"Other one\"\n",
            "in the schema \"Other one\" already",
        ),
        (JOBS, "", "where their search path points already"),
    ] {
        let project = Project::with_schema(before, &three());
        project.set(after);
        for options in [&[][..], &["--force"], &["--dry-run"]] {
            project.sync_refuses(&four(), options, &[right, words, "`--rerender`"]);
        }
        let tree = project.tree();
        for release in [three(), four()] {
            project.check(&release, &[]).exits(1).out_has(&[
                "error[schema-differs]",
                right,
                words,
                "sync --rerender",
            ]);
            project
                .run(&["status"])
                .exits(1)
                .out_has(&["schema-differs", "vendor-migrations check"]);
            project.against(&release, "diff", &[]).exits(1);
            project
                .against(&release, "status", &[])
                .exits(1)
                .out_has(&["schema-differs"]);
        }
        tree.assert_untouched(&project.tree());
        project
            .syncs(&three(), &["--rerender"])
            .out_has(&["3 rewritten"]);
        project.check(&three(), &["--strict"]).exits(0);
        let direct = Project::with_schema(after, &three());
        direct
            .vendored_tree()
            .assert_same_contents(&project.vendored_tree());
    }
}

/// A file that the user changed stays the user's.
#[test]
fn rendering_anew_overwrites_no_edit() {
    let project = Project::with(&three());
    project.edit(SECOND_PY);
    project.set(JOBS);
    project.sync_refuses(&three(), &["--rerender"], &[SECOND_PY, "so it is yours"]);
}

#[test]
fn a_migration_that_is_gone_cannot_change_its_schema() {
    let project = Project::with(&three());
    let two = Package::new("91.2.0")
        .sql(FIRST, FIRST_SQL)
        .sql(SECOND, SECOND_SQL);
    project.syncs(&two, &[]);
    project.set(JOBS);
    let facts = [THIRD_PY, "does not ship the SQL", "`--release`"];
    project.sync_refuses(&two, &["--rerender"], &facts);
    project.syncs(&three_as("91.3.0"), &["--rerender"]);
}

#[test]
fn copies_cannot_be_told_their_schema() {
    for wrapping in WRAPPINGS {
        let project = Project::new();
        project.set(JOBS);
        let facts = ["cannot be applied", "`--mode render`"];
        project.sync_refuses(&wrapping.three(), &[], &facts);
        project.syncs(&wrapping.three(), &["--mode", "render"]);
        assert!(
            project
                .text(&wrapping.file_name("0001", FIRST))
                .contains(SETS_IT)
        );
        project.sync_refuses(&wrapping.three(), &["--mode", "copy"], &facts);

        let project = Project::with(&wrapping.three());
        project.set(JOBS);
        project.sync_refuses(&wrapping.three(), &["--rerender"], &facts);
        project
            .check(&wrapping.three(), &[])
            .exits(1)
            .out_has(&["error[schema-differs]", "sync --mode render --rerender"]);
        let before = project.tree();
        project
            .run(&["init", "--schema", "jobs"])
            .fails(&["cannot be applied", "--mode render"]);
        before.assert_untouched(&project.tree());
        project.syncs(&wrapping.three(), &["--mode", "render", "--rerender"]);
        project.check(&wrapping.three(), &["--strict"]).exits(0);
    }
}

#[test]
fn copies_that_are_only_asked_for() {
    let project = Project::new();
    project.set("mode = \"copy\"\n");
    project
        .run(&["init", "--schema", "jobs"])
        .fails(&["cannot be applied"]);
    project.set("mode = \"copy\"\nschema = \"jobs\"\n");
    project.run(&["init"]).fails(&["cannot be applied"]);
    let rendered = Project::with_schema(JOBS, &three());
    rendered.set("mode = \"copy\"\nschema = \"jobs\"\n");
    rendered
        .run(&["check"])
        .exits(1)
        .out_has(&["error[schema-differs]"]);
}

/// No search path holds outside of a transaction, and only a type can be told its schema there.
#[test]
fn what_would_run_elsewhere_is_refused() {
    let index = "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON example_jobs (id);\n";
    let package = three_as("91.2.0").sql("01.03.00_01_pre_index.sql", index);
    Project::new().syncs(&package, &[]);
    let project = Project::new();
    project.set(JOBS);
    project.sync(&package, &[]).fails(&[
        "01.03.00_01_pre_index.sql",
        "line 2",
        "outside of a transaction",
    ]);
    assert!(!project.vendored().exists());
    let two_ways = Project::new();
    two_ways.set("schema = \"x :a$:\"\n");
    two_ways
        .sync(&three(), &[])
        .fails(&["the colons in the schema's name", "`schema`"]);
    let value = "ALTER TYPE example ADD VALUE 'x';\n";
    let package = three_as("91.2.0").sql("01.03.00_01_pre_value.sql", value);
    project.syncs(&package, &[]);
    let text = project.text("procrastinate_01_03_00_01_pre_value.py");
    assert!(text.contains("ALTER TYPE \"jobs\".example ADD VALUE IF NOT EXISTS 'x'"));
    assert!(!text.contains("set_config"), "{text}");
}

#[test]
fn init_writes_the_setting() {
    let project = Project::new();
    project
        .run(&["init", "--schema", "Pro \"crast"])
        .exits(0)
        .out_has(&["Wrote", OWN]);
    let text = std::fs::read_to_string(project.root.join(OWN)).unwrap();
    assert_eq!(text, "schema = 'Pro \"crast'\n");
    project.run(&["init", "--schema", "Pro \"crast"]).exits(0);
    project.syncs(&three(), &[]);
    assert!(project.text(FIRST_PY).contains("\"Pro \"\"crast\""));
    project
        .run(&["init", "--schema", "jobs"])
        .fails(&["already", "by hand"]);
    // What is vendored already is told of.
    let project = Project::with(&three());
    project
        .run(&["init", "--schema", "jobs"])
        .exits(0)
        .err_has(&["sync --rerender` is right only if"]);
    let separate = Project::new();
    separate
        .run(&["init", "--separate", "--schema", "jobs"])
        .exits(0);
    let text = std::fs::read_to_string(separate.root.join(OWN)).unwrap();
    assert!(text.contains(JOBS), "{text}");
}

#[test]
fn names_that_cannot_be_used_are_refused() {
    let long = "x".repeat(64);
    for (name, why) in [
        ("", "at least one character"),
        (long.as_str(), "63 bytes"),
        ("pg_temp", "pg_"),
        ("pg_toast", "pg_"),
        ("information_schema", "own"),
        ("$user", "role"),
        ("a\u{7}b", "control character"),
    ] {
        let project = Project::new();
        let before = project.tree();
        let refused = project.run(&["init", "--schema", name]);
        refused.exits(2).err_has(&["error:", why]);
        before.assert_untouched(&project.tree());
        let quoted = toml::Value::String(name.to_owned());
        project.set(&format!("# names\nschema = {quoted}\n"));
        for command in ["sync", "check", "status", "init"] {
            project.run(&[command]).fails(&[OWN, "line 2", why]);
        }
    }
    let project = Project::new();
    project.set("schema = \"a\\u0000b\"\n");
    project.run(&["sync"]).fails(&["control character"]);
    project.set("create_schema = true\n");
    project
        .run(&["sync"])
        .fails(&[OWN, "`create_schema`", "`schema`"]);
    project.set("schema = 3\n");
    project.run(&["sync"]).fails(&[OWN, "line 1"]);
}

/// The lock says which schema its revisions have, in the version of the format that has the word for it.
#[test]
fn a_lock_whose_version_does_not_fit_is_refused() {
    let project = Project::with_schema(JOBS, &three());
    let lock = project.lock();
    let older = lock.replace("version = 2\n", "version = 1\n");
    project.write("vendor-migrations.lock", older);
    project.run(&["check"]).fails(&["version 1", "version 2"]);
    let without = Project::with(&three());
    let newer = without.lock().replace("version = 1\n", "version = 2\n");
    without.write("vendor-migrations.lock", newer);
    without.run(&["check"]).fails(&["version 2", "version 1"]);
    let other = lock.replace("name = \"jobs\"", "name = \"jobs2\"");
    project.write("vendor-migrations.lock", other);
    project.run(&["check"]).fails(&["digest"]);
}

#[test]
fn sql_that_names_public_is_told_of() {
    let sql = "-- public.x\nCREATE TABLE example_notes (text text DEFAULT 'public.y');\nCREATE FUNCTION public.example() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;\n";
    let package = three_as("91.2.0").sql("01.03.00_01_pre_named.sql", sql);
    let plain = Project::new();
    plain.syncs(&package, &[]).err_lacks(&["public"]);
    let project = Project::new();
    project.set(JOBS);
    let words =
        "its SQL names the schema `public`: what it makes is in that schema, and not in \"jobs\"";
    let name = "01.03.00_01_pre_named.sql";
    project.syncs(&package, &[]).err_has(&[name, words]);
    project
        .check(&package, &[])
        .exits(0)
        .out_has(&[
            "warning[public-schema]",
            "procrastinate_01_03_00_01_pre_named.py",
            words,
        ])
        .out_lacks(&["the SQL of this migration is different"]);
    project.run(&["check", "--strict"]).exits(1);
    // A later release has other SQL: the databases that have run the first one are told of.
    let mended = sql.replace("public.example", "example");
    let later = three_as("91.3.0").sql(name, &mended);
    project
        .syncs(&later, &[])
        .err_has(&["the earlier SQL of", name, "named the schema `public`"])
        .err_lacks(&[words]);
    project.check(&later, &["--strict"]).exits(0);
    project.syncs(&later, &[]).err_lacks(&["public"]);
}
