//! What expressions do, and which connection they stand for.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::Ranged;

use super::walk::{Argument, Walk};
use super::{Connection, TransactionKind, lost};
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

/// Does what an expression does. The connection that it stands for, if it may be one.
pub(super) fn evaluate<'a>(walk: &mut Walk<'_, 'a>, expression: &'a Expr) -> Option<Connection> {
    if !walk.goes_on(1) {
        return None;
    }
    match expression {
        Expr::Name(_) => Some(walk.named(expression)),
        Expr::Attribute(attribute) => {
            let owner = evaluate(walk, &attribute.value);
            match attribute.attr.as_str() {
                "sync_connection" | "sync_session" => owner,
                _ => Some(walk.named(expression)),
            }
        }
        Expr::Subscript(subscript) => {
            walk.visit_expr(&subscript.value);
            walk.visit_expr(&subscript.slice);
            Some(walk.named(expression))
        }
        Expr::Await(awaited) => evaluate(walk, &awaited.value),
        Expr::Named(named) => {
            let value = evaluate(walk, &named.value);
            walk.bind(&named.target, value);
            value
        }
        Expr::If(either) => {
            walk.visit_expr(&either.test);
            let one = evaluate(walk, &either.body);
            let other = evaluate(walk, &either.orelse);
            one.or(other)
        }
        Expr::Yield(yielded) => {
            let value = yielded.value.as_ref();
            let value = value.and_then(|value| evaluate(walk, value));
            walk.goes_on(walk.state.open.len());
            let state = walk.state.clone();
            walk.yielded.get_or_insert((value, state));
            None
        }
        Expr::Dict(dict) => {
            walk_expr(walk, expression);
            let is_it = |key: &Expr| string_of(key).as_deref() == Some("connection");
            let mut entries = dict.items.iter().rev();
            let entry = entries.find(|item| item.key.as_ref().is_some_and(is_it))?;
            evaluate(walk, &entry.value)
        }
        Expr::Lambda(_) => None,
        Expr::Call(call) => evaluate_call(walk, call),
        _ => {
            walk_expr(walk, expression);
            None
        }
    }
}

fn evaluate_call<'a>(walk: &mut Walk<'_, 'a>, call: &'a ExprCall) -> Option<Connection> {
    let of_context = walk.module.context_method(call);
    if let Some(name) = of_context.filter(|name| *name != "begin_transaction") {
        let given = arguments(walk, call, 0);
        match name {
            "configure" => {
                let connection = connection_of(walk, &given);
                configure(walk, connection);
            }
            "run_migrations" => run_migrations(walk, call),
            "execute" => lost::statement(walk, call),
            _ => {}
        }
        return None;
    }
    match &*call.func {
        Expr::Attribute(of) => method(walk, call, &of.value),
        Expr::Name(_) => named_call(walk, call),
        other => {
            walk.visit_expr(other);
            arguments(walk, call, 0);
            None
        }
    }
}

fn method<'a>(walk: &mut Walk<'_, 'a>, call: &'a ExprCall, owner: &'a Expr) -> Option<Connection> {
    let name = called(call);
    let own = walk.module.names.function(name);
    if let Some(function) = own
        && matches!(walk.module.text(owner), "self" | "cls")
    {
        let given = arguments(walk, call, 0);
        return walk.function(function, &given);
    }
    let owner = evaluate(walk, owner);
    if name == "run_sync" {
        return run_sync(walk, call, owner);
    }
    let of_attributes = walk.module.text(&*call.func).ends_with("attributes.update");
    let given = arguments(walk, call, 0);
    match name {
        "update" if of_attributes => {
            let connection = connection_of(walk, &given);
            share(walk, connection);
            None
        }
        "upgrade" if own.is_none() => {
            upgrade(walk);
            None
        }
        "begin" | "begin_nested" | "begin_twophase" => {
            let connection = owner.unwrap_or_else(|| walk.fresh());
            let kind = TransactionKind::Begun;
            walk.state.begin(connection, kind, call.range());
            Some(connection)
        }
        "begin_transaction" => {
            walk.state.alembic = true;
            None
        }
        "run_migrations" if own.is_none() => {
            run_migrations(walk, call);
            None
        }
        "connect" | "acquire" => Some(walk.fresh()),
        "commit" | "rollback" | "close" | "__exit__" | "__aexit__" => {
            if name == "rollback" {
                lost::rollback(walk, call.range());
            }
            walk.state.open.remove(&owner?);
            None
        }
        "execution_options" | "__enter__" | "__aenter__" | "start" => owner,
        "enter_context" | "enter_async_context" | "configure" => given.first()?.value,
        statement if STATEMENTS.contains(&statement) => {
            lost::statement(walk, call);
            let kind = TransactionKind::Implicit;
            walk.state.begin(owner?, kind, call.range());
            owner.filter(|_| statement == "connection")
        }
        _ => walk.function(own?, &given),
    }
}

/// `connection.run_sync(function, …)` calls the function with the connection.
fn run_sync<'a>(
    walk: &mut Walk<'_, 'a>,
    call: &'a ExprCall,
    connection: Option<Connection>,
) -> Option<Connection> {
    let mut all = vec![Argument {
        keyword: None,
        value: connection,
    }];
    all.extend(arguments(walk, call, 1));
    apply(walk, call.arguments.args.first()?, all)
}

fn named_call<'a>(walk: &mut Walk<'_, 'a>, call: &'a ExprCall) -> Option<Connection> {
    let name = called(call);
    let given = arguments(walk, call, 0);
    if let Some(function) = walk.module.names.function(name) {
        return walk.function(function, &given);
    }
    let connection = match name {
        "upgrade" => {
            upgrade(walk);
            None
        }
        "Config" => {
            let attributes = given
                .iter()
                .find(|argument| argument.keyword == Some("attributes"));
            share(walk, attributes.and_then(|attributes| attributes.value));
            None
        }
        "dict" => given
            .iter()
            .find(|argument| argument.keyword == Some("connection")),
        "inspect" | "closing" | "aclosing" => given.first(),
        _ => None,
    };
    connection?.value
}

/// Calls a function that is given as a value.
fn apply<'a>(
    walk: &mut Walk<'_, 'a>,
    function: &'a Expr,
    given: Vec<Argument<'a>>,
) -> Option<Connection> {
    let name = match function {
        Expr::Lambda(lambda) => {
            let parameters = lambda.parameters.as_ref();
            let scope = parameters.map(|parameters| walk.parameters(parameters, &given));
            walk.scopes.push(scope.unwrap_or_default());
            let value = evaluate(walk, &lambda.body);
            walk.scopes.pop();
            return value;
        }
        Expr::Call(partial) if called(partial) == "partial" => {
            let (inner, bound) = partial.arguments.args.split_first()?;
            let mut all = arguments(walk, partial, 1);
            // Before its keywords.
            all.splice(bound.len()..bound.len(), given);
            return apply(walk, inner, all);
        }
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return None,
    };
    let function = walk.module.names.function(name)?;
    walk.function(function, &given)
}

/// Evaluates the arguments of a call behind the first `skipped` ones. If the file does not define what is called, a function
/// among them is called by it: by `asyncio.to_thread`, by a decorator, by a retry.
fn arguments<'a>(walk: &mut Walk<'_, 'a>, call: &'a ExprCall, skipped: usize) -> Vec<Argument<'a>> {
    let call_functions = skipped == 0
        && walk.module.names.function(called(call)).is_none()
        && walk.module.context_method(call).is_none();
    let positional = call.arguments.args.iter().skip(skipped);
    let keywords = call.arguments.keywords.iter().map(|keyword| {
        let name = keyword.arg.as_ref().map(|name| name.as_str());
        (name, &keyword.value)
    });
    let all = positional.map(|value| (None, value)).chain(keywords);
    all.map(|(keyword, value)| {
        let name = value.as_name_expr().filter(|_| call_functions);
        let function = name.and_then(|name| walk.module.names.function(&name.id));
        let value = match function {
            Some(function) => {
                walk.function(function, &[]);
                None
            }
            None => evaluate(walk, value),
        };
        Argument { keyword, value }
    })
    .collect()
}

/// A program hands a connection on to `env.py`, which configures Alembic with it.
pub(super) fn share(walk: &mut Walk<'_, '_>, connection: Option<Connection>) {
    if connection.is_some() {
        configure(walk, connection);
    }
}

/// `alembic.command.upgrade`, in a program: `env.py` begins Alembic's transaction.
fn upgrade(walk: &mut Walk<'_, '_>) {
    let opened = walk
        .state
        .configured
        .and_then(|connection| walk.state.open.get(&connection));
    let begun = opened.filter(|opened| opened.kind == TransactionKind::Begun);
    walk.report(begun.copied());
}

fn run_migrations(walk: &mut Walk<'_, '_>, call: &ExprCall) {
    let found = walk.state.run_migrations(call.range());
    walk.report(found);
}

/// The connection that `context.configure` is given; none for `--sql`. A `**dictionary` stands for the connection in it, and has no keyword.
fn connection_of(walk: &mut Walk<'_, '_>, given: &[Argument<'_>]) -> Option<Connection> {
    let find = |keyword| given.iter().find(|argument| argument.keyword == keyword);
    let connection = find(Some("connection")).or_else(|| find(None));
    connection.map(|argument| argument.value.unwrap_or_else(|| walk.fresh()))
}

fn configure(walk: &mut Walk<'_, '_>, connection: Option<Connection>) {
    walk.state.configured = connection;
    let opened = connection.and_then(|connection| walk.state.open.get(&connection));
    walk.report(opened.copied());
}
