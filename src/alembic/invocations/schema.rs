//! Commands that apply Procrastinate's schema: its own, and `psql` with the package's file.

use super::arguments::{Arguments, Place, Tried};
use super::commands::{Before, program};
use super::words::Word;
use super::{Call, Does};
use crate::effort;

/// What `procrastinate schema` is told to do. All releases have these three options, and none takes a shortened one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Apply,
    Read,
    MigrationsPath,
}

/// Whether the arguments of a program are names of packages or files.
pub(super) fn takes_names(program: &str) -> bool {
    matches!(
        program,
        "install"
            | "add"
            | "remove"
            | "uninstall"
            | "cp"
            | "mv"
            | "rm"
            | "mkdir"
            | "ls"
            | "check"
            | "format"
            | "test"
    )
}

/// The call, if the word at `at` of a command is Procrastinate, told to apply the schema.
pub(super) fn applied(
    command: &[Word<'_>],
    at: usize,
    before: &Before,
    tried: &mut Tried,
) -> Option<Call> {
    let applies = action(command, at, before, tried) == Some(Action::Apply);
    applies.then(|| call(&command[at]))
}

/// Two commands behind each other, by which `psql` is given the schema: `procrastinate schema --read | psql`,
/// `cat …/schema.sql | psql`, `psql < …/schema.sql`.
pub(super) fn fed_to_psql(two: &[&[Word<'_>]]) -> Option<Call> {
    let [one, other] = two else { return None };
    let is_psql = |command: &[Word]| command.iter().any(|word| program(&word.text) == "psql");
    if is_psql(other) {
        let cats = || program(&one[0].text) == "cat" && one.iter().any(is_schema);
        let first = reads(one).or_else(|| cats().then_some(0))?;
        Some(call(&one[first]))
    } else {
        let [file] = other else {
            return None;
        };
        (is_psql(one) && is_schema(file)).then(|| call(&one[0]))
    }
}

/// Where a command is Procrastinate, told to print its schema.
fn reads(command: &[Word<'_>]) -> Option<usize> {
    let (mut before, mut tried) = (Before::default(), Tried::default());
    (0..command.len()).find(|&at| {
        let action = action(command, at, &before, &mut tried);
        before.take(&command[at], at);
        action == Some(Action::Read)
    })
}

fn call(word: &Word<'_>) -> Call {
    Call {
        line: word.line,
        does: Does::ApplySchema,
    }
}

/// `procrastinate schema`, which applies it by default. Of several options the last one counts. Django's
/// `manage.py procrastinate` has no `schema`.
fn action(command: &[Word<'_>], at: usize, before: &Before, tried: &mut Tried) -> Option<Action> {
    let first = &command[at];
    if !matches!(program(&first.text), "procrastinate" | "-mprocrastinate") {
        return None;
    }
    let of_django = command[..at]
        .last()
        .is_some_and(|word| matches!(program(&word.text), "manage.py" | "django-admin"));
    if before.takes_names || of_django || first.is_nested() {
        return None;
    }
    let mut arguments = Arguments::new(command, at + 1, tried);
    let [level, format, style] =
        ["--log-level", "--log-format", "--log-format-style"].map(|option| (option, option));
    let options = [("-a", "--app"), level, format, style];
    if ended(arguments.positional(Place::Procrastinate, &options)?) != "schema" {
        return None;
    }
    let mut action = None;
    while let Some(option) = arguments.next() {
        effort::count(1);
        action = match ended(option) {
            "" => action,
            "--apply" => Some(Action::Apply),
            "--read" => Some(Action::Read),
            "--migrations-path" => Some(Action::MigrationsPath),
            // Known only when the command runs.
            variable if variable.contains(['$', '{']) => Some(action?),
            _ => return None,
        };
    }
    Some(action.unwrap_or(Action::Apply))
}

/// Without what ends a command in a shell or a justfile.
fn ended(word: &str) -> &str {
    word.trim_end_matches(['}', ';'])
}

/// The last of a command's words that are given as a file to read, and are the schema: by an option of their own, and by the one before.
#[derive(Clone, Copy)]
pub(super) struct Files {
    glued: Option<usize>,
    behind_option: Option<usize>,
}

impl Files {
    fn of(command: &[Word<'_>]) -> Self {
        effort::count(command.len());
        let glued = |word: &Word| word.text.starts_with("-f") || word.text.starts_with("--file=");
        let is_option = |word: &Word| matches!(&*word.text, "-f" | "--file");
        Self {
            glued: command
                .iter()
                .rposition(|word| glued(word) && is_schema(word)),
            behind_option: command
                .windows(2)
                .rposition(|two| is_option(&two[0]) && is_schema(&two[1])),
        }
    }
}

/// The call, if the word at `at` of a command is `psql`, with `-f …/procrastinate/sql/schema.sql` behind it.
pub(super) fn reads_file(
    command: &[Word<'_>],
    at: usize,
    files: &mut Option<Files>,
) -> Option<Call> {
    let files = files.get_or_insert_with(|| Files::of(command));
    let last = files.glued.max(files.behind_option);
    last.is_some_and(|last| last > at)
        .then(|| call(&command[at]))
}

fn is_schema(word: &Word<'_>) -> bool {
    const FILE: &str = "procrastinate/sql/schema.sql";
    let end = word.text.len().checked_sub(FILE.len());
    let end = end.and_then(|start| word.text.get(start..));
    end.is_some_and(|end| end.replace('\\', "/") == FILE)
}
