//! The lockfile: which migrations were vendored, in which order, and what their bytes were.
//!
//! The chain that it records is the truth that databases have applied; nothing else may reorder it.

mod chain;
mod format;
mod parts;
mod validate;

use std::borrow::Cow;

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::file_name::FileName;
use crate::procrastinate::{Layout, MigrationName, Phase, known_as};
use crate::sql::Schema;

pub use chain::LockedChain;
pub use format::{LockError, is_as_written};

/// The lockfile's name inside the vendored directory; in place, in the project's root.
pub const LOCK_NAME: &str = "vendor-migrations.lock";

/// The directory beside the lock that holds the SQL of copied wrappers.
pub const SQL_DIRECTORY: &str = "sql";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Where the migrations came from.
    pub upstream: LockedUpstream,
    /// The schema that the revisions were rendered for, if one was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Schema>,
    /// The project's own revisions whose place vendored ones have taken, in the order in which databases ran them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<Adopted>,
    /// A revision of the project's own that makes the first migrations, which therefore are not vendored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// The vendored revisions in chain order, the base first.
    #[serde(rename = "revision", default)]
    pub revisions: LockedChain,
}

/// The release that was vendored last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedUpstream {
    pub package: String,
    pub release: Version,
    pub layout: Layout,
    pub mode: Mode,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRevision {
    pub id: String,
    /// The revision before it; none for the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down: Option<String>,
    /// Revisions of the project's own that have to run before it, beside `down`: the edges of an adoption.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Its file in the vendored directory.
    pub file: FileName,
    /// The digest of that file.
    pub sha256: Digest,
    /// The upstream SQL that it runs; none for a copied revision that names no SQL file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<MigrationName>,
    /// The digest of that SQL, as upstream ships it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql_sha256: Option<Digest>,
    /// When it runs, seen from the deploy.
    pub phase: Phase,
    /// The SQL digests that it had before, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<Superseded>,
}

impl LockedRevision {
    /// The name by which people know its migration.
    pub fn name(&self) -> &str {
        known_as(self.sql.as_ref(), &self.file)
    }

    /// The digest of what it runs: its SQL, or the file itself where that names none.
    pub fn runs(&self) -> Digest {
        self.sql_sha256.unwrap_or(self.sha256)
    }
}

/// A revision of the project's own that made the schema of a release before the vendored revisions did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// Its id.
    pub revision: String,
    /// The release whose schema a database has that has run it.
    pub release: Version,
    /// The vendored revision that stands for the release: what it is now instead.
    pub is: String,
}

/// A revision of the project's own behind which the vendored chain begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Its id.
    pub revision: String,
    /// The revision before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down: Option<String>,
    /// The release whose schema it makes.
    pub release: Version,
    /// What it stands for, in order.
    #[serde(rename = "migration")]
    pub migrations: Vec<Below>,
}

/// A migration that a baseline stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Below {
    pub sql: MigrationName,
    /// The digest of its SQL, as upstream shipped it last.
    pub sql_sha256: Digest,
}

/// SQL that a later release replaced. Databases may have run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superseded {
    pub sha256: Digest,
    /// The release that it was vendored from.
    pub release: Version,
}

/// How migrations become revisions of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Upstream's revision files, byte for byte.
    Copy,
    /// Self-contained revisions with the SQL inside.
    Render,
    /// None: the installed package's own revision files run where they are. `--mode` does not take this value.
    #[serde(rename = "in-place")]
    #[value(skip)]
    InPlace,
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Copy => "copy",
            Self::Render => "render",
            Self::InPlace => "in-place",
        })
    }
}

/// A file whose digest the lock records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedFile {
    /// Relative to the vendored directory, with `/`.
    pub path: String,
    /// The digest of its bytes.
    pub sha256: Digest,
}

impl Lock {
    /// The id of the last revision in the chain.
    pub fn head(&self) -> Option<&str> {
        self.revisions.last().map(|revision| revision.id.as_str())
    }

    pub fn revision(&self, id: &str) -> Option<&LockedRevision> {
        self.revisions.with_id(id)
    }

    /// Whether it answers for the file, which is relative to the vendored directory.
    pub fn has_file(&self, path: &str) -> bool {
        let copied = match self.upstream.mode {
            Mode::Copy => path.strip_prefix(SQL_DIRECTORY),
            Mode::Render | Mode::InPlace => None,
        };
        let copied = copied.and_then(|path| path.strip_prefix('/')?.strip_suffix(".sql"));
        match copied {
            Some(stem) => self
                .revisions
                .with_file(&format!("{stem}.py"))
                .is_some_and(|revision| revision.sql_sha256.is_some()),
            None => self.revisions.with_file(path).is_some(),
        }
    }

    /// Whether vendored revisions follow revisions of the project's own.
    pub fn is_linear(&self) -> bool {
        let own = |id: &String| self.revision(id).is_none();
        let baseline = self.baseline.as_ref().map(|baseline| &baseline.revision);
        let mut vendored = self
            .revisions
            .iter()
            .filter(|revision| Some(&revision.id) != baseline);
        vendored.any(|revision| revision.down.as_ref().is_some_and(own))
    }

    /// The migrations as databases know them, those of the baseline included: each of them is the baseline's revision.
    pub fn whole(&self) -> Cow<'_, Self> {
        let Some(baseline) = &self.baseline else {
            return Cow::Borrowed(self);
        };
        let mut down = baseline.down.clone();
        let below = baseline.migrations.iter().filter_map(|below| {
            Some(LockedRevision {
                id: baseline.revision.clone(),
                down: down.take(),
                depends_on: Vec::new(),
                file: FileName::new(format!("{}.py", below.sql.module())).ok()?,
                sha256: below.sql_sha256,
                sql: Some(below.sql.clone()),
                sql_sha256: Some(below.sql_sha256),
                phase: below.sql.phase(),
                superseded: Vec::new(),
            })
        });
        let revisions = below.chain(self.revisions.iter().cloned()).collect();
        Cow::Owned(Self {
            revisions,
            ..self.clone()
        })
    }

    /// The digests that came before `sql`, which a revision of this lock runs from now on.
    pub fn superseded(&self, revision: &LockedRevision, sql: Option<Digest>) -> Vec<Superseded> {
        let mut superseded = revision.superseded.clone();
        if let Some(sha256) = revision.sql_sha256.filter(|old| sql != Some(*old)) {
            superseded.push(Superseded {
                sha256,
                release: self.upstream.release.clone(),
            });
        }
        superseded
    }

    /// The revisions in chain order, then the SQL of copied wrappers.
    pub fn files(&self) -> Vec<LockedFile> {
        let revisions = self.revisions.iter().map(|revision| LockedFile {
            path: revision.file.to_string(),
            sha256: revision.sha256,
        });
        let copied = self.revisions.iter();
        let copied = copied.filter(|_| self.upstream.mode == Mode::Copy);
        let sql = copied.filter_map(|revision| {
            Some(LockedFile {
                path: sql_path(&revision.file),
                sha256: revision.sql_sha256?,
            })
        });
        revisions.chain(sql).collect()
    }
}

/// Where the SQL of a copied revision file is kept, relative to the vendored directory: under the revision file's
/// own name, which no rename upstream changes.
pub fn sql_path(file: &FileName) -> String {
    format!("{SQL_DIRECTORY}/{}.sql", file.stem())
}

#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;

    /// The lock of a project that began with a release of the catalogue.
    pub(crate) fn of_release(release: &crate::catalog::Release) -> Lock {
        let mut lock = lock();
        lock.upstream.release = release.version();
        let mut down = None;
        let revision = |migration: &crate::catalog::Migration| {
            let name = MigrationName::new(migration.name).unwrap();
            let id = name.revision_id();
            LockedRevision {
                down: down.replace(id.clone()),
                id,
                file: FileName::new(format!("{}.py", name.module())).unwrap(),
                sha256: Digest::of(name.as_str()),
                sql: Some(name),
                sql_sha256: Some(migration.sha256),
                phase: migration.phase,
                depends_on: Vec::new(),
                superseded: Vec::new(),
            }
        };
        lock.revisions = release.migrations.iter().copied().map(revision).collect();
        lock
    }

    /// A small lock that is valid.
    pub(crate) fn lock() -> Lock {
        let revision = |id: &str, down: Option<&str>, sql: &str| LockedRevision {
            id: id.to_owned(),
            down: down.map(str::to_owned),
            file: FileName::new(format!(
                "{id}_{}.py",
                sql.trim_end_matches(".sql").rsplit('_').next().unwrap()
            ))
            .unwrap(),
            sha256: Digest::of(id),
            sql: Some(MigrationName::new(sql).unwrap()),
            sql_sha256: Some(Digest::of(sql)),
            phase: Phase::Post,
            depends_on: Vec::new(),
            superseded: Vec::new(),
        };
        let mut second = revision(
            "procrastinate_2",
            Some("procrastinate_1"),
            "00.00.00_02_initial.sql",
        );
        second.superseded = vec![Superseded {
            sha256: Digest::of("old"),
            release: "3.5.0".parse().unwrap(),
        }];
        second.phase = Phase::Pre;
        second.file = FileName::new("procrastinate_1_INITIAL_2.py").unwrap();
        Lock {
            upstream: LockedUpstream {
                package: "procrastinate".to_owned(),
                release: "3.5.1".parse().unwrap(),
                layout: Layout::Sql,
                mode: Mode::Render,
            },
            schema: None,
            adopted: Vec::new(),
            baseline: None,
            revisions: vec![
                revision("procrastinate_1", None, "00.00.00_01_initial.sql"),
                second,
            ]
            .into(),
        }
    }
}
