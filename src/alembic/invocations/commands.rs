//! Commands that upgrade to `head`, or apply Procrastinate's schema.

use super::directory::{self, joined};
use super::words::{At, Word, commands};
use super::{Call, Does, Program, Upgrade};
use super::{python, schema};

const PRINTS: [&str; 8] = [
    "echo", "printf", "print", "println", "logger", "grep", "cowsay", "figlet",
];

/// The same, as the first word of a command.
const PRINTS_FIRST: [&str; 9] = [
    "info", "warning", "error", "warn", "log", "die", "fail", "say", "help",
];

/// What is behind so many words of one command is not looked at.
const MOST_WORDS: usize = 1_000;

/// How many quoted commands inside of each other are read.
const DEEPEST: usize = 8;

/// The calls of a line that is run in `directory`, which becomes the one that it leaves behind.
pub(super) fn calls(line: &[At], directory: &mut Option<String>) -> Vec<Call> {
    let mut found = Vec::new();
    collect(line, 0, directory, &mut found);
    found
}

fn collect(line: &[At], depth: usize, directory: &mut Option<String>, found: &mut Vec<Call>) {
    if depth > DEEPEST {
        return;
    }
    let mut commands = commands(line);
    let mut outside = Vec::new();
    for command in &commands {
        match (command[0].text.as_str(), directory::entered(command)) {
            ("(", _) => outside.push(directory.clone()),
            (")", _) => *directory = outside.pop().unwrap_or_else(|| directory.take()),
            (_, Some(None)) => *directory = None,
            (_, Some(entered)) => *directory = joined(directory.as_deref(), entered),
            (_, None) => of_words(command, depth, directory, found),
        }
    }
    commands.retain(|command| !matches!(command[0].text.as_str(), "(" | ")"));
    found.extend(commands.windows(2).filter_map(schema::fed_to_psql));
}

/// The calls in one command: its own, and those in the quoted texts that it is given.
fn of_words(command: &[Word], depth: usize, directory: &Option<String>, found: &mut Vec<Call>) {
    let command = &command[..command.len().min(MOST_WORDS)];
    found.extend(call(command).map(|call| call.run_in(directory.as_deref())));
    for (at, word) in command.iter().enumerate() {
        let before = &command[..at];
        match &word.nested {
            Some(_) if is_python(before) => {
                let calls = python::calls(&word.text).into_iter();
                found.extend(calls.map(|call| Call {
                    line: word.line,
                    ..call
                }));
            }
            Some(nested) if !prints(before) => {
                collect(nested, depth + 1, &mut directory.clone(), found);
            }
            _ => {}
        }
    }
}

/// Whether what follows is Python: `python -c "…"`.
fn is_python(before: &[Word]) -> bool {
    let is_version = |c: char| c.is_ascii_digit() || c == '.';
    let mut words = before.iter();
    let runs = words.any(|word| program(&word.text).trim_end_matches(is_version) == "python");
    runs && before.last().is_some_and(|word| word.text == "-c")
}

/// The calls in one command that is there as a list.
pub(super) fn in_list(command: &[Word], directory: Option<String>) -> Vec<Call> {
    let mut found = Vec::new();
    of_words(command, 0, &directory, &mut found);
    found
}

/// A command's own call. There is only one, for what follows the program's name are its arguments.
fn call(command: &[Word]) -> Option<Call> {
    (0..command.len()).find_map(|at| {
        let before = &command[..at];
        let rest = &command[at..];
        let found = alembic(before, rest)
            .or_else(|| flask(rest))
            .or_else(|| schema::applied(before, rest))?;
        (!prints(before)).then(|| found.run_in(directory::option(before).as_deref()))
    })
}

pub(super) fn prints(before: &[Word]) -> bool {
    before.iter().enumerate().any(|(at, word)| {
        let name = bare(&word.text).to_ascii_lowercase();
        PRINTS.contains(&name.as_str()) || (at == 0 && PRINTS_FIRST.contains(&name.as_str()))
    })
}

/// Without what make (`@`, `-`) and YAML or just (`{`) put before a command.
pub(super) fn bare(word: &str) -> &str {
    word.trim_start_matches(['@', '{', '+', '$'])
}

/// The name of a program, without its directory.
pub(super) fn program(word: &str) -> &str {
    let name = bare(word).rsplit(['/', '\\']).next().unwrap_or_default();
    name.strip_suffix(".exe").unwrap_or(name)
}

fn alembic(before: &[Word], command: &[Word]) -> Option<Call> {
    let (first, arguments) = command.split_first()?;
    let is_alembic = match program(&first.text) {
        // A `-` in make and in a systemd unit lets the command fail.
        "alembic" | "-malembic" | "-alembic" | "-@alembic" => true,
        "alembic.config" => before.last().is_some_and(|word| word.text == "-m"),
        _ => false,
    };
    if !is_alembic || first.nested.is_some() {
        return None;
    }
    let mut arguments = Arguments::new(arguments);
    let subcommand =
        arguments.positional(&[("-c", "--config"), ("-n", "--name"), ("-x", "--x-arg")])?;
    if subcommand != "upgrade" || !is_head(arguments.positional(&[("--tag", "--tag")])?) {
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
fn flask(command: &[Word]) -> Option<Call> {
    let (first, arguments) = command.split_first()?;
    if !matches!(program(&first.text), "flask" | "manage.py") || first.nested.is_some() {
        return None;
    }
    let mut arguments = Arguments::new(arguments);
    let db = arguments.positional(&[("-A", "--app"), ("-e", "--env-file")])?;
    if db != "db" || arguments.next()? != "upgrade" {
        return None;
    }
    let revision =
        arguments.positional(&[("-d", "--directory"), ("--tag", "--tag"), ("-x", "--x-arg")]);
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

/// The words behind a program's name, and the options that were read from them.
pub(super) struct Arguments<'a> {
    words: std::slice::Iter<'a, Word>,
    options: Vec<(&'static str, Option<String>)>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(words: &'a [Word]) -> Self {
        Self {
            words: words.iter(),
            options: Vec::new(),
        }
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.words.next().map(|word| word.text.as_str())
    }

    /// The next word that is no option. `options`, each by its short and its long name, are those that take a value.
    pub(super) fn positional(
        &mut self,
        options: &[(&'static str, &'static str)],
    ) -> Option<&'a str> {
        loop {
            let word = self.next()?;
            let option = options
                .iter()
                .find_map(|&(short, long)| Some((long, self.option(word, short, long)?)));
            match option {
                Some(option) => self.options.push(option),
                None if word.starts_with('-') => {}
                None => return Some(word),
            }
        }
    }

    /// The value of an option: its next word, or the rest of its own. None if `word` is another option; a value that is only
    /// known when the command runs is `Some(None)`.
    fn option(&mut self, word: &'a str, short: &str, long: &str) -> Option<Option<String>> {
        let glued = word.strip_prefix(long);
        let value = if word == short || (word.len() > 3 && long.starts_with(word)) {
            self.next()?
        } else if let Some(value) = glued.and_then(|rest| rest.strip_prefix('=')) {
            value
        } else {
            word.strip_prefix(short)
                .filter(|_| !word.starts_with("--"))?
        };
        Some((!value.contains(['$', '{'])).then(|| value.to_owned()))
    }

    /// The last value given to an option, as [`Self::option`] has it.
    fn value(&self, long: &str) -> Option<Option<String>> {
        let mut options = self.options.iter().rev();
        let (_, value) = options.find(|(name, _)| *name == long)?;
        Some(value.clone())
    }
}
