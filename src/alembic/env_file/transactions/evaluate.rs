//! What expressions do, and which connection they stand for.

use ruff_python_ast::{Expr, ExprCall, Keyword};
use ruff_text_size::Ranged;

use super::TransactionKind;
use super::state::{Configured, Connection};
use super::walk::Walk;
use crate::python_source::{called, string_of};

/// Methods that run a statement, of connections, sessions, inspectors and Alembic's own migration contexts.
const STATEMENTS: [&str; 14] = [
    "execute",
    "exec_driver_sql",
    "scalar",
    "scalars",
    "stream",
    "stream_scalars",
    "connection",
    "get_table_names",
    "get_schema_names",
    "get_columns",
    "has_table",
    "has_schema",
    "get_current_revision",
    "get_current_heads",
];

impl<'a> Walk<'_, 'a> {
    /// Does what an expression does. The connection that it stands for, if it may be one.
    pub(super) fn evaluate(&mut self, expression: &'a Expr) -> Option<Connection> {
        match expression {
            Expr::Name(_) => Some(self.named(expression)),
            Expr::Attribute(attribute) => {
                let owner = self.evaluate(&attribute.value);
                match attribute.attr.as_str() {
                    "sync_connection" | "sync_session" => owner,
                    _ => Some(self.named(expression)),
                }
            }
            Expr::Subscript(subscript) => {
                self.evaluate(&subscript.value);
                self.evaluate(&subscript.slice);
                Some(self.named(expression))
            }
            Expr::Await(awaited) => self.evaluate(&awaited.value),
            Expr::Named(named) => {
                let value = self.evaluate(&named.value);
                self.bind(&named.target, value);
                value
            }
            Expr::If(either) => {
                self.evaluate(&either.test);
                let one = self.evaluate(&either.body);
                let other = self.evaluate(&either.orelse);
                one.or(other)
            }
            Expr::Yield(yielded) => {
                let value = yielded.value.as_ref();
                let value = value.and_then(|value| self.evaluate(value));
                self.yields(value);
                None
            }
            Expr::Dict(dict) => {
                self.parts(expression);
                let is_it = |key: &Expr| string_of(key).as_deref() == Some("connection");
                let entry = dict.items.iter();
                let entry = entry
                    .rev()
                    .find(|item| item.key.as_ref().is_some_and(is_it))?;
                self.evaluate(&entry.value)
            }
            Expr::Lambda(_) => None,
            Expr::Call(call) => self.call(call),
            _ => {
                self.parts(expression);
                None
            }
        }
    }

    fn call(&mut self, call: &'a ExprCall) -> Option<Connection> {
        match self.module.context_method(call) {
            Some("configure") => {
                self.configure(call);
                return None;
            }
            Some("run_migrations") => {
                self.arguments(call);
                self.run_migrations(call);
                return None;
            }
            Some(name) if name != "begin_transaction" => {
                self.arguments(call);
                return None;
            }
            _ => {}
        }
        match &*call.func {
            Expr::Attribute(method) => self.method(call, &method.value, method.attr.as_str()),
            Expr::Name(name) => self.named_call(call, name.id.as_str()),
            other => {
                self.evaluate(other);
                self.arguments(call);
                None
            }
        }
    }

    fn method(&mut self, call: &'a ExprCall, owner: &'a Expr, name: &str) -> Option<Connection> {
        let of_self = matches!(self.module.text(owner), "self" | "cls");
        let own = self.module.functions.get(name).copied();
        if let (true, Some(function)) = (of_self, own) {
            let arguments = self.arguments(call);
            return self.function(function, &arguments);
        }
        let owner = self.evaluate(owner);
        if name == "run_sync" {
            return self.run_sync(call, owner);
        }
        let arguments = self.arguments(call);
        let first = arguments.first().and_then(|(_, value)| *value);
        match name {
            "begin" | "begin_nested" | "begin_twophase" => {
                let connection = owner.unwrap_or_else(|| self.fresh());
                self.state
                    .begin(connection, TransactionKind::Begun, call.range());
                Some(connection)
            }
            "begin_transaction" => {
                self.state.alembic = true;
                None
            }
            "run_migrations" if own.is_none() => {
                self.run_migrations(call);
                None
            }
            "connect" | "acquire" => Some(self.fresh()),
            "commit" | "rollback" | "close" | "__exit__" | "__aexit__" => {
                owner.map(|owner| self.state.open.remove(&owner));
                None
            }
            "execution_options" | "__enter__" | "__aenter__" | "start" => owner,
            "enter_context" | "enter_async_context" | "configure" => first,
            statement if STATEMENTS.contains(&statement) => {
                if let Some(owner) = owner {
                    self.state
                        .begin(owner, TransactionKind::Implicit, call.range());
                }
                owner.filter(|_| statement == "connection")
            }
            _ => {
                let own = own.filter(|_| call.func.is_attribute_expr())?;
                self.function(own, &arguments)
            }
        }
    }

    fn named_call(&mut self, call: &'a ExprCall, name: &'a str) -> Option<Connection> {
        let arguments = self.arguments(call);
        if let Some(function) = self.module.functions.get(name) {
            return self.function(function, &arguments);
        }
        match name {
            "dict" => {
                let given = arguments.iter();
                let mut given = given.filter(|(name, _)| *name == Some("connection"));
                given.next().and_then(|(_, value)| *value)
            }
            "inspect" | "closing" | "aclosing" => arguments.first().and_then(|(_, value)| *value),
            _ => None,
        }
    }

    /// `connection.run_sync(function, …)` calls the function with the connection.
    fn run_sync(&mut self, call: &'a ExprCall, owner: Option<Connection>) -> Option<Connection> {
        let mut given = vec![(None, owner)];
        for argument in call.arguments.args.iter().skip(1) {
            given.push((None, self.evaluate(argument)));
        }
        for keyword in &call.arguments.keywords {
            given.push((name_of(keyword), self.evaluate(&keyword.value)));
        }
        self.apply(call.arguments.args.first()?, given)
    }

    /// Calls a function that is given as a value.
    fn apply(
        &mut self,
        function: &'a Expr,
        mut given: Vec<(Option<&'a str>, Option<Connection>)>,
    ) -> Option<Connection> {
        match function {
            Expr::Lambda(lambda) => {
                let parameters = lambda.parameters.as_ref();
                let scope = parameters.map(|parameters| self.parameters(parameters, &given));
                self.within(scope.unwrap_or_default(), &lambda.body)
            }
            Expr::Call(partial) if called(partial) == "partial" => {
                let (inner, first) = partial.arguments.args.split_first()?;
                let mut all = Vec::new();
                for argument in first {
                    all.push((None, self.evaluate(argument)));
                }
                all.append(&mut given);
                for keyword in &partial.arguments.keywords {
                    all.push((name_of(keyword), self.evaluate(&keyword.value)));
                }
                self.apply(inner, all)
            }
            _ => {
                let name = match function {
                    Expr::Name(name) => name.id.as_str(),
                    Expr::Attribute(attribute) => attribute.attr.as_str(),
                    _ => return None,
                };
                let function = self.module.functions.get(name)?;
                self.function(function, &given)
            }
        }
    }

    /// Evaluates the arguments. A function among them is called: by `asyncio.to_thread`, by a decorator, by a retry.
    fn arguments(&mut self, call: &'a ExprCall) -> Vec<(Option<&'a str>, Option<Connection>)> {
        let mut given = Vec::new();
        let own = self.module.functions.contains_key(called(call));
        let of_context = self.module.context_method(call).is_some();
        let positional = call.arguments.args.iter().map(|value| (None, value));
        let keywords = call.arguments.keywords.iter();
        let keywords = keywords.map(|keyword| (name_of(keyword), &keyword.value));
        for (name, value) in positional.chain(keywords) {
            let function = value.as_name_expr().map(|name| name.id.as_str());
            let function = function.and_then(|name| self.module.functions.get(name));
            match function {
                Some(function) if !own && !of_context => {
                    self.function(function, &[]);
                    given.push((name, None));
                }
                _ => given.push((name, self.evaluate(value))),
            }
        }
        given
    }

    fn configure(&mut self, call: &'a ExprCall) {
        let given = self.arguments(call);
        let has = |wanted| given.iter().find(|(name, _)| *name == wanted);
        // A `**dictionary` stands for the connection in it, and `None` is its name.
        let connection = has(Some("connection")).or_else(|| has(None));
        self.state.configured = match connection {
            Some((_, value)) => {
                let connection = value.unwrap_or_else(|| self.fresh());
                if let Some(opened) = self.state.open.get(&connection) {
                    let opened = *opened;
                    self.report(opened);
                }
                Configured::On(connection)
            }
            None => Configured::Offline,
        };
    }

    fn run_migrations(&mut self, call: &'a ExprCall) {
        let Configured::On(connection) = self.state.configured else {
            return;
        };
        match self.state.open.get(&connection) {
            Some((TransactionKind::Begun, at)) => {
                let at = *at;
                self.report((TransactionKind::Begun, at));
            }
            _ if !self.state.alembic => {
                self.report((TransactionKind::NotBegun, call.range()));
            }
            _ => {}
        }
    }
}

fn name_of(keyword: &Keyword) -> Option<&str> {
    keyword.arg.as_ref().map(|name| name.as_str())
}
