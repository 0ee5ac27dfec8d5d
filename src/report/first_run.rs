//! The first steps in a project.

use std::io;

use super::prose::paragraph;
use super::screen::Screen;
use crate::escape::one_line;

/// The steps before the first `check` that passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// Upstream, where it was found.
    pub found: Option<String>,
    /// The release that the commands fetch, where it was not.
    pub release: Option<String>,
    /// The commands in order.
    pub commands: Vec<String>,
    /// What brings the database up to date.
    pub database: String,
}

/// Says the commands, each on a line of its own that can be copied.
pub fn steps(out: &mut dyn Screen, steps: &Steps) -> io::Result<()> {
    let Steps {
        found,
        release,
        commands,
        database,
    } = steps;
    let state = match (found, release) {
        (Some(found), _) => format!("{found} is not vendored yet."),
        (None, Some(release)) => format!(
            "Procrastinate is not vendored yet, and was not found in the project's environments: install it there first, or take \
             release {release} from the package index as below."
        ),
        (None, None) => "Procrastinate is not vendored yet.".to_owned(),
    };
    let number = match commands.len() {
        2 => "Two",
        _ => "Three",
    };
    let intent = format!("{state} {number} commands lead to a `check` that passes:");
    paragraph(out, (0, 0), &intent)?;
    writeln!(out)?;
    for command in commands {
        writeln!(out, "  {}", one_line(command))?;
    }
    writeln!(out, "\nThen, for the database:\n\n  {}", one_line(database))
}
