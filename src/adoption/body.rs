//! What each statement of `upgrade()` or `downgrade()` does, and how it is taken out.

use std::collections::HashSet;

use super::How;
use super::calls::{is_about_emptiness, is_harmless};
use super::reader::{Found, Reader};
use super::{Sign, Span, Unclear};
use crate::python_source::{
    ExceptHandler, Expr, ExprName, Ranged, Stmt, StmtFunctionDef, assignment, called, calls,
    expressions, line_at,
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
    /// Why its SQL is not plainly what runs; none if it is.
    pub doubt: Option<&'static str>,
    /// Whether it may leave the function before what comes behind it.
    pub leaves: bool,
    /// The names that it binds, and those that it uses.
    pub binds: Vec<String>,
    pub uses: Vec<String>,
    /// Whether what it does depends on more than this file, or on names that are known only when it runs.
    pub open: bool,
    /// The texts that it has to do with, in upper case.
    pub texts: Vec<String>,
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
        let Judged {
            verdict,
            signs,
            changed,
            dynamic,
            unknown,
            conditional,
            texts,
        } = judge.judge(statement);
        let first = line_at(source, statement);
        let inside = source[std::ops::Range::from(statement.range())]
            .matches('\n')
            .count();
        let doubt = match (changed, conditional || is_conditional(statement)) {
            (_, true) => Some("it runs under a condition"),
            (true, false) => Some("its text is changed before it runs"),
            (false, false) => None,
        };
        let (binds, uses) = names_in(statement);
        Part {
            verdict,
            signs,
            doubt,
            leaves: !matches!(statement, Stmt::Return(_)) && leaves(statement),
            binds,
            uses,
            open: unknown || dynamic,
            texts,
            span: statement.range().into(),
            lines: (first, first + inside),
        }
    });
    let parts = parts.collect();
    (Body { parts }, judge.unclear)
}

/// What a statement does.
struct Judged {
    verdict: Verdict,
    signs: Vec<Sign>,
    changed: bool,
    dynamic: bool,
    unknown: bool,
    conditional: bool,
    texts: Vec<String>,
}

impl Judged {
    fn inert() -> Self {
        Self {
            verdict: Verdict::Inert,
            signs: Vec::new(),
            changed: false,
            dynamic: false,
            unknown: false,
            conditional: false,
            texts: Vec::new(),
        }
    }

    fn merge(&mut self, found: &Found) {
        self.changed |= found.changed;
        self.dynamic |= found.dynamic;
        self.unknown |= found.unknown;
        self.conditional |= found.conditional;
        self.texts.extend(found.texts.iter().cloned());
    }
}

struct Judge<'r, 'a> {
    reader: &'r Reader<'a>,
    function: &'a StmtFunctionDef,
    /// Names that a loop or a `with` bound to something of Procrastinate's.
    bound: HashSet<&'a str>,
    unclear: Vec<Unclear>,
}

impl<'a> Judge<'_, 'a> {
    fn judge(&mut self, statement: &'a Stmt) -> Judged {
        let (heads, blocks) = inner(statement);
        if blocks.is_empty() {
            return self.simple(statement);
        }
        let mut judged = Judged::inert();
        let mut verdicts = Vec::new();
        let mut names = Vec::new();
        for head in heads {
            let found = self.reader.expression(head.value, self.function);
            let bound = head.target.iter().flat_map(|target| self::names(target));
            match found.signs.is_empty() {
                true => bound.for_each(|name| {
                    self.bound.remove(name);
                }),
                false => self.bound.extend(bound),
            }
            verdicts.push(match (found.signs.is_empty(), found.others) {
                (false, false) => Verdict::Procrastinates,
                (false, true) => Verdict::Mixed,
                (true, true) => Verdict::Other,
                (true, false) => Verdict::Inert,
            });
            names.extend(found.names.clone());
            judged.merge(&found);
            self.take(found, &mut judged.signs);
        }
        for inside in blocks.into_iter().flatten() {
            let found = self.judge(inside);
            verdicts.push(found.verdict);
            judged.changed |= found.changed;
            judged.dynamic |= found.dynamic;
            judged.unknown |= found.unknown;
            judged.conditional |= found.conditional;
            judged.texts.extend(found.texts);
            add(found.signs, &mut judged.signs);
        }
        // `for table in ("procrastinate_jobs", …): op.drop_table(table)`: what else it does with them is for a person to see.
        if let (Stmt::For(_), Some((line, name))) = (statement, names.first())
            && judged.dynamic
        {
            let how = How::Operation("…".to_owned(), name.clone());
            add(vec![Sign { line: *line, how }], &mut judged.signs);
            verdicts.push(Verdict::Mixed);
        }
        let has = |verdict| verdicts.contains(&verdict);
        judged.verdict = match (has(Verdict::Procrastinates), has(Verdict::Other)) {
            _ if has(Verdict::Mixed) => Verdict::Mixed,
            (true, true) => Verdict::Mixed,
            (true, false) => Verdict::Procrastinates,
            (false, true) => Verdict::Other,
            (false, false) => Verdict::Inert,
        };
        judged
    }

    fn simple(&mut self, statement: &'a Stmt) -> Judged {
        let mut judged = Judged::inert();
        if let Stmt::FunctionDef(_) | Stmt::ClassDef(_) = statement {
            return judged;
        }
        let mut found = self.reader.statement(statement, self.function);
        let uses = |expression: &&'a Expr| {
            let name = expression.as_name_expr();
            name.is_some_and(|name| name.ctx.is_load() && self.bound.contains(name.id.as_str()))
        };
        let uses = expressions(std::slice::from_ref(statement))
            .iter()
            .any(uses);
        if let Some((line, name)) = found.names.first().cloned()
            && (found.of_object
                || found.dynamic
                    && found.texts.iter().any(|text| {
                        text.starts_with("DROP")
                            || text.starts_with("ALTER")
                            || text.starts_with("CREATE")
                    }))
        {
            let how = How::Operation("…".to_owned(), name);
            found.signs.push(Sign { line, how });
        }
        judged.verdict = match (!found.signs.is_empty() || uses, found.others) {
            (true, true) => Verdict::Mixed,
            (true, false) => Verdict::Procrastinates,
            (false, _) if is_inert(statement) && !found.others => Verdict::Inert,
            (false, _) => Verdict::Other,
        };
        // A name that is bound anew is no longer Procrastinate's.
        if judged.verdict != Verdict::Procrastinates {
            for name in names_in(statement).0 {
                self.bound.retain(|bound| *bound != name);
            }
        }
        judged.merge(&found);
        self.take(found, &mut judged.signs);
        judged
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
fn names_in(statement: &Stmt) -> (Vec<String>, Vec<String>) {
    let all = expressions(std::slice::from_ref(statement)).into_iter();
    let all = all.filter_map(Expr::as_name_expr);
    let (uses, binds): (Vec<_>, Vec<_>) = all.partition(|name| name.ctx.is_load());
    let own = |names: Vec<&ExprName>| names.into_iter().map(|name| name.id.to_string()).collect();
    (own(binds), own(uses))
}
