//! PostgreSQL's locks of tables: which mode is stronger, and what it stops.
//! <https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES>
//!
//! The build script reads the catalogue with this code, too.

use std::fmt;

/// From the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

impl LockMode {
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// As `LOCK TABLE` and the manual write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// As `pg_locks` writes it: `AccessExclusiveLock`.
    pub fn of_view(mode: &str) -> Option<Self> {
        let mode = mode.strip_suffix("Lock")?;
        let written = |one: &Self| format!("{one:?}") == mode;
        Self::ALL.into_iter().find(written)
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A lock of a table, as the catalogue writes it: `ACCESS EXCLUSIVE procrastinate_jobs`.
pub fn lock_of(written: &str) -> Option<(LockMode, &str)> {
    let (mode, table) = written.rsplit_once(' ')?;
    let mode = LockMode::ALL.into_iter().find(|one| one.name() == mode)?;
    Some((mode, table))
}

/// What a statement stops, as the catalogue writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stopped<'a> {
    /// A worker that defers a job.
    Defer,
    /// A worker that fetches a job.
    Fetch,
    /// Every `SELECT` from the table.
    Reads(&'a str),
    /// An `INSERT`, `UPDATE` or `DELETE`.
    Writes(&'a str),
}

impl<'a> Stopped<'a> {
    pub fn read(written: &'a str) -> Option<Self> {
        match written.split_once(' ') {
            None if written == "defer" => Some(Self::Defer),
            None if written == "fetch" => Some(Self::Fetch),
            Some(("read", table)) => Some(Self::Reads(table)),
            Some(("write", table)) => Some(Self::Writes(table)),
            _ => None,
        }
    }
}
