//! The manual: a page for the program, and one for each command, made of what the help says.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::Cli;
use crate::cli::examples::{self, pairs};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub file_name: String,
    /// In the language of `man`.
    pub text: String,
}

#[derive(Debug, thiserror::Error)]
#[error("there is no manual page for `{asked}`")]
pub struct NoPage {
    asked: String,
    known: Vec<String>,
}

impl NoPage {
    pub fn hint(&self) -> String {
        format!("the commands are {}", self.known.join(", "))
    }
}

// In pairs of lines, as `pairs` reads them.
const STATUS: &str = "\
0
    fine
1
    findings, drift, or a refused conflict
2
    wrong usage, or the work could not be done; the message then says that the project is unchanged, or what was done and what to run";
const ENVIRONMENT: &str = "\
NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM
    decide about colours, unless --color does
COLUMNS
    the width of a terminal that does not report its width
VIRTUAL_ENV, CONDA_PREFIX, PATH
    where Procrastinate is looked for, after .venv and venv in the project
XDG_CACHE_HOME
    where downloaded releases are kept, in vendor-migrations
LC_ALL, LC_CTYPE, LANG
    whether the spinner is drawn in UTF-8";
const FILES: &str = "\
pyproject.toml, vendor-migrations.toml
    the settings, in the table [tool.vendor-migrations] or in a file of their own; none is needed
alembic/versions_procrastinate/
    the vendored directory, below the script_location of Alembic's configuration
vendor-migrations.lock
    what is vendored, in that directory; in place, in the project's root";

/// All pages, the program's own first.
pub fn pages() -> Vec<Page> {
    let program = program();
    let commands = std::iter::once(&program).chain(program.get_subcommands());
    commands.map(rendered).collect()
}

/// The page of a command, or else the program's own.
pub fn page(verb: Option<&str>) -> Result<Page, NoPage> {
    let program = program();
    let Some(asked) = verb else {
        return Ok(rendered(&program));
    };
    let names = program.get_subcommands().map(Command::get_name);
    let found = program.find_subcommand(asked).map(rendered);
    found.ok_or_else(|| NoPage {
        asked: asked.to_owned(),
        known: names.map(str::to_owned).collect(),
    })
}

/// The program, with the global options in each of its commands.
fn program() -> Command {
    let mut program = Cli::shown().disable_help_subcommand(true);
    program.build();
    program
}

fn rendered(command: &Command) -> Page {
    let man = Man::new(command.clone())
        .manual("Vendored migrations")
        .source(concat!(
            env!("CARGO_PKG_NAME"),
            " ",
            env!("CARGO_PKG_VERSION")
        ));
    let mut text = Vec::new();
    // Writing to memory has no way to fail.
    let _ = sections(&man, &mut text);
    let _ = more_sections(command).to_writer(&mut text);
    Page {
        file_name: man.get_filename(),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

fn sections(man: &Man, text: &mut Vec<u8>) -> io::Result<()> {
    man.render_title(text)?;
    // Names of commands and files are there to be copied: no hyphens in them.
    text.extend_from_slice(b".nh\n");
    man.render_name_section(text)?;
    man.render_synopsis_section(text)?;
    man.render_description_section(text)?;
    man.render_options_section(text)
}

/// The sections that `clap_mangen` does not know, or writes in another way.
fn more_sections(command: &Command) -> Roff {
    let mut page = Roff::new();
    let is_program = command.has_subcommands();
    let mut also: Vec<String> = command.get_subcommands().map(name).collect();
    if is_program {
        let about = |verb: &Command| {
            verb.get_about()
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        let pairs = command
            .get_subcommands()
            .map(|verb| (name(verb), about(verb)));
        list(&mut page, "COMMANDS", pairs);
    } else {
        also.push(format!("{}(1)", env!("CARGO_PKG_NAME")));
    }
    page.control("SH", ["EXAMPLES"]);
    for (index, (example, purpose)) in examples::of(command.get_name()).enumerate() {
        if index > 0 {
            page.control("PP", []);
        }
        page.text([roman(purpose)]);
        page.control("PP", []);
        page.control("nf", []);
        page.control("RS", ["4"]);
        page.text([bold(example)]);
        page.control("RE", []);
        page.control("fi", []);
    }
    list(&mut page, "EXIT STATUS", pairs(STATUS));
    if is_program {
        list(&mut page, "ENVIRONMENT", pairs(ENVIRONMENT));
        list(&mut page, "FILES", pairs(FILES));
    }
    also.push(env!("CARGO_PKG_REPOSITORY").to_owned());
    page.control("SH", ["SEE ALSO"]);
    page.text([roman(also.join(", "))]);
    page
}

/// The name of a command's page.
fn name(command: &Command) -> String {
    let name = command.get_display_name();
    format!("{}(1)", name.unwrap_or_else(|| command.get_name()))
}

fn list<T: Into<String>>(page: &mut Roff, heading: &str, pairs: impl IntoIterator<Item = (T, T)>) {
    page.control("SH", [heading]);
    for (term, text) in pairs {
        page.control("TP", []);
        page.text([bold(term)]);
        page.text([roman(text)]);
    }
}
