//! Which queries of a release's code no longer work behind a migration: PostgreSQL is sent each of them, and installed releases defer and
//! fetch.
//!
//! `WHOLE_MATRIX` takes every release since 2.5.0 behind each migration that it does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use vendor_migrations::catalog::{Migration, Release};

use super::{assert_agree, chain, effects, newest, releases, script};
use crate::database::takes_all;
use crate::support::database::{Database, Major};
use crate::support::package::read_from_wheel;
use crate::support::worker::Worker;

/// Releases, and the migration behind which each is looked at. Of those that break nothing, some are here on purpose.
const SAMPLE: [(&str, &str); 8] = [
    ("2.15.1", "02.14.01_01_add_indexes_for_fetch_job.sql"),
    ("2.15.1", "03.00.00_01_pre_cancel_notification.sql"),
    ("2.15.1", "03.00.00_50_post_cancel_notification.sql"),
    ("3.0.0", "03.00.00_50_post_cancel_notification.sql"),
    ("3.0.0", "03.01.00_01_pre_add_heartbeat.sql"),
    ("3.0.0", "03.01.00_50_post_add_heartbeat.sql"),
    ("3.0.0", "03.02.00_01_pre_batch_defer_jobs.sql"),
    ("3.0.0", "03.02.00_50_post_batch_defer_jobs.sql"),
];

/// Releases whose own code is run, too.
const INSTALLED: [&str; 2] = ["2.15.1", "3.0.0"];

/// What came of a release's queries behind a migration.
#[derive(Debug, Deserialize)]
struct Answers {
    migration: String,
    release: String,
    queries: BTreeMap<String, String>,
    /// What came of its own `defer` and `fetch`.
    installed: BTreeMap<String, String>,
}

/// Every release with each migration that comes behind its own last one, and that one.
fn all() -> Vec<(&'static str, &'static str)> {
    let behind = |release: &'static Release| {
        let own: BTreeSet<&str> = release.migrations.iter().map(|one| one.name).collect();
        let names = newest().migrations.iter().map(|one| one.name);
        let last = names.clone().rposition(|name| own.contains(name));
        let names = names.skip(last.expect("they have migrations in common"));
        names.map(move |name| (release.name, name))
    };
    releases().flat_map(behind).collect()
}

fn case(database: &Database, asked: &[(&str, &str)]) -> Value {
    let of = |name: &str| -> Vec<&str> {
        let asked = asked.iter().filter(|(_, migration)| *migration == name);
        asked.map(|(release, _)| *release).collect()
    };
    let migration = |(one, sql): (&Migration, String)| json!({ "name": one.name, "sql": sql, "asked": of(one.name) });
    let migrations: Vec<Value> = chain().into_iter().map(migration).collect();
    let releases: BTreeSet<&str> = asked.iter().map(|(release, _)| *release).collect();
    let queries = |release| read_from_wheel(release, "procrastinate/sql/queries.sql");
    let queries: BTreeMap<&str, String> = releases
        .into_iter()
        .map(|one| (one, queries(one)))
        .collect();
    let pythons = INSTALLED.map(|release| (release, Worker::of(release).python().to_owned()));
    json!({
        "dsn": database.dsn(),
        "migrations": migrations,
        "queries": queries,
        "pythons": BTreeMap::from(pythons),
    })
}

/// The queries that the catalogue names, of the migrations up to this one.
fn broken(release: &Release, migration: &str) -> BTreeSet<&'static str> {
    let place = newest()
        .migrations
        .iter()
        .position(|one| one.name == migration);
    let until = &newest().migrations[..=place.expect("it was asked")];
    let broken = until.iter().flat_map(|one| effects(one).breaks);
    let version = release.version();
    broken
        .filter(|one| one.is_of(&version))
        .map(|one| one.query)
        .collect()
}

fn compared(answers: &Answers) -> Vec<String> {
    let Answers {
        migration, release, ..
    } = answers;
    let of = releases()
        .find(|one| one.name == *release)
        .expect("it was asked");
    let broken = broken(of, migration);
    let installed = [
        ("register", "-"),
        ("defer", "defer_job"),
        ("fetch", "fetch_job"),
    ];
    let installed = installed.into_iter().filter_map(|(verb, query)| {
        let answer = answers.installed.get(verb)?;
        Some((format!("its own {verb}"), query, answer))
    });
    let queries = answers
        .queries
        .iter()
        .map(|(name, answer)| (format!("`{name}`"), name.as_str(), answer));
    let differs = |(what, query, answer): (String, &str, &String)| {
        let expected = if broken.contains(query) {
            "gone"
        } else {
            "works"
        };
        let differs = answer != expected;
        differs.then(|| format!("{release} behind {migration}, {what}: the catalogue says {expected:?}, the server {answer:?}"))
    };
    let unknown = broken
        .iter()
        .filter(|name| !answers.queries.contains_key(**name));
    let unknown = unknown.map(|name| {
        format!("{release} has no query `{name}`, which the catalogue has broken by {migration}")
    });
    queries
        .chain(installed)
        .filter_map(differs)
        .chain(unknown)
        .collect()
}

fn differences(major: Major, asked: &[(&str, &str)]) -> Vec<String> {
    let database = Database::on(major);
    let answers: Vec<Answers> = script("queries.py", &case(&database, asked));
    assert_eq!(answers.len(), asked.len());
    let is_installed = |one: &&Answers| !one.installed.is_empty();
    assert!(answers.iter().filter(is_installed).count() >= SAMPLE.len());
    answers.iter().flat_map(compared).collect()
}

#[test]
fn the_queries_that_no_longer_work_are_those_that_the_catalogue_names() {
    let asked = if takes_all() { all() } else { SAMPLE.to_vec() };
    assert_agree(|major| differences(major, &asked));
}
