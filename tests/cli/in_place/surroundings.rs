//! Alembic's configuration, `env.py` and the revision graph where the package's own revisions run.

use super::{ENV, INI};
use crate::support::releases::{LATER, LATER_SQL, Wrapping, three_migrations};
use crate::support::{Project, put};

#[test]
fn a_missing_package_is_said_and_required_on_demand() {
    let project = Project::in_place(&Wrapping::Call.three());
    project.uninstall();
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[location-missing]", "procrastinate.contrib.alembic"])
        .err_has(&["Procrastinate was not found", "was not checked"]);
    project
        .run(&["check", "--require-upstream"])
        .fails(&["Procrastinate was not found"]);
    project.run(&["status"]).err_has(&["not found"]);
    project.run(&["sync"]).fails(&["not found"]);
    project.run(&["diff"]).fails(&["not found"]);
}

#[test]
fn a_location_that_is_taken_out_is_missed() {
    let project = Project::in_place(&Wrapping::Call.three());
    put(&project.root.join("alembic.ini"), INI);
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[not-wired]", "init --in-place"]);
    project
        .run(&["sync"])
        .exits(0)
        .err_has(&["does not look into"]);
    project
        .run(&["init", "--in-place"])
        .exits(0)
        .out_has(&["Wrote alembic.ini"]);
    project.run(&["check", "--strict"]).exits(0);
}

#[test]
fn env_py_is_held_against_what_the_package_runs() {
    let mut migrations = three_migrations();
    migrations[0].1 = "ALTER TYPE example ADD VALUE IF NOT EXISTS 'x';\n";
    let project = Project::in_place(&Wrapping::Call.release("91.1.0", &migrations));
    let init = project.run(&["init", "--in-place"]);
    init.exits(0).err_has(&["transaction_per_migration=True"]);
    project.run(&["check"]).exits(1).out_has(&[
        "[single-transaction]",
        "alembic/env.py:6",
        "transaction_per_migration=True",
    ]);
    let mended = ENV.replace(
        "connection=connection)",
        "connection=connection, transaction_per_migration=True)",
    );
    put(&project.root.join("alembic/env.py"), mended);
    project.run(&["check", "--strict"]).exits(0);
    let url = INI.replace(
        "alembic\n\n",
        "alembic\nsqlalchemy.url = postgresql+asyncpg://x/y\n\n",
    );
    put(&project.root.join("alembic.ini"), url);
    project.run(&["init", "--in-place"]).exits(0);
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[asyncpg-copies]"]);
}

#[test]
fn the_graph_holds_the_packages_revisions_once() {
    let project = Project::in_place(&Wrapping::Call.three());
    let own = project.root.join("alembic/versions/own.py");
    put(
        &own,
        "revision = 'own'\ndown_revision = None\ndepends_on = '0003'\n",
    );
    put(
        &project.root.join("Makefile"),
        "migrate:\n\talembic upgrade head\n",
    );
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[upgrade-head]", "alembic merge heads"])
        .out_lacks(&["duplicate"]);
    std::fs::remove_file(project.root.join("Makefile")).unwrap();
    project.run(&["check", "--strict"]).exits(0);

    project.upgrade_to(&Wrapping::Call.release("91.2.0", &three_migrations()[..2]));
    project.run(&["check"]).exits(1).out_has(&[
        "[vendored-id-gone]",
        "alembic/versions/own.py:3",
        "no longer has",
    ]);
    project.upgrade_to(&Wrapping::Call.three());

    put(&own, "revision = '0002'\ndown_revision = None\n");
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[duplicate-revision] alembic/versions/own.py:1"]);
}

#[test]
fn what_applies_the_schema_is_named() {
    let project = Project::in_place(&Wrapping::Call.three());
    let file = project.root.join("run.sh");
    put(&file, "procrastinate schema --apply\n");
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["error[schema-apply] run.sh:1"]);
}

/// The package's revisions cannot be changed, so no setting can pin their schema.
#[test]
fn the_schema_of_the_workers_is_named() {
    let project = Project::in_place(&Wrapping::Call.three());
    let worker = "import procrastinate\nprocrastinate.PsycopgConnector(kwargs={\"options\": \"-c search_path=jobs\"})\n";
    put(&project.root.join("worker.py"), worker);
    project
        .run(&["check"])
        .out_has(&["[schema] worker.py:2", "the same search path"])
        .out_lacks(&["in the settings"]);
}

#[test]
fn a_lock_that_is_lost_is_not_taken_for_a_beginning() {
    let project = Project::in_place(&Wrapping::Call.three());
    std::fs::remove_file(project.root.join(super::LOCK)).unwrap();
    project.run(&["check"]).exits(1).out_has(&[
        "[not-vendored]",
        "restore the lock",
        "init --in-place",
    ]);
    project
        .run(&["sync", "--dry-run"])
        .exits(0)
        .err_has(&["would run both", "init --in-place"]);
}

#[test]
fn own_revisions_that_alembic_does_not_look_for_are_told_and_mended() {
    let project = Project::in_place(&Wrapping::Call.three());
    let own = project.root.join("alembic/versions/own.py");
    put(&own, "revision = 'own'\ndown_revision = None\n");
    let alone = format!("{INI}version_locations = procrastinate.contrib.alembic:versions\n")
        .replace("\n# logging below\n", "");
    put(&project.root.join("alembic.ini"), alone);
    project.run(&["check"]).exits(1).out_has(&[
        "error[own-versions] alembic.ini",
        "alembic/versions holds revisions",
        "vendor-migrations init --in-place",
    ]);
    project
        .run(&["status"])
        .exits(1)
        .out_has(&["own-versions", "vendor-migrations init --in-place"]);
    project
        .run(&["init", "--in-place"])
        .exits(0)
        .out_has(&["Wrote alembic.ini"]);
    project.run(&["check", "--strict"]).exits(0);
    project.run(&["status"]).exits(0).out_has(&["nothing"]);
}

#[test]
fn a_missing_env_py_is_told() {
    let project = Project::in_place(&Wrapping::Call.three());
    std::fs::remove_file(project.root.join("alembic/env.py")).unwrap();
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[env-unreadable] alembic/env.py"]);
    project
        .run(&["status"])
        .exits(1)
        .out_has(&["env-unreadable", "vendor-migrations check"]);
}

#[test]
fn status_agrees_with_check() {
    let project = Project::in_place(&Wrapping::Call.three());
    let ini = project.root_file("alembic.ini");
    put(&project.root.join("alembic.ini"), INI);
    project.run(&["check"]).exits(1);
    project
        .run(&["status"])
        .exits(1)
        .out_has(&["not-wired", "vendor-migrations init --in-place"]);
    put(&project.root.join("alembic.ini"), ini);

    put(
        &project.root.join("uv.lock"),
        "version = 1\n\n[[package]]\nname = \"procrastinate\"\nversion = \"3.10.0\"\n",
    );
    project
        .run(&["status"])
        .exits(0)
        .out_has(&["Pinned", "3.10.0 in uv.lock", "pin-differs"]);
    std::fs::remove_file(project.root.join("uv.lock")).unwrap();

    let later = [&three_migrations()[..], &[(LATER, LATER_SQL)]].concat();
    project.upgrade_to(&Wrapping::Call.release("91.2.0", &later));
    let path = "procrastinate/contrib/alembic/versions/";
    let outcome = project.run(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    let found = report["findings"][0]["path"].as_str().unwrap();
    assert!(found.starts_with(path), "{found}");
    let accept = format!(
        "[[accept]]\ncode = \"migration-missing\"\npath = \"{found}\"\nreason = \"later\"\n"
    );
    put(&project.root.join("vendor-migrations.toml"), accept);
    project.run(&["check"]).exits(0);
    project.run(&["status"]).exits(0).out_has(&["nothing"]);
}

#[test]
fn status_names_the_project_in_its_commands() {
    let project = Project::in_place(&Wrapping::Call.three());
    put(&project.root.join("alembic.ini"), INI);
    let mut status = project.tool(&["-C", "project", "status"]);
    let outcome = crate::support::project::outcome(status.current_dir(project.beside("")));
    outcome
        .exits(1)
        .out_has(&["vendor-migrations init --in-place -C project"]);
}

#[test]
fn a_lock_that_git_ignores_is_named() {
    let project = Project::in_place(&Wrapping::Call.three());
    put(&project.root.join(".git/HEAD"), "ref: refs/heads/main\n");
    put(&project.root.join(".gitignore"), "*.lock\n*.py\n");
    let facts = [
        "git ignores vendor-migrations.lock",
        "`!/vendor-migrations.lock`",
    ];
    let checked = project.run(&["check"]);
    checked
        .exits(0)
        .out_has(&["warning[git-ignored] .gitignore:1"])
        .out_has(&facts);
    project.run(&["sync"]).exits(0).err_has(&facts);
}
