//! `review`: what an upgrade does to a database, what it locks, and in which order to deploy it.

mod file;
mod gather;

use crate::cli::{Global, Review, ReviewFormat};
use crate::failure::{Exit, Failure};
use crate::report::review::{self as report, Shown};
use crate::session::{Output, Session};

pub(super) fn run(
    global: &Global,
    options: &Review,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    // The file is looked at before the work.
    let file = options.output.as_deref();
    if let Some(path) = file {
        file::refuse_foreign(path, options.force)?;
    }
    let mut session = Session::anywhere(global, output)?;
    let review = gather::review(&mut session, options)?;
    let commands = session.commands();
    let upgrade = |revision: &str| match revision {
        "" => commands.upgrade(),
        revision => commands.upgrade_to(revision),
    };
    let shown = Shown {
        review: &review,
        upgrade: &upgrade,
    };
    let Some(path) = file else {
        let out = &mut *session.output.out;
        match options.format {
            ReviewFormat::Text => report::text(out, &shown)?,
            ReviewFormat::Markdown => out.write_all(report::markdown(&shown).as_bytes())?,
            ReviewFormat::Json => report::json(out, &shown)?,
            ReviewFormat::Html => out.write_all(report::html(&shown).as_bytes())?,
        }
        return Ok(Exit::Fine);
    };
    let mut bytes = Vec::new();
    match options.format {
        ReviewFormat::Text => {
            let mut plain = anstream::StripStream::new(&mut bytes);
            let mut styled: Vec<u8> = Vec::new();
            report::text(&mut styled, &shown)?;
            std::io::Write::write_all(&mut plain, &styled)?;
        }
        ReviewFormat::Markdown => bytes.extend(report::markdown(&shown).into_bytes()),
        ReviewFormat::Json => report::json(&mut bytes, &shown)?,
        ReviewFormat::Html => bytes.extend(report::html(&shown).into_bytes()),
    }
    file::write(path, &bytes, options.force)?;
    if !global.quiet {
        writeln!(
            session.output.err,
            "wrote {}",
            crate::escape::one_line(path.as_str())
        )?;
    }
    Ok(Exit::Fine)
}
