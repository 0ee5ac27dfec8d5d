//! What a name stands for, where it is used.

use super::Unclear;
use super::reader::{Reader, Walk};
use super::statements::{is_conditional, leaves};
use crate::effort;
use crate::python_source::{Expr, Ranged, StmtFunctionDef, expressions, inside};

/// A text counts once more for so many bytes.
const SHORT: usize = 4;

impl<'a> Reader<'a> {
    /// What a name stands for: a value of this function's or of the module's, or a function.
    pub(super) fn follow(&self, name: &str, walk: &mut Walk<'a>) {
        let mut parameters = walk.inside.parameters.iter();
        let is_parameter = parameters.any(|parameter| parameter.name().as_str() == name);
        let known = self.names.get(name).filter(|_| !is_parameter);
        let Some(known) = known else {
            self.unknown(name, walk);
            return;
        };
        if known.changed {
            walk.found.others = true;
            walk.found.changed = true;
        }
        let is_in = |function: &StmtFunctionDef, value: &Expr| {
            function.range().contains_range(value.range())
        };
        let mut values = known.values.clone();
        self.spend(values.len());
        if values.iter().any(|value| is_in(walk.inside, value)) {
            values.retain(|value| is_in(walk.inside, value));
        } else {
            values.retain(|value| !self.functions.contains(value.range()));
        }
        for value in &values {
            if walk.seen.insert(value.start().into()) {
                self.walk_by_name(name, inside(value), walk);
            }
        }
        let function = known.function.filter(|_| values.is_empty());
        if values.is_empty() && function.is_none() {
            self.unknown(name, walk);
        }
        if let Some(function) = function
            && walk.seen.insert(function.range().start().into())
        {
            walk.found.conditional |= function
                .body
                .iter()
                .any(|statement| is_conditional(statement) || leaves(statement));
            let outer = std::mem::replace(&mut walk.inside, function);
            self.walk_by_name(name, expressions(&function.body), walk);
            walk.inside = outer;
        }
    }

    /// Looks at what a name stands for, as long as there is not too much of that.
    fn walk_by_name(&self, name: &str, all: Vec<&'a Expr>, walk: &mut Walk<'a>) {
        let texts = all.iter().filter_map(|one| one.as_string_literal_expr());
        let lengths: usize = texts.map(|text| text.value.len() / SHORT).sum();
        let had_some = self.left.get() > 0;
        if self.spend(all.len() + lengths) {
            self.walk(all, walk);
            return;
        }
        walk.found.unknown();
        if had_some {
            walk.found.unclear.push(Unclear {
                line: self.lines.line(walk.inside),
                what: name.to_owned(),
            });
        }
    }

    /// Takes steps off what is left; whether they were there.
    fn spend(&self, steps: usize) -> bool {
        effort::count(steps);
        let left = self.left.get().saturating_sub(steps);
        self.left.set(left);
        left > 0
    }

    /// A name that has no value in this file: an import, a parameter. What a loop or a comprehension binds has one, in its head.
    fn unknown(&self, name: &str, walk: &mut Walk<'a>) {
        if KNOWN.contains(&name) || name.ends_with("Error") || self.binds(walk.inside, name) {
            return;
        }
        walk.found.unknown();
    }

    /// Whether something in a function binds a name.
    fn binds(&self, function: &'a StmtFunctionDef, name: &str) -> bool {
        let stored = || {
            let all = expressions(&function.body).into_iter();
            let names = all.filter_map(Expr::as_name_expr);
            let stored = names.filter(|name| !name.ctx.is_load());
            stored.map(|name| name.id.as_str()).collect()
        };
        let mut bound = self.bound.borrow_mut();
        let bound = bound.entry(function.start()).or_insert_with(stored);
        bound.contains(name)
    }
}

/// Names that Python, or each revision file, has.
const KNOWN: [&str; 16] = [
    "op",
    "sa",
    "sys",
    "os",
    "__file__",
    "str",
    "int",
    "bool",
    "list",
    "tuple",
    "dict",
    "set",
    "len",
    "range",
    "Path",
    "Exception",
];
