//! What each statement of `upgrade()` or `downgrade()` does, and how it is taken out.

use std::collections::HashSet;

use super::reader::{Found, Reader};
use super::{Sign, Span, Unclear};
use crate::python_source::{
    ExceptHandler, Expr, Ranged, Stmt, StmtFunctionDef, assignment, called, calls, expressions,
    line_at,
};

/// The statements of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub parts: Vec<Part>,
}

/// One statement, with all that is inside of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub verdict: Verdict,
    pub signs: Vec<Sign>,
    pub span: Span,
    /// Counted from 1: the first and the last.
    pub lines: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It only makes, changes or drops Procrastinate's objects.
    Procrastinates,
    /// It does that, and something else.
    Mixed,
    /// It does nothing to a database: an import, a name that is bound.
    Inert,
    Other,
}

pub(super) fn body<'a>(reader: &Reader<'a>, function: &'a StmtFunctionDef) -> (Body, Vec<Unclear>) {
    let mut judge = Judge {
        reader,
        function,
        bound: HashSet::new(),
        unclear: Vec::new(),
    };
    let source = reader.source;
    let parts = function.body.iter().map(|statement| {
        let (verdict, signs) = judge.judge(statement);
        let first = line_at(source, statement);
        let inside = source[std::ops::Range::from(statement.range())]
            .matches('\n')
            .count();
        Part {
            verdict,
            signs,
            span: statement.range().into(),
            lines: (first, first + inside),
        }
    });
    let parts = parts.collect();
    (Body { parts }, judge.unclear)
}

struct Judge<'r, 'a> {
    reader: &'r Reader<'a>,
    function: &'a StmtFunctionDef,
    /// Names that a loop or a `with` bound to something of Procrastinate's.
    bound: HashSet<&'a str>,
    unclear: Vec<Unclear>,
}

impl<'a> Judge<'_, 'a> {
    fn judge(&mut self, statement: &'a Stmt) -> (Verdict, Vec<Sign>) {
        let (heads, blocks) = inner(statement);
        if blocks.is_empty() {
            return self.simple(statement);
        }
        let (mut signs, mut verdicts) = (Vec::new(), Vec::new());
        for head in heads {
            let found = self.reader.expression(head.value, self.function);
            if !found.signs.is_empty() {
                let names = head.target.iter().flat_map(|target| names(target));
                self.bound.extend(names);
                verdicts.push(Verdict::Procrastinates);
            }
            self.take(found, &mut signs);
        }
        for inside in blocks.into_iter().flatten() {
            let (verdict, found) = self.judge(inside);
            verdicts.push(verdict);
            add(found, &mut signs);
        }
        let has = |verdict| verdicts.contains(&verdict);
        let verdict = match (has(Verdict::Procrastinates), has(Verdict::Other)) {
            _ if has(Verdict::Mixed) => Verdict::Mixed,
            (true, true) => Verdict::Mixed,
            (true, false) => Verdict::Procrastinates,
            (false, true) => Verdict::Other,
            (false, false) => Verdict::Inert,
        };
        (verdict, signs)
    }

    fn simple(&mut self, statement: &'a Stmt) -> (Verdict, Vec<Sign>) {
        if let Stmt::FunctionDef(_) | Stmt::ClassDef(_) = statement {
            return (Verdict::Inert, Vec::new());
        }
        let found = self.reader.statement(statement, self.function);
        let uses = |expression: &&'a Expr| {
            let name = expression.as_name_expr();
            name.is_some_and(|name| name.ctx.is_load() && self.bound.contains(name.id.as_str()))
        };
        let uses = expressions(std::slice::from_ref(statement))
            .iter()
            .any(uses);
        let verdict = match (!found.signs.is_empty() || uses, found.others) {
            (true, true) => Verdict::Mixed,
            (true, false) => Verdict::Procrastinates,
            (false, _) if is_inert(statement) && !found.others => Verdict::Inert,
            (false, _) => Verdict::Other,
        };
        let mut signs = Vec::new();
        self.take(found, &mut signs);
        (verdict, signs)
    }

    fn take(&mut self, found: Found, signs: &mut Vec<Sign>) {
        add(found.signs, signs);
        self.unclear.extend(found.unclear);
    }
}

fn add(found: Vec<Sign>, signs: &mut Vec<Sign>) {
    for sign in found {
        if !signs.contains(&sign) {
            signs.push(sign);
        }
    }
}

/// What stands before the block of a statement, and is evaluated: `for target in value`, `with value as target`, `if value`.
struct Head<'a> {
    value: &'a Expr,
    target: Option<&'a Expr>,
}

/// The heads and the blocks of a statement; of a simple one, none.
fn inner(statement: &Stmt) -> (Vec<Head<'_>>, Vec<&[Stmt]>) {
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
fn names(target: &Expr) -> Vec<&str> {
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
fn is_inert(statement: &Stmt) -> bool {
    const HARMLESS: [&str; 22] = [
        "get_bind",
        "get_context",
        "Path",
        "PurePath",
        "join",
        "dirname",
        "abspath",
        "resolve",
        "joinpath",
        "open",
        "read",
        "read_text",
        "splitlines",
        "strip",
        "replace",
        "format",
        "dedent",
        "split",
        "str",
        "getLogger",
        "inspect",
        "text",
    ];
    let calls_harmless = || {
        let suite = std::slice::from_ref(statement);
        calls(suite).all(|call| HARMLESS.contains(&called(call)))
    };
    match statement {
        Stmt::Import(_)
        | Stmt::ImportFrom(_)
        | Stmt::Pass(_)
        | Stmt::Global(_)
        | Stmt::Nonlocal(_) => true,
        Stmt::Return(done) => done.value.is_none(),
        Stmt::Expr(_) => calls_harmless(),
        _ => assignment(statement).is_some() && calls_harmless(),
    }
}
