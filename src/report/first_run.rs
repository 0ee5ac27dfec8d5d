//! The first steps in a project.

use std::io;

use super::prose::{labelled, paragraph};
use super::screen::Screen;
use super::style::NOTE;
use crate::escape::one_line;

/// The steps before the first `check` that passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// The title of upstream, if it was found.
    pub found: Option<String>,
    /// The release that the commands fetch, if it was not found.
    pub release: Option<String>,
    pub commands: Vec<String>,
    /// The command that brings the database up to date.
    pub database: String,
}

/// That there is no project, why, and what to do.
pub fn outside(out: &mut dyn Screen, why: &str) -> io::Result<()> {
    labelled(out, NOTE, "note:", why)?;
    writeln!(
        out,
        "  vendor-migrations status -C DIR    looks at a project elsewhere\n  \
           vendor-migrations init --separate  makes an Alembic environment for Procrastinate's migrations alone\n  \
           vendor-migrations --help           lists all commands"
    )
}

pub fn steps(out: &mut dyn Screen, steps: &Steps) -> io::Result<()> {
    let state = match (&steps.found, &steps.release) {
        (Some(found), _) => format!("{found} is not vendored yet."),
        (None, Some(release)) => format!(
            "Procrastinate is not vendored yet, and was not found in the project's environments: install it there first, \
             or use release {release} from the package index, as shown below."
        ),
        (None, None) => "Procrastinate is not vendored yet.".to_owned(),
    };
    let number = match steps.commands.len() {
        2 => "Two",
        _ => "Three",
    };
    let intent = format!("{state} {number} commands lead to a `check` that passes:");
    paragraph(out, 0, &intent)?;
    writeln!(out)?;
    for command in &steps.commands {
        writeln!(out, "  {}", one_line(command))?;
    }
    let database = one_line(&steps.database);
    writeln!(out, "\nThen, for the database:\n\n  {database}")
}
