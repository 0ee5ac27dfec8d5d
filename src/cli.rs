//! The command line.

mod adopt;
mod database;
pub mod examples;
mod options;
mod review;

use crate::environment::Memo;
use crate::upstream::Upstreams;
use camino::{Utf8Path, Utf8PathBuf};
use clap::builder::StyledStr;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};

pub use adopt::{Adopt, Wish};
pub use database::{Database, Expected};
pub use options::{
    Catalogue, ChangeFormat, Check, Completions, Diff, Explain, Format, Init, Man, Releases,
    ReportFormat, Required, Rollout, RolloutFormat, Source, Stamp, Status, Sync, Wait,
};
pub use review::{Begin, Review, ReviewFormat};

const EXIT_STATUS: &str = "Exit status: 0 fine; 1 findings, drift or a refused conflict; 2 wrong usage, or the work could not be done.";

/// Vendors Procrastinate's database migrations into an Alembic project, and reports every change.
///
/// After you upgrade Procrastinate, `sync` puts its new migrations into `alembic/versions_procrastinate` as Alembic
/// revisions, and shows what changed. `check` fails when they no longer match.
#[derive(Debug, Parser)]
#[command(
    name = "vendor-migrations",
    version,
    about,
    long_about,
    propagate_version = true
)]
#[command(after_help = format!("{}\n\n{EXIT_STATUS}", examples::help("")))]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    /// Without one, a new project is told its first steps.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    pub fn help() -> StyledStr {
        Self::command().render_help()
    }

    /// The command line without hidden commands, for completions and the manual.
    pub fn shown() -> clap::Command {
        let all = Self::command();
        let verbs = all.get_subcommands().filter(|verb| !verb.is_hide_set());
        let shown = clap::Command::new(env!("CARGO_PKG_NAME"))
            .version(env!("CARGO_PKG_VERSION"))
            .propagate_version(true)
            .subcommands(verbs.cloned());
        Global::augment_args(shown)
            .about(all.get_about().cloned().unwrap_or_default())
            .long_about(all.get_long_about().cloned().unwrap_or_default())
    }
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The project's root [default: the working directory, or the nearest directory above it that has a project]
    #[arg(short = 'C', long, value_name = "DIR", value_hint = ValueHint::DirPath, global = true)]
    pub project: Option<Utf8PathBuf>,
    /// The root of the project around the working directory, where that is another directory.
    #[arg(skip)]
    pub found: Option<Utf8PathBuf>,
    /// What was seen of environments, and which releases were read: shared where one command works in several projects.
    #[arg(skip)]
    pub memo: Memo,
    #[arg(skip)]
    pub upstreams: Upstreams,
    /// Alembic's configuration, relative to the project [default: alembic.ini, or pyproject.toml]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, global = true)]
    pub config: Option<Utf8PathBuf>,
    /// The directory with `env.py`, relative to the project, if no file configures Alembic
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "config", global = true)]
    pub script_location: Option<Utf8PathBuf>,
    /// The section of Alembic's configuration
    #[arg(
        short,
        long,
        value_name = "SECTION",
        default_value = "alembic",
        global = true
    )]
    pub name: String,
    /// Print only problems and changes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show every migration and finding, which files were read, where Procrastinate was looked for, and how the result was written
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: Color,
}

impl Global {
    /// The project's root, as the user named it or as it was found.
    pub fn root(&self) -> &Utf8Path {
        let named = self.project.as_deref().or(self.found.as_deref());
        named.unwrap_or(Utf8Path::new("."))
    }

    /// Whether the user named a project or what configures it.
    pub fn names_project(&self) -> bool {
        self.project.is_some() || self.config.is_some() || self.script_location.is_some()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Wire the project once: tell Alembic where the vendored migrations are
    ///
    /// Adds the vendored directory to the version locations in `alembic.ini` or `pyproject.toml`, keeps every other line, and prints
    /// the steps that are left to you. It can be run again: it keeps what it finds.
    #[command(after_help = examples::help("init"))]
    Init(Init),
    /// Let the vendored migrations take the place of a revision of your own that made Procrastinate's tables
    ///
    /// It shows the edit of that revision, and the vendored revisions' place in the history: a fresh database runs everything in the same
    /// order as existing databases, and existing databases need no stamp. With `--write` it makes the edit.
    #[command(after_help = examples::help("adopt"))]
    Adopt(Adopt),
    /// Update the vendored migrations and their lock from upstream
    ///
    /// Adds what is new as Alembic revisions, shows a diff of what changed, and prints the `alembic` commands to run next. Files
    /// that you changed are never overwritten without `--force`; a run that is killed leaves the old state or the new one.
    #[command(after_help = examples::help("sync"))]
    Sync(Sync),
    /// Report drift between the vendored migrations, their lock and upstream; writes nothing
    ///
    /// Every finding has a code, a place, and a remedy. The command needs no network, and starts no process except the Python that you
    /// name with `--python`. Errors give exit status 1, warnings only with `--strict`.
    #[command(after_help = examples::help("check"))]
    Check(Check),
    /// Show how the vendored migrations differ from upstream, or one release from another, as a unified diff
    ///
    /// Without releases, it shows what `sync` would change. Exit status 1 means that there is a difference.
    #[command(after_help = examples::help("diff"))]
    Diff(Diff),
    /// Explain a finding of `check` by its code; works offline and outside of a project
    ///
    /// What it means, why it matters, and what to do: a section of docs/findings.md.
    #[command(after_help = examples::help("explain"))]
    Explain(Explain),
    /// Show what is vendored, what upstream has, and what to do; writes nothing
    ///
    /// Exit status 1 means that there is something to do.
    #[command(after_help = examples::help("status"))]
    Status(Status),
    /// List the known releases, and what each added, changed, renamed and removed; works outside of a project
    ///
    /// The program carries the facts of every published release from 0.17.0 on: it needs no network.
    #[command(after_help = examples::help("releases"))]
    Releases(Releases),
    /// Show which migrations a live database has, and whether database, version table, vendored revisions and code agree
    ///
    /// It reads the catalog of the database in one read-only transaction, and reads no jobs. Without a URL, `--query` prints the query,
    /// and `--from` reads its result. Exit status 1 means that something does not agree.
    #[command(after_help = examples::help("database"), override_usage = "vendor-migrations database [OPTIONS] [URL]...")]
    Database(Database),
    /// Print the `alembic stamp` command for a database made by `procrastinate schema --apply`; runs nothing
    ///
    /// Alembic does not know which migrations such a database has. The command records them.
    #[command(after_help = examples::help("stamp"))]
    Stamp(Stamp),
    /// Print the steps of an upgrade without service interruption; runs nothing
    ///
    /// What has to run before the new release is deployed, and what after it, release by release.
    #[command(after_help = examples::help("rollout"))]
    Rollout(Rollout),
    /// Show what an upgrade does to a database, what it locks and for how long, and in which order to deploy it
    ///
    /// Locks were measured on real servers, for every migration of every known release. It needs no network; the SQL is shown where the
    /// release is installed, or was downloaded before.
    #[command(after_help = examples::help("review"))]
    Review(Review),
    /// Print a script that completes commands, options and values in a shell
    #[command(after_help = examples::help("completions"))]
    Completions(Completions),
    /// Print a manual page, or write all of them
    #[command(after_help = examples::help("man"))]
    Man(Man),
    /// Add new releases of the package index to a catalogue directory; for developers of this program
    #[command(hide = true)]
    Catalogue(Catalogue),
}

impl Command {
    /// Whether it looks for a project around the working directory.
    pub fn is_about_one_project(&self) -> bool {
        let below = match self {
            Self::Sync(options) => &options.recursive.below,
            Self::Check(options) => &options.recursive.below,
            Self::Status(options) => &options.recursive.below,
            _ => &None,
        };
        below.is_none()
            && !matches!(
                self,
                Self::Explain(_)
                    | Self::Releases(_)
                    | Self::Completions(_)
                    | Self::Man(_)
                    | Self::Catalogue(_)
            )
    }
}
