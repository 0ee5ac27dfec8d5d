//! Parses, runs, and turns the result into an exit status.

mod tips;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use camino::Utf8Path;

use crate::cli::{Cli, Command, Global};
use crate::commands;
use crate::escape::{one_line, without_commands};
use crate::failure::Failure;
use crate::place::joined;
use crate::report::prose::labelled;
use crate::report::screen::Screen;
use crate::report::style::{BAD, GOOD};
use crate::session::{Output, found_around, options, shell_word};
use crate::settings::Settings;
use crate::{progress, terminal};
use clap::{CommandFactory as _, FromArgMatches as _};

pub fn main() -> ExitCode {
    run(&std::env::args_os().collect::<Vec<OsString>>())
}

/// The same with these arguments, the first of which is the program's name.
pub fn run(arguments: &[OsString]) -> ExitCode {
    let given = || arguments.iter().skip(1).cloned();
    terminal::choose_color(given());
    let mut out = terminal::stdout();
    let mut err = terminal::stderr();
    let mut verb = "check".to_owned();
    let mut global = Global::default();
    // It is needed to the end, and taking it apart costs as much as a directory's listing.
    let command = Box::leak(Box::new(Cli::command()));
    let matches = command.try_get_matches_from_mut(arguments);
    let parsed = matches.and_then(|matches| {
        verb = matches.subcommand_name().unwrap_or("check").to_owned();
        Cli::from_arg_matches(&matches)
    });
    let result = match parsed {
        Ok(mut cli) => {
            if cli
                .command
                .as_ref()
                .is_none_or(Command::is_about_one_project)
            {
                cli.global.found = found_around(&cli.global);
            }
            if cli.global.quiet {
                progress::silence();
            }
            global = cli.global.clone();
            out.options = options(&cli.global);
            err.options.clone_from(&out.options);
            let (out, err) = (&mut out, &mut err);
            commands::run(&cli, &mut Output::new(out, err)).map(ExitCode::from)
        }
        // Help and the version are no errors, and go to standard output.
        Err(message) => {
            let message = match message.use_stderr() {
                true => tips::with_tip(message, given()),
                false => message,
            };
            // It repeats what was given to it.
            let text = message.render().ansi().to_string();
            let text = without_commands(text.into());
            let written = match message.use_stderr() {
                true => write!(err, "{text}"),
                false => write!(out, "{text}"),
            };
            let status = u8::try_from(message.exit_code()).unwrap_or(2);
            written.map(|()| status.into()).map_err(Failure::from)
        }
    };
    match result.and_then(|exit| Ok(out.flush().map(|()| exit)?)) {
        Ok(exit) => exit,
        Err(failure) => {
            // If even standard error is gone, the exit status is all that can be said.
            let _ = report(&mut err, &failure, &verb, &global, arguments);
            ExitCode::from(2)
        }
    }
}

/// The error, what to do about it, and the command for each project that may be meant.
fn report(
    err: &mut dyn Screen,
    failure: &Failure,
    verb: &str,
    global: &Global,
    arguments: &[OsString],
) -> io::Result<()> {
    labelled(err, BAD, "error:", &failure.explained())?;
    if let Some(hint) = failure.hint() {
        labelled(err, GOOD, "help:", &hint)?;
    }
    let (option, choices) = failure.choices().unwrap_or_default();
    for choice in choices {
        writeln!(
            err,
            "  {}",
            one_line(&meant(verb, global, arguments, (option, choice)))
        )?;
    }
    Ok(())
}

/// The command that was given, and an option behind its verb that says which project is meant. One with settings of its own is meant whole.
fn meant(
    verb: &str,
    global: &Global,
    arguments: &[OsString],
    (option, choice): (&str, &Utf8Path),
) -> String {
    let directory = choice
        .parent()
        .filter(|_| option == "-c" && global.project.is_none());
    let directory = directory.map(|directory| match global.root().as_str() {
        "." => directory.to_owned(),
        root => joined(Utf8Path::new(root), directory),
    });
    let options = match directory.filter(|directory| Settings::are_in(directory)) {
        Some(directory) => vec!["-C".to_owned(), directory.into_string()],
        None => {
            let above = global
                .found
                .iter()
                .flat_map(|above| ["-C".to_owned(), above.to_string()]);
            above
                .chain([option.to_owned(), choice.to_string()])
                .collect()
        }
    };
    let given = arguments.iter().skip(1);
    let mut given: Vec<String> = given
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let at = match given.iter().position(|word| word == verb) {
        Some(at) => at + 1,
        None => {
            given.insert(0, verb.to_owned());
            1
        }
    };
    given.splice(at..at, options);
    let words = given.iter().map(|word| shell_word(word));
    format!("vendor-migrations {}", words.collect::<Vec<_>>().join(" "))
}
