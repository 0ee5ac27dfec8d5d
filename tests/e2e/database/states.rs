//! Which state a schema is told to be in.

use std::collections::BTreeMap;

use vendor_migrations::catalog::{self, Migration, Release};
use vendor_migrations::digest::Digest;
use vendor_migrations::live::{How, Kind, Position, QUERY, Resolved, Snapshot};
use vendor_migrations::sql::statements::split;

use super::{chain, newest, resolved, snapshot, takes_all};
use crate::support::database::{Database, Major};

fn release(name: &str) -> &'static Release {
    let mut releases = catalog::releases();
    releases
        .find(|one| one.name == name)
        .expect("it is in the catalogue")
}

/// These releases on PostgreSQL 18 and 16; or all of them on both.
fn matrix(on_18: &[&str], on_16: &[&str]) -> Vec<(Major, &'static Release)> {
    let all: Vec<&str> = catalog::releases().map(|release| release.name).collect();
    let (on_18, on_16) = match takes_all() {
        true => (&all[..], &all[..]),
        false => (on_18, on_16),
    };
    let on = |major, names: &[&str]| -> Vec<_> {
        names.iter().map(|name| (major, release(name))).collect()
    };
    [on(Major::Eighteen, on_18), on(Major::Sixteen, on_16)].concat()
}

/// Fails unless the schema is that of the release.
#[track_caller]
fn assert_is(resolved: &Resolved, release: &Release, what: &str) {
    let state = resolved.exact();
    let state = state.unwrap_or_else(|| panic!("{what}: {resolved:#?}"));
    assert!(state.releases.contains(&release), "{what}: {state:#?}");
    let has = |one: &Migration| {
        let mut all = release.migrations.iter();
        all.any(|other| other.name == one.name || other.sha256 == one.sha256)
    };
    assert!(state.chain.iter().copied().all(has), "{what}: {state:#?}");
    assert_eq!(state.chain.len(), release.migrations.len(), "{what}");
    assert!(state.position.is_end(), "{what}");
    assert_eq!(resolved.own, [], "{what}");
}

/// The names of variants that the state has.
fn variants(resolved: &Resolved) -> usize {
    let deviations = resolved.deviations.iter();
    deviations
        .filter(|one| matches!(one.how, How::Variant(_)))
        .count()
}

fn schema_file(major: Major, release: &Release) {
    let database = Database::of_release_on(major, release.name);
    let resolved = resolved(&snapshot(&database));
    let what = format!("schema.sql of {} on {major:?}", release.name);
    assert_is(&resolved, release, &what);
    assert_eq!(resolved.deviations, [], "{what}");
}

#[test]
fn each_different_schema_file_is_its_release() {
    let schemas = catalog::schemas().iter();
    let different: Vec<&str> = schemas.map(|schema| schema.first().name).collect();
    for (major, release) in matrix(&different, &["0.17.0", "3.0.0", "3.10.0"]) {
        schema_file(major, release);
    }
}

fn fresh_chain(major: Major, release: &Release) {
    let database = Database::on(major);
    let sql: Vec<String> = chain(release).into_iter().map(|(_, sql)| sql).collect();
    database.psql(&sql.join("\n;\n")).exits(0);
    let resolved = resolved(&snapshot(&database));
    let what = format!("the chain of {} on {major:?}", release.name);
    assert_is(&resolved, release, &what);
    assert_eq!(resolved.deviations, [], "{what}");
}

#[test]
fn a_chain_from_an_empty_database_is_its_release() {
    let on_18 = ["0.17.0", "0.22.0", "2.5.0", "3.0.0", "3.5.1"];
    for (major, release) in matrix(&on_18, &["3.10.0"]) {
        fresh_chain(major, release);
    }
}

type Objects = BTreeMap<(Kind, String), Digest>;

fn digests(snapshot: &Snapshot) -> Objects {
    let objects = snapshot.copies.values().flatten();
    objects
        .map(|(name, object)| (name.clone(), object.digest))
        .collect()
}

/// Runs a release's chain, and compares what is told after each statement with what ran. Returns the number of statements, of
/// those that are told, and of those that are told beside others, after which the schema is the same.
fn boundaries(major: Major, release: &Release) -> (usize, usize, usize) {
    let mut script = String::new();
    let mut places = Vec::new();
    for (name, sql) in chain(release) {
        let statements = split(&sql).expect("it is SQL");
        for (index, statement) in statements.iter().enumerate() {
            script.push_str(&format!("{}\n;\n{QUERY}", statement.text()));
            places.push((name, index + 1));
        }
    }
    let printed = Database::on(major).psql(&script).exits(0).stdout;
    let answers: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with('{'))
        .collect();
    assert_eq!(answers.len(), places.len());
    let (mut alone, mut beside) = (0, 0);
    let mut before = Objects::new();
    let mut ran: Vec<&str> = Vec::new();
    let renamed = |one: &Migration| {
        let mut all = release.migrations.iter();
        let same = all.find(|other| other.sha256 == one.sha256);
        same.map_or("", |same| same.name)
    };
    for (answer, here) in answers.into_iter().zip(&places) {
        if ran.last() != Some(&here.0) {
            ran.push(here.0);
        }
        let snapshot = Snapshot::parse(answer).expect("the query's result");
        let objects = digests(&snapshot);
        let changes = objects != before;
        before = objects;
        if snapshot.copies.is_empty() {
            continue;
        }
        let resolved = resolved(&snapshot);
        let what = format!("{here:?} of {}", release.name);
        let state = resolved.exact();
        let state = state.unwrap_or_else(|| panic!("{what}: {:?}", resolved.deviations));
        let of = |position: &Position| (position.migration.name, position.statement);
        let others = state.others.iter().map(|other| of(&other.position));
        if of(&state.position) == *here {
            alone += 1;
        } else if others.clone().any(|other| other == *here) {
            beside += 1;
        } else {
            // It leaves no trace, or the newest release runs the same in another order.
            let has = |one: &Migration| ran.contains(&one.name) || ran.contains(&renamed(one));
            let is_same = state.chain.len() == ran.len() && state.chain.iter().copied().all(has);
            assert!(
                !changes || is_same,
                "{what}: {:?} {:?}",
                state.position,
                state.others
            );
        }
    }
    (places.len(), alone, beside)
}

#[test]
fn each_statement_of_a_chain_is_told() {
    for (major, release) in matrix(&["3.10.0"], &[]) {
        let told = boundaries(major, release);
        if release.name == "3.10.0" {
            assert_eq!(told, (180, 172, 1));
        }
    }
}

/// A release's `schema.sql`, and then the migrations that came with a later one.
fn upgraded(from: &Release, to: &Release) {
    let database = Database::of_release(from.name);
    let has = |name: &str, sha256| {
        let mut had = from.migrations.iter();
        had.any(|one| one.name == name || one.sha256 == sha256)
    };
    let later: Vec<String> = chain(to)
        .into_iter()
        .zip(to.migrations)
        .filter(|((name, _), one)| !has(name, one.sha256))
        .map(|((_, sql), _)| sql)
        .collect();
    database.psql(&later.join("\n;\n")).exits(0);
    let resolved = resolved(&snapshot(&database));
    let what = format!("{} to {}", from.name, to.name);
    if later.is_empty() {
        // Only the text of a migration changed, which does not run again.
        return assert_is(&resolved, from, &what);
    }
    assert_is(&resolved, to, &what);
    // Of the two functions that 3.0.0 had otherwise, some later releases replace none.
    assert_eq!(
        variants(&resolved) > 0,
        from.name == "3.0.0",
        "{what}: {resolved:#?}"
    );
}

/// Between releases whose migrations differ, if all are taken.
#[test]
fn upgraded_schemas_are_the_later_release() {
    let sample = [
        ("0.17.0", "3.10.0"),
        ("0.22.0", "2.0.0"),
        ("2.5.0", "3.0.2"),
        ("3.0.0", "3.10.0"),
        ("3.5.1", "3.10.0"),
    ];
    let mut paths = sample
        .map(|(from, to)| (release(from), release(to)))
        .to_vec();
    if takes_all() {
        let releases: Vec<&Release> = catalog::releases().collect();
        let runs = releases.chunk_by(|one, next| one.migrations == next.migrations);
        let different: Vec<&Release> = runs.map(|run| run[0]).collect();
        let later = |(index, from): (usize, &&'static Release)| {
            let from = *from;
            different[index + 1..].iter().map(move |to| (from, *to))
        };
        paths = different.iter().enumerate().flat_map(later).collect();
    }
    for (from, to) in paths {
        upgraded(from, to);
    }
}

/// Leaves one migration of the newest chain out; a statement that builds upon it fails, and the next one runs. Returns the last
/// migration of the state that the schema is told to be in.
fn skipped(chain: &[(&str, String)], index: usize) -> Option<&'static str> {
    let database = Database::new();
    let others = chain
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index);
    let sql: Vec<&str> = others.map(|(_, (_, sql))| sql.as_str()).collect();
    let sql = sql.join("\n;\n");
    database.psql(&format!("\\set ON_ERROR_STOP off\n{sql}"));
    let resolved = resolved(&snapshot(&database));
    Some(resolved.exact()?.position.migration.name)
}

#[test]
fn a_migration_that_was_skipped_is_seen_or_left_no_trace() {
    let chain = chain(newest());
    let last = chain.len() - 1;
    for (skip, told) in [
        ("00.05.00_01", Some(chain[last].0)),
        ("00.05.00_02", None),
        ("00.19.00_01", Some(chain[last].0)),
        ("02.06.00_01", None),
        ("03.03.00_01", None),
        // Then it is the state before it.
        ("03.04.00_50", Some(chain[last - 1].0)),
    ] {
        let mut names = chain.iter().map(|(name, _)| name);
        let place = names.position(|name| name.starts_with(skip));
        let place = place.unwrap_or_else(|| panic!("{skip}"));
        assert_eq!(skipped(&chain, place), told, "{skip}");
    }
    if takes_all() {
        let told: Vec<&str> = (1..=last)
            .filter_map(|index| skipped(&chain, index))
            .collect();
        let as_a_whole = told.iter().filter(|told| **told == chain[last].0);
        assert_eq!((told.len(), as_a_whole.count()), (15, 14), "{told:?}");
    }
}
