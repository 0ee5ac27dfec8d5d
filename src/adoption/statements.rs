//! The parts of a statement: what stands before its blocks, what it binds, whether it runs at all.

use super::calls::{is_about_emptiness, is_harmless};
use crate::python_source::{
    ExceptHandler, Expr, ExprName, Stmt, assignment, called, calls, expressions,
};

/// What stands before the block of a statement, and is evaluated: `for target in value`, `with value as target`, `if value`.
pub(super) struct Head<'a> {
    pub(super) value: &'a Expr,
    pub(super) target: Option<&'a Expr>,
}

/// The heads and the blocks of a statement; of a simple one, none.
pub(super) fn inner(statement: &Stmt) -> (Vec<Head<'_>>, Vec<&[Stmt]>) {
    let test = |value| Head {
        value,
        target: None,
    };
    match statement {
        Stmt::For(loops) => {
            let head = Head {
                value: &loops.iter,
                target: Some(&loops.target),
            };
            (vec![head], vec![&loops.body, &loops.orelse])
        }
        Stmt::While(loops) => (vec![test(&*loops.test)], vec![&loops.body, &loops.orelse]),
        Stmt::If(choice) => {
            let clauses = &choice.elif_else_clauses;
            let tests = clauses.iter().filter_map(|clause| clause.test.as_ref());
            let bodies = clauses.iter().map(|clause| clause.body.as_slice());
            (
                std::iter::once(&*choice.test)
                    .chain(tests)
                    .map(test)
                    .collect(),
                std::iter::once(choice.body.as_slice())
                    .chain(bodies)
                    .collect(),
            )
        }
        Stmt::With(with) => {
            let heads = with.items.iter().map(|item| Head {
                value: &item.context_expr,
                target: item.optional_vars.as_deref(),
            });
            (heads.collect(), vec![&with.body])
        }
        Stmt::Try(attempt) => {
            let handlers = attempt.handlers.iter();
            let handlers =
                handlers.map(|ExceptHandler::ExceptHandler(handler)| handler.body.as_slice());
            let blocks: [&[Stmt]; 3] = [&attempt.body, &attempt.orelse, &attempt.finalbody];
            (Vec::new(), blocks.into_iter().chain(handlers).collect())
        }
        Stmt::Match(choice) => {
            let bodies = choice.cases.iter().map(|case| case.body.as_slice());
            (vec![test(&*choice.subject)], bodies.collect())
        }
        _ => (Vec::new(), Vec::new()),
    }
}

/// The names in a target: `a`, `(a, b)`.
pub(super) fn names(target: &Expr) -> Vec<&str> {
    let names = match target {
        Expr::Tuple(tuple) => return tuple.elts.iter().flat_map(names).collect(),
        Expr::List(list) => return list.elts.iter().flat_map(names).collect(),
        Expr::Starred(starred) => return names(&starred.value),
        Expr::Name(name) => Some(name.id.as_str()),
        _ => None,
    };
    names.into_iter().collect()
}

/// Whether a simple statement does nothing to a database, as far as it is Python's own or Alembic's.
pub(super) fn is_inert(statement: &Stmt) -> bool {
    let calls_harmless = || {
        let mut calls = calls(std::slice::from_ref(statement));
        calls.all(|call| is_harmless(call) && !called(call).starts_with("exec"))
    };
    match statement {
        Stmt::Import(_)
        | Stmt::ImportFrom(_)
        | Stmt::Pass(_)
        | Stmt::Global(_)
        | Stmt::Nonlocal(_)
        | Stmt::Continue(_) => true,
        Stmt::Return(done) => done.value.is_none(),
        Stmt::Expr(_) => calls_harmless(),
        _ => assignment(statement).is_some() && calls_harmless(),
    }
}

/// Whether a part of a statement runs only sometimes. That empty texts are passed over is no condition.
pub(super) fn is_conditional(statement: &Stmt) -> bool {
    let inside = |statements: &[Stmt]| statements.iter().any(is_conditional);
    match statement {
        Stmt::If(choice) => {
            !is_about_emptiness(&choice.test)
                || inside(&choice.body)
                || choice
                    .elif_else_clauses
                    .iter()
                    .any(|clause| clause.test.is_some())
        }
        Stmt::While(_) | Stmt::Try(_) | Stmt::Match(_) => true,
        Stmt::For(loops) => inside(&loops.body),
        Stmt::With(with) => inside(&with.body),
        _ => false,
    }
}

/// Whether a statement ends the function, or may: a `return` or `raise` in it.
pub(super) fn leaves(statement: &Stmt) -> bool {
    match statement {
        Stmt::Return(_) | Stmt::Raise(_) => true,
        _ => inner(statement).1.into_iter().flatten().any(leaves),
    }
}

/// The names that a statement binds, and those that it uses.
pub(super) fn names_in(statement: &Stmt) -> (Vec<String>, Vec<String>) {
    let all = expressions(std::slice::from_ref(statement)).into_iter();
    let all = all.filter_map(Expr::as_name_expr);
    let (uses, binds): (Vec<_>, Vec<_>) = all.partition(|name| name.ctx.is_load());
    let own = |names: Vec<&ExprName>| names.into_iter().map(|name| name.id.to_string()).collect();
    (own(binds), own(uses))
}
