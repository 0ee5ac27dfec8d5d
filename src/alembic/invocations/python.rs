//! Python that upgrades to `head`: by Alembic's own commands, or by running a program.

use std::collections::HashMap;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::words::Word;
use super::{Call, Program, commands};
use crate::python_source::{called, line_at, parse, string_of};

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
    let mut file = File {
        source,
        imported: HashMap::new(),
        assigned: HashMap::new(),
        calls: Vec::new(),
    };
    for statement in parsed.suite() {
        file.visit_stmt(statement);
    }
    let calls = std::mem::take(&mut file.calls);
    calls
        .into_iter()
        .filter_map(|call| file.call(call))
        .collect()
}

struct File<'a> {
    source: &'a str,
    /// What a name stands for: `alembic.command`, `alembic.command.upgrade`.
    imported: HashMap<&'a str, String>,
    /// The last value of a name, and how many it has.
    assigned: HashMap<&'a str, (&'a Expr, usize)>,
    calls: Vec<&'a ExprCall>,
}

impl<'a> File<'a> {
    fn call(&self, call: &'a ExprCall) -> Option<Call> {
        let argument = |name: &str, at| call.arguments.find_argument_value(name, at);
        let line = line_at(self.source, call.range());
        match self.full_name(&call.func).as_deref() {
            Some("alembic.command.upgrade") => {
                let revision = self.value(argument("revision", 1)?);
                (string_of(revision)? == "head").then(|| Call {
                    line,
                    program: Program::Alembic,
                    config: argument("config", 0).and_then(|config| self.config(config)),
                    section: None,
                })
            }
            Some("flask_migrate.upgrade") => {
                let text = |name, at| argument(name, at).map(|value| string_of(self.value(value)));
                let is_head =
                    text("revision", 1).is_none_or(|value| value.as_deref() == Some("head"));
                let directory = text("directory", 0).unwrap_or(Some("migrations".to_owned()));
                is_head.then(|| Call {
                    line,
                    program: Program::FlaskMigrate,
                    config: directory.map(|directory| format!("{directory}/alembic.ini")),
                    section: None,
                })
            }
            Some("alembic.config.main") => self.listed(argument("argv", 0)?, true),
            _ if called(call) == "main" && self.is_command_line(call) => {
                self.listed(argument("argv", 0)?, true)
            }
            _ if RUNS.contains(&called(call)) => self.program(call),
            _ => self.handed_on(call),
        }
    }

    /// `asyncio.to_thread(command.upgrade, config, "head")`, `connection.run_sync(…)` and the like.
    fn handed_on(&self, call: &'a ExprCall) -> Option<Call> {
        let arguments = &call.arguments.args;
        let at = arguments.iter().position(|argument| {
            self.full_name(argument).as_deref() == Some("alembic.command.upgrade")
        })?;
        let keyword = call.arguments.find_keyword("revision");
        let keyword = keyword.map(|keyword| &keyword.value);
        let revision = self.value(keyword.or_else(|| arguments.get(at + 2))?);
        (string_of(revision)? == "head").then(|| Call {
            line: line_at(self.source, call.range()),
            program: Program::Alembic,
            config: arguments.get(at + 1).and_then(|config| self.config(config)),
            section: None,
        })
    }

    /// `run("alembic upgrade head")`, `run(["alembic", …])`, `run("alembic", "upgrade", "head")`.
    fn program(&self, call: &'a ExprCall) -> Option<Call> {
        let arguments = &call.arguments.args;
        let first = self.value(arguments.first().or_else(|| {
            let args = call.arguments.find_keyword("args");
            args.map(|args| &args.value)
        })?);
        if matches!(first, Expr::List(_) | Expr::Tuple(_)) {
            return self.listed(first, false);
        }
        let text = self.text(first);
        if text.contains(char::is_whitespace) {
            let line = line_at(self.source, first.range());
            let characters: Vec<_> = text.chars().map(|character| (character, line)).collect();
            return commands::calls(&characters).into_iter().next();
        }
        let words: Vec<Word> = arguments
            .iter()
            .map(|argument| self.word(argument))
            .collect();
        commands::call(&words)
    }

    /// A list of arguments, with or without the program's name.
    fn listed(&self, list: &'a Expr, arguments_only: bool) -> Option<Call> {
        let elements = match self.value(list) {
            Expr::List(list) => &list.elts[..],
            Expr::Tuple(tuple) => &tuple.elts[..],
            _ => return None,
        };
        let mut words: Vec<Word> = elements.iter().map(|element| self.word(element)).collect();
        if arguments_only {
            let line = words.first().map_or(1, |word| word.line);
            let text = "alembic".to_owned();
            let nested = None;
            words.insert(0, Word { text, line, nested });
        }
        commands::call(&words)
    }

    fn word(&self, expression: &'a Expr) -> Word {
        Word {
            text: self.text(self.value(expression)),
            line: line_at(self.source, expression.range()),
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
        let range = expression.range();
        let source = &self.source[usize::from(range.start())..usize::from(range.end())];
        let quotes = ['"', '\''];
        source
            .trim_start_matches(|character: char| character.is_ascii_alphabetic())
            .trim_matches(quotes)
            .to_owned()
    }

    /// `Config("alembic.ini")`, at once or by a name.
    fn config(&self, expression: &'a Expr) -> Option<String> {
        let Expr::Call(call) = self.value(expression) else {
            return None;
        };
        let file = call.arguments.find_argument_value("file_", 0)?;
        string_of(self.value(file)).filter(|_| called(call).ends_with("Config"))
    }

    fn is_command_line(&self, call: &ExprCall) -> bool {
        let owner = call.func.as_attribute_expr();
        let made = owner.and_then(|owner| owner.value.as_call_expr());
        made.is_some_and(|made| called(made) == "CommandLine")
    }

    /// What a name that is assigned once stands for.
    fn value(&self, expression: &'a Expr) -> &'a Expr {
        let name = expression.as_name_expr().map(|name| name.id.as_str());
        match name.and_then(|name| self.assigned.get(name)) {
            Some((value, 1)) => value,
            _ => expression,
        }
    }

    /// `alembic.command.upgrade`, whatever it was imported as.
    fn full_name(&self, function: &Expr) -> Option<String> {
        match function {
            Expr::Name(name) => self.imported.get(name.id.as_str()).cloned(),
            Expr::Attribute(attribute) => {
                let owner = self.full_name(&attribute.value)?;
                Some(format!("{owner}.{}", attribute.attr))
            }
            _ => None,
        }
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        if let Some(name) = target.as_name_expr() {
            let entry = self.assigned.entry(name.id.as_str()).or_insert((value, 0));
            *entry = (value, entry.1 + 1);
        }
    }
}

impl<'a> Visitor<'a> for File<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    let full = format!("{module}.{}", alias.name);
                    self.imported.insert(bound.as_str(), full);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.name.as_str();
                    let (bound, full) = match &alias.asname {
                        Some(bound) => (bound.as_str(), name),
                        // `import a.b` binds `a`.
                        None => (
                            name.split('.').next().unwrap_or(name),
                            name.split('.').next().unwrap_or(name),
                        ),
                    };
                    self.imported.insert(bound, full.to_owned());
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.assign(target, &assign.value);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&assign.target, value);
                }
            }
            Stmt::AugAssign(assign) => {
                self.assign(&assign.target, &assign.value);
                self.assign(&assign.target, &assign.value);
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            self.calls.push(call);
        }
        walk_expr(self, expression);
    }
}
