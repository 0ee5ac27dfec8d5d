//! Python that upgrades to `head` or applies Procrastinate's schema: by the packages' own functions, or by running a program.

use super::configured::made;
use super::words::Word;
use super::{Call, Does, Program, Upgrade, commands};
use crate::alembic::env_file::shared_connections;
use crate::alembic::search_path;
use crate::procrastinate::PACKAGE;
use crate::python_source::{
    self, Expr, ExprCall, Names, Stmt, called, line_at, parse, string_of, written,
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

/// How many values inside of each other are followed.
const DEEPEST: usize = 4;

/// The calls of a file; none if it is not Python.
pub(super) fn calls(source: &str) -> Vec<Call> {
    parse(source).map_or(Vec::new(), |parsed| calls_of(source, parsed.suite()))
}

/// The same of a file that is parsed already.
pub(super) fn calls_of(source: &str, suite: &[Stmt]) -> Vec<Call> {
    let file = File {
        source,
        names: Names::read(suite),
    };
    let calls = python_source::calls(suite);
    let calls = calls.flat_map(|call| file.calls(call));
    let shared = shared_connections(source, suite);
    let shared = shared.into_iter().map(|transaction| Call {
        line: transaction.place.line,
        does: Does::SharesConnection(transaction.kind),
    });
    let made = made(&file, suite);
    calls.chain(made).chain(shared).collect()
}

pub(super) struct File<'a> {
    pub(super) source: &'a str,
    pub(super) names: Names<'a>,
}

impl<'a> File<'a> {
    fn calls(&self, call: &'a ExprCall) -> Vec<Call> {
        let argument = |name: &str, at| call.arguments.find_argument_value(name, at);
        let full_name = self.names.full_name(&call.func);
        let found = match full_name.as_deref() {
            Some("alembic.command.upgrade") => argument("revision", 1)
                .and_then(|revision| self.upgrade(call, argument("config", 0), revision)),
            Some("flask_migrate.upgrade") => self.flask_migrate(call),
            Some("alembic.config.main") => {
                return self.command_line("alembic", argument("argv", 0));
            }
            Some("procrastinate.cli.cli") => {
                return self.command_line(PACKAGE, argument("args", 0));
            }
            Some(name) if is_connector(name) => self.connects(call),
            _ if called(call) == "main" && is_command_line(call) => {
                return self.command_line("alembic", argument("argv", 0));
            }
            _ if self.applies(&call.func) => Some(self.apply(call)),
            _ => self.handed_on(call),
        };
        match found {
            Some(found) => vec![found],
            // Projects have helpers such as `_run`.
            None if RUNS.contains(&called(call).trim_matches('_')) => self.program(call),
            None => Vec::new(),
        }
    }

    fn flask_migrate(&self, call: &'a ExprCall) -> Option<Call> {
        let text = |name, at| {
            let value = call.arguments.find_argument_value(name, at);
            value.map(|value| self.string(value))
        };
        let revision = text("revision", 1).unwrap_or(Some("head".to_owned()))?;
        let directory = text("directory", 0).unwrap_or(Some("migrations".to_owned()));
        (revision == "head").then(|| Call {
            line: line_at(self.source, call),
            does: Does::UpgradeHead(Upgrade {
                program: Program::FlaskMigrate,
                config: directory.map(|directory| format!("{directory}/alembic.ini")),
                section: None,
                directory: None,
            }),
        })
    }

    /// `app.schema_manager.apply_schema`, `SchemaManager(connector).apply_schema_async`, uncalled.
    fn applies(&self, function: &'a Expr) -> bool {
        let Some(attribute) = self.names.resolved(function).as_attribute_expr() else {
            return false;
        };
        if !matches!(
            attribute.attr.as_str(),
            "apply_schema" | "apply_schema_async"
        ) {
            return false;
        }
        match self.names.resolved(&attribute.value) {
            // Others have schema managers, too, and name them so.
            Expr::Attribute(owner) if owner.attr.as_str() == "schema_manager" => {
                let of_self = owner.value.as_name_expr();
                let of_self =
                    of_self.is_some_and(|name| matches!(name.id.as_str(), "self" | "cls"));
                !of_self || self.source.to_ascii_lowercase().contains(PACKAGE)
            }
            Expr::Call(made) => {
                self.names.full_name(&made.func).as_deref()
                    == Some("procrastinate.schema.SchemaManager")
            }
            _ => false,
        }
    }

    fn apply(&self, call: &ExprCall) -> Call {
        Call {
            line: line_at(self.source, call),
            does: Does::ApplySchema,
        }
    }

    /// `PsycopgConnector(kwargs={"options": "-c search_path=jobs"})`
    fn connects(&self, call: &'a ExprCall) -> Option<Call> {
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        let arguments = call.arguments.args.iter().chain(keywords);
        let path = arguments
            .flat_map(|argument| python_source::inside(self.names.resolved(argument)))
            .find_map(|expression| {
                search_path::path_in(self.source, self.names.resolved(expression))
            })?;
        Some(Call {
            line: line_at(self.source, call),
            does: Does::Connect(path),
        })
    }

    /// `asyncio.to_thread(command.upgrade, config, "head")`, `anyio.run(app.schema_manager.apply_schema_async)` and the like.
    fn handed_on(&self, call: &'a ExprCall) -> Option<Call> {
        let arguments = &call.arguments.args;
        if arguments.iter().any(|argument| self.applies(argument)) {
            return Some(self.apply(call));
        }
        let is_upgrade = |argument: &Expr| {
            self.names.full_name(argument).as_deref() == Some("alembic.command.upgrade")
        };
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
        self.is_head(revision, 0).then(|| Call {
            line: line_at(self.source, call),
            does: Does::UpgradeHead(Upgrade {
                program: Program::Alembic,
                config: config.and_then(|config| self.config(config)),
                section: None,
                directory: None,
            }),
        })
    }

    /// `run("alembic upgrade head")`, `run(["alembic", …])`, `run("alembic", "upgrade", "head")`.
    fn program(&self, call: &'a ExprCall) -> Vec<Call> {
        let arguments = &call.arguments.args;
        let keyword = call.arguments.find_keyword("args");
        let mut given = arguments
            .iter()
            .chain(keyword.map(|keyword| &keyword.value));
        // `os.execvp` has the list behind the program's name.
        let directory = call.arguments.find_keyword("cwd");
        let mut directory = directory.and_then(|cwd| self.string(&cwd.value));
        if let Some(words) = given.clone().take(2).find_map(|list| self.list(list)) {
            return commands::in_list(&words, directory);
        }
        let Some(first) = given.next() else {
            return Vec::new();
        };
        let first = self.names.resolved(first);
        let text = self.text(first);
        if text.contains(char::is_whitespace) {
            let line = line_at(self.source, first);
            let characters: Vec<_> = text.chars().map(|character| (character, line)).collect();
            return commands::calls(&characters, &mut directory);
        }
        commands::in_list(&self.words(arguments), directory)
    }

    /// The arguments of a program's own command line, without the program's name.
    fn command_line(&self, program: &str, arguments: Option<&'a Expr>) -> Vec<Call> {
        let Some(mut words) = arguments.and_then(|arguments| self.list(arguments)) else {
            return Vec::new();
        };
        let program = Word {
            text: program.to_owned(),
            line: words.first().map_or(1, |word| word.line),
            nested: None,
        };
        words.insert(0, program);
        commands::in_list(&words, None)
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
        let line = line_at(self.source, expression);
        let text = match self.is_head(expression, 0) {
            true => "head".to_owned(),
            false => self.text(self.names.resolved(expression)),
        };
        Word {
            nested: text
                .contains(char::is_whitespace)
                .then(|| text.chars().map(|character| (character, line)).collect()),
            text,
            line,
        }
    }

    /// Whether it is `head`, or `head` unless something else is given: `version or "head"`, `os.getenv("REVISION", "head")`, a parameter's
    /// default.
    fn is_head(&self, revision: &'a Expr, depth: usize) -> bool {
        // `revision = revision or "head"`
        if depth > DEEPEST {
            return false;
        }
        let is_head = |inner: &'a Expr| self.is_head(inner, depth + 1);
        match self.names.resolved(revision) {
            Expr::BoolOp(either) => either.values.iter().any(is_head),
            Expr::If(chosen) => is_head(&chosen.body) || is_head(&chosen.orelse),
            Expr::Call(call) => {
                let at = match called(call) {
                    "get" | "getenv" => 1,
                    // Typer's, as the default of a parameter.
                    "Option" | "Argument" => 0,
                    _ => return false,
                };
                call.arguments
                    .find_argument_value("default", at)
                    .is_some_and(is_head)
            }
            Expr::Name(name) => {
                let around = self.names.functions.iter();
                let around = around.filter(|function| function.range.contains_range(name.range));
                let mut parameters =
                    around.flat_map(|function| function.parameters.iter_non_variadic_params());
                parameters.any(|parameter| {
                    **parameter.name() == *name.id && parameter.default().is_some_and(is_head)
                })
            }
            other => string_of(other).as_deref() == Some("head"),
        }
    }

    /// A string; what else it is cannot be known and is written `$`, as in a shell. In an f-string, that goes for what it inserts.
    fn text(&self, expression: &Expr) -> String {
        written(self.source, expression).unwrap_or_else(|| "$".to_owned())
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

/// `procrastinate.PsycopgConnector`, and those of its other modules.
fn is_connector(name: &str) -> bool {
    name.starts_with("procrastinate.") && name.ends_with("Connector")
}
