//! A slip of the hand is answered with what was meant.

use crate::support::releases::three;
use crate::support::{Project, put};

#[test]
fn verbs_options_and_values() {
    let project = Project::with(&three());
    for (arguments, meant) in [
        (&["snyc"][..], "'sync'"),
        (&["chekc"], "'check'"),
        (&["release", "3.5.1"], "'releases'"),
        (&["sync", "--dryrun"], "'--dry-run'"),
        (&["check", "--require-upstraem"], "'--require-upstream'"),
        (&["sync", "--mode", "rendr"], "'render'"),
        (&["init", "--history", "liner"], "'linear'"),
        (&["check", "--format", "jsn"], "'json'"),
        (&["check", "--color", "allways"], "'always'"),
        (&["completions", "fihs"], "'fish'"),
    ] {
        let outcome = project.run(arguments);
        outcome
            .exits(2)
            .err_has(&["error:", "similar", meant])
            .does_not_panic();
    }
}

/// What other programs have, or what a release is taken for.
#[test]
fn what_is_known_elsewhere_is_answered_with_the_name_here() {
    let project = Project::with(&three());
    let environment = project.beside("environment");
    put(&environment.join("bin/python"), "");
    for (arguments, tip) in [
        (&["check", "--json"][..], "--format json"),
        (&["sync", "--json"], "--format json"),
        (&["check", "--fix"], "vendor-migrations sync"),
        (&["sync", "3.10.0"], "--release 3.10.0"),
        (&["rollout", "3.0.0"], "--from 3.0.0"),
        (&["upgrade"], "alembic upgrade heads"),
        (&["stamp", "latest"], "vendor-migrations releases"),
        (
            &["rollout", "--from", "latest"],
            "vendor-migrations releases",
        ),
    ] {
        let outcome = project.run(arguments);
        outcome.exits(2).err_has(&["error:", "tip:", tip]);
        assert_eq!(outcome.err.matches("tip:").count(), 1, "{outcome}");
    }
    project
        .run(&["sync", "--python", environment.as_str()])
        .exits(2)
        .err_has(&["--python", "it is a directory", "bin/python"]);
}

#[test]
fn codes() {
    let project = Project::bare();
    project
        .run(&["explain", "not-wird"])
        .fails(&["`not-wird`", "did you mean `not-wired`?"]);
    project
        .run(&["explain", "x"])
        .fails(&["`x`", "`vendor-migrations explain` lists all codes"]);
    let all = project.run(&["explain"]);
    all.exits(0).out_has(&["not-wired ", "upgrade-head "]);
    let one = project.run(&["explain", "not-wired"]);
    one.exits(0)
        .out_has(&["not-wired\n", "Remedy:", "docs/findings.md#not-wired"]);
    assert_eq!((one.err.as_str(), all.err.as_str()), ("", ""));
}

#[test]
fn settings() {
    for (text, meant) in [
        ("histroy = \"linear\"\n", "`history`"),
        ("history = \"liner\"\n", "`linear`"),
        ("mode = \"rendr\"\n", "`render`"),
        ("Directory = \"x\"\n", "`directory`"),
        (
            "[[accept]]\ncode = \"migration-chagned\"\npath = \"x\"\nreason = \"y\"\n",
            "`migration-changed`",
        ),
        (
            "[[accept]]\ncode = \"edited\"\npaht = \"x\"\nreason = \"y\"\n",
            "`path`",
        ),
    ] {
        let project = Project::new();
        put(&project.root.join("vendor-migrations.toml"), text);
        project
            .run(&["check"])
            .fails(&[&format!("did you mean {meant}?"), "line "]);
        let project = Project::new();
        let table = text.replace("[[accept]]", "[[tool.vendor-migrations.accept]]");
        let table = match table.starts_with("[[") {
            true => table,
            false => format!("[tool.vendor-migrations]\n{table}"),
        };
        put(&project.root.join("pyproject.toml"), table);
        project
            .run(&["check"])
            .fails(&[&format!("did you mean {meant}?"), "line "]);
    }
    // What is like nothing gets the list.
    let project = Project::new();
    put(&project.root.join("vendor-migrations.toml"), "colour = 1\n");
    project
        .run(&["check"])
        .fails(&["the settings are", "`history`"]);
}

#[test]
fn a_table_by_another_name_is_not_passed_over() {
    for name in [
        "vendor_migrations",
        "vendor-migration",
        "Vendor-Migrations",
        "vendored-migrations",
    ] {
        let project = Project::new();
        put(
            &project.root.join("pyproject.toml"),
            format!("[tool.{name}]\nmode = \"copy\"\n"),
        );
        let outcome = project.check(&three(), &[]);
        outcome.err_has(&[
            "note:",
            &format!("[tool.{name}]"),
            "[tool.vendor-migrations]",
        ]);
    }
    let project = Project::new();
    put(
        &project.root.join("pyproject.toml"),
        "[tool.django-migrations]\nx = 1\n[tool.alembic]\n",
    );
    project.check(&three(), &[]).err_lacks(&["[tool."]);
}

#[test]
fn releases_that_do_not_exist() {
    let project = Project::with(&three());
    for arguments in [
        &["stamp", "3.0.1"][..],
        &["rollout", "--from", "3.0.1"],
        &["rollout", "--from", "3.0.0", "--to", "3.0.1"],
        &["releases", "3.0.1"],
        &["check", "--release", "3.0.1"],
        &["status", "--release", "3.0.1"],
    ] {
        project.run(arguments).fails(&["3.0.1", "3.0.0", "3.0.2"]);
    }
    // Nothing can be downloaded here, and the number is the likelier reason.
    for arguments in [
        &["diff", "3.0.1", "3.0.2"][..],
        &["sync", "--release", "3.0.1"],
    ] {
        let outcome = project.run(arguments);
        outcome.fails(&["3.0.1", "3.0.0"]);
    }
}

#[test]
fn files_sections_and_directories() {
    let project = Project::new();
    let root = &project.root;
    put(
        &root.join("db/alembic-jobs.ini"),
        "[alembic]\nscript_location = alembic\n[jobs]\nscript_location = alembic\n",
    );
    project
        .run(&["check", "-c", "alembc.ini"])
        .fails(&["`alembc.ini`", "there is `alembic.ini`"]);
    project
        .run(&["check", "-c", "db/alembic_jobs.ini"])
        .fails(&["there is `db/alembic-jobs.ini`"]);
    project
        .run(&["check", "-c", "nothing/like/it.toml"])
        .fails(&["there is `alembic.ini`"]);
    let section = ["check", "-c", "db/alembic-jobs.ini", "-n", "job"];
    project
        .run(&section)
        .fails(&["did you mean `jobs`?", "alembic, jobs"]);
    put(
        &root.join("backend/alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    project
        .run(&["check", "-C", "bakcend"])
        .fails(&["`bakcend`", "there is `backend`"]);
    project
        .run(&["check", "-C", "backend/alembic.ini"])
        .fails(&["there is `backend`"]);
    project
        .run(&["check", "-C", "alembic.ini"])
        .fails(&["there is `.`"]);
    project
        .run(&["check", "-C", "nothing/like/it"])
        .fails(&["--project DIR"]);
}
