//! The catalogue of published releases, `procrastinate-versions/`, as tables that were made at build time.
//!
//! It holds every final release from 0.17.0 on that the package index had when this program was built, and which of them were yanked.

mod compare;
pub mod facts;
mod history;
pub mod locks;
mod lookup;
pub mod objects;
pub mod rules;
pub mod store;

use pep440_rs::Version;
use serde::Serialize;

use crate::digest::Digest;
use crate::procrastinate::{Layout, MigrationName, Phase};

pub use compare::{Change, File, Matches, compare};
pub use history::{Step, history};
pub use locks::{LockMode, Stopped};
pub use lookup::{Unknown, known, nearest, newest, release, releases, with_files};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    pub name: &'static str,
    numbers: &'static [u64],
    post: Option<u64>,
    /// The version of a release that is not in the catalogue.
    unlisted: Option<Version>,
    /// Withdrawn from the package index. It is told apart, and nobody is sent to it.
    pub yanked: bool,
    pub layout: Layout,
    /// None where it is not in the catalogue.
    pub wheel: Option<Artifact>,
    pub sdist: Option<Artifact>,
    pub migrations: &'static [&'static Migration],
    /// Its revision files by path relative to site-packages, in chain order; none in the layout `sql`.
    pub revisions: &'static [File<'static>],
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Artifact {
    pub name: &'static str,
    /// In bytes.
    pub size: u64,
    pub sha256: Digest,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Migration {
    pub name: &'static str,
    /// In bytes.
    pub size: u64,
    pub sha256: Digest,
    pub phase: Phase,
    first: Option<usize>,
}

/// What the statements of one SQL file do to the objects of a database.
#[derive(Debug, PartialEq, Eq)]
pub struct SqlEffects {
    /// The name under which a release brought it first.
    pub name: &'static str,
    pub sha256: Digest,
    /// As those of a [`Schema`].
    pub says: &'static [u64],
    /// What older releases run and cannot run any more behind it.
    pub breaks: &'static [Broken],
    pub statements: &'static [StatementEffects],
}

#[derive(Debug, PartialEq, Eq)]
pub struct StatementEffects {
    /// Whether it has to be committed on its own.
    pub alone: bool,
    /// The objects that it makes or changes, each `KIND NAME` with the beginning of its digest.
    pub set: &'static [(u64, &'static str)],
    pub drop: &'static [&'static str],
    /// The strongest lock of each table that was there before.
    pub locks: &'static [(LockMode, &'static str)],
    /// The tables that it writes anew, row by row.
    pub rewrites: &'static [&'static str],
    /// The tables of which it reads every row.
    pub scans: &'static [&'static str],
    /// What waits for the end of its transaction.
    pub stops: &'static [Stopped<'static>],
}

/// A query of `procrastinate/sql/queries.sql`, and the first and the last release whose code has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    pub query: &'static str,
    /// Those that it calls and that were dropped.
    pub functions: &'static [&'static str],
    first: usize,
    last: usize,
}

impl Broken {
    pub fn first(&self) -> &'static Release {
        &RELEASES[self.first]
    }

    pub fn last(&self) -> &'static Release {
        &RELEASES[self.last]
    }

    /// Whether that release's code has the query.
    pub fn is_of(&self, version: &Version) -> bool {
        self.first().version() <= *version && *version <= self.last().version()
    }
}

/// A `schema.sql`, which is in the releases from the first one on until another takes its place.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    pub sha256: Digest,
    /// The beginning of each statement's fingerprint ([`fingerprints`](crate::sql::fingerprints)).
    pub says: &'static [u64],
    first: usize,
}

impl Schema {
    /// The first release that shipped these bytes.
    pub fn first(&self) -> &'static Release {
        &RELEASES[self.first]
    }
}

/// In the order of releases.
pub fn schemas() -> &'static [Schema] {
    SCHEMAS
}

/// In the order in which releases brought the files.
pub fn effects() -> &'static [SqlEffects] {
    EFFECTS
}

pub fn effects_of(sha256: &Digest) -> Option<&'static SqlEffects> {
    EFFECTS.iter().find(|effects| effects.sha256 == *sha256)
}

impl Release {
    pub fn version(&self) -> Version {
        let listed = || Version::new(self.numbers).with_post(self.post);
        self.unlisted.clone().unwrap_or_else(listed)
    }

    /// A release that the catalogue does not know, whose migrations are at hand. It lives as long as the process: a command needs one.
    pub fn unlisted(
        version: &Version,
        layout: Layout,
        migrations: impl Iterator<Item = (MigrationName, Digest)>,
    ) -> &'static Self {
        let migration = |(name, sha256): (MigrationName, Digest)| Migration {
            phase: name.phase(),
            name: String::leak(name.to_string()),
            size: 0,
            sha256,
            first: None,
        };
        let mut migrations: Vec<Migration> = migrations.map(migration).collect();
        // Several revisions may run one file.
        migrations.dedup();
        Box::leak(Box::new(Self {
            name: String::leak(version.to_string()),
            numbers: &[],
            post: None,
            unlisted: Some(version.clone()),
            yanked: false,
            layout,
            wheel: None,
            sdist: None,
            migrations: migrations.leak().iter().collect::<Vec<_>>().leak(),
            revisions: &[],
        }))
    }

    /// Whether it is one of the catalogue's that was not yanked.
    pub fn is_offered(&self) -> bool {
        self.unlisted.is_none() && !self.yanked
    }

    /// Whether another release ships the same migrations, byte by byte.
    pub fn has_migrations_of(&self, other: &Self) -> bool {
        self.sql_files() == other.sql_files() && self.revisions == other.revisions
    }

    /// Its SQL, as [`compare`] takes it.
    pub fn sql_files(&self) -> Vec<File<'static>> {
        let file = |migration: &&'static Migration| File {
            name: migration.name,
            sha256: migration.sha256,
        };
        self.migrations.iter().map(file).collect()
    }
}

impl Migration {
    /// The first release that shipped these bytes, under whatever name; none for a release that is not in the catalogue.
    pub fn first(&self) -> Option<&'static Release> {
        self.first.map(|first| &RELEASES[first])
    }
}

#[cfg(test)]
mod tests;
