//! Python that upgrades to `head`: by Alembic's own commands, or by running a program.

use super::words::Word;
use super::{Call, Program, commands};
use crate::python_source::{
    self, Expr, ExprCall, Names, called, line_at, parse, string_of, text_of,
};

/// Functions that run a program: `subprocess`, `os`, `asyncio`, nox, invoke, fabric.
const RUNS: [&str; 16] = [
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

/// The calls of a file; none if it is not Python.
pub(super) fn calls(source: &str) -> Vec<Call> {
    let Ok(parsed) = parse(source) else {
        return Vec::new();
    };
    let file = File {
        source,
        names: Names::read(parsed.suite()),
    };
    let calls = python_source::calls(parsed.suite());
    calls.filter_map(|call| file.call(call)).collect()
}

struct File<'a> {
    source: &'a str,
    names: Names<'a>,
}

impl<'a> File<'a> {
    fn call(&self, call: &'a ExprCall) -> Option<Call> {
        let argument = |name: &str, at| call.arguments.find_argument_value(name, at);
        match self.names.full_name(&call.func).as_deref() {
            Some("alembic.command.upgrade") => {
                self.upgrade(call, argument("config", 0), argument("revision", 1)?)
            }
            Some("flask_migrate.upgrade") => {
                let text = |name, at| argument(name, at).map(|value| self.string(value));
                let revision = text("revision", 1).unwrap_or(Some("head".to_owned()))?;
                let directory = text("directory", 0).unwrap_or(Some("migrations".to_owned()));
                (revision == "head").then(|| Call {
                    line: line_at(self.source, call),
                    program: Program::FlaskMigrate,
                    config: directory.map(|directory| format!("{directory}/alembic.ini")),
                    section: None,
                })
            }
            Some("alembic.config.main") => self.command_line(argument("argv", 0)?),
            _ if called(call) == "main" && is_command_line(call) => {
                self.command_line(argument("argv", 0)?)
            }
            _ if RUNS.contains(&called(call)) => self.program(call),
            _ => self.handed_on(call),
        }
    }

    /// `asyncio.to_thread(command.upgrade, config, "head")`, `connection.run_sync(…)` and the like.
    fn handed_on(&self, call: &'a ExprCall) -> Option<Call> {
        let is_upgrade = |argument: &Expr| {
            self.names.full_name(argument).as_deref() == Some("alembic.command.upgrade")
        };
        let arguments = &call.arguments.args;
        let at = arguments.iter().position(is_upgrade)?;
        let keyword = call.arguments.find_keyword("revision");
        let keyword = keyword.map(|keyword| &keyword.value);
        let revision = keyword.or_else(|| arguments.get(at + 2))?;
        self.upgrade(call, arguments.get(at + 1), revision)
    }

    fn upgrade(
        &self,
        call: &ExprCall,
        config: Option<&'a Expr>,
        revision: &'a Expr,
    ) -> Option<Call> {
        (self.string(revision)? == "head").then(|| Call {
            line: line_at(self.source, call),
            program: Program::Alembic,
            config: config.and_then(|config| self.config(config)),
            section: None,
        })
    }

    /// `run("alembic upgrade head")`, `run(["alembic", …])`, `run("alembic", "upgrade", "head")`.
    fn program(&self, call: &'a ExprCall) -> Option<Call> {
        let arguments = &call.arguments.args;
        let keyword = call.arguments.find_keyword("args");
        let keyword = keyword.map(|keyword| &keyword.value);
        let first = self.names.resolved(arguments.first().or(keyword)?);
        if let Some(words) = self.list(first) {
            return commands::call(&words);
        }
        let text = self.text(first);
        if text.contains(char::is_whitespace) {
            let line = line_at(self.source, first);
            let characters: Vec<_> = text.chars().map(|character| (character, line)).collect();
            return commands::calls(&characters).into_iter().next();
        }
        commands::call(&self.words(arguments))
    }

    /// The arguments of Alembic's own command line, without the program's name.
    fn command_line(&self, arguments: &'a Expr) -> Option<Call> {
        let mut words = self.list(arguments)?;
        let alembic = Word {
            text: "alembic".to_owned(),
            line: words.first().map_or(1, |word| word.line),
            nested: None,
        };
        words.insert(0, alembic);
        commands::call(&words)
    }

    fn list(&self, list: &'a Expr) -> Option<Vec<Word>> {
        match self.names.resolved(list) {
            Expr::List(list) => Some(self.words(&list.elts)),
            Expr::Tuple(tuple) => Some(self.words(&tuple.elts)),
            _ => None,
        }
    }

    fn words(&self, expressions: &'a [Expr]) -> Vec<Word> {
        let words = expressions.iter();
        words.map(|expression| self.word(expression)).collect()
    }

    fn word(&self, expression: &'a Expr) -> Word {
        Word {
            text: self.text(self.names.resolved(expression)),
            line: line_at(self.source, expression),
            nested: None,
        }
    }

    /// A string; what else it is cannot be known and is written `$`, as in a shell. In an f-string, that goes for what it inserts.
    fn text(&self, expression: &Expr) -> String {
        if let Some(text) = string_of(expression) {
            return text;
        }
        let Expr::FString(_) = expression else {
            return "$".to_owned();
        };
        let quotes = ['"', '\''];
        text_of(self.source, expression)
            .trim_start_matches(|character: char| character.is_ascii_alphabetic())
            .trim_matches(quotes)
            .to_owned()
    }

    /// `Config("alembic.ini")`, at once or by a name.
    fn config(&self, expression: &'a Expr) -> Option<String> {
        let Expr::Call(call) = self.names.resolved(expression) else {
            return None;
        };
        let file = call.arguments.find_argument_value("file_", 0)?;
        self.string(file)
            .filter(|_| called(call).ends_with("Config"))
    }

    fn string(&self, expression: &'a Expr) -> Option<String> {
        string_of(self.names.resolved(expression))
    }
}

fn is_command_line(call: &ExprCall) -> bool {
    let owner = call.func.as_attribute_expr();
    let made = owner.and_then(|owner| owner.value.as_call_expr());
    made.is_some_and(|made| called(made) == "CommandLine")
}
