//! The names of a Python file.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use crate::python_source::{Place, called};

/// A parsed file, and what its names stand for, wherever in it they are bound.
pub(super) struct Module<'a> {
    pub(super) source: &'a str,
    pub(super) suite: &'a [Stmt],
    /// Functions and methods, by name. Of two with one name, the last.
    pub(super) functions: HashMap<&'a str, &'a StmtFunctionDef>,
    /// The functions in the order of the file.
    pub(super) in_order: Vec<&'a StmtFunctionDef>,
    /// What is assigned to plain names.
    pub(super) assigned: HashMap<&'a str, Vec<&'a Expr>>,
    /// Names that come from elsewhere.
    pub(super) imported: HashSet<&'a str>,
    /// Names that functions share with the module.
    pub(super) globals: HashSet<&'a str>,
    /// Expressions that stand for `alembic.context`.
    contexts: HashSet<String>,
}

impl<'a> Module<'a> {
    pub(super) fn read(source: &'a str, suite: &'a [Stmt]) -> Self {
        let mut module = Self {
            source,
            suite,
            functions: HashMap::new(),
            in_order: Vec::new(),
            assigned: HashMap::new(),
            imported: HashSet::new(),
            globals: HashSet::new(),
            contexts: HashSet::new(),
        };
        suite
            .iter()
            .for_each(|statement| module.visit_stmt(statement));
        if module.contexts.is_empty() {
            module.contexts.insert("context".to_owned());
        }
        module
    }

    /// The text of an expression or a statement.
    pub(super) fn text(&self, node: &impl Ranged) -> &'a str {
        let range = node.range();
        &self.source[usize::from(range.start())..usize::from(range.end())]
    }

    pub(super) fn place(&self, node: &impl Ranged) -> Place {
        Place::of(self.source, node.range())
    }

    /// The name in `context.name(…)`, if it is Alembic's context that it is called on.
    pub(super) fn context_method(&self, call: &'a ExprCall) -> Option<&'a str> {
        let attribute = call.func.as_attribute_expr()?;
        self.contexts
            .contains(self.text(&*attribute.value))
            .then(|| attribute.attr.as_str())
    }

    /// The only value that a name has in this file.
    pub(super) fn only_value(&self, name: &str) -> Option<&'a Expr> {
        match self.assigned.get(name)?.as_slice() {
            [value] if !self.imported.contains(name) => Some(value),
            _ => None,
        }
    }

    /// `from alembic import context` and its variants.
    fn import(&mut self, from: Option<&str>, name: &'a str, bound: Option<&'a str>) {
        let context = match (from, name, bound) {
            (Some("alembic"), "context", bound) => Some(bound.unwrap_or(name).to_owned()),
            (None, "alembic.context", Some(bound)) => Some(bound.to_owned()),
            (None, "alembic", Some(bound)) => Some(format!("{bound}.context")),
            (None, "alembic" | "alembic.context", None) => Some("alembic.context".to_owned()),
            _ => None,
        };
        self.contexts.extend(context);
        self.imported.insert(bound.unwrap_or(name));
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        let Some(name) = target.as_name_expr() else {
            return;
        };
        let call = value.as_call_expr();
        if call.is_some_and(|call| called(call) == "EnvironmentContext") {
            self.contexts.insert(name.id.to_string());
        }
        self.assigned
            .entry(name.id.as_str())
            .or_default()
            .push(value);
    }
}

impl<'a> Visitor<'a> for Module<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.functions.insert(function.name.as_str(), function);
                self.in_order.push(function);
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let bound = alias.asname.as_ref().map(|name| name.as_str());
                    let from = import.module.as_ref().map_or("", |name| name.as_str());
                    self.import(Some(from), alias.name.as_str(), bound);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = alias.asname.as_ref().map(|name| name.as_str());
                    self.import(None, alias.name.as_str(), bound);
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.assign(target, &assign.value);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&assign.target, value);
                }
            }
            Stmt::With(with) => {
                for item in &with.items {
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, &item.context_expr);
                    }
                }
            }
            Stmt::Global(global) => self
                .globals
                .extend(global.names.iter().map(|name| name.as_str())),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Named(named) = expression {
            self.assign(&named.target, &named.value);
        }
        walk_expr(self, expression);
    }
}
