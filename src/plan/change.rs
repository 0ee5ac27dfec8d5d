//! The change of one migration.

use crate::lockfile::Mode;
use crate::procrastinate::{MigrationName, Phase, runs_before_deploy};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub kind: ChangeKind,
    /// The migration's name: its SQL file's, or else its revision file's.
    pub name: String,
    /// Its revisions, in chain order.
    pub ids: Vec<String>,
    pub phase: Phase,
    /// The files whose diff shows the change, relative to the vendored directory; in place, the revision file relative to
    /// site-packages.
    pub paths: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// New. `before` is what upstream runs after it, and is known already: the name of a vendored migration, which here runs
    /// first; in place the id of a revision. Where that is applied, Alembic never runs this one.
    Added { before: Option<String> },
    /// Databases that ran the old SQL won't run the new one.
    SqlChanged,
    /// Its revision file is another, its SQL the same.
    WrapperChanged,
    /// Upstream gave its SQL another name.
    Renamed { from: String },
    /// Its file was gone.
    Restored,
    /// Only the line ends of its file had changed.
    LineEnds,
    /// The user's edits are overwritten.
    Overwritten,
    /// A `sync` on another branch had given it another place in the chain: after `from`.
    Rechained { from: Option<String> },
    /// The same SQL, written anew: another mode, or `--rerender`.
    Rewritten,
    /// Upstream dropped it. It stays vendored, because databases have applied it.
    Removed,
    /// In place: its id runs another migration than it did, which was called `was`.
    Replaced { was: String },
    /// In place: its id runs the SQL that had the id `from`. `taken` says that this id is known, and ran something else.
    Renumbered { from: String, taken: bool },
    /// In place: it stands elsewhere in the chain.
    Moved,
    /// In place: the package no longer has this id. `now` is the id under which its SQL runs.
    Gone { now: Option<String> },
}

impl Change {
    /// Its first file; empty if there is none.
    pub fn path(&self) -> &str {
        self.paths.first().map_or("", String::as_str)
    }

    /// Its phase, where its name says one.
    pub fn said_phase(&self) -> Option<Phase> {
        let name = MigrationName::new(self.name.as_str()).ok();
        name.and_then(|name| name.said_phase())
    }

    pub fn runs_before_deploy(&self) -> bool {
        runs_before_deploy(&self.name, self.phase)
    }

    /// In place: whether a database that has applied what the lock says is left behind. Alembic would stop, run SQL again,
    /// or never run it.
    pub fn leaves_databases_behind(&self) -> bool {
        self.effect(Mode::InPlace).leaves_behind
    }

    pub(super) fn effect(&self, mode: Mode) -> Effect {
        let (runs, leaves_behind) = match &self.kind {
            ChangeKind::Added { before } => {
                (mode != Mode::InPlace || before.is_none(), before.is_some())
            }
            ChangeKind::Renumbered { taken, .. } => (!taken, true),
            ChangeKind::SqlChanged
            | ChangeKind::Replaced { .. }
            | ChangeKind::Moved
            | ChangeKind::Gone { .. } => (false, true),
            ChangeKind::WrapperChanged
            | ChangeKind::Renamed { .. }
            | ChangeKind::Restored
            | ChangeKind::LineEnds
            | ChangeKind::Overwritten
            | ChangeKind::Rechained { .. }
            | ChangeKind::Rewritten
            | ChangeKind::Removed => (false, false),
        };
        Effect {
            runs,
            leaves_behind,
        }
    }
}

/// What the next `alembic upgrade` does with a database that has all the lock knew.
pub(super) struct Effect {
    /// It has revisions to run.
    pub(super) runs: bool,
    pub(super) leaves_behind: bool,
}
