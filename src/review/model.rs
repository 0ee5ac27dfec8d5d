//! The model that every format shows.

use super::{Object, Run};
use crate::catalog::{Broken, LockMode, Release, Stopped};
use crate::digest::Digest;
use crate::patch::Patch;
use crate::procrastinate::Phase;
use crate::steps::Rollout;

#[derive(Debug)]
pub struct Review {
    pub from: Option<&'static Release>,
    pub to: &'static Release,
    pub migrations: Vec<Migration>,
    /// Each `alembic upgrade` on the way.
    pub runs: Vec<Run>,
    /// The steps; the text is why they are not known.
    pub rollout: Result<Rollout, String>,
    /// Whether `env.py` has each migration committed; none if that cannot be told.
    pub per_migration: Option<bool>,
    /// What a reader should look at.
    pub attention: Vec<String>,
    pub notes: Vec<String>,
}

#[derive(Debug)]
pub struct Migration {
    pub name: String,
    pub title: String,
    pub phase: Phase,
    /// The first release that has this SQL under this name, if the catalogue knows one.
    pub release: Option<&'static str>,
    pub sha256: Digest,
    pub change: Change,
    pub facts: Facts,
    pub statements: Vec<Statement>,
    /// Queries of the releases on the way that no longer work behind it.
    pub broken: Vec<&'static Broken>,
    /// Its SQL, where a source is at hand.
    pub sql: Option<String>,
    /// The SQL that it has now, if that is at hand.
    pub before: Option<String>,
    pub patches: Vec<Patch>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Databases will run it.
    Added,
    /// Its file has other SQL. Databases that ran the old one never run it.
    Edited,
    /// The same SQL under another name. Nothing runs.
    Renamed { from: String },
    /// The later side does not have it. Databases keep what it did.
    Left,
}

impl Change {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Added => "new",
            Self::Edited => "changed",
            Self::Renamed { .. } => "renamed",
            Self::Left => "left behind",
        }
    }
}

/// Where what is said of a migration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// The catalogue: it was run on real servers.
    Measured,
    /// The rules of a linter, by its SQL.
    Estimated,
    /// Nothing is known: the catalogue does not have it, and its SQL is not at hand.
    Unknown,
}

#[derive(Debug, Default)]
pub struct Statement {
    /// Whether it is committed on its own.
    pub alone: bool,
    pub objects: Vec<Object>,
    pub locks: Vec<(LockMode, &'static str)>,
    pub rewrites: Vec<&'static str>,
    pub scans: Vec<&'static str>,
    pub stops: Vec<Stopped<'static>>,
    /// What a linter says of it.
    pub estimates: Vec<Estimate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The rule's name.
    pub rule: String,
    pub message: String,
}

impl Migration {
    pub fn runs(&self) -> bool {
        self.change == Change::Added
    }

    /// Its strongest lock, of the tables that were there before the upgrade.
    pub fn strongest(&self) -> Option<(LockMode, &'static str)> {
        let locks = self
            .statements
            .iter()
            .flat_map(|statement| &statement.locks);
        locks.copied().max_by_key(|(mode, _)| *mode)
    }

    pub fn is_measured(&self) -> bool {
        self.facts == Facts::Measured
    }

    /// Whether it takes longer the more rows there are.
    pub fn grows(&self) -> bool {
        let mut all = self.statements.iter();
        all.any(|statement| !(statement.rewrites.is_empty() && statement.scans.is_empty()))
    }
}

impl Review {
    /// Those that databases will run.
    pub fn running(&self) -> impl Iterator<Item = &Migration> {
        self.migrations.iter().filter(|migration| migration.runs())
    }

    /// The strongest lock, and the migration that takes it.
    pub fn strongest(&self) -> Option<(LockMode, &'static str, &Migration)> {
        let all = self.running();
        let locks = all.filter_map(|one| one.strongest().map(|(mode, table)| (mode, table, one)));
        // The first of the strongest.
        locks.reduce(|best, other| if other.0 > best.0 { other } else { best })
    }

    /// How many of those were not measured.
    pub fn unmeasured(&self) -> usize {
        self.running().filter(|one| !one.is_measured()).count()
    }

    /// The statements that databases will run.
    pub fn statements(&self) -> usize {
        self.running().map(|one| one.statements.len()).sum()
    }

    /// Whether the earlier side is the newer release.
    pub fn is_downgrade(&self) -> bool {
        self.from
            .is_some_and(|from| from.version() > self.to.version())
    }
}
