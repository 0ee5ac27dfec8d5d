//! Databases of the old history, and fresh ones, end with the same schema.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Adopter, Driver, History, NEW, NEWEST, OLD, Way};
use crate::database::takes_all;
use crate::support::package::Package;
use crate::support::schema::Schema;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Edit,
    Keep,
}

/// Shows the adoption, then makes it. For what a database has by its age, a database is the proof.
fn adopt(adopter: &Adopter, way: Way, how: How) {
    let (_, database) = &adopter.old[2];
    let url = database.libpq_url();
    let proof = ["--release", OLD, "--database", &url];
    let args: &[&str] = match (way.is_at_run_time(), how) {
        (true, How::Edit) => {
            let refused = adopter.adopt(&["--release", OLD, "--write"]).exits(1);
            refused.says("reads the installed package when it runs");
            adopter
                .adopt(&[&proof[..], &["--keep"]].concat())
                .exits(1)
                .says("a2_own.py:");
            &proof
        }
        (_, How::Keep) => &["--keep"],
        (false, How::Edit) => &[],
    };
    adopter
        .adopt(args)
        .exits(0)
        .says("`--write` makes the edit");
    adopter.adopt(&[args, &["--write"]].concat()).exits(0);
    adopter
        .adopt(args)
        .exits(1)
        .says("has adopted `a2` already");
}

fn goes_on(way: Way, history: History, how: How, driver: Driver, version: &str) {
    let mut adopter = Adopter::new(way, history, driver, version).with_old_databases();
    let before = adopter.check().exits(1);
    before.says("error[own-schema] alembic/versions/a2_own.py:");
    adopt(&adopter, way, how);
    adopter.check().exits(0);
    let databases = adopter.databases();
    let adopter = adopter.upgrade_each(databases, &Schema::of_release(NEW));
    // Nothing is left to do.
    let again = adopter.upgrade();
    assert!(!again.stderr.contains("Running upgrade"), "{again}");
    adopter.alembic(&["history"]).exits(0).says("a2");
    if version == NEWEST {
        adopter.alembic(&["check"]).exits(0);
    }
    the_next_upgrade(&adopter);
}

/// A revision of the project's own, the next Procrastinate, and a merge.
fn the_next_upgrade(adopter: &Adopter) {
    let package = Package::unpack(NEW);
    package.write_migration(
        "03.11.00_01_post_next.sql",
        "CREATE TABLE orders_next (id int);",
    );
    let next = package.release("3.11.0");
    let linear = adopter.history == History::Linear;
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

/// A test for each of a sample; of the whole matrix, one test.
macro_rules! sample {
    ($($name:ident: $way:ident, $history:ident, $how:ident, $driver:ident, $version:expr;)*) => {
        $(#[test]
        fn $name() {
            goes_on(Way::$way, History::$history, How::$how, Driver::$driver, $version);
        })*
    };
}

sample! {
    ddl_in_a_literal: Transcribed, Branch, Edit, Asyncpg, NEWEST;
    ddl_in_a_file_that_stays: SqlFile, Linear, Keep, Psycopg, "1.8.1";
    the_file_of_the_package: PackageFile, Branch, Edit, Psycopg, NEWEST;
    the_schema_of_the_package: GetSchema, Branch, Edit, Psycopg, "1.8.1";
    the_command_of_procrastinate: Subprocess, Linear, Edit, Asyncpg, NEWEST;
}

#[test]
fn all_of_them() {
    if !takes_all() {
        return;
    }
    let mut all = Vec::new();
    for way in Way::ALL {
        for history in [History::Branch, History::Linear] {
            for how in [How::Edit, How::Keep] {
                if how == How::Keep && way.is_at_run_time() {
                    continue;
                }
                for driver in [Driver::Psycopg, Driver::Asyncpg] {
                    all.extend(
                        ["1.8.1", NEWEST].map(|version| (way, history, how, driver, version)),
                    );
                }
            }
        }
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((way, history, how, driver, version)) =
                    all.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    goes_on(*way, *history, *how, *driver, version);
                }
            });
        }
    });
}
