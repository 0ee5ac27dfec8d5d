//! Why a command could not do its work, and the exit status.

mod database;
mod in_place;
mod init;
mod review;

use std::io;
use std::process::ExitCode;

use camino::Utf8PathBuf;
use pep440_rs::Version;

use crate::adoption::Refused;
use crate::alembic::revisions::Unreadable;
use crate::backup::BackupError;
use crate::catalog::Unknown;
use crate::catalog::store::StoreError;
use crate::lockfile::LockError;
use crate::manual::NoPage;
use crate::plan::PlanError;
use crate::project::ProjectError;
use crate::upstream::index::IndexError;
use crate::upstream::{Modified, UpstreamError};
use crate::vendored::{VendoredError, told};
use crate::wiring::WiringError;

pub use database::DatabaseError;
pub use in_place::InPlaceError;
pub use init::InitError;
pub use review::ReviewError;

/// How a command ended, when it could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well: 0.
    Fine,
    /// Findings, drift, or a refused conflict: 1.
    Drift,
    /// Nothing was asked for, or the work could not be done in one of several projects: 2.
    Usage,
}

/// Why it could not: exit status 2.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error("`{0}` is not a directory, so it cannot be searched for projects")]
    NoDirectory(Utf8PathBuf),
    #[error("there is no project with a lock below `{0}`")]
    NoProjects(Utf8PathBuf),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Catalogue(#[from] StoreError),
    #[error(transparent)]
    Unknown(#[from] Unknown),
    #[error("the catalogue has no release{}", range(.from.as_ref(), .to.as_ref()))]
    NoRelease {
        from: Option<Version>,
        to: Option<Version>,
    },
    #[error("`--from {from}` is newer than {to}, the release to deploy")]
    Backwards {
        from: &'static str,
        to: &'static str,
    },
    /// The steps lead from older releases to newer ones.
    #[error(
        "the version number of Procrastinate {0} does not show its release, so it is not known which releases come before it"
    )]
    NoOrder(&'static str),
    /// Upstream was not found, but the project pins a release.
    #[error("{error}")]
    OnlyPinned {
        error: Box<UpstreamError>,
        place: String,
        release: String,
    },
    #[error("{failure}")]
    FirstRun {
        failure: Box<Failure>,
        /// The commands that lead to a first `check` that passes.
        commands: Vec<String>,
    },
    #[error(transparent)]
    Adoption(Refused),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Vendored(#[from] VendoredError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("the new lock would not be valid: {0}")]
    Lock(#[from] LockError),
    #[error("the history is linear, and the project's head is unknown: {0}")]
    LocationsUnknown(String),
    /// In a linear history, a revision of the project's own that cannot be read.
    #[error("the history is linear, and the project's head is unknown: {}, {}", .0.path, .0.error)]
    HeadsUnknown(Unreadable),
    #[error("{title} is not what it published:\n{}", list(.modified))]
    Modified {
        title: String,
        modified: Vec<Modified>,
    },
    #[error("upstream is required (`--require-upstream`), and {0}")]
    Required(String),
    #[error("upstream is required (`--require-upstream=pinned`), and {why}\n{unpinned}")]
    RequiredPin {
        /// Where it was looked for.
        why: String,
        /// Why no pin was compared.
        unpinned: String,
        /// A release that would do.
        release: &'static str,
    },
    #[error(transparent)]
    Init(#[from] InitError),
    #[error(transparent)]
    Wiring(#[from] WiringError),
    #[error(transparent)]
    InPlace(#[from] InPlaceError),
    #[error("there is no finding `{asked}`")]
    NoCode {
        asked: String,
        nearest: Option<&'static str>,
    },
    #[error(transparent)]
    Page(#[from] NoPage),
    #[error("the manual cannot be written: {0}")]
    Manual(#[source] io::Error),
    #[error(transparent)]
    Read(io::Error),
    /// Of a command that writes files.
    #[error("writing the report failed: {0}")]
    Unreported(#[source] io::Error),
    #[error(transparent)]
    Review(#[from] ReviewError),
    #[error("it was not possible to measure what migrations do: {0}")]
    Objects(String),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("writing the report failed: {0}")]
    Output(#[from] io::Error),
}

fn range(from: Option<&Version>, to: Option<&Version>) -> String {
    let from = from.map_or(String::new(), |from| format!(" from {from} on"));
    let to = to.map_or(String::new(), |to| format!(" up to {to}"));
    from + &to
}

fn list(modified: &[Modified]) -> String {
    let lines: Vec<String> = modified
        .iter()
        .map(|file| {
            let Modified {
                path,
                why,
                evidence,
            } = file;
            format!("  {path}: {why} (compared with {evidence})")
        })
        .collect();
    lines.join("\n")
}

impl Failure {
    /// The error with its causes, those left out that it names itself.
    pub fn explained(&self) -> String {
        told(self)
    }

    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Project(error) => Some(error.hint()),
            Self::NoDirectory(_) => Some("`--recursive` takes a directory".to_owned()),
            Self::NoProjects(_) => Some(NO_PROJECTS.to_owned()),
            Self::Upstream(error) => Some(error.hint()),
            Self::Index(error) => Some(error.hint().to_owned()),
            Self::Catalogue(error) => Some(error.hint().to_owned()),
            Self::Unknown(unknown) => Some(unknown.hint()),
            Self::NoRelease { .. } => {
                Some("`vendor-migrations releases` lists all that are known".to_owned())
            }
            Self::Backwards { .. } => Some(
                "migrations go one way: to go back, restore a backup; `--to` names another release".to_owned(),
            ),
            Self::NoOrder(_) => Some(
                "`git fetch --tags` in its repository, install it again, and run `vendor-migrations sync`".to_owned(),
            ),
            Self::OnlyPinned { place, release, .. } => Some(format!(
                "install Procrastinate in the project's `.venv`, or take the release that {place} pins: `--release {release}`"
            )),
            Self::FirstRun { failure, commands } => Some(first_run(failure, commands)),
            Self::Adoption(refused) => Some(refused.hint()),
            Self::Plan(error) => Some(error.hint().to_owned()),
            Self::Vendored(error) => Some(error.hint()),
            Self::Backup(error) => Some(error.hint().to_owned()),
            Self::Lock(error) => Some(error.hint()),
            Self::Modified { .. } => Some(
                "reinstall Procrastinate, or take a genuine release with `--release X.Y.Z`; `--allow-modified-source` \
                 vendors the files as they are"
                    .to_owned(),
            ),
            Self::Required(_) => Some(REQUIRED.to_owned()),
            Self::RequiredPin { release, .. } => Some(required_pin(release)),
            Self::LocationsUnknown(_) => Some(LOCATIONS_UNKNOWN.to_owned()),
            Self::HeadsUnknown(_) => Some(HEADS_UNKNOWN.to_owned()),
            Self::Init(error) => Some(error.hint()),
            Self::Wiring(error) => Some(error.hint()),
            Self::InPlace(error) => Some(error.hint()),
            Self::NoCode { nearest, .. } => Some(match nearest {
                Some(code) => format!(
                    "did you mean `{code}`? `vendor-migrations explain` lists all codes"
                ),
                None => "`vendor-migrations explain` lists all codes".to_owned(),
            }),
            Self::Page(error) => Some(error.hint()),
            Self::Manual(_) => Some("name a directory that can be written with `--dir`".to_owned()),
            Self::Read(_) => Some("check that the file can be read".to_owned()),
            Self::Unreported(_) => Some(
                "the files may be written nevertheless: `vendor-migrations status` shows their state".to_owned(),
            ),
            Self::Database(error) => error.hint().map(str::to_owned),
            Self::Review(error) => Some(error.hint().to_owned()),
            Self::Objects(_) | Self::Output(_) => None,
        }
    }
}

impl Failure {
    /// The option that would name the project that is meant, and what it may be.
    pub fn choices(&self) -> Option<(&'static str, &[Utf8PathBuf])> {
        match self {
            Self::Project(ProjectError::Config(error)) => error.choices(),
            _ => None,
        }
    }
}

const NO_PROJECTS: &str = "hidden directories and what git ignores are not searched; a project gets its lock by `vendor-migrations init` and \
                           `vendor-migrations sync` in its root";

const LOCATIONS_UNKNOWN: &str =
    "set `version_locations` in Alembic's configuration, or `history = \"branch\"` in the settings";

const HEADS_UNKNOWN: &str = "write `revision` and `down_revision` as literals, or move the file out of the version locations";

const REQUIRED: &str = "install Procrastinate before this step, or name the source with `--from` or `--python`; for \
                        `--require-upstream=pinned`, the digests of the release that a lock file pins are enough";

fn required_pin(release: &str) -> String {
    format!(
        "install Procrastinate before this step, name the source with `--from` or `--python`, or pin in one of these files \
         a release that `vendor-migrations releases` lists; a hook of pre-commit can install it: `additional_dependencies: \
         [procrastinate=={release}]`"
    )
}

fn first_run(failure: &Failure, commands: &[String]) -> String {
    let hint = failure.hint().unwrap_or_default();
    let quoted: Vec<String> = commands
        .iter()
        .map(|command| format!("`{command}`"))
        .collect();
    format!(
        "{hint}; to make `check` pass from here, run {}",
        quoted.join(", ")
    )
}

impl Exit {
    pub fn status(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Drift => 1,
            Self::Usage => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}
