//! All states, and all version tables beside them, without a server.

use super::states::{State, states};
use super::*;
use crate::catalog;
use crate::digest::Digest;
use crate::lockfile::Lock;
use crate::lockfile::tests_support::of_release;

fn object(digest: u64) -> Object {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&digest.to_be_bytes());
    Object {
        digest: Digest::from_bytes(bytes),
        facts: Default::default(),
        notes: Default::default(),
    }
}

/// A schema in this state.
fn copy_of(state: &State) -> Copy {
    let objects = state.objects.iter().enumerate();
    let there = objects.filter(|(_, digest)| **digest != 0);
    there
        .map(|(number, digest)| {
            let (kind, name) = states().names.name(number);
            ((kind, name.to_owned()), object(*digest))
        })
        .collect()
}

fn snapshot(copy: Option<Copy>, ids: Option<&[&str]>) -> Snapshot {
    let table = ids.map(|ids| VersionTable {
        schema: "public".to_owned(),
        table: "alembic_version".to_owned(),
        ids: Some(ids.iter().map(|id| (*id).to_owned()).collect()),
    });
    Snapshot {
        database: "jobs".to_owned(),
        role: "me".to_owned(),
        server: 180_000,
        recovery: false,
        path: vec!["public".to_owned()],
        copies: copy
            .map(|copy| ("public".to_owned(), copy))
            .into_iter()
            .collect(),
        versions: table.into_iter().collect(),
    }
}

fn newest() -> Lock {
    of_release(catalog::newest().unwrap())
}

/// The states at the ends of the newest release's migrations, in order.
fn ends() -> Vec<&'static State> {
    let chain = catalog::newest().unwrap().migrations;
    let at = |place: usize| {
        let mut all = states().all.iter();
        all.find(|state| state.position.is_end() && *state.chain == chain[..=place])
            .unwrap()
    };
    (0..chain.len()).map(at).collect()
}

#[test]
fn every_state_is_told_as_itself() {
    for state in &states().all {
        let resolved = resolve("public", &copy_of(state), &[]);
        let told = resolved.exact().unwrap();
        assert!(
            std::ptr::eq(told, state),
            "{} is told as {}",
            state.title(),
            told.title()
        );
        assert_eq!((resolved.deviations, resolved.own), (vec![], vec![]));
    }
    assert!(states().all.len() > 170);
}

/// Whatever is taken away, changed or added, the same state is never told as exact.
#[test]
fn a_state_with_a_difference_is_not_that_state() {
    for state in ends().into_iter().step_by(6) {
        let whole = copy_of(state);
        for key in whole.keys() {
            let mut without = whole.clone();
            without.remove(key);
            let mut changed = whole.clone();
            changed.insert(key.clone(), object(1));
            for copy in [without, changed] {
                let told = resolve("public", &copy, &[]).exact();
                assert!(
                    told.is_none_or(|told| !std::ptr::eq(told, state)),
                    "{key:?}"
                );
            }
        }
    }
}

/// The codes that are found, the gravest first, and the revision to stamp.
fn found(snapshot: &Snapshot, sides: &Sides<'_>) -> (Vec<Code>, Option<String>) {
    let surveyed = survey(snapshot, None, sides);
    let [one] = &surveyed[..] else {
        panic!("{surveyed:?}")
    };
    let stamp = match &one.stamping {
        Stamping::Needed(stamp) => stamp.runs.last().map(|run| run.last.clone()),
        Stamping::Agrees | Stamping::Impossible(_) => None,
    };
    let codes = one.findings.iter().map(|finding| finding.code).collect();
    (codes, stamp)
}

/// Every state of the newest chain beside every row that its version table can have.
#[test]
fn the_version_table_agrees_with_its_own_state_only() {
    let lock = newest();
    let (ends, last) = (ends(), lock.revisions.len());
    for has in 0..=last {
        let copy = has.checked_sub(1).map(|place| copy_of(ends[place]));
        for says in 0..=last {
            let id = says
                .checked_sub(1)
                .map(|place| lock.revisions[place].id.as_str());
            let snapshot = snapshot(copy.clone(), Some(id.as_slice()));
            let sides = Sides {
                lock: Some(&lock),
                expect: Expect::Code,
                ..Sides::default()
            };
            let (codes, stamp) = found(&snapshot, &sides);
            let wanted = match (has, says) {
                (has, says) if has == says => None,
                (has, says) if has < says => Some(Code::BehindVersionTable),
                (_, 0) => Some(Code::Unstamped),
                _ => Some(Code::AheadOfVersionTable),
            };
            let codes: Vec<Code> = codes
                .into_iter()
                .filter(|code| *code != Code::Missing)
                .collect();
            assert_eq!(codes, Vec::from_iter(wanted), "{has} {says}");
            let wanted = has.checked_sub(1).filter(|_| has != says);
            let wanted = wanted.map(|place| lock.revisions[place].id.clone());
            assert_eq!(stamp, wanted, "{has} {says}");
        }
    }
}

/// Between two statements there is nothing to stamp, whatever the version table says.
#[test]
fn a_migration_in_part_is_always_said_and_never_stamped() {
    let lock = newest();
    let parts = states().all.iter().filter(|state| !state.position.is_end());
    let locks = [None, Some(&lock)];
    for (state, lock) in parts.flat_map(|state| locks.map(|lock| (state, lock))) {
        for id in [
            None,
            Some("procrastinate_01_00_00_01"),
            Some("procrastinate_03_04_00_50"),
        ] {
            let snapshot = snapshot(Some(copy_of(state)), Some(id.as_slice()));
            let sides = Sides {
                lock,
                ..Sides::default()
            };
            let (codes, stamp) = found(&snapshot, &sides);
            assert!(
                codes.contains(&Code::Partial),
                "{}: {codes:?}",
                state.title()
            );
            assert_eq!(stamp, None, "{}", state.title());
        }
    }
}

#[test]
fn each_code_is_written_once() {
    let mut words: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Code::ALL.len());
}
