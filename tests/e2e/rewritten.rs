//! Upstream changed a migration that it had released: 3.5.2 dropped a `public.` prefix.

use camino::Utf8Path;

use crate::support::database::Driver;
use crate::support::layouts::{self, Layout};
use crate::support::package::{Package, rewritten_line};
use crate::support::process::Outcome;
use crate::support::project::Project;
use crate::support::releases;

const SQL: &str = "03.04.00_50_post_add_retry_failed_job_procedure.sql";

/// What 3.5.1 and 3.5.2 have in it, each in place of the other.
fn lines() -> [String; 2] {
    rewritten_line(["3.5.1", "3.5.2"], SQL)
}

#[test]
fn of_sql_in_a_rendered_revision() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.5.1");
    expect_change(&project, &releases::wheel("3.5.2"));

    let name = "procrastinate_03_04_00_50_post_add_retry_failed_job_procedure.py";
    let text = String::from_utf8(project.revisions()[name].clone()).expect("UTF-8");
    let [old, new] = lines();
    assert!(text.contains(&new) && !text.contains(&old), "{text}");
}

#[test]
fn of_sql_under_an_unchanged_contrib_wrapper() {
    wrapper_stays_and_sql_changes(&layouts::CONTRIB);
}

#[test]
fn of_sql_under_an_unchanged_package_wrapper() {
    wrapper_stays_and_sql_changes(&layouts::PACKAGE);
}

fn wrapper_stays_and_sql_changes(layout: &Layout) {
    let [old, new] = [("3.5.1", "3.90.1"), ("3.5.2", "3.90.2")].map(|(release, version)| {
        let package = Package::unpack(release);
        layout.add_to(&package);
        package.release(version)
    });
    let project = Project::new(Driver::Psycopg);
    // Copies that stay in Alembic's transaction need one each; `check` says so otherwise.
    project.edit_env(
        "connection=connection",
        "transaction_per_migration=True, connection=connection",
    );
    project.sync_from(old.wheel().path);
    let wrappers = project.revisions();
    assert_eq!(wrappers.len(), old.migrations().len());
    let index = old.migrations().iter().position(|name| name == SQL);
    let path = layout.path(index.expect("3.5.1 ships it"), SQL);
    let (_, wrapper) = path.rsplit_once('/').expect("it lies in a directory");
    assert_eq!(project.kept_sql(wrapper), old.read_migration(SQL));

    expect_change(&project, &new.wheel().path);
    assert_eq!(project.revisions(), wrappers);
    assert_eq!(project.kept_sql(wrapper), new.read_migration(SQL));
}

/// `check`, `diff` and `sync --dry-run` find the change and leave all as it is; `sync` shows the
/// same and takes it over.
fn expect_change(project: &Project, new: &Utf8Path) {
    let before = project.tree();
    let run = |verb: &[&str]| project.tool(&[verb, &["--from", new.as_str()]].concat());
    let [removed, added] = lines();
    let shown = |outcome: Outcome| outcome.says(SQL).shows_diff(&removed, &added);
    shown(run(&["check"]).exits(1));
    shown(run(&["check", "--strict"]).exits(1));
    run(&["diff"]).exits(1).shows_diff(&removed, &added);
    shown(run(&["sync", "--dry-run"]));
    assert_eq!(project.tree(), before);

    shown(run(&["sync"]).exits(0));
    run(&["check"]).exits(0);
    run(&["diff"]).exits(0);
}

#[test]
fn is_in_the_json_report() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.5.1");
    let wheel = releases::wheel("3.5.2");
    let found = project
        .tool(&["check", "--format", "json", "--from", wheel.as_str()])
        .exits(1);
    let report: serde_json::Value = serde_json::from_str(&found.stdout)
        .unwrap_or_else(|error| panic!("not JSON: {error}: {found}"));
    let text = report.to_string();
    assert!(text.contains("03_04_00_50"), "{found}");
    let [old, new] = lines();
    assert!(text.contains(&old) && text.contains(&new), "{found}");
}
