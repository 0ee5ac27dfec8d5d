//! Parses, runs, and turns the result into an exit status.

mod tips;

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::cli::Cli;
use crate::commands::run;
use crate::escape::{one_line, without_commands};
use crate::failure::Failure;
use crate::report::prose::labelled;
use crate::report::screen::Screen;
use crate::report::style::{BAD, GOOD};
use crate::session::{Output, found_above, options, shell_word};
use crate::{progress, terminal};
use clap::{CommandFactory as _, FromArgMatches as _};

pub fn main() -> ExitCode {
    terminal::choose_color(std::env::args_os().skip(1));
    let mut out = terminal::stdout();
    let mut err = terminal::stderr();
    let mut verb = "check".to_owned();
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        verb = matches.subcommand_name().unwrap_or("check").to_owned();
        Cli::from_arg_matches(&matches)
    });
    let result = match parsed {
        Ok(mut cli) => {
            cli.global.above = found_above(&cli.global);
            if cli.global.quiet {
                progress::silence();
            }
            out.options = options(&cli.global);
            err.options.clone_from(&out.options);
            let (out, err) = (&mut out, &mut err);
            let said = Vec::new();
            run(&cli, &mut Output { out, err, said }).map(ExitCode::from)
        }
        // Help and the version are no errors, and go to standard output.
        Err(message) => {
            let message = tips::with_tip(message, std::env::args_os().skip(1));
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
            let _ = report(&mut err, &failure, &verb);
            ExitCode::from(2)
        }
    }
}

/// The error, what to do about it, and the command for each project that may be meant.
fn report(err: &mut dyn Screen, failure: &Failure, verb: &str) -> io::Result<()> {
    labelled(err, BAD, "error:", &failure.explained())?;
    if let Some(hint) = failure.hint() {
        labelled(err, GOOD, "help:", &hint)?;
    }
    let (option, choices) = failure.choices().unwrap_or_default();
    for choice in choices {
        let command = format!(
            "vendor-migrations {verb}{} {option} {}",
            err.options(),
            shell_word(choice.as_str())
        );
        writeln!(err, "  {}", one_line(&command))?;
    }
    Ok(())
}
