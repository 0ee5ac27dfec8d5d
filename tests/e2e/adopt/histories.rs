//! Databases of the old history, and fresh ones, end with the same schema.

use super::{Adopter, Database, Driver, History, NEW, NEWEST, OLD, Way};
use crate::support::package::Package;

fn takes_all() -> bool {
    std::env::var_os("WHOLE_MATRIX").is_some()
}

/// What adopts it: for what a database has by its age, a database is the proof.
fn adopt(adopter: &Adopter, way: Way) {
    let database = adopter.old.iter().find(|(revision, _)| *revision == "a3");
    let url = database.map_or(String::new(), |(_, database)| database.libpq_url());
    let proof = ["--release", OLD, "--database", &url];
    if way.is_at_run_time() {
        let refused = adopter.adopt(&["--release", OLD, "--write"]).exits(1);
        refused.says("reads the installed package when it runs");
    }
    let args: &[&str] = if way.is_at_run_time() { &proof } else { &[] };
    adopter
        .adopt(args)
        .exits(0)
        .says("+depends_on")
        .says("--write");
    adopter.adopt(&[args, &["--write"]].concat()).exits(0);
}

fn goes_on(way: Way, history: History, driver: Driver, version: &str) {
    let mut adopter = Adopter::new(way, history, driver, version).with_old_databases();
    let before = adopter.check().exits(1);
    before.says("error[own-schema] alembic/versions/a2_own.py:");
    let linear = history == History::Linear;
    match linear {
        true => {
            let database = adopter.old[2].1.libpq_url();
            let args = ["--release", OLD, "--database", &database, "--write"];
            let args: &[&str] = if way.is_at_run_time() {
                &args
            } else {
                &["--write"]
            };
            adopter.adopt(args).exits(0);
        }
        false => adopt(&adopter, way),
    }
    adopter.check().exits(0);
    let mut databases = std::mem::take(&mut adopter.old);
    databases.push(("fresh", Database::new()));
    for (name, database) in databases {
        adopter = adopter.before(database);
        adopter.upgrade();
        adopter.assert_is(NEW);
        // Nothing is left to do.
        let again = adopter.upgrade();
        assert!(!again.stderr.contains("Running upgrade"), "{name}: {again}");
        adopter.alembic(&["current"]).exits(0).says("(head)");
    }
    adopter.alembic(&["history"]).exits(0).says("a2");
    if version == NEWEST {
        adopter.alembic(&["check"]).exits(0);
    }
    // The next upgrade, a revision of the project's own, and a merge.
    let package = Package::unpack(NEW);
    package.write_migration(
        "03.11.00_01_post_next.sql",
        "CREATE TABLE orders_next (id int);",
    );
    let next = package.release("3.11.0");
    let base = if linear { "head" } else { "a3" };
    let own = [
        "revision",
        "-m",
        "next",
        "--rev-id",
        "a4",
        "--head",
        base,
        "--version-path",
        "alembic/versions",
    ];
    adopter.alembic(&own).exits(0);
    adopter.project.sync_from(next.site_packages());
    adopter.check().exits(0);
    adopter.upgrade();
    adopter.assert_is(NEW);
    assert_eq!(
        adopter
            .project
            .database
            .query("SELECT count(*) FROM orders_next"),
        ["0"]
    );
    if !linear {
        adopter
            .alembic(&["merge", "-m", "m", "--rev-id", "m1", "heads"])
            .exits(0);
        adopter.alembic(&["upgrade", "head"]).exits(0);
    }
}

#[test]
fn every_way_ends_with_the_schema_of_the_vendored_release() {
    let sample = [
        (Way::Transcribed, History::Branch, Driver::Asyncpg, NEWEST),
        (Way::GetSchema, History::Branch, Driver::Psycopg, "1.8.1"),
        (Way::SqlFile, History::Linear, Driver::Psycopg, NEWEST),
        (Way::Subprocess, History::Linear, Driver::Psycopg, "1.8.1"),
        (Way::PackageFile, History::Branch, Driver::Psycopg, NEWEST),
    ];
    if !takes_all() {
        for (way, history, driver, version) in sample {
            goes_on(way, history, driver, version);
        }
        return;
    }
    for way in Way::ALL {
        for history in [History::Branch, History::Linear] {
            for driver in [Driver::Psycopg, Driver::Asyncpg] {
                for version in ["1.8.1", NEWEST] {
                    goes_on(way, history, driver, version);
                }
            }
        }
    }
}
