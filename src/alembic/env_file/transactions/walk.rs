//! Names, functions and what was found while the program is followed.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Parameters, StmtFunctionDef};
use ruff_text_size::TextRange;

use super::TransactionKind;
use super::state::{Connection, State};
use crate::alembic::env_file::module::Module;

/// Far beyond any `env.py`; functions that call each other in many ways would take for ever.
const MOST_STEPS: usize = 20_000;

/// Python itself gives up at 1000.
const DEEPEST: usize = 40;

/// Where the program is.
pub(super) struct Walk<'m, 'a> {
    pub(super) module: &'m Module<'a>,
    pub(super) state: State,
    pub(super) found: Vec<(TextRange, TransactionKind)>,
    /// What expressions stand for, by their text; the innermost function last.
    scopes: Vec<HashMap<String, Connection>>,
    connections: usize,
    calling: Vec<&'a str>,
    visited: HashSet<&'a str>,
    /// What the current function gave back.
    pub(super) returned: Option<Connection>,
    /// What it has yielded, and how things stood then.
    yielded: Option<(Option<Connection>, State)>,
    pub(super) steps: usize,
}

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn new(module: &'m Module<'a>) -> Self {
        Self {
            module,
            state: State::new(),
            found: Vec::new(),
            scopes: vec![HashMap::new()],
            connections: 0,
            calling: Vec::new(),
            visited: HashSet::new(),
            returned: None,
            yielded: None,
            steps: 0,
        }
    }

    /// Nothing was left out.
    pub(super) fn is_complete(&self) -> bool {
        self.steps < MOST_STEPS
    }

    /// A function that nothing in the file calls: something else does.
    pub(super) fn uncalled(&mut self, function: &'a StmtFunctionDef) {
        if !self.visited.contains(function.name.as_str()) {
            self.state = State::new();
            self.function(function, &[]);
        }
    }

    pub(super) fn report(&mut self, found: (TransactionKind, TextRange)) {
        let found = (found.1, found.0);
        if !self.found.contains(&found) {
            self.found.push(found);
        }
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
        if let Some(outermost) = self.scopes.first_mut() {
            outermost.insert(text.to_owned(), fresh);
        }
        fresh
    }

    /// `target = value`. An entry or an attribute of something may be looked at from anywhere.
    pub(super) fn bind(&mut self, target: &'a Expr, value: Option<Connection>) {
        let text = self.module.text(target);
        let local = target.is_name_expr() && !self.module.globals.contains(text);
        let value = match value {
            Some(value) => value,
            None if target.is_name_expr() => self.fresh(),
            None => return,
        };
        let scope = if local {
            self.scopes.last_mut()
        } else {
            self.scopes.first_mut()
        };
        if let Some(scope) = scope {
            scope.insert(text.to_owned(), value);
        }
    }

    /// Runs a function of the file; what it gives back, or yields to a `with`.
    pub(super) fn function(
        &mut self,
        function: &'a StmtFunctionDef,
        arguments: &[(Option<&'a str>, Option<Connection>)],
    ) -> Option<Connection> {
        let name = function.name.as_str();
        if self.calling.contains(&name) || self.calling.len() > DEEPEST {
            return None;
        }
        self.visited.insert(name);
        self.calling.push(name);
        let scope = self.parameters(&function.parameters, arguments);
        self.scopes.push(scope);
        let outer = (self.returned.take(), self.yielded.take());
        self.body(&function.body);
        let returned = self.returned.take();
        let value = match self.yielded.take() {
            // What follows the `yield` happens after the `with` that it is called in.
            Some((yielded, state)) => {
                self.state = state;
                yielded
            }
            None => returned,
        };
        (self.returned, self.yielded) = outer;
        self.scopes.pop();
        self.calling.pop();
        value
    }

    /// A scope in which the parameters stand for the arguments. What is not known is something new.
    pub(super) fn parameters(
        &mut self,
        parameters: &'a Parameters,
        arguments: &[(Option<&'a str>, Option<Connection>)],
    ) -> HashMap<String, Connection> {
        let names = parameters
            .iter_non_variadic_params()
            .map(|parameter| parameter.parameter.name.as_str());
        let names = names.filter(|name| !matches!(*name, "self" | "cls"));
        let mut scope = HashMap::new();
        for (at, name) in names.enumerate() {
            let by_place = arguments
                .get(at)
                .filter(|(keyword, _)| keyword.is_none())
                .map(|(_, value)| value);
            let by_name = arguments.iter().find(|(keyword, _)| *keyword == Some(name));
            let value = by_name.map(|(_, value)| value).or(by_place);
            let value = value.copied().flatten().unwrap_or_else(|| self.fresh());
            scope.insert(name.to_owned(), value);
        }
        scope
    }

    /// Runs an expression in a scope of its own: a lambda's body.
    pub(super) fn within(
        &mut self,
        scope: HashMap<String, Connection>,
        expression: &'a Expr,
    ) -> Option<Connection> {
        self.scopes.push(scope);
        let value = self.evaluate(expression);
        self.scopes.pop();
        value
    }

    pub(super) fn yields(&mut self, value: Option<Connection>) {
        let state = self.state.clone();
        self.yielded.get_or_insert((value, state));
    }
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        self.evaluate(expression);
    }
}

impl<'a> Walk<'_, 'a> {
    /// Looks at the parts of an expression that stands for nothing itself.
    pub(super) fn parts(&mut self, expression: &'a Expr) {
        walk_expr(self, expression);
    }
}
