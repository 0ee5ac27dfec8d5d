//! Python that upgrades to `head` or applies Procrastinate's schema: by the packages' own functions, or by running a program.

mod connectors;
mod heads;
mod programs;

use std::cell::{Cell, OnceCell};

use self::connectors::Connectors;
use self::heads::Heads;
use self::programs::RUNS;
use super::configured::made;
use super::{Call, Does, Program, Upgrade};
use crate::alembic::env_file::shared_connections;
use crate::effort;
use crate::procrastinate::PACKAGE;
use crate::python_source::{
    Expr, ExprCall, Lines, Names, Stmt, called, expressions, parse, string_of, written,
};

/// How many words and expressions are looked at for the names that stand for them: as many as there are for each use of a name. A file whose
/// names stand for more is read no further.
const MOST_BY_NAME: usize = 200_000;

/// The calls of a file; none if it is not Python.
pub(super) fn calls(source: &str) -> Vec<Call> {
    parse(source).map_or(Vec::new(), |parsed| calls_of(source, parsed.suite()))
}

/// The same of what `python -c` is given. Most need not be parsed.
pub(super) fn calls_of_text(source: &str) -> Vec<Call> {
    const WORDS: [&str; 7] = [
        "alembic",
        "flask",
        "manage.py",
        "procrastinate",
        "apply_schema",
        "attributes",
        "psql",
    ];
    match WORDS.iter().any(|word| source.contains(word)) {
        true => calls(source),
        false => Vec::new(),
    }
}

/// The same of a file that is parsed already.
pub(super) fn calls_of(source: &str, suite: &[Stmt]) -> Vec<Call> {
    let file = File {
        source,
        lines: Lines::of(source),
        names: Names::read(suite),
        all: expressions(suite),
        left: Cell::new(MOST_BY_NAME),
        heads: Heads::default(),
        connectors: Connectors::default(),
        names_package: OnceCell::new(),
    };
    let mut found: Vec<Call> = file.each_call().flat_map(|call| file.calls(call)).collect();
    found.extend(made(&file));
    let shared = shared_connections(source, suite);
    found.extend(shared.transactions.into_iter().map(|transaction| Call {
        line: transaction.place.line,
        does: Does::SharesConnection(transaction.kind),
    }));
    let beyond = [
        (file.left.get() == 0).then_some("its names stand for more words than this program reads"),
        (!shared.is_complete)
            .then_some("it does more with its connections than this program follows"),
    ];
    found.extend(beyond.into_iter().flatten().map(|why| Call {
        line: 1,
        does: Does::Beyond(why),
    }));
    found
}

pub(super) struct File<'a> {
    pub(super) source: &'a str,
    lines: Lines<'a>,
    pub(super) names: Names<'a>,
    /// Every expression, outer before inner.
    all: Vec<&'a Expr>,
    /// What is left of [`MOST_BY_NAME`].
    left: Cell<usize>,
    heads: Heads<'a>,
    connectors: Connectors,
    /// Whether the file names Procrastinate at all.
    names_package: OnceCell<bool>,
}

impl<'a> File<'a> {
    pub(super) fn each_call(&self) -> impl Iterator<Item = &'a ExprCall> {
        let all = self.all.iter();
        all.filter_map(|expression| expression.as_call_expr())
    }

    /// Its line, counted from 1.
    pub(super) fn line(&self, call: &ExprCall) -> usize {
        self.lines.line(call)
    }

    /// How much may still be looked at for the names that stand for it.
    pub(super) fn left(&self) -> usize {
        self.left.get()
    }

    /// Takes something off that; whether it was there.
    pub(super) fn spend(&self, steps: usize) -> bool {
        effort::count(steps);
        let left = self.left.get().saturating_sub(steps);
        self.left.set(left);
        left > 0
    }

    /// What an expression stands for; none if it is a name, and too much was looked at for names.
    fn followed(&self, expression: &'a Expr) -> Option<&'a Expr> {
        let value = self.names.resolved(expression);
        let length = match value {
            _ if std::ptr::eq(value, expression) => return Some(value),
            Expr::List(list) => list.elts.len(),
            Expr::Tuple(tuple) => tuple.elts.len(),
            Expr::StringLiteral(string) => string.value.len() / 16,
            _ => 0,
        };
        self.spend(1 + length).then_some(value)
    }

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
            line: self.line(call),
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
                !of_self || self.names_package()
            }
            Expr::Call(made) => {
                self.names.full_name(&made.func).as_deref()
                    == Some("procrastinate.schema.SchemaManager")
            }
            _ => false,
        }
    }

    fn names_package(&self) -> bool {
        let names = || {
            effort::count(self.source.len());
            self.source.to_ascii_lowercase().contains(PACKAGE)
        };
        *self.names_package.get_or_init(names)
    }

    fn apply(&self, call: &ExprCall) -> Call {
        Call {
            line: self.line(call),
            does: Does::ApplySchema,
        }
    }

    /// `PsycopgConnector(kwargs={"options": "-c search_path=jobs"})`
    fn connects(&self, call: &'a ExprCall) -> Option<Call> {
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        let mut arguments = call.arguments.args.iter().chain(keywords);
        let path = arguments.find_map(|argument| self.path_given(argument))?;
        Some(Call {
            line: self.line(call),
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
            let other = argument.as_attribute_expr();
            other.is_none_or(|other| other.attr.as_str() == "upgrade")
                && self.names.full_name(argument).as_deref() == Some("alembic.command.upgrade")
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
        self.is_head(revision).then(|| Call {
            line: self.line(call),
            does: Does::UpgradeHead(Upgrade {
                program: Program::Alembic,
                config: config.and_then(|config| self.config(config)),
                section: None,
                directory: None,
            }),
        })
    }

    fn is_head(&self, revision: &'a Expr) -> bool {
        self.heads.is(&self.names, revision)
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
        string_of(self.followed(expression)?)
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
