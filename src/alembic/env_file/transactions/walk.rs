//! Follows the program, statement by statement, with its names and functions.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{
    ExceptHandler, Expr, Parameters, Stmt, StmtFunctionDef, StmtIf, StmtTry, StmtWith,
};
use ruff_text_size::TextRange;

use super::evaluate::{evaluate, share};
use super::lost::{self, Lost};
use super::{Connection, Opened, State, TransactionKind};
use crate::alembic::env_file::module::Module;
use crate::effort;
use crate::python_source::{assignment, called, string_of};

/// Statements and expressions, those of long texts more often. It is far beyond any `env.py`; functions that call each other in many ways would
/// take for ever.
const MOST_STEPS: usize = 200_000;

/// The text of an expression that is no longer counts as nothing.
const SHORT: usize = 32;

/// Python itself gives up at 1000.
const DEEPEST: usize = 40;

/// Where the program is.
pub(super) struct Walk<'m, 'a> {
    pub(super) module: &'m Module<'a>,
    pub(super) state: State,
    pub(super) found: Vec<Opened>,
    /// The same, to be asked for.
    seen: HashSet<(TransactionKind, TextRange)>,
    pub(super) lost: Vec<(Lost, TextRange)>,
    /// The same, to be asked for.
    pub(super) noted: HashSet<(Lost, TextRange)>,
    /// In what handles a failure.
    pub(super) handling: bool,
    /// What expressions stand for, by their text; the innermost function last.
    pub(super) scopes: Vec<Scope>,
    connections: usize,
    calling: Vec<&'a str>,
    pub(super) visited: HashSet<&'a str>,
    /// What the current function gave back.
    pub(super) returned: Option<Connection>,
    /// What it has yielded first, and the state at that time.
    pub(super) yielded: Option<(Option<Connection>, State)>,
    pub(super) steps: usize,
}

pub(super) type Scope = HashMap<String, Connection>;

#[derive(Debug, Clone, Copy)]
pub(super) struct Argument<'a> {
    /// None for a positional argument, and for `**dictionary`.
    pub(super) keyword: Option<&'a str>,
    /// The connection that it stands for, if it may be one.
    pub(super) value: Option<Connection>,
}

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn new(module: &'m Module<'a>) -> Self {
        Self {
            module,
            state: State::default(),
            found: Vec::new(),
            seen: HashSet::new(),
            lost: Vec::new(),
            noted: HashSet::new(),
            handling: false,
            scopes: vec![Scope::new()],
            connections: 0,
            calling: Vec::new(),
            visited: HashSet::new(),
            returned: None,
            yielded: None,
            steps: 0,
        }
    }

    /// Takes some of the steps; whether there are more.
    pub(super) fn goes_on(&mut self, steps: usize) -> bool {
        effort::count(steps);
        self.steps = self.steps.saturating_add(steps);
        self.is_complete()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.steps < MOST_STEPS
    }

    pub(super) fn report(&mut self, found: Option<Opened>) {
        let seen = &mut self.seen;
        let new = found.filter(|found| seen.insert((found.kind, found.range)));
        self.found.extend(new);
    }

    /// A connection that was not seen before.
    pub(super) fn fresh(&mut self) -> Connection {
        self.connections += 1;
        self.connections
    }

    /// What an expression's text stands for here.
    pub(super) fn named(&mut self, expression: &'a Expr) -> Connection {
        let text = self.module.text(expression);
        self.goes_on(text.len() / SHORT);
        let known = self.scopes.iter().rev().find_map(|scope| scope.get(text));
        if let Some(known) = known {
            return *known;
        }
        let fresh = self.fresh();
        self.scopes[0].insert(text.to_owned(), fresh);
        fresh
    }

    /// `target = value`. An entry or an attribute of something may be looked at from anywhere.
    pub(super) fn bind(&mut self, target: &'a Expr, value: Option<Connection>) {
        let text = self.module.text(target);
        let is_name = target.is_name_expr();
        let Some(value) = value.or_else(|| is_name.then(|| self.fresh())) else {
            return;
        };
        let scope = if is_name && !self.module.names.globals.contains(text) {
            self.scopes.last_mut()
        } else {
            self.scopes.first_mut()
        };
        scope.and_then(|scope| scope.insert(text.to_owned(), value));
    }

    /// Runs a function of the file; what it gives back, or yields to a `with`.
    pub(super) fn function(
        &mut self,
        function: &'a StmtFunctionDef,
        arguments: &[Argument<'a>],
    ) -> Option<Connection> {
        let name = function.name.as_str();
        if self.calling.contains(&name) || self.calling.len() > DEEPEST {
            return None;
        }
        self.visited.insert(name);
        self.calling.push(name);
        let scope = self.parameters(&function.parameters, arguments);
        self.scopes.push(scope);
        let returned = self.returned.take();
        let yielded = self.yielded.take();
        self.visit_body(&function.body);
        let mut value = std::mem::replace(&mut self.returned, returned);
        // What follows the `yield` happens after the `with` that the function is called in.
        if let Some((connection, state)) = std::mem::replace(&mut self.yielded, yielded) {
            self.state = state;
            value = connection;
        }
        self.scopes.pop();
        self.calling.pop();
        value
    }

    /// A scope in which the parameters stand for the arguments. What is not known is something new.
    pub(super) fn parameters(
        &mut self,
        parameters: &'a Parameters,
        arguments: &[Argument<'a>],
    ) -> Scope {
        let names = parameters
            .iter_non_variadic_params()
            .map(|parameter| parameter.name().as_str())
            .filter(|name| !matches!(*name, "self" | "cls"));
        let mut scope = Scope::new();
        for (at, name) in names.enumerate() {
            let mut by_name = arguments.iter();
            let argument = by_name
                .find(|argument| argument.keyword == Some(name))
                .or_else(|| arguments.get(at).filter(|other| other.keyword.is_none()));
            let value = argument.and_then(|argument| argument.value);
            scope.insert(name.to_owned(), value.unwrap_or_else(|| self.fresh()));
        }
        scope
    }
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if !self.goes_on(1) {
            return;
        }
        if let Some((targets, value)) = assignment(statement) {
            if let Some(value) = value {
                let value = evaluate(self, value);
                targets.iter().for_each(|target| self.bind(target, value));
                if targets.iter().any(is_shared) {
                    share(self, value);
                }
            }
            return;
        }
        match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::Return(returned) => {
                let value = returned.value.as_ref();
                let value = value.and_then(|value| evaluate(self, value));
                self.returned = self.returned.or(value);
            }
            Stmt::Raise(raised) => {
                walk_stmt(self, statement);
                // Others end a run that failed.
                let text = self.module.text(raised).to_ascii_lowercase();
                if text.contains("dry") || text.contains("rollback") {
                    lost::rollback(self, raised.range);
                }
            }
            Stmt::With(statement) => with(self, statement),
            Stmt::If(statement) => branches(self, statement),
            Stmt::Try(statement) => attempt(self, statement),
            Stmt::For(repeated) => {
                let value = evaluate(self, &repeated.iter);
                self.bind(&repeated.target, value);
                self.visit_body(&repeated.body);
                self.visit_body(&repeated.orelse);
            }
            Stmt::Match(cases) => {
                self.visit_expr(&cases.subject);
                ways(self, cases.cases.iter().map(|case| &case.body[..]));
            }
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        evaluate(self, expression);
    }
}

/// `config.attributes["connection"]`, from where `env.py` takes the connection of the program that runs Alembic.
fn is_shared(target: &Expr) -> bool {
    let entry = target.as_subscript_expr();
    entry.is_some_and(|entry| {
        let owner = entry.value.as_attribute_expr();
        owner.is_some_and(|owner| owner.attr.as_str() == "attributes")
            && string_of(&entry.slice).as_deref() == Some("connection")
    })
}

fn with<'a>(walk: &mut Walk<'_, 'a>, with: &'a StmtWith) {
    let alembic = walk.state.alembic;
    let mut ends = Vec::new();
    for item in &with.items {
        let value = evaluate(walk, &item.context_expr);
        if let Some(target) = &item.optional_vars {
            walk.bind(target, value);
        }
        ends.extend(value.map(|value| (value, item.context_expr.as_call_expr())));
    }
    walk.visit_body(&with.body);
    for (connection, call) in ends {
        let ended = walk.state.open.remove(&connection);
        // A savepoint ends, and the transaction around it stays.
        if let Some(ended) = ended
            && call.is_some_and(|call| called(call) == "begin_nested")
        {
            let kind = TransactionKind::Implicit;
            walk.state.begin(connection, kind, ended.range);
        }
    }
    walk.state.alembic = alembic;
}

fn branches<'a>(walk: &mut Walk<'_, 'a>, branches: &'a StmtIf) {
    walk.visit_expr(&branches.test);
    let clauses = &branches.elif_else_clauses;
    let tests = clauses.iter().filter_map(|clause| clause.test.as_ref());
    tests.for_each(|test| walk.visit_expr(test));
    let first = Some(&branches.body[..]);
    let first = first.filter(|_| !is_for_another_database(walk.module.text(&*branches.test)));
    let others = clauses.iter().map(|clause| &clause.body[..]);
    let no_else = clauses.last().is_none_or(|clause| clause.test.is_some());
    let none = no_else.then_some(&[][..]);
    ways(walk, first.into_iter().chain(others).chain(none));
}

/// Takes every way, each from here.
fn ways<'a>(walk: &mut Walk<'_, 'a>, ways: impl Iterator<Item = &'a [Stmt]>) {
    let before = walk.state.clone();
    // The state is copied for each way.
    let size = 1 + before.open.len();
    let mut joined: Option<State> = None;
    for way in ways {
        if !walk.goes_on(size) {
            break;
        }
        walk.state = before.clone();
        walk.visit_body(way);
        joined = Some(match joined {
            None => walk.state.clone(),
            Some(joined) => before.join(joined, &walk.state),
        });
    }
    walk.state = joined.unwrap_or(before);
}

/// What handlers do, they do after a failure; it does not count for what follows.
fn attempt<'a>(walk: &mut Walk<'_, 'a>, attempt: &'a StmtTry) {
    walk.visit_body(&attempt.body);
    let after = walk.state.clone();
    for handler in &attempt.handlers {
        let ExceptHandler::ExceptHandler(handler) = handler;
        let outer = std::mem::replace(&mut walk.handling, true);
        walk.visit_body(&handler.body);
        walk.handling = outer;
        walk.state = after.clone();
    }
    walk.visit_body(&attempt.orelse);
    walk.visit_body(&attempt.finalbody);
}

/// `if connection.dialect.name == "sqlite":` is never true on PostgreSQL.
fn is_for_another_database(test: &str) -> bool {
    let test = test.to_ascii_lowercase();
    let names = ["sqlite", "mysql", "mariadb", "oracle", "mssql"];
    let negated = ["not", "!=", "postgres"];
    names.iter().any(|name| test.contains(name)) && !negated.iter().any(|word| test.contains(word))
}
