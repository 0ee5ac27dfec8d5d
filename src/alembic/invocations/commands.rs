//! Commands that upgrade to `head`, or apply Procrastinate's schema.

use super::arguments::{Arguments, Place, Tried};
use super::directory::{self, Directory, joined};
use super::words::{Lined, Word, commands};
use super::{Call, Does, Program, Upgrade};
use super::{python, schema};
use crate::effort;

const PRINTS: [&str; 8] = [
    "echo", "printf", "print", "println", "logger", "grep", "cowsay", "figlet",
];

/// The same, as the first word of a command.
const PRINTS_FIRST: [&str; 9] = [
    "info", "warning", "error", "warn", "log", "die", "fail", "say", "help",
];

/// How many quoted commands inside of each other are read.
const DEEPEST: usize = 8;

/// The calls of a line that is run in `directory`, which becomes the one that it leaves behind.
pub(super) fn calls(line: &Lined<'_>, directory: &mut Directory) -> Vec<Call> {
    let mut found = Vec::new();
    collect(line, 0, directory, &mut found);
    found
}

/// Whether a line may hold a call or enter a directory: by two letters of each program's name. Quotes and backslashes may hide these.
fn may_matter(line: &str) -> bool {
    let mut before = 0;
    line.bytes().any(|byte| {
        let two = [std::mem::replace(&mut before, byte), byte];
        // `flask`, `alembic`, `manage.py`, `procrastinate`, `psql`; `cd`, `pushd`, `popd`.
        matches!(byte, b'"' | b'\'' | b'\\')
            || matches!(
                &two,
                b"fl" | b"mb" | b"ag" | b"cr" | b"sq" | b"cd" | b"hd" | b"pd"
            )
    })
}

fn collect(line: &Lined<'_>, depth: usize, directory: &mut Directory, found: &mut Vec<Call>) {
    if depth > DEEPEST || !may_matter(&line.text) {
        return;
    }
    let commands = commands(line);
    let mut outside = Vec::new();
    for command in commands.iter() {
        match (&*command[0].text, directory::entered(command)) {
            ("(", _) => outside.push(directory.clone()),
            (")", _) => *directory = outside.pop().unwrap_or_else(|| directory.take()),
            (_, Some(None)) => *directory = None,
            (_, Some(entered)) => *directory = joined(directory.clone(), entered),
            (_, None) => of_words(command, depth, directory, found),
        }
    }
    if commands
        .words()
        .iter()
        .any(|word| word.text.contains("psql"))
    {
        let commands = commands.iter();
        let commands = commands.filter(|command| !matches!(&*command[0].text, "(" | ")"));
        let commands: Vec<&[Word]> = commands.collect();
        found.extend(commands.windows(2).filter_map(schema::fed_to_psql));
    }
}

/// The calls in one command: its own, and those in the quoted texts that it is given.
fn of_words(command: &[Word<'_>], depth: usize, directory: &Directory, found: &mut Vec<Call>) {
    found.extend(call(command).map(|call| call.run_in(directory.as_ref())));
    if !command.iter().any(Word::is_nested) {
        return;
    }
    let mut before = Before::default();
    for (at, word) in command.iter().enumerate() {
        let is_option = at > 0 && command[at - 1].text == "-c";
        match word.nested() {
            Some(_) if before.runs_python && is_option => {
                let calls = python::calls_of_text(&word.text).into_iter();
                found.extend(calls.map(|call| Call {
                    line: word.line,
                    ..call
                }));
            }
            Some(nested) if !before.prints => {
                collect(&nested, depth + 1, &mut directory.clone(), found);
            }
            _ => {}
        }
        before.take(word, at);
    }
}

/// What the words in front of one are, whatever their order.
#[derive(Default)]
pub(super) struct Before {
    /// What follows is printed.
    prints: bool,
    /// One is Python: what follows its `-c` is.
    runs_python: bool,
    /// What follows are names of packages or files.
    pub(super) takes_names: bool,
}

impl Before {
    pub(super) fn take(&mut self, word: &Word<'_>, at: usize) {
        self.take_program(program(&word.text), word, at);
    }

    /// The same of a word whose program's name is at hand.
    fn take_program(&mut self, program: &str, word: &Word<'_>, at: usize) {
        effort::count(1);
        let is_version = |c: char| c.is_ascii_digit() || c == '.';
        self.prints |= prints(word, at);
        self.runs_python |=
            program.starts_with("python") && program.trim_end_matches(is_version) == "python";
        self.takes_names |= schema::takes_names(program);
    }
}

/// The calls in one command that is there as a list.
pub(super) fn in_list(command: &[Word<'_>], directory: Directory) -> Vec<Call> {
    let mut found = Vec::new();
    of_words(command, 0, &directory, &mut found);
    found
}

/// A command's own call. There is only one, for what follows the program's name are its arguments.
fn call(command: &[Word<'_>]) -> Option<Call> {
    let mut before = Before::default();
    let mut tried = Tried::default();
    let mut files = None;
    for (at, word) in command.iter().enumerate() {
        if before.prints {
            return None;
        }
        let name = program(&word.text);
        let found = match name {
            _ if word.is_nested() => None,
            "alembic" | "-malembic" | "-alembic" | "-@alembic" | "alembic.config" => {
                alembic(command, at, &mut tried)
            }
            "flask" | "manage.py" => flask(command, at, &mut tried),
            "procrastinate" | "-mprocrastinate" => {
                schema::applied(command, at, &before, &mut tried)
            }
            _ => None,
        };
        let found = match (found, name) {
            (None, "psql") => schema::reads_file(command, at, &mut files),
            (found, _) => found,
        };
        if let Some(found) = found {
            let directory = directory::option(&command[..at]);
            return Some(found.run_in(directory.as_ref()));
        }
        before.take_program(name, word, at);
    }
    None
}

/// Whether what follows the word at `at` of a command is printed.
pub(super) fn prints(word: &Word<'_>, at: usize) -> bool {
    let name = bare(&word.text);
    if !(3..=7).contains(&name.len()) {
        return false;
    }
    let is = |known: &[&str]| known.iter().any(|known| name.eq_ignore_ascii_case(known));
    is(&PRINTS) || (at == 0 && is(&PRINTS_FIRST))
}

/// Without what make (`@`, `-`) and YAML or just (`{`) put before a command.
pub(super) fn bare(word: &str) -> &str {
    word.trim_start_matches(['@', '{', '+', '$'])
}

/// The name of a program, without its directory.
pub(super) fn program(word: &str) -> &str {
    let name = bare(word);
    let slash = name.bytes().rposition(|byte| matches!(byte, b'/' | b'\\'));
    let name = &name[slash.map_or(0, |slash| slash + 1)..];
    name.strip_suffix(".exe").unwrap_or(name)
}

/// `alembic upgrade head`. A `-` before it, in make and in a systemd unit, lets the command fail.
fn alembic(command: &[Word<'_>], at: usize, tried: &mut Tried) -> Option<Call> {
    let (first, before) = (&command[at], &command[..at]);
    let is_module = before.last().is_some_and(|word| word.text == "-m");
    if program(&first.text) == "alembic.config" && !is_module {
        return None;
    }
    let mut arguments = Arguments::new(command, at + 1, tried);
    let options = [("-c", "--config"), ("-n", "--name"), ("-x", "--x-arg")];
    let subcommand = arguments.positional(Place::Alembic, &options)?;
    let tag = [("--tag", "--tag")];
    if subcommand != "upgrade" || !is_head(arguments.positional(Place::Upgrade, &tag)?) {
        return None;
    }
    let variable = || {
        let mut words = before.iter();
        let value = words.find_map(|word| word.text.strip_prefix("ALEMBIC_CONFIG="));
        value.map(str::to_owned)
    };
    Some(Call {
        line: first.line,
        does: Does::UpgradeHead(Upgrade {
            program: Program::Alembic,
            config: arguments.value("--config").unwrap_or_else(variable),
            section: arguments.value("--name").flatten(),
            directory: None,
        }),
    })
}

/// `flask db upgrade`; also `python manage.py db upgrade`, of Flask-Script.
fn flask(command: &[Word<'_>], at: usize, tried: &mut Tried) -> Option<Call> {
    let first = &command[at];
    let mut arguments = Arguments::new(command, at + 1, tried);
    let db = arguments.positional(Place::Flask, &[("-A", "--app"), ("-e", "--env-file")])?;
    if db != "db" || arguments.next()? != "upgrade" {
        return None;
    }
    let options = [("-d", "--directory"), ("--tag", "--tag"), ("-x", "--x-arg")];
    let revision = arguments.positional(Place::FlaskUpgrade, &options);
    if arguments.was_tried {
        return None;
    }
    let directory = match arguments.value("--directory") {
        Some(directory) => directory.unwrap_or_default(),
        None => "migrations".to_owned(),
    };
    revision.is_none_or(is_head).then(|| Call {
        line: first.line,
        does: Does::UpgradeHead(Upgrade {
            program: Program::FlaskMigrate,
            config: Some(format!("{}/alembic.ini", directory.trim_end_matches('/'))),
            section: None,
            directory: None,
        }),
    })
}

/// Whether it is `head`, or a shell variable whose default value is `head`: `${REVISION:-head}`.
fn is_head(revision: &str) -> bool {
    if let Some(variable) = revision.strip_prefix("${") {
        return variable.ends_with("-head}");
    }
    revision.trim_end_matches(['}', ';', '.']) == "head" && !revision.ends_with('.')
}
