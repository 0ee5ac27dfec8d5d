//! The options of `database`.

use std::fmt;
use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{ArgGroup, Args, ValueEnum, ValueHint};
use pep440_rs::Version;

use super::options::{ReportFormat, interpreter};
use crate::nearest;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("databases").args(["urls", "from", "url_from_config", "query"]).multiple(true).required(true))]
pub struct Database {
    /// A database's URL, as SQLAlchemy or libpq writes it; `psql` is started for it
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,
    /// A result of the query, `-` for standard input; can be given several times
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub from: Vec<Utf8PathBuf>,
    /// The URL in Alembic's configuration (`sqlalchemy.url`), where it is written there
    #[arg(long)]
    pub url_from_config: bool,
    /// Print the query, and do nothing else
    #[arg(long, conflicts_with_all = ["urls", "from", "url_from_config", "expect", "phase", "format", "schema", "python"])]
    pub query: bool,
    /// Run the query with the SQLAlchemy of this Python, not with `psql`; its Procrastinate is the code to compare with
    #[arg(long, value_name = "EXE", value_parser = interpreter, value_hint = ValueHint::ExecutablePath)]
    pub python: Option<Utf8PathBuf>,
    /// Look at this schema only [default: the one that is set, else each that has Procrastinate's tables]
    #[arg(long, value_name = "NAME")]
    pub schema: Option<String>,
    /// What the database has to be: `vendored`, `code` (fit for the Procrastinate that is installed), or `release=X.Y.Z` [default:
    /// as is vendored, and fit for the code]
    #[arg(long, value_name = "WHAT")]
    pub expect: Option<Expected>,
    /// With `pre`: migrations that belong after the deploy may be missing
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<DeployPhase>,
    /// Fail on warnings, too
    #[arg(long)]
    pub strict: bool,
    /// How to report [default: text; github in a job of GitHub Actions]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<DatabaseFormat>,
}

/// What a database has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    Vendored,
    Code,
    Release(Version),
}

impl FromStr for Expected {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.strip_prefix("release=")) {
            ("vendored", _) => Ok(Self::Vendored),
            ("code", _) => Ok(Self::Code),
            (_, Some(release)) => release
                .parse()
                .map(Self::Release)
                .map_err(|_| format!("`{release}` is not a release")),
            _ if let Some(near) = nearest::name(text, ["vendored", "code"]) => {
                Err(format!("did you mean `{near}`?"))
            }
            _ => Err("write `vendored`, `code` or `release=X.Y.Z`".to_owned()),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vendored => f.write_str("exactly the vendored migrations"),
            Self::Code => f.write_str("all migrations that the installed Procrastinate needs"),
            Self::Release(release) => write!(f, "Procrastinate {release}"),
        }
    }
}

/// Where a deploy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeployPhase {
    /// Before it, or while it goes on.
    Pre,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DatabaseFormat {
    /// For people.
    Text,
    /// For programs; documented in docs/reports.md.
    Json,
    /// The text, and annotations of GitHub Actions.
    Github,
}

impl From<DatabaseFormat> for ReportFormat {
    fn from(format: DatabaseFormat) -> Self {
        match format {
            DatabaseFormat::Text => Self::Text,
            DatabaseFormat::Json => Self::Json,
            DatabaseFormat::Github => Self::Github,
        }
    }
}
