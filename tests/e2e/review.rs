//! `review`: all formats say the same, the page is for everybody, and what it says is what databases do.
//!
//! Nothing in `locks` and `breaks` has a part in how the catalogue was measured: other sessions are Python's, and workers are those of
//! installed releases.

mod agree;
mod breaks;
mod locks;
mod page;
mod site;

use std::process::Command;

use camino::Utf8Path;
use serde::de::DeserializeOwned;
use serde_json::Value;
use vendor_migrations::catalog::{self, Migration, Release, SqlEffects};

use crate::support::database::Major;
use crate::support::package::Package;
use crate::support::process::feed;
use crate::support::python;

/// The first release whose databases are looked at, and the first migration that it brought.
const OLDEST: &str = "2.5.0";
const OLDEST_MIGRATION: &str = "02.05.00";

fn newest() -> &'static Release {
    catalog::newest().expect("the catalogue holds releases")
}

/// The newest release's migrations, in order, and the SQL of each.
fn chain() -> Vec<(&'static Migration, String)> {
    let package = Package::unpack(newest().name);
    let migrations = newest().migrations.iter();
    migrations
        .map(|one| (*one, package.read_migration(one.name)))
        .collect()
}

fn effects(migration: &Migration) -> &'static SqlEffects {
    let effects = catalog::effects_of(&migration.sha256);
    effects.unwrap_or_else(|| panic!("{} is not in the catalogue", migration.name))
}

/// Releases that clients are given, from the oldest one on.
fn releases() -> impl Iterator<Item = &'static Release> {
    let all = catalog::releases().skip_while(|release| release.name != OLDEST);
    all.filter(|release| release.is_offered())
}

/// Runs one of the scripts beside this file, which reads and prints JSON.
#[track_caller]
fn script<T: DeserializeOwned>(name: &str, case: &Value) -> T {
    let directory = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/review");
    let mut command: Command = python::python();
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(directory.join(name));
    let printed = feed(&mut command, case.to_string().as_bytes()).exits(0);
    serde_json::from_str(&printed.stdout).expect("the script prints JSON")
}

/// What differs on each server, which are asked at the same time.
#[track_caller]
fn assert_agree(differences: impl Fn(Major) -> Vec<String> + Sync) {
    let differences = &differences;
    let majors = [Major::Eighteen, Major::Sixteen];
    let found = std::thread::scope(|scope| {
        let all = majors.map(|major| (major, scope.spawn(move || differences(major))));
        all.map(|(major, thread)| {
            let found = thread.join();
            let found = found.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let named = |one| format!("{major:?}: {one}");
            found.into_iter().map(named).collect::<Vec<String>>()
        })
    })
    .concat();
    assert!(
        found.is_empty(),
        "the catalogue and servers differ:\n{}",
        found.join("\n")
    );
}
