//! The command line.

mod options;

use camino::Utf8PathBuf;
use clap::builder::StyledStr;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub use options::{
    Catalogue, Check, Diff, Format, Init, Releases, ReportFormat, Required, Rollout, RolloutFormat,
    Source, Stamp, Status, Sync,
};

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
#[command(
    after_help = "Exit status: 0 fine; 1 findings, drift or a refused conflict; 2 wrong usage, or the work could not be done."
)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The verb; without one, a new project is told its first steps.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// The short help.
    pub fn help() -> StyledStr {
        Self::command().render_help()
    }
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The project's root
    #[arg(
        short = 'C',
        long,
        value_name = "DIR",
        default_value = ".",
        global = true,
        help_heading = "Global options"
    )]
    pub project: Utf8PathBuf,
    /// Alembic's configuration, relative to the project [default: alembic.ini, or pyproject.toml]
    #[arg(
        short,
        long,
        value_name = "FILE",
        global = true,
        help_heading = "Global options"
    )]
    pub config: Option<Utf8PathBuf>,
    /// The section of Alembic's configuration
    #[arg(
        short,
        long,
        value_name = "SECTION",
        default_value = "alembic",
        global = true,
        help_heading = "Global options"
    )]
    pub name: String,
    /// Leave out what is no news: the source, and that all is well
    #[arg(
        short,
        long,
        global = true,
        help_heading = "Global options",
        conflicts_with = "verbose"
    )]
    pub quiet: bool,
    /// Say how the result was written, too
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub verbose: bool,
    /// When to use colours
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        help_heading = "Global options"
    )]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Wire the project once: tell Alembic where the vendored migrations are
    #[command(
        after_help = "Examples:\n  vendor-migrations init                      a second version location, beside your own revisions\n  \
        vendor-migrations init --history linear     one line of revisions: `alembic upgrade head` goes on working\n  \
        vendor-migrations init --separate           an Alembic environment of Procrastinate's own\n  \
        vendor-migrations init --in-place           no copies: the installed package's own revisions run\n  \
        vendor-migrations init --dry-run            show what would change"
    )]
    Init(Init),
    /// Bring the vendored migrations and their lock to upstream
    #[command(
        after_help = "Examples:\n  vendor-migrations sync                      from the project's environment\n  \
        vendor-migrations sync --release 3.10.0     from the package index\n  vendor-migrations sync --dry-run            \
        show what would change"
    )]
    Sync(Sync),
    /// Report drift between the vendored migrations, their lock and upstream; writes nothing
    #[command(
        after_help = "Examples:\n  vendor-migrations check                     in CI or a pre-commit hook\n  \
        vendor-migrations check --format json       for another program"
    )]
    Check(Check),
    /// Show how the vendored migrations differ from upstream, or one release from another, as a unified diff
    #[command(
        after_help = "Examples:\n  vendor-migrations diff                    what `sync` would change\n  vendor-migrations \
        diff 3.5.1 3.5.2        what a release changed; works outside of a project\n  vendor-migrations diff 3.5.1              \
        from that release to what is installed"
    )]
    Diff(Diff),
    /// Show what is vendored, what upstream has, and what to do; writes nothing
    Status(Status),
    /// List the known releases, and what each added, changed, renamed and removed; works outside of a project
    #[command(
        after_help = "Examples:\n  vendor-migrations releases                        all of them\n  vendor-migrations \
        releases 3.5.2                  what did 3.5.2 change?\n  vendor-migrations releases --from 2.0 --to 3.0    a part of the list"
    )]
    Releases(Releases),
    /// Print the `alembic stamp` command for a database made by `procrastinate schema --apply`; runs nothing
    #[command(
        after_help = "Examples:\n  vendor-migrations stamp 3.4.0              the command on standard output\n  \
        vendor-migrations stamp -q 3.4.0 | sh      run it"
    )]
    Stamp(Stamp),
    /// Print the steps of an upgrade without service interruption; runs nothing
    #[command(
        after_help = "Examples:\n  vendor-migrations rollout --from 3.0.0                     to the vendored release\n  \
        vendor-migrations rollout --from 3.0.0 --format markdown   for an issue or a runbook"
    )]
    Rollout(Rollout),
    /// Add new releases of the package index to a catalogue directory; for developers of this program
    #[command(hide = true)]
    Catalogue(Catalogue),
}
