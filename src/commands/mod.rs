//! One verb a file: load, plan, then apply or report.

mod adopt;
mod catalogue;
mod check;
mod checked;
mod completions;
mod database;
mod diff;
mod diff_releases;
mod draft;
mod explain;
mod first_run;
mod init;
mod man;
mod next;
mod overwritten;
mod recover;
mod recursive;
mod releases;
mod reporting;
mod review;
mod rollout;
mod stamp;
mod status;
mod sync;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::{Cli, Command, Global, ReportFormat};
use crate::failure::{Exit, Failure, InitError};
use crate::session::{Output, Session, shell_word};

use recursive::Recursive;

/// Runs the command. A failure is also written in the format of the service that reads the report.
pub fn run(cli: &Cli, output: &mut Output<'_>) -> Result<Exit, Failure> {
    match several(cli) {
        Some((below, verb, format)) => Recursive {
            verb,
            below,
            format,
            run: &|global, output| in_one(cli, global, output),
        }
        .run(&cli.global, output),
        None => in_one(cli, &cli.global, output),
    }
}

/// The directory below which the projects are, if the command is to work in several of them.
fn several(cli: &Cli) -> Option<(&Utf8Path, &'static str, ReportFormat)> {
    let recursive = match cli.command.as_ref()? {
        Command::Sync(options) => &options.recursive,
        Command::Check(options) => &options.recursive,
        Command::Status(options) => &options.recursive,
        _ => return None,
    };
    let (verb, format) = format(cli);
    Some((recursive.below.as_deref()?, verb, format))
}

fn format(cli: &Cli) -> (&'static str, ReportFormat) {
    match &cli.command {
        Some(Command::Check(options)) => ("check", reporting::format(options.format)),
        Some(Command::Diff(options)) => ("diff", reporting::format(options.format)),
        Some(Command::Database(options)) => (
            "database",
            reporting::format(options.format.map(Into::into)),
        ),
        Some(Command::Status(options)) => ("status", options.format.into()),
        Some(Command::Sync(options)) => ("sync", options.format.into()),
        Some(Command::Init(options)) => ("init", options.format.into()),
        _ => ("", ReportFormat::Text),
    }
}

/// Runs the command in one project.
fn in_one(cli: &Cli, global: &Global, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let result = dispatch(cli, global, output);
    let (verb, format) = format(cli);
    if let Err(failure) = &result {
        reporting::failed(verb, format, failure, output)?;
    }
    result.map_err(|failure| match (&cli.command, failure) {
        (Some(Command::Init(_) | Command::Sync(_)), Failure::Output(error)) => {
            Failure::Unreported(error)
        }
        (_, failure) => failure,
    })
}

fn is_above(global: &Global) -> bool {
    let is_above = |found: &Utf8PathBuf| found.starts_with("..") || found.is_absolute();
    global.found.as_ref().is_some_and(is_above)
}

/// `init` wires no project that the user did not name.
fn above(global: &Global) -> Failure {
    InitError::Above(shell_word(global.root().as_str())).into()
}

fn dispatch(cli: &Cli, global: &Global, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Some(command) = &cli.command else {
        return first_run::overview(global, output);
    };
    match command {
        Command::Init(_) if is_above(global) => Err(above(global)),
        Command::Adopt(options) => adopt::run(global, options, output),
        Command::Init(options) => init::run(global, options, output),
        Command::Sync(options) => sync::run(global, options, output),
        Command::Check(options) => check::run(&mut Session::open(global, output)?, options),
        Command::Diff(options) => match &options.a {
            Some(a) => diff_releases::run(global, options, a, output),
            None => diff::run(&mut Session::open(global, output)?, options),
        },
        Command::Status(options) => status::run(&mut Session::open(global, output)?, options),
        Command::Explain(options) => explain::run(options, output),
        Command::Stamp(options) => stamp::run(&mut Session::open(global, output)?, options),
        Command::Database(options) => database::run(global, options, output),
        Command::Rollout(options) => rollout::run(&mut Session::open(global, output)?, options),
        Command::Review(options) => review::run(global, options, output),
        Command::Releases(options) => releases::run(global, options, output),
        Command::Completions(options) => completions::run(options, output),
        Command::Man(options) => man::run(options, output),
        Command::Catalogue(options) => catalogue::run(options, output),
    }
}
