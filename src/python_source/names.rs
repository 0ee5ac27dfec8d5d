//! What the names of a Python file stand for: the one table that all readers of Python files use.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Alias, Comprehension, Expr, Stmt, StmtFunctionDef, WithItem};
use ruff_text_size::{Ranged, TextRange};

use super::parser::inside_within;
use crate::effort;

/// The names of a file. A function's own names are not kept apart from the module's.
pub(crate) struct Names<'a> {
    names: HashMap<&'a str, Name<'a>>,
    /// All functions and methods, in the order of the file.
    pub(crate) functions: Vec<&'a StmtFunctionDef>,
    /// The attributes and entries that are assigned: `config.x = …`, `config["x"] = …`.
    pub(crate) stores: Vec<&'a Expr>,
    /// The names that a function declares to share with the module.
    pub(crate) globals: HashSet<&'a str>,
    scope: Scope,
}

/// What one name is bound to, wherever in the file.
#[derive(Debug, Default)]
pub(crate) struct Name<'a> {
    /// The full names of what is imported: `alembic.command.upgrade`.
    pub(crate) imported: Vec<String>,
    /// Of several functions or methods with this name, the last.
    pub(crate) function: Option<&'a StmtFunctionDef>,
    /// What is assigned by `=`, `:=` and `with … as`.
    pub(crate) values: Vec<&'a Expr>,
    /// The last value that a statement of the module itself assigns.
    pub(crate) module_value: Option<&'a Expr>,
    /// Where the module binds the name in another way, so that its value is not known: in an `if`, by a loop, by
    /// `from … import`.
    pub(crate) otherwise: Option<TextRange>,
    /// `name += …`
    pub(crate) changed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// A statement of the module itself.
    Module,
    /// Inside of another statement or expression of the module, which may not run.
    Nested,
    /// In a function or a class.
    Local,
}

impl Name<'_> {
    pub(crate) fn is_import_of(&self, full_name: &str) -> bool {
        self.imported.iter().any(|imported| imported == full_name)
    }
}

impl<'a> Names<'a> {
    pub(crate) fn read(suite: &'a [Stmt]) -> Self {
        let mut names = Self {
            names: HashMap::new(),
            functions: Vec::new(),
            stores: Vec::new(),
            globals: HashSet::new(),
            scope: Scope::Module,
        };
        names.visit_body(suite);
        names
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Name<'a>> {
        self.names.get(name)
    }

    pub(crate) fn function(&self, name: &str) -> Option<&'a StmtFunctionDef> {
        self.get(name)?.function
    }

    /// The value of a name that is assigned exactly once, and not imported.
    pub(crate) fn only_value(&self, name: &str) -> Option<&'a Expr> {
        let name = self.get(name)?;
        match name.values.as_slice() {
            [value] if !name.changed && name.imported.is_empty() => Some(value),
            _ => None,
        }
    }

    /// The only value of a name, or the expression itself.
    pub(crate) fn resolved(&self, expression: &'a Expr) -> &'a Expr {
        let name = expression.as_name_expr();
        let value = name.and_then(|name| self.only_value(&name.id));
        value.unwrap_or(expression)
    }

    /// An expression, and all that it is made of: what is inside of it, and inside of the values of the names in it.
    pub(crate) fn reached(&self, expression: &'a Expr) -> Vec<&'a Expr> {
        self.reached_within(usize::MAX, expression)
            .unwrap_or_default()
    }

    /// The same; none if these are more than `most`.
    pub(crate) fn reached_within(
        &self,
        most: usize,
        expression: &'a Expr,
    ) -> Option<Vec<&'a Expr>> {
        let mut seen = HashSet::new();
        let mut found = inside_within(most, expression)?;
        let mut at = 0;
        while let Some(expression) = found.get(at) {
            effort::count(1);
            at += 1;
            let name = expression.as_name_expr().map(|name| name.id.as_str());
            let new = name.filter(|name| seen.insert(*name));
            if let Some(name) = new.and_then(|name| self.get(name)) {
                for value in &name.values {
                    found.extend(inside_within(most - found.len(), value)?);
                }
            }
        }
        Some(found)
    }

    /// `alembic.command.upgrade`, whatever it was imported as last; none for what is not imported.
    pub(crate) fn full_name(&self, expression: &Expr) -> Option<String> {
        let mut attributes = Vec::new();
        let mut owner = expression;
        while let Expr::Attribute(attribute) = owner {
            effort::count(1);
            attributes.push(attribute.attr.as_str());
            owner = &attribute.value;
        }
        let imported = &self.get(&owner.as_name_expr()?.id)?.imported;
        let mut name = imported.last()?.clone();
        for attribute in attributes.iter().rev() {
            name.push('.');
            name.push_str(attribute);
        }
        Some(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &Name<'a>)> {
        self.names.iter().map(|(name, known)| (*name, known))
    }

    pub(crate) fn any(&self, is_wanted: impl Fn(&Name) -> bool) -> bool {
        self.names.values().any(is_wanted)
    }

    fn entry(&mut self, name: &'a str) -> &mut Name<'a> {
        self.names.entry(name).or_default()
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        if let Expr::Name(name) = target {
            let scope = self.scope;
            let entry = self.entry(&name.id);
            entry.values.push(value);
            if scope == Scope::Module {
                entry.module_value = Some(value);
                return;
            }
        } else if matches!(target, Expr::Attribute(_) | Expr::Subscript(_)) {
            self.stores.push(target);
        }
        self.visit_expr(target);
    }

    fn import(&mut self, module: Option<&str>, alias: &'a Alias, range: TextRange) {
        let name = alias.name.as_str();
        // `import a.b` binds `a`.
        let first = name.split('.').next().unwrap_or(name);
        let bound = alias.asname.as_ref().map(|name| name.as_str());
        let (bound, full_name) = match (module, bound) {
            (Some(module), bound) => (bound.unwrap_or(name), format!("{module}.{name}")),
            (None, Some(bound)) => (bound, name.to_owned()),
            (None, None) => (first, first.to_owned()),
        };
        self.entry(bound).imported.push(full_name);
        if module.is_some() {
            self.bind_otherwise(bound, range);
        }
    }

    fn bind_otherwise(&mut self, name: &'a str, range: TextRange) {
        if self.scope != Scope::Local {
            self.entry(name).otherwise.get_or_insert(range);
        }
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let outer = self.scope;
        match statement {
            Stmt::FunctionDef(function) => {
                self.functions.push(function);
                self.entry(&function.name).function = Some(function);
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    self.import(Some(module), alias, import.range);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.import(None, alias, import.range);
                }
            }
            Stmt::Global(global) => {
                let names = global.names.iter().map(|name| name.as_str());
                self.globals.extend(names);
            }
            Stmt::AugAssign(assign) => match &*assign.target {
                Expr::Name(name) => self.entry(&name.id).changed = true,
                target => self.stores.push(target),
            },
            _ => {}
        }
        self.scope = match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => Scope::Local,
            _ => outer.max(Scope::Nested),
        };
        match assignment(statement) {
            Some((targets, value)) => {
                value.iter().for_each(|value| self.visit_expr(value));
                self.scope = outer;
                for target in targets {
                    value.iter().for_each(|value| self.assign(target, value));
                }
            }
            None => walk_stmt(self, statement),
        }
        self.scope = outer;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                self.assign(&named.target, &named.value);
            }
            Expr::Name(name) if !name.ctx.is_load() => {
                self.bind_otherwise(&name.id, name.range());
            }
            _ => walk_expr(self, expression),
        }
    }

    fn visit_with_item(&mut self, item: &'a WithItem) {
        self.visit_expr(&item.context_expr);
        if let Some(target) = &item.optional_vars {
            self.assign(target, &item.context_expr);
        }
    }

    /// Its target is a name of its own.
    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.visit_expr(&comprehension.iter);
        comprehension
            .ifs
            .iter()
            .for_each(|test| self.visit_expr(test));
    }
}

/// The targets of `a = b = value` or `a: T = value`, and the value; `a: T` has none.
pub(crate) fn assignment(statement: &Stmt) -> Option<(&[Expr], Option<&Expr>)> {
    match statement {
        Stmt::Assign(assign) => Some((&assign.targets, Some(&assign.value))),
        Stmt::AnnAssign(assign) => Some((
            std::slice::from_ref(&assign.target),
            assign.value.as_deref(),
        )),
        _ => None,
    }
}
