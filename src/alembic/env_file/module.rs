//! A parsed `env.py`.

use std::collections::HashSet;

use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use crate::python_source::{Lines, Name, Names, Place, called, text_of};

const CONTEXT: &str = "alembic.context";

pub(super) struct Module<'a> {
    pub(super) source: &'a str,
    pub(super) suite: &'a [Stmt],
    pub(super) names: Names<'a>,
    lines: Lines<'a>,
    /// The names that stand for it.
    contexts: HashSet<&'a str>,
    /// Nothing in the file says what `alembic.context` is called: `context`, then.
    context_by_name: bool,
}

impl<'a> Module<'a> {
    pub(super) fn read(source: &'a str, suite: &'a [Stmt]) -> Self {
        let names = Names::read(suite);
        let says = |name: &Name| name.is_import_of("alembic") || is_context(name);
        Self {
            source,
            suite,
            context_by_name: !names.any(says),
            contexts: names
                .iter()
                .filter(|(_, known)| is_context(known))
                .map(|(name, _)| name)
                .collect(),
            names,
            lines: Lines::of(source),
        }
    }

    pub(super) fn text(&self, node: &impl Ranged) -> &'a str {
        text_of(self.source, node)
    }

    pub(super) fn place(&self, node: &impl Ranged) -> Place {
        self.lines.place(node)
    }

    /// The name in `context.name(…)`, if it is Alembic's context that it is called on.
    pub(super) fn context_method(&self, call: &'a ExprCall) -> Option<&'a str> {
        let attribute = call.func.as_attribute_expr()?;
        self.is_context(&attribute.value)
            .then_some(attribute.attr.as_str())
    }

    pub(super) fn is_context(&self, expression: &Expr) -> bool {
        let Expr::Name(name) = expression else {
            return self.names.full_name(expression).as_deref() == Some(CONTEXT);
        };
        self.context_by_name && name.id.as_str() == "context"
            || self.contexts.contains(name.id.as_str())
    }
}

fn is_context(name: &Name) -> bool {
    let mut calls = name.values.iter().filter_map(|value| value.as_call_expr());
    name.is_import_of(CONTEXT) || calls.any(|call| called(call) == "EnvironmentContext")
}
