//! What one Procrastinate release ships, wherever it was found.

pub mod collect;
mod download;
mod editable;
mod fetch;
mod genuine;
pub mod index;
mod locate;
mod order;
mod package;
mod record;
mod shared;
mod site_packages;
mod wheel;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use pep440_rs::Version;

use crate::catalog;
use crate::digest::Digest;
use crate::escape::one_line;
use crate::file_name::FileName;
use crate::procrastinate::{Layout, MigrationName, known_as};
use crate::python_source::{RevisionFile, RevisionFileError};

pub use fetch::{Fetch, FetchError, fetch};
pub use locate::{Elsewhere, Looked, Processes, Search, find};
pub use record::{Evidence, Modified};
pub use shared::Upstreams;

#[derive(Debug, Clone)]
pub struct Upstream {
    pub release: Version,
    /// As its metadata says it: another than `release` for a build without a number that counts as a release.
    pub version: Version,
    pub layout: Layout,
    /// Where it was found, in words for people.
    pub source: String,
    /// The directory that holds its package, where that is importable; none for a wheel.
    pub root: Option<Utf8PathBuf>,
    /// In upstream's order: byte order of the SQL names, or the chain of its revision files.
    pub migrations: Vec<Migration>,
    /// The templates beside its revision files, by name: `env.py.template`, `script.py.mako`.
    pub templates: BTreeMap<String, String>,
    /// The digest of its `schema.sql`, as its `RECORD` has it.
    pub schema: Option<Digest>,
    /// Files that differ from the distribution's own `RECORD`, or from the catalogue of releases.
    pub modified: Vec<Modified>,
    /// What could not be checked, and what looks wrong in the release itself.
    pub notes: Vec<String>,
    /// The places that were searched before without result.
    pub looked: Vec<Looked>,
    /// The environments that do not count beside the one that was used, and have another release.
    pub elsewhere: Vec<Elsewhere>,
}

impl Upstream {
    /// `Procrastinate 3.10.0 (.venv)`, safe to show.
    pub fn title(&self) -> String {
        format!(
            "Procrastinate {} ({})",
            self.release,
            one_line(&self.source)
        )
    }

    /// That it was yanked, if it was.
    pub fn withdrawn(&self) -> Option<String> {
        let release = catalog::release(&self.release).filter(|release| release.yanked)?;
        let later = catalog::releases().find(|later| later.version() > self.release);
        let later = later.map_or(String::new(), |later| {
            format!("; the next one that was not is {}", later.name)
        });
        Some(format!(
            "Procrastinate {} was yanked from the package index{later}",
            release.name
        ))
    }

    /// That it was used, and where another release is; none if there is no other.
    pub fn and_elsewhere(&self) -> Option<String> {
        let others = self.elsewhere.iter();
        let others: Vec<String> = others
            .map(|other| format!("{} in {}", other.release, one_line(&other.place)))
            .collect();
        (!others.is_empty()).then(|| {
            format!(
                "{} was used, but another environment has another release: {}",
                self.title(),
                others.join(", ")
            )
        })
    }
}

/// One migration of a release. It has SQL, a revision file, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// None for a revision file that names no SQL file.
    pub sql: Option<Sql>,
    pub wrapper: Option<Wrapper>,
}

impl Migration {
    /// The name that people know it by.
    pub fn name(&self) -> &str {
        let sql = self.sql.as_ref().map(|sql| &sql.name);
        match &self.wrapper {
            Some(wrapper) => known_as(sql, &wrapper.file),
            None => sql.map_or("", MigrationName::as_str),
        }
    }

    pub fn upstream_id(&self) -> Option<&str> {
        Some(&self.wrapper.as_ref()?.revision.id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    pub name: MigrationName,
    pub text: String,
    pub digest: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    pub file: FileName,
    /// Relative to site-packages.
    pub path: String,
    pub text: String,
    pub digest: Digest,
    pub revision: RevisionFile,
}

/// Upstream was not found, or the release that was found cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("no Procrastinate at `{place}`: {why}")]
    NotThere { place: Utf8PathBuf, why: String },
    #[error("no Procrastinate found with `{python}`: {why}")]
    NoPython { python: Utf8PathBuf, why: String },
    #[error("Procrastinate was not found. This program looked in these places:\n{}", list(.0))]
    NotFound(Vec<Looked>),
    #[error("more than one distribution of Procrastinate in `{place}`: {}", .found.join(", "))]
    Several {
        place: Utf8PathBuf,
        found: Vec<String>,
    },
    #[error("`{file}` in {source_name} {why}")]
    BadFile {
        file: String,
        source_name: String,
        why: String,
    },
    /// Not a wheel, or one that was made to do harm.
    #[error("`{wheel}` is not a usable wheel: {why}")]
    BadWheel { wheel: Utf8PathBuf, why: String },
    #[error("Procrastinate {0} is older than 0.17.0, the first release that this program supports")]
    TooOld(Version),
    #[error(
        "Procrastinate {release} in {source_name} has no migrations (looked for `procrastinate/sql/migrations/*.sql`)"
    )]
    NoMigrations {
        release: Version,
        source_name: String,
    },
    #[error("{source_name}: {why}")]
    BadName { source_name: String, why: String },
    #[error("`{file}` in {source_name}: {error}")]
    BadRevision {
        file: String,
        source_name: String,
        error: RevisionFileError,
    },
    #[error("the revision files in {source_name} do not form one chain: {why}")]
    BadChain { source_name: String, why: String },
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

fn list(looked: &[Looked]) -> String {
    let lines: Vec<String> = looked.iter().map(|place| format!("  {place}")).collect();
    lines.join("\n")
}

impl UpstreamError {
    fn bad_file(file: &str, source_name: &str, why: String) -> Self {
        Self::BadFile {
            file: file.to_owned(),
            source_name: source_name.to_owned(),
            why,
        }
    }

    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Io(_) => "check that the file can be read, or name another source with `--from`",
            Self::NotThere { .. } => {
                "`--from` takes a site-packages directory, a `procrastinate` package directory or a wheel; `--release X.Y.Z` \
                 downloads one"
            }
            Self::NoPython { .. } => {
                "`--python` takes a Python interpreter that sees Procrastinate, for example `.venv/bin/python` or `.venv/Scripts/python.exe`"
            }
            Self::NotFound(_) => {
                "install Procrastinate in the project's `.venv`, or name the source: `--from PATH`, `--python EXE` or \
                 `--release X.Y.Z`"
            }
            Self::Several { .. } => {
                "remove the leftovers (reinstall Procrastinate), or give a wheel with `--from`"
            }
            Self::BadFile { .. } => {
                "reinstall Procrastinate, or take a genuine release with `--release X.Y.Z`"
            }
            Self::BadWheel { .. } => "download the wheel again, or use `--release X.Y.Z`",
            Self::TooOld(_) => {
                "migrate the database with that release's own command, up to 0.17.0 or later; from there on \
                 `vendor-migrations` can take over"
            }
            Self::NoMigrations { .. } => {
                "the installation may be incomplete: reinstall Procrastinate"
            }
            Self::BadName { .. } => "this is not what Procrastinate publishes; reinstall it",
            Self::BadRevision { .. } | Self::BadChain { .. } => {
                "report this to Procrastinate; a release that ships no revision files can be vendored meanwhile"
            }
            Self::Fetch(error) => return error.hint(),
        };
        hint.to_owned()
    }
}
