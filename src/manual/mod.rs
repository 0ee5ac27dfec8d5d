//! The manual: a page for the program, and one for each command, made of what the help says.

pub mod store;

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::{Cli, examples};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub file_name: String,
    /// In the language of `man`.
    pub text: String,
}

/// A page that there is not.
#[derive(Debug, thiserror::Error)]
#[error("there is no manual page for `{asked}`")]
pub struct NoPage {
    asked: String,
    known: Vec<String>,
}

impl NoPage {
    /// What there is instead.
    pub fn hint(&self) -> String {
        format!("the commands are {}", self.known.join(", "))
    }
}

const STATUS: [(&str, &str); 3] = [
    ("0", "fine"),
    ("1", "findings, drift, or a refused conflict"),
    (
        "2",
        "wrong usage, or the work could not be done; the project is as it was, or the next sync finishes what was begun and says so",
    ),
];

const ENVIRONMENT: [(&str, &str); 5] = [
    (
        "NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM",
        "decide about colours, unless --color does",
    ),
    (
        "COLUMNS",
        "the width of a terminal that does not tell its own",
    ),
    (
        "VIRTUAL_ENV, CONDA_PREFIX, PATH",
        "where Procrastinate is looked for, after .venv and venv in the project",
    ),
    (
        "XDG_CACHE_HOME",
        "where downloaded releases are kept, in vendor-migrations",
    ),
    (
        "LC_ALL, LC_CTYPE, LANG",
        "whether the spinner is drawn in UTF-8",
    ),
];

const FILES: [(&str, &str); 3] = [
    (
        "pyproject.toml, vendor-migrations.toml",
        "the settings, in the table [tool.vendor-migrations] or in a file of their own; none is needed",
    ),
    (
        "alembic/versions_procrastinate/",
        "the vendored directory, below the script_location of Alembic's configuration",
    ),
    (
        "vendor-migrations.lock",
        "what is vendored, in that directory; in place, in the project's root",
    ),
];

/// All pages, the program's own first.
pub fn pages() -> Vec<Page> {
    let (program, verbs) = commands();
    let main = rendered(&program, &verbs);
    let others = verbs.iter().map(|verb| rendered(verb, &[]));
    std::iter::once(main).chain(others).collect()
}

/// The page of a command, or else the program's own.
pub fn page(verb: Option<&str>) -> Result<Page, NoPage> {
    let (program, verbs) = commands();
    let Some(asked) = verb else {
        return Ok(rendered(&program, &verbs));
    };
    let found = verbs.iter().find(|verb| verb.get_name() == asked);
    found.map(|verb| rendered(verb, &[])).ok_or_else(|| NoPage {
        asked: asked.to_owned(),
        known: verbs
            .iter()
            .map(|verb| verb.get_name().to_owned())
            .collect(),
    })
}

/// The program, and its verbs with the options that they have of it.
fn commands() -> (Command, Vec<Command>) {
    let mut program = Cli::shown().disable_help_subcommand(true);
    program.build();
    let verbs = program.get_subcommands().cloned().collect();
    (program, verbs)
}

fn rendered(command: &Command, verbs: &[Command]) -> Page {
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone())
        .manual("Vendored migrations")
        .source(source);
    let mut text = Vec::new();
    // Writing to memory has no way to fail.
    let _ = sections(&man, command, verbs, &mut text);
    Page {
        file_name: man.get_filename(),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

fn sections(man: &Man, command: &Command, verbs: &[Command], text: &mut Vec<u8>) -> io::Result<()> {
    man.render_title(text)?;
    // Names of commands and files are there to be copied: no hyphens in them.
    text.extend_from_slice(b".nh\n");
    man.render_name_section(text)?;
    man.render_synopsis_section(text)?;
    man.render_description_section(text)?;
    man.render_options_section(text)?;
    let mut rest = Roff::new();
    if !verbs.is_empty() {
        list(
            &mut rest,
            "COMMANDS",
            verbs.iter().map(|verb| {
                let about = verb
                    .get_about()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                (format!("{}(1)", name(verb)), about)
            }),
        );
    }
    rest.control("SH", ["EXAMPLES"]);
    for (index, (example, purpose)) in examples::of(command.get_name()).iter().enumerate() {
        if index > 0 {
            rest.control("PP", []);
        }
        rest.text([roman(*purpose)]);
        rest.control("PP", []);
        rest.control("nf", []);
        rest.control("RS", ["4"]);
        rest.text([bold(*example)]);
        rest.control("RE", []);
        rest.control("fi", []);
    }
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(term, text)| ((*term).to_owned(), (*text).to_owned()))
            .collect()
    };
    list(&mut rest, "EXIT STATUS", owned(&STATUS).into_iter());
    if !verbs.is_empty() {
        list(&mut rest, "ENVIRONMENT", owned(&ENVIRONMENT).into_iter());
        list(&mut rest, "FILES", owned(&FILES).into_iter());
    }
    rest.control("SH", ["SEE ALSO"]);
    let mut also: Vec<String> = verbs
        .iter()
        .map(|verb| format!("{}(1)", name(verb)))
        .collect();
    if verbs.is_empty() {
        also.push(format!("{}(1)", env!("CARGO_PKG_NAME")));
    }
    also.push(env!("CARGO_PKG_REPOSITORY").to_owned());
    rest.text([roman(also.join(", "))]);
    rest.to_writer(text)
}

fn name(command: &Command) -> String {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned()
}

fn list(page: &mut Roff, heading: &str, pairs: impl Iterator<Item = (String, String)>) {
    page.control("SH", [heading]);
    for (term, text) in pairs {
        page.control("TP", []);
        page.text([bold(term)]);
        page.text([roman(text)]);
    }
}
