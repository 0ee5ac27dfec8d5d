//! Revision by revision: what the package runs now, and what it ran.

use std::collections::HashMap;

use crate::digest::Digest;
use crate::lockfile::{LockedChain, LockedRevision};
use crate::plan::{Change, ChangeKind};

/// The lock's revisions and the package's, both in chain order.
pub(super) struct Comparison<'a> {
    old: &'a LockedChain,
    new: &'a LockedChain,
    /// The first of the package's by what it runs.
    now: HashMap<Digest, &'a LockedRevision>,
    /// The first of the lock's by what it ran, of those that no longer run it.
    left: HashMap<Digest, &'a LockedRevision>,
    /// For each revision that both have its place among those, in the lock and in the package.
    places: HashMap<&'a str, [usize; 2]>,
    /// For each of the package's the first behind it that the lock has.
    known_after: Vec<Option<&'a str>>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a LockedChain, new: &'a LockedChain) -> Self {
        let mut now = HashMap::new();
        for revision in new {
            now.entry(revision.runs()).or_insert(revision);
        }
        let mut left = HashMap::new();
        let runs_other = |old: &&LockedRevision| {
            let new = new.with_id(&old.id);
            new.is_none_or(|new| new.runs() != old.runs())
        };
        for revision in old.iter().filter(runs_other) {
            left.entry(revision.runs()).or_insert(revision);
        }
        let mut places: HashMap<&str, [usize; 2]> = HashMap::new();
        for (side, [among, other]) in [[old, new], [new, old]].into_iter().enumerate() {
            let both = among.iter().filter(|one| other.with_id(&one.id).is_some());
            for (place, revision) in both.enumerate() {
                places.entry(&revision.id).or_default()[side] = place;
            }
        }
        let mut known_after = Vec::with_capacity(new.len());
        let mut known = None;
        for revision in new.iter().rev() {
            known_after.push(known);
            if old.with_id(&revision.id).is_some() {
                known = Some(revision.id.as_str());
            }
        }
        known_after.reverse();
        Self {
            old,
            new,
            now,
            left,
            places,
            known_after,
        }
    }

    /// All differences; `path` gives a revision's file.
    pub(super) fn changes(&self, path: &dyn Fn(&LockedRevision) -> String) -> Vec<Change> {
        let change = |kind: ChangeKind, revision: &LockedRevision| Change {
            kind,
            name: revision.name().to_owned(),
            ids: vec![revision.id.clone()],
            phase: revision.phase,
            paths: vec![path(revision)],
        };
        let mut changes = Vec::new();
        for (index, revision) in self.new.iter().enumerate() {
            changes.extend(
                self.kind(index, revision)
                    .map(|kind| change(kind, revision)),
            );
            // The order of the revisions that both have changed at this one.
            if self
                .places
                .get(revision.id.as_str())
                .is_some_and(|[old, new]| old != new)
            {
                changes.push(change(ChangeKind::Moved, revision));
            }
        }
        let gone = |old: &&LockedRevision| self.new.with_id(&old.id).is_none();
        for revision in self.old.iter().filter(gone) {
            let now = self.now.get(&revision.runs()).map(|new| new.id.clone());
            changes.push(change(ChangeKind::Gone { now }, revision));
        }
        changes
    }

    fn kind(&self, index: usize, revision: &LockedRevision) -> Option<ChangeKind> {
        let known = self.old.with_id(&revision.id);
        if let Some(old) = known.filter(|old| old.runs() == revision.runs()) {
            return if old.name() != revision.name() {
                let from = old.name().to_owned();
                Some(ChangeKind::Renamed { from })
            } else {
                (old.sha256 != revision.sha256).then_some(ChangeKind::WrapperChanged)
            };
        }
        if let Some(from) = self.left.get(&revision.runs()) {
            let (from, taken) = (from.id.clone(), known.is_some());
            return Some(ChangeKind::Renumbered { from, taken });
        }
        Some(match known {
            None => ChangeKind::Added {
                before: self.known_after[index].map(str::to_owned),
            },
            Some(old) if old.name() == revision.name() => ChangeKind::SqlChanged,
            Some(old) => ChangeKind::Replaced {
                was: old.name().to_owned(),
            },
        })
    }
}
