//! One session runs a statement and keeps its transaction open. What another session and a worker can do then, the locks that it sees,
//! and the files of the tables have to be what the catalogue says.
//!
//! A sample takes the first statement of each kind, `WHOLE_MATRIX` every statement since release 2.5.0: CONTRIBUTING.md has the command.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use vendor_migrations::catalog::{self, LockMode, Migration, Release, StatementEffects, Stopped};

use super::{OLDEST_MIGRATION, assert_agree, chain, effects, newest, script};
use crate::database::takes_all;
use crate::support::database::{Database, Major};
use crate::support::worker::Worker;

/// What was seen while a statement's transaction was open.
#[derive(Debug, Deserialize)]
struct Seen {
    migration: String,
    /// From one.
    number: usize,
    /// How many statements PostgreSQL's own parser finds in the file.
    of: usize,
    statement: String,
    /// The strongest one of each table.
    locks: BTreeMap<String, String>,
    rewrites: BTreeSet<String>,
    scans: BTreeSet<String>,
    /// By `defer` and `fetch`, what came of them before the statement.
    work: BTreeMap<String, String>,
    /// By `defer`, `fetch`, and `ACCESS TABLE`.
    answers: BTreeMap<String, String>,
}

/// Statements of a kind do the same sort of thing.
fn kind(effects: &StatementEffects) -> impl Ord + use<> {
    let first = |object: &&'static str| object.split(' ').next();
    let set: BTreeSet<_> = effects.set.iter().map(|(_, one)| first(one)).collect();
    let gone: BTreeSet<_> = effects.drop.iter().map(first).collect();
    let locks: BTreeSet<_> = effects.locks.iter().map(|(mode, _)| *mode).collect();
    let rows = (effects.rewrites.is_empty(), effects.scans.is_empty());
    (effects.alone, locks, rows, set, gone)
}

/// No newer migration makes a table that refers to `procrastinate_jobs`. Before it, there were tables that are long gone.
const REFERS: &str = "00.11.00_03_add_procrastinate_periodic_defers.sql";

fn refers(migration: &Migration, effects: &StatementEffects) -> bool {
    let mut set = effects.set.iter();
    migration.name == REFERS
        && set.any(|(_, object)| object.starts_with("table "))
        && !effects.locks.is_empty()
}

/// The numbers of the statements that are looked at, for each migration of the newest chain.
fn asked() -> BTreeMap<&'static str, Vec<usize>> {
    let mut kinds = BTreeSet::new();
    let mut asked = BTreeMap::new();
    for migration in newest().migrations {
        let numbers: &mut Vec<usize> = asked.entry(migration.name).or_default();
        for (place, statement) in effects(migration).statements.iter().enumerate() {
            let is_wanted = match migration.name < OLDEST_MIGRATION {
                true => refers(migration, statement),
                false => kinds.insert(kind(statement)) || takes_all(),
            };
            if is_wanted {
                numbers.push(place + 1);
            }
        }
    }
    asked
}

/// The release whose workers run while a migration is applied: behind the deploy the one that brought it, else the one before.
fn running(migration: &Migration) -> &'static Release {
    let brought = |release: &&Release| {
        let mut all = release.migrations.iter();
        all.any(|one| one.name == migration.name)
    };
    let offered = || catalog::releases().filter(|release| release.is_offered());
    if migration.name.contains("_post_") {
        return offered().find(brought).expect("a release brought it");
    }
    let before = offered().take_while(|release| !brought(release));
    before.last().expect("it is not the first release's")
}

fn case(database: &Database, asked: &BTreeMap<&str, Vec<usize>>) -> Value {
    let migration = |(one, sql): (&Migration, String)| {
        let numbers = asked.get(one.name).cloned().unwrap_or_default();
        let has_workers = !numbers.is_empty() && one.name >= OLDEST_MIGRATION;
        let worker = has_workers.then(|| Worker::of(running(one).name));
        let python = worker.map(|worker| worker.python().to_owned());
        json!({ "name": one.name, "sql": sql, "asked": numbers, "python": python })
    };
    let migrations: Vec<Value> = chain().into_iter().map(migration).collect();
    json!({ "dsn": database.dsn(), "migrations": migrations })
}

/// What the catalogue says of a statement, and what was seen.
struct Compared<'a> {
    seen: &'a Seen,
    facts: &'static StatementEffects,
    /// Those of the statements before it in its file.
    earlier: &'static [StatementEffects],
    differences: Vec<String>,
}

impl Compared<'_> {
    fn differs(&mut self, what: &str, catalogue: impl std::fmt::Debug, seen: impl std::fmt::Debug) {
        let Seen {
            migration,
            number,
            statement,
            ..
        } = self.seen;
        self.differences.push(format!(
            "{migration}, statement {number} ({statement}), {what}: the catalogue says {catalogue:?}, the server {seen:?}"
        ));
    }

    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, catalogue: &T, seen: &T) {
        if catalogue != seen {
            self.differs(what, catalogue, seen);
        }
    }

    fn tables(&mut self) {
        let (facts, seen) = (self.facts, self.seen);
        let locks = facts.locks.iter();
        let locks = locks.map(|(mode, table)| ((*table).to_owned(), mode.name().to_owned()));
        self.equal("locks", &locks.collect(), &seen.locks);
        let named = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        self.equal("rewrites", &named(facts.rewrites), &seen.rewrites);
        self.equal("scans", &named(facts.scans), &seen.scans);
    }

    /// Who waits.
    fn accesses(&mut self) {
        let (facts, seen) = (self.facts, self.seen);
        for (what, answer) in &seen.answers {
            let (stopped, table) = match what.split_once(' ') {
                Some(("read", table)) => (Stopped::Reads(table), table),
                Some((_, table)) => (Stopped::Writes(table), table),
                None if what == "defer" => (Stopped::Defer, ""),
                None => (Stopped::Fetch, ""),
            };
            let expected = match facts.stops.contains(&stopped) {
                // Another statement can still bring rows, and waits for those that this one changed.
                true if self.changes_rows_of(table) && what.starts_with("insert") => "works",
                true if self.changes_rows_of(table) => "waits for a row",
                true => "waits",
                // A trigger or a foreign key led it to another table.
                false if answer == "waits elsewhere" && self.stops_writes_beside(table) => continue,
                false if self.works_not(what) => "gone",
                false => "works",
            };
            if answer != expected {
                self.differs(what, expected, answer);
            }
        }
    }

    /// What workers ran into before the statement: a file may drop a function in one statement and make it again in the next. They work
    /// again behind the file, or the catalogue has them broken: `breaks` looks at that.
    fn works_not(&self, what: &str) -> bool {
        let drops = |one: &str| one.starts_with("function ");
        let mut gone = self.earlier.iter().flat_map(|one| one.drop);
        self.seen
            .work
            .get(what)
            .is_some_and(|before| before == "gone")
            && gone.any(|one| drops(one))
    }

    /// Whether the statement shares the table with others that write.
    fn changes_rows_of(&self, table: &str) -> bool {
        let mut locks = self.facts.locks.iter();
        locks.any(|(mode, name)| *mode == LockMode::RowExclusive && *name == table)
    }

    fn stops_writes_beside(&self, table: &str) -> bool {
        let mut stops = self.facts.stops.iter();
        stops.any(|one| matches!(one, Stopped::Writes(other) if *other != table))
    }
}

fn compared(seen: &Seen) -> Vec<String> {
    let mut migrations = newest().migrations.iter();
    let migration = migrations.find(|one| one.name == seen.migration);
    let statements = effects(migration.expect("it was asked")).statements;
    if statements.len() != seen.of {
        return vec![format!(
            "{}: the catalogue has {} statements, the parser {}",
            seen.migration,
            statements.len(),
            seen.of
        )];
    }
    let mut compared = Compared {
        seen,
        facts: &statements[seen.number - 1],
        earlier: &statements[..seen.number - 1],
        differences: Vec::new(),
    };
    compared.tables();
    compared.accesses();
    compared.differences
}

fn differences(major: Major, asked: &BTreeMap<&str, Vec<usize>>) -> Vec<String> {
    let database = Database::on(major);
    let seen: Vec<Seen> = script("locks.py", &case(&database, asked));
    let number: usize = asked.values().map(Vec::len).sum();
    assert_eq!(seen.len(), number);
    seen.iter().flat_map(compared).collect()
}

#[test]
fn who_waits_for_a_statement_is_who_the_catalogue_says() {
    let asked = asked();
    assert_agree(|major| differences(major, &asked));
}
