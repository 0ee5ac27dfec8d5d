//! Commands that upgrade to `head`.

use super::words::{At, Word, commands};
use super::{Call, Program};

const PRINTS: [&str; 8] = [
    "echo", "printf", "print", "println", "logger", "grep", "cowsay", "figlet",
];

/// The same, as the first word of a command.
const PRINTS_FIRST: [&str; 9] = [
    "info", "warning", "error", "warn", "log", "die", "fail", "say", "help",
];

/// A quoted command in a quoted command in a quoted command is the deepest that anybody writes.
const DEEPEST: usize = 8;

pub(super) fn calls(line: &[At]) -> Vec<Call> {
    let mut found = Vec::new();
    collect(line, 0, &mut found);
    found
}

fn collect(line: &[At], depth: usize, found: &mut Vec<Call>) {
    if depth > DEEPEST {
        return;
    }
    for command in commands(line) {
        found.extend(call(&command));
        for (at, word) in command.iter().enumerate() {
            match &word.nested {
                Some(nested) if !prints(&command[..at]) => collect(nested, depth + 1, found),
                _ => {}
            }
        }
    }
}

/// The call in one command. There is only one, for what follows the program's name are its arguments.
pub(super) fn call(command: &[Word]) -> Option<Call> {
    (0..command.len()).find_map(|at| {
        let before = &command[..at];
        let found = alembic(before, &command[at..]).or_else(|| flask(&command[at..]))?;
        (!prints(before)).then_some(found)
    })
}

fn prints(before: &[Word]) -> bool {
    let plain = |word: &Word| bare(&word.text).to_ascii_lowercase();
    before
        .iter()
        .any(|word| PRINTS.contains(&plain(word).as_str()))
        || before
            .first()
            .is_some_and(|word| PRINTS_FIRST.contains(&plain(word).as_str()))
}

/// Without what make (`@`, `-`) and YAML or just (`{`) put before a command.
fn bare(word: &str) -> &str {
    word.trim_start_matches(['@', '{', '+', '$'])
}

/// The name of a program, without its directory.
fn program(word: &str) -> &str {
    let name = bare(word).rsplit(['/', '\\']).next().unwrap_or_default();
    name.strip_suffix(".exe").unwrap_or(name)
}

fn alembic(before: &[Word], command: &[Word]) -> Option<Call> {
    let (first, arguments) = command.split_first()?;
    let as_module = before.last().is_some_and(|word| word.text == "-m");
    let is_it = match program(&first.text) {
        "alembic" | "-malembic" => true,
        "alembic.config" => as_module,
        _ => false,
    };
    if !is_it || first.nested.is_some() {
        return None;
    }
    let mut arguments = Arguments(arguments);
    let mut config = before
        .iter()
        .find_map(|word| word.text.strip_prefix("ALEMBIC_CONFIG="))
        .map(str::to_owned);
    let mut section = None;
    let subcommand = loop {
        let word = arguments.next()?;
        if let Some(value) = arguments.option(word, "-c", "--config") {
            config = value;
        } else if let Some(value) = arguments.option(word, "-n", "--name") {
            section = value;
        } else if arguments.option(word, "-x", "--x-arg").is_none() && !word.starts_with('-') {
            break word;
        }
    };
    let revision = (subcommand == "upgrade").then(|| arguments.revision())?;
    is_head(revision?).then_some(Call {
        line: first.line,
        program: Program::Alembic,
        config,
        section,
    })
}

/// `flask db upgrade`; also `python manage.py db upgrade`, of Flask-Script.
fn flask(command: &[Word]) -> Option<Call> {
    let (first, arguments) = command.split_first()?;
    if !matches!(program(&first.text), "flask" | "manage.py") || first.nested.is_some() {
        return None;
    }
    let mut arguments = Arguments(arguments);
    let db = loop {
        let word = arguments.next()?;
        let value = arguments
            .option(word, "-A", "--app")
            .or_else(|| arguments.option(word, "-e", "--env-file"));
        if value.is_none() && !word.starts_with('-') {
            break word;
        }
    };
    if db != "db" || arguments.next()? != "upgrade" {
        return None;
    }
    let mut directory = "migrations".to_owned();
    let revision = arguments.revision_of_flask(&mut directory);
    revision.is_none_or(is_head).then(|| Call {
        line: first.line,
        program: Program::FlaskMigrate,
        config: Some(format!("{}/alembic.ini", directory.trim_end_matches('/'))),
        section: None,
    })
}

/// `head`, or what is `head` unless somebody says otherwise.
fn is_head(revision: &str) -> bool {
    if let Some(variable) = revision.strip_prefix("${") {
        return variable.ends_with("-head}");
    }
    revision.trim_end_matches(['}', ';', '.']) == "head" && !revision.ends_with('.')
}

/// The words behind a program's name.
struct Arguments<'a>(&'a [Word]);

impl<'a> Arguments<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(&first.text)
    }

    /// The value of an option: its next word, or what is glued to it. None if `word` is another option; a value that is only
    /// known when the command runs is `Some(None)`.
    fn option(&mut self, word: &'a str, short: &str, long: &str) -> Option<Option<String>> {
        let value = if word == short || (word.len() > 3 && long.starts_with(word)) {
            self.next()?
        } else if let Some(value) = word
            .strip_prefix(long)
            .and_then(|rest| rest.strip_prefix('='))
        {
            value
        } else if !word.starts_with("--") && word.starts_with(short) {
            &word[short.len()..]
        } else {
            return None;
        };
        Some((!value.contains(['$', '{'])).then(|| value.to_owned()))
    }

    fn revision(&mut self) -> Option<&'a str> {
        loop {
            let word = self.next()?;
            if self.option(word, "--tag", "--tag").is_none() && !word.starts_with('-') {
                return Some(word);
            }
        }
    }

    fn revision_of_flask(&mut self, directory: &mut String) -> Option<&'a str> {
        loop {
            let word = self.next()?;
            if let Some(value) = self.option(word, "-d", "--directory") {
                *directory = value.unwrap_or_default();
            } else if self.option(word, "--tag", "--tag").is_none()
                && self.option(word, "-x", "--x-arg").is_none()
                && !word.starts_with('-')
            {
                return Some(word);
            }
        }
    }
}
