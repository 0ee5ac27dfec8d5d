//! What a name stands for, where it is used.

use super::reader::{Reader, Walk};
use super::statements::{is_conditional, leaves};
use crate::python_source::{Expr, Ranged, StmtFunctionDef, expressions, inside};

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
        if values.iter().any(|value| is_in(walk.inside, value)) {
            values.retain(|value| is_in(walk.inside, value));
        } else {
            let functions = &self.names.functions;
            values.retain(|value| !functions.iter().any(|function| is_in(function, value)));
        }
        for value in &values {
            if walk.seen.insert(value.start().into()) {
                self.walk(inside(value), walk);
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
            self.walk(expressions(&function.body), walk);
            walk.inside = outer;
        }
    }

    /// A name that has no value in this file: an import, a parameter. What a loop or a comprehension binds has one, in its head.
    fn unknown(&self, name: &str, walk: &mut Walk<'a>) {
        let stored = |expression: &&Expr| {
            expression
                .as_name_expr()
                .is_some_and(|one| one.id.as_str() == name && !one.ctx.is_load())
        };
        if KNOWN.contains(&name)
            || name.ends_with("Error")
            || expressions(&walk.inside.body).iter().any(stored)
        {
            return;
        }
        walk.found.unknown();
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
