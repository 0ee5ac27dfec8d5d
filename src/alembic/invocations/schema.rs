//! Commands that apply Procrastinate's schema: its own, and `psql` with the package's file.

use super::commands::{Arguments, program};
use super::words::Word;
use super::{Call, Does};

/// What `procrastinate schema` is told to do. All releases have these three options, and none takes a shortened one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Apply,
    Read,
    MigrationsPath,
}

/// Programs whose arguments are names of packages or files.
const TAKES_NAMES: [&str; 12] = [
    "install",
    "add",
    "remove",
    "uninstall",
    "cp",
    "mv",
    "rm",
    "mkdir",
    "ls",
    "check",
    "format",
    "test",
];

/// A command that applies the schema; `before` are the words in front of it.
pub(super) fn applied(before: &[Word], command: &[Word]) -> Option<Call> {
    let applies = action(before, command) == Some(Action::Apply) || reads_file(command);
    applies.then(|| call(&command[0]))
}

/// Two commands behind each other, by which `psql` is given the schema: `procrastinate schema --read | psql`,
/// `cat …/schema.sql | psql`, `psql < …/schema.sql`.
pub(super) fn fed_to_psql(two: &[Vec<Word>]) -> Option<Call> {
    let [one, other] = two else { return None };
    let is_psql = |command: &[Word]| command.iter().any(|word| program(&word.text) == "psql");
    let cats = one
        .first()
        .is_some_and(|first| program(&first.text) == "cat");
    let reads = (0..one.len()).find(|&at| action(&one[..at], &one[at..]) == Some(Action::Read));
    if is_psql(other) {
        let first = reads.or_else(|| (cats && one.iter().any(is_schema)).then_some(0))?;
        Some(call(&one[first]))
    } else {
        let [file] = other.as_slice() else {
            return None;
        };
        (is_psql(one) && is_schema(file)).then(|| call(&one[0]))
    }
}

fn call(word: &Word) -> Call {
    Call {
        line: word.line,
        does: Does::ApplySchema,
    }
}

/// `procrastinate schema`, which applies it by default. Of several options the last one counts. Django's
/// `manage.py procrastinate` has no `schema`.
fn action(before: &[Word], command: &[Word]) -> Option<Action> {
    let (first, arguments) = command.split_first()?;
    let is_procrastinate = matches!(program(&first.text), "procrastinate" | "-mprocrastinate");
    let takes_names = before
        .iter()
        .any(|word| TAKES_NAMES.contains(&program(&word.text)));
    let of_django = before
        .last()
        .is_some_and(|word| matches!(program(&word.text), "manage.py" | "django-admin"));
    if !is_procrastinate || takes_names || of_django || first.nested.is_some() {
        return None;
    }
    let mut arguments = Arguments::new(arguments);
    let [level, format, style] =
        ["--log-level", "--log-format", "--log-format-style"].map(|option| (option, option));
    if ended(arguments.positional(&[("-a", "--app"), level, format, style])?) != "schema" {
        return None;
    }
    let mut action = None;
    while let Some(option) = arguments.next() {
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

/// `psql -f …/procrastinate/sql/schema.sql`.
fn reads_file(command: &[Word]) -> bool {
    let Some((first, arguments)) = command.split_first() else {
        return false;
    };
    let glued = |word: &Word| word.text.starts_with("-f") || word.text.starts_with("--file=");
    let mut after_option = false;
    program(&first.text) == "psql"
        && arguments.iter().any(|word| {
            let is_value = std::mem::replace(
                &mut after_option,
                matches!(word.text.as_str(), "-f" | "--file"),
            );
            (is_value || glued(word)) && is_schema(word)
        })
}

fn is_schema(word: &Word) -> bool {
    word.text
        .replace('\\', "/")
        .ends_with("procrastinate/sql/schema.sql")
}
