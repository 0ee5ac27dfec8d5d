//! The catalogue of published releases, `procrastinate-versions/`, as tables that were made at build time.
//!
//! It holds every final release from 0.17.0 on that the package index listed when this program was built.

mod compare;
pub mod facts;
mod history;
mod lookup;
pub mod objects;
pub mod rules;
pub mod store;

use pep440_rs::Version;
use serde::Serialize;

use crate::digest::Digest;
use crate::procrastinate::{Layout, Phase};

pub use compare::{Change, File, compare, matches};
pub use history::{Step, history};
pub use lookup::{Unknown, known, newest, release, releases};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    pub name: &'static str,
    numbers: &'static [u64],
    post: Option<u64>,
    pub layout: Layout,
    pub wheel: Artifact,
    pub sdist: Option<Artifact>,
    pub migrations: &'static [Migration],
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
    first: usize,
}

/// What the statements of one SQL file do to the objects of a database.
#[derive(Debug, PartialEq, Eq)]
pub struct SqlEffects {
    /// The name under which a release brought it first.
    pub name: &'static str,
    pub sha256: Digest,
    /// As those of a [`Schema`].
    pub says: &'static [u64],
    pub statements: &'static [StatementEffects],
}

#[derive(Debug, PartialEq, Eq)]
pub struct StatementEffects {
    /// The objects that it makes or changes, each `KIND NAME` with the beginning of its digest.
    pub set: &'static [(u64, &'static str)],
    pub drop: &'static [&'static str],
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
        Version::new(self.numbers).with_post(self.post)
    }

    /// Whether another release ships the same migrations, byte by byte.
    pub fn has_migrations_of(&self, other: &Self) -> bool {
        self.sql_files() == other.sql_files() && self.revisions == other.revisions
    }

    /// Its SQL, as [`compare`] takes it.
    pub fn sql_files(&self) -> Vec<File<'static>> {
        let file = |migration: &'static Migration| File {
            name: migration.name,
            sha256: migration.sha256,
        };
        self.migrations.iter().map(file).collect()
    }
}

impl Migration {
    /// The first release that shipped these bytes, under whatever name.
    pub fn first(&self) -> &'static Release {
        &RELEASES[self.first]
    }
}

#[cfg(test)]
mod tests;
