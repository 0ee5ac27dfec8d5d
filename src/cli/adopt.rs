//! The options of `adopt`.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{Args, ValueHint};
use pep440_rs::Version;

use super::{Source, Wait};

#[derive(Debug, Args)]
pub struct Adopt {
    /// The release whose schema every database has after the revision [default: the release that its DDL proves]
    #[arg(long, value_name = "RELEASE")]
    pub release: Option<Version>,
    /// Your own revision that made Procrastinate's tables; can be repeated, with a release each [default: the only one]
    #[arg(long, value_name = "ID[=RELEASE]")]
    pub revision: Vec<Wish>,
    /// Edit nothing: the revision stays, and only the migrations after its release are vendored, after the revision
    #[arg(long)]
    pub keep: bool,
    /// Make the edit; without it, the edit is shown
    #[arg(long)]
    pub write: bool,
    /// A database that has run the revision, as proof: its URL, or a file with the result of `database --query`; can be repeated
    #[arg(long, value_name = "FILE|URL", help_heading = "Proof")]
    pub database: Vec<String>,
    /// Accept the given release without proof: with a wrong release, migrations are lost without a message
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
    /// The environment of this Python interpreter; with --database, its SQLAlchemy runs the query instead of `psql`
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
            .map_err(|_| "the text after the `=` is not a release: write `ID=X.Y.Z`".to_owned())?;
        match revision.is_empty() {
            true => Err("it names no revision: write `ID` or `ID=X.Y.Z`".to_owned()),
            false => Ok(Self {
                revision: revision.to_owned(),
                release,
            }),
        }
    }
}
