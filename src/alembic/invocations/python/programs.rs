//! Programs that Python runs.

use super::File;
use crate::alembic::invocations::directory::Directory;
use crate::alembic::invocations::words::{Lined, Word};
use crate::alembic::invocations::{Call, commands};
use crate::python_source::{Expr, ExprCall};

/// Functions that run a program: `subprocess`, `os`, `asyncio`, nox, invoke, fabric.
pub(super) const RUNS: [&str; 16] = [
    "run",
    "run_always",
    "run_install",
    "call",
    "check_call",
    "check_output",
    "Popen",
    "system",
    "popen",
    "getoutput",
    "getstatusoutput",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "local",
    "sudo",
    "execvp",
];

impl<'a> File<'a> {
    /// `run("alembic upgrade head")`, `run(["alembic", …])`, `run("alembic", "upgrade", "head")`.
    pub(super) fn program(&self, call: &'a ExprCall) -> Vec<Call> {
        let arguments = &call.arguments.args;
        let keyword = call.arguments.find_keyword("args");
        let mut given = arguments
            .iter()
            .chain(keyword.map(|keyword| &keyword.value));
        // `os.execvp` has the list behind the program's name.
        let directory = call.arguments.find_keyword("cwd");
        let directory = directory.and_then(|cwd| self.string(&cwd.value));
        let mut directory: Directory = directory.map(Into::into);
        if let Some(words) = given.clone().take(2).find_map(|list| self.list(list)) {
            return commands::in_list(&words, directory);
        }
        let Some(first) = given.next() else {
            return Vec::new();
        };
        let Some(first) = self.followed(first) else {
            return Vec::new();
        };
        let text = self.text(first);
        if text.contains(char::is_whitespace) {
            let line = Lined::new(self.lines.line(first), text);
            return commands::calls(&line, &mut directory);
        }
        commands::in_list(&self.words(arguments), directory)
    }

    /// The arguments of a program's own command line, without the program's name.
    pub(super) fn command_line(&self, program: &str, arguments: Option<&'a Expr>) -> Vec<Call> {
        let Some(mut words) = arguments.and_then(|arguments| self.list(arguments)) else {
            return Vec::new();
        };
        let line = words.first().map_or(1, |word| word.line);
        let program = Word::new(line, program.to_owned());
        words.insert(0, program);
        commands::in_list(&words, None)
    }

    fn list(&self, list: &'a Expr) -> Option<Vec<Word<'static>>> {
        match self.followed(list)? {
            Expr::List(list) => Some(self.words(&list.elts)),
            Expr::Tuple(tuple) => Some(self.words(&tuple.elts)),
            _ => None,
        }
    }

    fn words(&self, expressions: &'a [Expr]) -> Vec<Word<'static>> {
        let words = expressions.iter();
        words.map(|expression| self.word(expression)).collect()
    }

    fn word(&self, expression: &'a Expr) -> Word<'static> {
        let line = self.lines.line(expression);
        let text = match self.is_head(expression) {
            true => "head".to_owned(),
            false => self
                .followed(expression)
                .map_or_else(|| "$".to_owned(), |value| self.text(value)),
        };
        Word::argument(line, text)
    }
}
