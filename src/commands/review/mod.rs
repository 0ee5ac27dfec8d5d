//! `review`: what an upgrade does to a database, what it locks, and in which order to deploy it.

mod file;
mod gather;

use std::io;

use crate::cli::{Global, Review as Options, ReviewFormat};
use crate::escape::one_line;
use crate::failure::{Exit, Failure};
use crate::report::review::{self as report, Shown};
use crate::session::{Output, Session, options as options_of};

pub(super) fn run(
    global: &Global,
    options: &Options,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let file = options.output.as_deref().filter(|path| *path != "-");
    // The file is looked at before the work.
    if let Some(path) = file {
        file::refuse_foreign(path, options.force)?;
    }
    let mut session = Session::anywhere(global, output)?;
    if let Some(path) = file {
        let project = &session.project;
        file::refuse_inside(path, &project.root.join(&project.directory))?;
    }
    let mut review = gather::review(&mut session, options)?;
    // A terminal's text gets the options of commands in sentences as it is printed.
    if file.is_some() || options.format != ReviewFormat::Text {
        report::addressed(&mut review, &options_of(global));
    }
    let commands = session.commands();
    let upgrade = |revision: &str| match revision {
        "" => commands.upgrade(),
        revision => commands.upgrade_to(revision),
    };
    let shown = Shown {
        review: &review,
        upgrade: &upgrade,
    };
    match file {
        None if options.format == ReviewFormat::Text => {
            report::text(&mut *session.output.out, &shown)?;
        }
        None => session
            .output
            .out
            .write_all(&bytes(options.format, &shown)?)?,
        Some(path) => {
            file::write(path, &bytes(options.format, &shown)?, options.force)?;
            if !global.quiet {
                writeln!(session.output.err, "wrote {}", one_line(path.as_str()))?;
            }
        }
    }
    Ok(Exit::Fine)
}

/// The report without colours.
fn bytes(format: ReviewFormat, shown: &Shown<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        ReviewFormat::Text => {
            report::text(&mut bytes, shown)?;
            bytes = anstream::adapter::strip_bytes(&bytes).into_vec();
        }
        ReviewFormat::Markdown => bytes.extend(report::markdown(shown).into_bytes()),
        ReviewFormat::Json => report::json(&mut bytes, shown)?,
        ReviewFormat::Html => bytes.extend(report::html(shown).into_bytes()),
    }
    Ok(bytes)
}
