//! The options of `adopt`.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{Args, ValueHint};
use pep440_rs::Version;

use super::{Source, Wait};

#[derive(Debug, Args)]
pub struct Adopt {
    /// The release whose schema every database has that has run the revision [default: the one that its DDL proves]
    #[arg(long, value_name = "RELEASE")]
    pub release: Option<Version>,
    /// The revision of your own that made Procrastinate's tables; several times with a release each [default: the only one]
    #[arg(long, value_name = "ID[=RELEASE]")]
    pub revision: Vec<Wish>,
    /// Edit nothing: the revision stays, and only the migrations after its release are vendored behind it
    #[arg(long)]
    pub keep: bool,
    /// Make the edit; without it, the edit is shown
    #[arg(long)]
    pub write: bool,
    /// A database that has run the revision, as proof: its URL, or a file with the result of `database --query`; several times
    #[arg(long, value_name = "FILE|URL", help_heading = "Proof")]
    pub database: Vec<String>,
    /// Take the release as you give it, without proof: a wrong one loses migrations in silence
    #[arg(long, help_heading = "Proof", conflicts_with = "database")]
    pub unproven: bool,
    /// Write to files that have uncommitted changes, or are in no git repository
    #[arg(long, requires = "write")]
    pub force: bool,
    #[command(flatten)]
    pub wait: Wait,
    /// Where nothing is vendored yet: a wheel, a site-packages directory, a `procrastinate` package directory, or a whole environment
    #[arg(help_heading = "Upstream", long, value_name = "PATH", value_hint = ValueHint::AnyPath, conflicts_with = "python")]
    pub from: Option<Utf8PathBuf>,
    /// The environment of this Python interpreter; with --database, its SQLAlchemy runs the query, and not `psql`
    #[arg(help_heading = "Upstream", long, value_name = "EXE", value_hint = ValueHint::ExecutablePath)]
    pub python: Option<Utf8PathBuf>,
    /// Accept an installation whose files were changed
    #[arg(help_heading = "Upstream", long)]
    pub allow_modified_source: bool,
}

impl Adopt {
    pub fn source(&self) -> Source {
        Source {
            from: self.from.clone(),
            release: None,
            python: self.python.clone(),
            allow_modified_source: self.allow_modified_source,
        }
    }
}

/// A revision, and perhaps the release that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub revision: String,
    pub release: Option<Version>,
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (revision, release) = match text.split_once('=') {
            Some((revision, release)) => (revision, Some(release)),
            None => (text, None),
        };
        let release = release.map(Version::from_str).transpose();
        let release = release
            .map_err(|_| "what stands after the `=` is no release: write `ID=X.Y.Z`".to_owned())?;
        match revision.is_empty() {
            true => Err("it names no revision: write `ID` or `ID=X.Y.Z`".to_owned()),
            false => Ok(Self {
                revision: revision.to_owned(),
                release,
            }),
        }
    }
}
