//! Which migrations a live database has, on real servers.
//!
//! Each test takes a sample of its matrix, or all of it: CONTRIBUTING.md has the command.

mod agreement;
mod differences;
mod forms;
mod safety;
mod stamps;
mod states;
mod ways;

use std::process::Command;

use serde_json::Value;
use vendor_migrations::catalog::{self, Release};
use vendor_migrations::live::{Code, QUERY, Resolved, Snapshot, resolve};

use crate::support::database::Database;
use crate::support::package::Package;
use crate::support::process::{Outcome, run, scrub};
use crate::support::storage;

/// Whether the tests take their whole matrix.
pub(crate) fn takes_all() -> bool {
    std::env::var_os("WHOLE_MATRIX").is_some()
}

/// The SQL of a release's migrations, in order.
fn chain(release: &Release) -> Vec<(&'static str, String)> {
    let package = Package::unpack(release.name);
    let migrations = release.migrations.iter();
    migrations
        .map(|one| (one.name, package.read_migration(one.name)))
        .collect()
}

fn newest() -> &'static Release {
    catalog::newest().expect("the catalogue holds releases")
}

/// What the query gives to a new role that has no rights.
#[track_caller]
fn query_without_rights(database: &Database) -> String {
    let role = format!(
        "{}_low",
        database.query("SELECT current_database()").remove(0)
    );
    let script = format!("CREATE ROLE {role}; SET ROLE {role};\n{QUERY}");
    database.psql(&script).exits(0).stdout
}

/// What the query gives.
#[track_caller]
pub(crate) fn query(database: &Database) -> String {
    database.psql(QUERY).exits(0).stdout
}

#[track_caller]
fn snapshot(database: &Database) -> Snapshot {
    Snapshot::parse(&query(database)).expect("the query's result")
}

/// The state of the only schema that has something of Procrastinate.
#[track_caller]
fn resolved(snapshot: &Snapshot) -> Resolved {
    let copies: Vec<_> = snapshot.copies.iter().collect();
    let [(schema, copy)] = copies[..] else {
        panic!("{:?}", snapshot.copies.keys());
    };
    resolve(schema, copy, &snapshot.versions)
}

/// The program in an empty directory, with the server's own `psql` on its PATH.
fn program(database: &Database, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
    scrub(&mut command)
        .env("PATH", database.programs())
        .current_dir(storage::empty())
        .args(args);
    command
}

/// `database` with the database's URL.
#[track_caller]
fn ask(database: &Database, args: &[&str]) -> Outcome {
    let url = database.libpq_url();
    run(program(database, &["database", &url]).args(args))
}

/// Its JSON.
#[track_caller]
fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome}"))
}

/// Every code has a row on the page.
#[test]
fn every_code_is_documented() {
    let page = include_str!("../../docs/database.md");
    for code in Code::ALL {
        assert!(page.contains(&format!("`{code}`")), "{code}");
    }
}
