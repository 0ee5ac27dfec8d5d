//! What each statement of `upgrade()` or `downgrade()` does, and how it is taken out.

use std::collections::HashSet;

use super::found::Found;
use super::reader::Reader;
use super::statements::{inner, is_conditional, is_inert, leaves, names, names_in};
use super::{How, Sign, Span, Unclear};
use crate::python_source::{Expr, Ranged, Stmt, StmtFunctionDef, expressions};

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
    };
    let mut unclear = Vec::new();
    let parts = function.body.iter().map(|statement| {
        let Judged { verdict, found } = judge.judge(statement);
        unclear.extend(found.unclear);
        let doubt = match (
            found.changed,
            found.conditional || is_conditional(statement),
        ) {
            (_, true) => Some("it runs under a condition"),
            (true, false) => Some("its text is changed before it runs"),
            (false, false) => None,
        };
        let (binds, uses) = names_in(statement);
        Part {
            verdict,
            signs: found.signs,
            doubt,
            leaves: !matches!(statement, Stmt::Return(_)) && leaves(statement),
            binds,
            uses,
            open: found.unknown || found.dynamic,
            texts: found.texts,
            span: statement.range().into(),
            lines: reader.lines.lines(statement),
        }
    });
    let parts = parts.collect();
    (Body { parts }, unclear)
}

/// What a statement does.
struct Judged {
    verdict: Verdict,
    found: Found,
}

struct Judge<'r, 'a> {
    reader: &'r Reader<'a>,
    function: &'a StmtFunctionDef,
    /// Names that a loop or a `with` bound to something of Procrastinate's.
    bound: HashSet<&'a str>,
}

impl<'a> Judge<'_, 'a> {
    fn judge(&mut self, statement: &'a Stmt) -> Judged {
        let (heads, blocks) = inner(statement);
        if blocks.is_empty() {
            return self.simple(statement);
        }
        let mut whole = Found::default();
        let mut verdicts = Vec::new();
        for head in heads {
            let found = self.reader.expression(head.value, self.function);
            let is_procrastinates = !found.signs.is_empty();
            for name in head.target.iter().flat_map(|target| names(target)) {
                match is_procrastinates {
                    true => self.bound.insert(name),
                    false => self.bound.remove(name),
                };
            }
            verdicts.push(Verdict::of(is_procrastinates, found.others));
            whole.merge(found);
        }
        let name = whole.names.first().cloned();
        for inside in blocks.into_iter().flatten() {
            let inside = self.judge(inside);
            verdicts.push(inside.verdict);
            whole.merge(inside.found);
        }
        // `for table in ("procrastinate_jobs", …): op.drop_table(table)`: what else it does with them is for a person to see.
        if let (Stmt::For(_), Some(name)) = (statement, name)
            && whole.dynamic
        {
            whole.sign(Sign::of_name(name));
            verdicts.push(Verdict::Mixed);
        }
        let has = |verdict| verdicts.contains(&verdict);
        let own = has(Verdict::Procrastinates) || has(Verdict::Mixed);
        let other = has(Verdict::Other) || has(Verdict::Mixed);
        Judged {
            verdict: Verdict::of(own, other),
            found: whole,
        }
    }

    fn simple(&mut self, statement: &'a Stmt) -> Judged {
        if let Stmt::FunctionDef(_) | Stmt::ClassDef(_) = statement {
            let (verdict, found) = (Verdict::Inert, Found::default());
            return Judged { verdict, found };
        }
        let mut found = self.reader.statement(statement, self.function);
        let uses = |expression: &&'a Expr| {
            let name = expression.as_name_expr();
            name.is_some_and(|name| name.ctx.is_load() && self.bound.contains(name.id.as_str()))
        };
        let uses = expressions(std::slice::from_ref(statement))
            .iter()
            .any(uses);
        let is_ddl = |text: &String| {
            let mut verbs = ["DROP", "ALTER", "CREATE"].iter();
            verbs.any(|verb| text.starts_with(verb))
        };
        if let Some(name) = found.names.first().cloned()
            && (found.of_object || found.dynamic && found.texts.iter().any(is_ddl))
        {
            found.sign(Sign::of_name(name));
        }
        let verdict = match Verdict::of(!found.signs.is_empty() || uses, found.others) {
            Verdict::Inert if !is_inert(statement) => Verdict::Other,
            verdict => verdict,
        };
        // A name that is bound anew is no longer Procrastinate's.
        if verdict != Verdict::Procrastinates {
            for name in names_in(statement).0 {
                self.bound.remove(name.as_str());
            }
        }
        Judged { verdict, found }
    }
}

impl Verdict {
    fn of(procrastinates: bool, others: bool) -> Self {
        match (procrastinates, others) {
            (true, true) => Self::Mixed,
            (true, false) => Self::Procrastinates,
            (false, true) => Self::Other,
            (false, false) => Self::Inert,
        }
    }
}

impl Sign {
    /// Of a name of Procrastinate's that is given to something unknown.
    fn of_name((line, name): (usize, String)) -> Self {
        let how = How::Operation("…".to_owned(), name);
        Self { line, how }
    }
}
