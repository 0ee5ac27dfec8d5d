//! The options of each command. Doc comments of options and of their values are the help.

use camino::Utf8PathBuf;
use clap::{ArgGroup, Args, ValueEnum, ValueHint};
use clap_complete::Shell;
use pep440_rs::{Version, VersionParseError};

use crate::lockfile::Mode;
use crate::settings::History;
use crate::sql::SchemaName;

/// Where upstream comes from.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub struct Source {
    /// A wheel, a site-packages directory, a `procrastinate` package directory, or a whole environment
    #[arg(help_heading = "Upstream", long, value_name = "PATH", value_hint = ValueHint::AnyPath, conflicts_with_all = ["release", "python"])]
    pub from: Option<Utf8PathBuf>,
    /// A release of the package index; `check` and `status` take it from the cache only
    #[arg(
        help_heading = "Upstream",
        long,
        value_name = "X.Y.Z",
        conflicts_with = "python"
    )]
    pub release: Option<Version>,
    /// The environment of this Python interpreter
    #[arg(help_heading = "Upstream", long, value_name = "EXE", value_parser = interpreter, value_hint = ValueHint::ExecutablePath)]
    pub python: Option<Utf8PathBuf>,
    /// Accept an installation whose files were changed
    #[arg(help_heading = "Upstream", long)]
    pub allow_modified_source: bool,
}

/// A Python interpreter. A directory is told from one that cannot be started.
pub(super) fn interpreter(text: &str) -> Result<Utf8PathBuf, String> {
    let path = Utf8PathBuf::from(text);
    if !path.is_dir() {
        return Ok(path);
    }
    let inside = ["bin/python", "Scripts/python.exe"].map(|inside| path.join(inside));
    Err(match inside.iter().find(|inside| inside.exists()) {
        Some(inside) => format!("it is a directory, and its interpreter is `{inside}`"),
        None => {
            "it is a directory: name the interpreter, for example `.venv/bin/python` or `.venv/Scripts/python.exe`".to_owned()
        }
    })
}

/// A release, where a database is likely to be named instead.
fn release(text: &str) -> Result<Version, String> {
    match text.contains("://") {
        true => Err("this is a URL, which `--database` takes".to_owned()),
        false => text
            .parse()
            .map_err(|error: VersionParseError| error.to_string()),
    }
}

/// How long a command that writes waits for its turn.
#[derive(Debug, Args)]
pub struct Wait {
    /// How long to wait while another run writes to the same project; with 0, fail at once
    #[arg(long = "wait", value_name = "SECONDS", default_value_t = 10)]
    pub seconds: u32,
}

/// The same command in several projects.
#[derive(Debug, Args)]
pub struct Recursive {
    /// In every project with a lock below DIR, several at a time; hidden directories and what git ignores are not searched
    /// [default DIR: the working directory]
    #[arg(long = "recursive", value_name = "DIR", value_hint = ValueHint::DirPath, num_args = 0..=1, default_missing_value = ".", conflicts_with_all = ["config", "script_location"])]
    pub below: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub struct Init {
    /// How Procrastinate's revisions join the project's: as a separate branch, or in one line [default: branch]
    #[arg(long, value_name = "HISTORY")]
    pub history: Option<History>,
    /// The schema in which rendered revisions make Procrastinate's tables [default: the first of the session's search path]
    #[arg(long, value_name = "NAME", conflicts_with = "in_place")]
    pub schema: Option<SchemaName>,
    /// Make a separate Alembic environment for Procrastinate, with its own version table [default: alembic_procrastinate]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, num_args = 0..=1, default_missing_value = "alembic_procrastinate", conflicts_with = "history")]
    pub separate: Option<Utf8PathBuf>,
    /// With --separate: the environment variable with the database's URL [default: the application's `sqlalchemy.url`]
    #[arg(long, value_name = "VARIABLE", requires = "separate")]
    pub url_env: Option<String>,
    /// With --separate: `env.py` and `script.py.mako` from Procrastinate's own templates, if it ships them
    #[arg(long, requires = "separate", conflicts_with = "url_env")]
    pub upstream_templates: bool,
    /// Copy nothing: let Alembic run the installed package's own revisions, and record them in the lock
    #[arg(long, conflicts_with = "separate")]
    pub in_place: bool,
    #[command(flatten)]
    pub source: Source,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub wait: Wait,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ChangeFormat,
}

#[derive(Debug, Args)]
pub struct Sync {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub recursive: Recursive,
    /// How migrations become revisions [default: the lock's mode; at first, copy where upstream ships revision files, else render]
    #[arg(long, value_name = "MODE")]
    pub mode: Option<Mode>,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub wait: Wait,
    /// Overwrite files that differ from the lock; in place, record changes that leave databases behind
    #[arg(long)]
    pub force: bool,
    /// Accept a release that is older than the vendored one; no revision is removed
    #[arg(long)]
    pub allow_downgrade: bool,
    /// Render every revision again, even if its SQL is the same
    #[arg(long)]
    pub rerender: bool,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ChangeFormat,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub recursive: Recursive,
    /// Fail if upstream is not found; with `=pinned`, a pinned release that the catalogue knows is enough. If the option is
    /// repeated, the last one is used
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "installed", overrides_with = "require_upstream")]
    pub require_upstream: Option<Required>,
    /// Fail on warnings, too
    #[arg(long)]
    pub strict: bool,
    /// How to report [default: text; github in a job of GitHub Actions]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
}

/// What `--require-upstream` takes for upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Required {
    /// A release that is installed, or named by an option.
    Installed,
    /// A release that the project's lock files pin is enough; its digests are compared.
    Pinned,
    /// Nothing is required, whatever an option before this one says.
    None,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// Compare this release instead of the vendored migrations
    #[arg(value_name = "A", conflicts_with = "mode")]
    pub a: Option<Version>,
    /// Compare with this release instead of upstream; both are downloaded unless they are in the cache
    #[arg(value_name = "B", conflicts_with_all = ["from", "release", "python", "allow_modified_source"])]
    pub b: Option<Version>,
    #[command(flatten)]
    pub source: Source,
    /// The mode to compare with [default: the vendored one]
    #[arg(long, value_name = "MODE")]
    pub mode: Option<Mode>,
    /// How to report [default: text; github in a job of GitHub Actions]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
}

#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub recursive: Recursive,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Releases {
    /// Only these releases
    #[arg(value_name = "RELEASE", conflicts_with_all = ["from", "to"])]
    pub releases: Vec<Version>,
    /// Only this release and later ones
    #[arg(long, value_name = "X.Y.Z")]
    pub from: Option<Version>,
    /// Only this release and earlier ones
    #[arg(long, value_name = "X.Y.Z")]
    pub to: Option<Version>,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The code of a finding, such as `not-wired` [default: a list of all codes]
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that reads the script
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    /// The command whose page is printed [default: the main page]
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub command: Option<String>,
    /// Write a page for the program and for each command into this directory, and print their names
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub struct Catalogue {
    /// The directory, procrastinate-versions in this program's repository
    #[arg(value_name = "DIR")]
    pub directory: Utf8PathBuf,
    /// Releases that were yanked from the index, which does not list them
    #[arg(value_name = "YANKED")]
    pub yanked: Vec<Version>,
    /// Also ask this PostgreSQL server, where databases may be made and dropped, what each migration does; several must agree
    #[arg(long, value_name = "URL")]
    pub objects: Vec<String>,
    /// With --objects: also time each statement with so many rows in each table, beside empty ones
    #[arg(long, value_name = "N", requires = "objects")]
    pub rows: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Text,
    /// For programs; documented in docs/reports.md.
    Json,
    /// The text, and annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// For a pull-request comment.
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs; documented in docs/reports.md.
    Json,
}

impl From<Format> for ReportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

/// How a command reports that changes files of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChangeFormat {
    /// For people.
    Text,
    /// For a pull request: its body or a comment.
    Markdown,
    /// For programs; documented in docs/reports.md.
    Json,
}

impl From<ChangeFormat> for ReportFormat {
    fn from(format: ChangeFormat) -> Self {
        match format {
            ChangeFormat::Text => Self::Text,
            ChangeFormat::Markdown => Self::Markdown,
            ChangeFormat::Json => Self::Json,
        }
    }
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("made").required(true).args(["release", "database"]),
    override_usage = "vendor-migrations stamp [OPTIONS] <RELEASE>\n       \
                      vendor-migrations stamp [OPTIONS] --database <FILE|-|URL>"
)]
pub struct Stamp {
    /// The release whose `procrastinate schema --apply` made the database
    #[arg(value_name = "RELEASE", value_parser = release)]
    pub release: Option<Version>,
    /// Ask the database which migrations it has: its URL, or a file with the result of `database --query`, `-` for standard input
    #[arg(long, value_name = "FILE|-|URL")]
    pub database: Option<String>,
    /// With --database: the schema that Procrastinate is in [default: the schema in the settings, else the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "release")]
    pub schema: Option<String>,
    /// With --database: run the query with the SQLAlchemy of this Python, not with `psql`
    #[arg(long, value_name = "EXE", value_parser = interpreter, value_hint = ValueHint::ExecutablePath, conflicts_with = "release")]
    pub python: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub struct Rollout {
    /// The release that is deployed now
    #[arg(long, value_name = "RELEASE")]
    pub from: Version,
    /// The release to deploy [default: the vendored one]
    #[arg(long, value_name = "RELEASE")]
    pub to: Option<Version>,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RolloutFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RolloutFormat {
    /// For a terminal.
    Text,
    /// A list of tasks.
    Markdown,
    /// For programs; documented in docs/reports.md.
    Json,
}
