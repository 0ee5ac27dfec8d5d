//! Which migrations a live database has, on real servers.

use vendor_migrations::catalog;
use vendor_migrations::live::{How, QUERY, Resolved, Snapshot, resolve};
use vendor_migrations::render::statements::split;

use crate::support::database::Database;
use crate::support::package::read_from_wheel;

#[track_caller]
fn resolved(database: &Database) -> Resolved {
    let printed = database.psql(QUERY).exits(0).stdout;
    let snapshot = Snapshot::parse(&printed).expect("the query's result");
    let copies: Vec<_> = snapshot.copies.values().collect();
    let [copy] = copies[..] else {
        panic!("{:?}", snapshot.copies.keys());
    };
    resolve(copy)
}

#[track_caller]
fn names(resolved: &Resolved) -> Vec<&'static str> {
    let [state] = resolved.states[..] else {
        panic!("{resolved:#?}");
    };
    state.releases.iter().map(|release| release.name).collect()
}

/// Each release's own `schema.sql`.
#[test]
fn a_schema_that_the_package_made_is_that_release() {
    for release in catalog::releases() {
        let resolved = resolved(&Database::of_release(release.name));
        assert!(
            resolved.is_exact(),
            "{}: {:?}",
            release.name,
            resolved.deviations
        );
        assert!(names(&resolved).contains(&release.name), "{resolved:?}");
        assert_eq!(resolved.own, []);
    }
}

/// A `schema.sql`, and then the migrations of a later release.
#[test]
fn upgraded_schemas_are_the_later_release() {
    for (from, to) in [
        ("0.17.0", "3.10.0"),
        ("0.22.0", "2.0.0"),
        ("2.5.0", "3.0.2"),
        ("3.0.0", "3.10.0"),
        ("3.5.1", "3.10.0"),
    ] {
        let database = Database::of_release(from);
        let release = |name: &str| {
            catalog::releases()
                .iter()
                .find(|one| one.name == name)
                .expect("a release")
        };
        let had: Vec<_> = release(from)
            .migrations
            .iter()
            .map(|one| one.sha256)
            .collect();
        let names_had: Vec<_> = release(from)
            .migrations
            .iter()
            .map(|one| one.name)
            .collect();
        for migration in release(to).migrations {
            if !had.contains(&migration.sha256) && !names_had.contains(&migration.name) {
                let sql = read_from_wheel(
                    to,
                    &format!("procrastinate/sql/migrations/{}", migration.name),
                );
                database.psql(&sql).exits(0);
            }
        }
        let resolved = resolved(&database);
        assert!(
            resolved.is_exact(),
            "{from} to {to}: {:?}",
            resolved.deviations
        );
        assert!(names(&resolved).contains(&to), "{resolved:?}");
        let variants = resolved
            .deviations
            .iter()
            .filter(|one| matches!(one.how, How::Variant(_)));
        assert_eq!(
            variants.count() > 0,
            from == "3.0.0",
            "{from}: {:?}",
            resolved.deviations
        );
    }
}

/// The SQL of a migration of 3.10.0.
fn sql(name: &str) -> String {
    read_from_wheel("3.10.0", &format!("procrastinate/sql/migrations/{name}"))
}

fn newest() -> &'static [catalog::Migration] {
    catalog::newest()
        .expect("the catalogue holds releases")
        .migrations
}

/// After each statement of each migration, the migration and the statement are told.
#[test]
fn every_statement_is_told() {
    let database = Database::new();
    let mut told = 0;
    for migration in newest() {
        let text = sql(migration.name);
        let statements = split(&text).expect("it is SQL");
        for (index, statement) in statements.iter().enumerate() {
            database.psql(&format!("{};", statement.text())).exits(0);
            let printed = database.psql(QUERY).exits(0).stdout;
            let snapshot = Snapshot::parse(&printed).expect("the query's result");
            let Some(copy) = snapshot.copies.values().next() else {
                continue;
            };
            let resolved = resolve(copy);
            assert!(
                resolved.is_exact(),
                "{} {index}: {resolved:#?}",
                migration.name
            );
            let position = resolved.states[0].position;
            if position.migration.name == migration.name && position.statement == index + 1 {
                told += 1;
            } else {
                // A statement that changes nothing in the catalog.
                println!(
                    "{} {}/{} told as {} {}/{}",
                    migration.name,
                    index + 1,
                    statements.len(),
                    position.migration.name,
                    position.statement,
                    position.statements
                );
            }
        }
    }
    println!("told {told}");
}

/// One of the migrations is left out: it is seen, or it left no trace.
#[test]
fn a_migration_that_was_skipped_is_seen_or_left_no_trace() {
    let mut exact = Vec::new();
    for skipped in &newest()[1..] {
        let database = Database::new();
        for migration in newest().iter().filter(|one| one.name != skipped.name) {
            // What builds upon the skipped one fails.
            database.psql(&sql(migration.name));
        }
        let resolved = resolved(&database);
        if resolved.is_exact() {
            exact.push(skipped.name);
            assert!(
                names(&resolved).contains(&"3.10.0"),
                "{}: {resolved:?}",
                skipped.name
            );
        } else {
            println!(
                "{}: {} states, {:?}",
                skipped.name,
                resolved.states.len(),
                resolved.deviations
            );
        }
    }
    println!("{} exact: {exact:?}", exact.len());
}
