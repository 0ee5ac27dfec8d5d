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
mod site_packages;
mod wheel;

use camino::Utf8PathBuf;
use std::collections::BTreeMap;

use pep440_rs::Version;

use crate::digest::Digest;
use crate::file_name::{BadFileName, FileName};
use crate::procrastinate::{Layout, MigrationName};
use crate::python_source::{RevisionFile, RevisionFileError};

pub use fetch::{Fetch, FetchError, fetch};
pub use locate::{Looked, Processes, Search, find};
pub use record::{Evidence, Modified};

/// One release, read and checked.
#[derive(Debug, Clone)]
pub struct Upstream {
    pub release: Version,
    /// Which kind of migrations it ships.
    pub layout: Layout,
    /// Where it was found, in words for people.
    pub source: String,
    /// The directory that holds its package, where that is importable; none for a wheel.
    pub root: Option<Utf8PathBuf>,
    /// Its migrations in upstream's order: byte order of the SQL names, or the chain of its revision files.
    pub migrations: Vec<Migration>,
    /// The templates beside its revision files, by name: `env.py.template`, `script.py.mako`.
    pub templates: BTreeMap<String, String>,
    /// Files that differ from the distribution's own `RECORD`, or from the catalogue of releases.
    pub modified: Vec<Modified>,
    /// What could not be checked, and what looks wrong in the release itself.
    pub notes: Vec<String>,
    /// The places that were looked at before, in vain.
    pub looked: Vec<Looked>,
}

/// One migration of a release. At least one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its SQL; none for a revision file that names no SQL file.
    pub sql: Option<Sql>,
    /// Its revision file, in the `alembic` layout.
    pub wrapper: Option<Wrapper>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    pub name: MigrationName,
    /// Its text, byte for byte.
    pub text: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// A revision file that upstream ships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    pub file: FileName,
    /// Where it lies, relative to site-packages.
    pub path: String,
    /// Its text, byte for byte.
    pub text: String,
    pub revision: RevisionFile,
}

impl Migration {
    /// The name that people know it by.
    pub fn name(&self) -> &str {
        match (&self.sql, &self.wrapper) {
            (Some(sql), _) => sql.name.as_str(),
            (None, Some(wrapper)) => wrapper.file.as_str(),
            (None, None) => "",
        }
    }

    /// The id in its revision file.
    pub fn upstream_id(&self) -> Option<&str> {
        self.wrapper
            .as_ref()
            .map(|wrapper| wrapper.revision.id.as_str())
    }
}

/// A release that was found and cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// No source at the place that the user named.
    #[error("no Procrastinate at `{place}`: {why}")]
    NotThere {
        place: Utf8PathBuf,
        /// What was looked for.
        why: String,
    },
    /// The interpreter that the user named is of no help.
    #[error("no Procrastinate by way of `{python}`: {why}")]
    NoPython { python: Utf8PathBuf, why: String },
    /// None of the places has it.
    #[error("Procrastinate was not found. These places were looked at:\n{}", list(.0))]
    NotFound(Vec<Looked>),
    /// Several `procrastinate-*.dist-info` side by side.
    #[error("more than one distribution of Procrastinate in `{place}`: {}", .found.join(", "))]
    Several {
        place: Utf8PathBuf,
        found: Vec<String>,
    },
    /// The distribution's own description is damaged.
    #[error("`{file}` in {source_name} {why}")]
    BadMetadata {
        file: String,
        source_name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Not a wheel, or a hostile one.
    #[error("`{wheel}` is not a usable wheel: {why}")]
    BadWheel {
        wheel: Utf8PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// From before the migrations had their present names.
    #[error("Procrastinate {0} is older than 0.17.0, the first release that this program supports")]
    TooOld(Version),
    /// A release without migrations.
    #[error(
        "Procrastinate {release} in {source_name} has no migrations (looked for `procrastinate/sql/migrations/*.sql`)"
    )]
    NoMigrations {
        release: Version,
        source_name: String,
    },
    /// A migration's name is not a safe file name.
    #[error("{source_name}: {error}")]
    BadName {
        source_name: String,
        /// What is wrong with it.
        error: BadFileName,
    },
    /// A file name that is not UTF-8.
    #[error("the file name `{name}` in {source_name} is not UTF-8")]
    NotUtf8Name {
        source_name: String,
        /// The name, escaped.
        name: String,
    },
    /// A file that has to be text is not.
    #[error("`{file}` in {source_name} is not UTF-8 text (byte {offset})")]
    NotText {
        file: String,
        source_name: String,
        /// The first bad byte.
        offset: usize,
    },
    /// A revision file that cannot be read without running it.
    #[error("`{file}` in {source_name}: {error}")]
    BadRevision {
        file: String,
        source_name: String,
        /// What is wrong with it.
        error: RevisionFileError,
    },
    /// Upstream's revision files are not one chain.
    #[error("the revision files in {source_name} do not form one chain: {why}")]
    BadChain {
        source_name: String,
        /// Which link is wrong.
        why: String,
    },
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

fn list(looked: &[Looked]) -> String {
    let lines: Vec<String> = looked.iter().map(|place| format!("  {place}")).collect();
    lines.join("\n")
}

impl UpstreamError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Io(_) => "check that the file can be read, or name another source with `--from`".to_owned(),
            Self::NotThere { .. } => "`--from` takes a site-packages directory, a `procrastinate` package directory or a \
                wheel; `--release X.Y.Z` downloads one"
                .to_owned(),
            Self::NoPython { .. } => {
                "`--python` takes a Python interpreter that sees Procrastinate, `.venv/bin/python` say".to_owned()
            }
            Self::NotFound(_) => "install Procrastinate in the project's `.venv`, or name the source: `--from PATH`, \
                `--python EXE` or `--release X.Y.Z`"
                .to_owned(),
            Self::Several { .. } => "remove the leftovers (reinstall Procrastinate), or give a wheel with `--from`".to_owned(),
            Self::BadMetadata { .. } | Self::NotText { .. } => {
                "reinstall Procrastinate, or take a genuine release with `--release X.Y.Z`".to_owned()
            }
            Self::BadWheel { .. } => "download the wheel again, or use `--release X.Y.Z`".to_owned(),
            Self::TooOld(_) => "migrate the database with that release's own command, up to 0.17.0 or later; from there \
                on `vendor-migrations` can take over"
                .to_owned(),
            Self::NoMigrations { .. } => "is the installation whole? Reinstall Procrastinate".to_owned(),
            Self::BadName { .. } | Self::NotUtf8Name { .. } => "this is not what Procrastinate publishes; reinstall it".to_owned(),
            Self::BadRevision { .. } | Self::BadChain { .. } => {
                "report this to Procrastinate; a release that ships no revision files can be vendored meanwhile".to_owned()
            }
            Self::Fetch(error) => error.hint(),
        }
    }
}
