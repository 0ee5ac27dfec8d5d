//! Databases that have Procrastinate's objects in another schema already, and the workers that use them.

use super::*;
use crate::support::database::Database;
use crate::support::package::Package;
use crate::support::process::feed;
use crate::support::worker::Worker;

const PATH: &str = "-c search_path=jobs";

/// Made by `procrastinate schema --apply`, stamped, and upgraded by two releases; then a worker runs jobs.
#[test]
fn applied_and_stamped() {
    let site = Site::new(Driver::Psycopg, "jobs");
    let project = &site.project;
    Worker::of("3.2.2")
        .with_options(PATH)
        .apply_schema(&project.database);
    site.assert_has("3.2.2");
    project.sync("3.2.2");
    project.shell(&stamp(project)).exits(0);
    for release in ["3.3.0", "3.10.0"] {
        project.sync(release);
        site.upgrade();
        site.assert_has(release);
    }
    project.assert_at_head();
    let worker = Worker::of("3.10.0").with_options(PATH);
    worker.defer(&project.database, &["queue"]);
    worker.work(&project.database, &["queue"]);
    assert_eq!(
        project
            .database
            .query("SELECT count(*) FROM jobs.procrastinate_jobs"),
        ["3"]
    );
}

/// The command for what the database has, in the schema that is set.
#[track_caller]
fn stamp(project: &Project) -> String {
    let query = crate::database::query(&project.database);
    let mut command = project.command(&["-q", "stamp", "--database", "-"]);
    feed(&mut command, query.as_bytes()).exits(0).stdout
}

/// A worker on a fresh database, in a schema whose name has to be quoted.
#[test]
fn a_worker_in_a_schema_of_an_odd_name() {
    let site = Site::new(Driver::Psycopg, "Pro crast");
    site.project.sync("3.10.0");
    site.upgrade();
    let worker = Worker::of("3.10.0").with_options(r#"-c search_path="Pro\ crast""#);
    worker.defer(&site.project.database, &["queue"]);
    worker.work(&site.project.database, &["queue"]);
    site.assert_has("3.10.0");
}

/// Each connector as docs/schema.md configures it.
#[test]
fn connectors_defer_into_the_schema() {
    let database = Database::of_release_in("3.10.0", "jobs");
    let package = Package::unpack("3.10.0");
    let program = r#"
import sys
import procrastinate
from procrastinate.contrib.psycopg2 import Psycopg2Connector
from procrastinate.contrib.sqlalchemy import SQLAlchemyPsycopg2Connector

dsn, url = sys.argv[1:]
options = "-c search_path=jobs"
for connector in (
    procrastinate.PsycopgConnector(conninfo=dsn, kwargs={"options": options}),
    procrastinate.SyncPsycopgConnector(conninfo=dsn, kwargs={"options": options}),
    Psycopg2Connector(dsn=dsn, options=options),
    SQLAlchemyPsycopg2Connector(dsn=url, connect_args={"options": options}),
):
    app = procrastinate.App(connector=connector)
    with app.open():
        app.configure_task("a task").defer()
"#;
    run(python::python()
        .env("PYTHONPATH", package.site_packages())
        .args([
            "-c",
            program,
            &database.dsn(),
            &database.url(Driver::Psycopg2),
        ]))
    .exits(0);
    assert_eq!(
        database.query("SELECT count(*) FROM jobs.procrastinate_jobs"),
        ["4"]
    );
}

/// Vendored without a schema, and run with a search path in the URL: `--rerender` names the schema that the databases have.
#[test]
fn rendered_anew() {
    let site = Site::new(Driver::Psycopg, "jobs");
    let project = &site.project;
    let settings = project.root().join("vendor-migrations.toml");
    fs::remove_file(&settings).expect("it was written");
    project.sync("3.3.0");
    site.write_env(r#"url += "&options=-csearch_path%3Djobs""#);
    site.upgrade();
    site.assert_has("3.3.0");
    site.write_env("");
    site.set("");
    let before = project.tree();
    let wheel = crate::support::releases::wheel("3.10.0");
    let sync = ["sync", "--from", wheel.as_str()];
    project
        .tool(&sync)
        .exits(1)
        .says("is right only if all databases have Procrastinate's objects in the schema \"jobs\" already");
    project
        .tool(&["check"])
        .exits(1)
        .says("error[schema-differs]");
    assert!(project.tree() == before);
    project
        .tool(&[&sync[..], &["--rerender"]].concat())
        .exits(0)
        .says("36 rewritten");
    project.tool(&["check", "--from", wheel.as_str()]).exits(0);
    site.upgrade();
    site.assert_has("3.10.0");
}
