//! Revision by revision: what the package runs now, and what it ran.

use crate::lockfile::LockedRevision;
use crate::plan::{Change, ChangeKind};

/// The lock's revisions and the package's, both in chain order.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a [LockedRevision],
    pub(super) new: &'a [LockedRevision],
}

impl Comparison<'_> {
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
        for revision in self.new {
            changes.extend(self.kind(revision).map(|kind| change(kind, revision)));
            if self.is_moved(revision) {
                changes.push(change(ChangeKind::Moved, revision));
            }
        }
        let gone = |old: &&LockedRevision| find(self.new, &old.id).is_none();
        for revision in self.old.iter().filter(gone) {
            let mut now = self.new.iter().filter(|new| new.runs() == revision.runs());
            let now = now.next().map(|new| new.id.clone());
            changes.push(change(ChangeKind::Gone { now }, revision));
        }
        changes
    }

    fn kind(&self, revision: &LockedRevision) -> Option<ChangeKind> {
        let known = find(self.old, &revision.id);
        if let Some(old) = known.filter(|old| old.runs() == revision.runs()) {
            return if old.name() != revision.name() {
                let from = old.name().to_owned();
                Some(ChangeKind::Renamed { from })
            } else {
                (old.sha256 != revision.sha256).then_some(ChangeKind::WrapperChanged)
            };
        }
        if let Some(from) = self.left(revision) {
            let (from, taken) = (from.id.clone(), known.is_some());
            return Some(ChangeKind::Renumbered { from, taken });
        }
        Some(match known {
            None => ChangeKind::Added {
                before: self.known_after(revision),
            },
            Some(old) if old.name() == revision.name() => ChangeKind::SqlChanged,
            Some(old) => ChangeKind::Replaced {
                was: old.name().to_owned(),
            },
        })
    }

    /// The known revision that ran what `revision` runs, and no longer runs it.
    fn left(&self, revision: &LockedRevision) -> Option<&LockedRevision> {
        self.old.iter().find(|old| {
            old.runs() == revision.runs()
                && find(self.new, &old.id).is_none_or(|new| new.runs() != old.runs())
        })
    }

    /// The first known revision behind a new one.
    fn known_after(&self, revision: &LockedRevision) -> Option<String> {
        let behind = self.new.iter().skip_while(|new| new.id != revision.id);
        behind
            .skip(1)
            .find(|new| find(self.old, &new.id).is_some())
            .map(|new| new.id.clone())
    }

    /// Whether the order of the remaining known revisions changed at this one.
    fn is_moved(&self, revision: &LockedRevision) -> bool {
        fn place(among: &[LockedRevision], other: &[LockedRevision], id: &str) -> Option<usize> {
            let mut both = among.iter().filter(|one| find(other, &one.id).is_some());
            both.position(|one| one.id == id)
        }
        place(self.new, self.old, &revision.id) != place(self.old, self.new, &revision.id)
    }
}

fn find<'a>(revisions: &'a [LockedRevision], id: &str) -> Option<&'a LockedRevision> {
    revisions.iter().find(|revision| revision.id == id)
}
