//! Names, functions and what was found while the program is followed.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Expr, Parameters, StmtFunctionDef};

use super::state::{Connection, Opened, State};
use crate::alembic::env_file::module::Module;

/// Far beyond any `env.py`; functions that call each other in many ways would take for ever.
const MOST_STEPS: usize = 20_000;

/// Python itself gives up at 1000.
const DEEPEST: usize = 40;

/// Where the program is.
pub(super) struct Walk<'m, 'a> {
    pub(super) module: &'m Module<'a>,
    pub(super) state: State,
    pub(super) found: Vec<Opened>,
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
            scopes: vec![Scope::new()],
            connections: 0,
            calling: Vec::new(),
            visited: HashSet::new(),
            returned: None,
            yielded: None,
            steps: 0,
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.steps < MOST_STEPS
    }

    pub(super) fn report(&mut self, found: Option<Opened>) {
        self.found
            .extend(found.filter(|found| !self.found.contains(found)));
    }

    /// A connection that was not seen before.
    pub(super) fn fresh(&mut self) -> Connection {
        self.connections += 1;
        self.connections
    }

    /// What an expression's text stands for here.
    pub(super) fn named(&mut self, expression: &'a Expr) -> Connection {
        let text = self.module.text(expression);
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
        let scope = if is_name && !self.module.names.is_global(text) {
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
