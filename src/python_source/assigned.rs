//! What a module assigns, in literals, to the names that Alembic reads.

use std::collections::HashMap;
use std::ops::Range;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::parser::{line_at, string_of};
use super::revision_file::RevisionFileError;
use super::upgrade::{migration_sql_calls, sql_literals};

const NAMES: [&str; 5] = [
    "revision",
    "down_revision",
    "branch_labels",
    "depends_on",
    "MIGRATION_FILE",
];

/// The assignments to [`NAMES`] at the top level of a module.
pub(crate) struct Assigned<'a> {
    source: &'a str,
    values: HashMap<&'static str, &'a Expr>,
}

impl<'a> Assigned<'a> {
    pub(crate) fn read(source: &'a str, suite: &'a [Stmt]) -> Result<Self, RevisionFileError> {
        let mut assigned = Self {
            source,
            values: HashMap::new(),
        };
        for statement in suite {
            match statement {
                Stmt::Assign(assign) if assign.targets.iter().all(Expr::is_name_expr) => {
                    for target in &assign.targets {
                        assigned.set(target, &assign.value);
                    }
                }
                Stmt::AnnAssign(assign) => {
                    if let Some(value) = &assign.value {
                        assigned.set(&assign.target, value);
                    }
                }
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
                other => assigned.refuse_hidden(other)?,
            }
        }
        Ok(assigned)
    }

    /// A later assignment replaces an earlier one, as it does in Python.
    fn set(&mut self, target: &Expr, value: &'a Expr) {
        if let Some(name) = name_of(target) {
            self.values.insert(name, value);
        }
    }

    /// An assignment inside `if`, `try`, `for` or to a tuple depends on more than a literal.
    fn refuse_hidden(&self, statement: &Stmt) -> Result<(), RevisionFileError> {
        let mut stores = Stores { found: None };
        stores.visit_stmt(statement);
        if let Stmt::ImportFrom(import) = statement {
            let bound = import
                .names
                .iter()
                .map(|alias| alias.asname.as_ref().unwrap_or(&alias.name));
            let known = |name: &str| NAMES.into_iter().find(|known| *known == name);
            stores.found = bound
                .filter_map(|name| Some((known(name.as_str())?, import.range)))
                .next();
        }
        match stores.found {
            None => Ok(()),
            Some((name, range)) => Err(RevisionFileError::Undecidable {
                line: line_at(self.source, range),
                name: name.to_owned(),
                why: "it is set by another statement than a plain assignment",
            }),
        }
    }

    /// Counted from 1; 1 where the name is not assigned.
    pub(crate) fn line(&self, name: &str) -> usize {
        self.values
            .get(name)
            .map_or(1, |value| line_at(self.source, value.range()))
    }

    pub(crate) fn range(&self, name: &str) -> Option<Range<usize>> {
        self.values.get(name).map(|value| value.range().into())
    }

    /// The strings that the name is assigned: none for `None`, several for a tuple, a list or a set.
    pub(crate) fn strings(
        &self,
        name: &'static str,
    ) -> Result<Option<Vec<String>>, RevisionFileError> {
        let Some(value) = self.values.get(name) else {
            return Ok(None);
        };
        let elements = match value {
            Expr::NoneLiteral(_) if name == "revision" => {
                return Err(self.undecidable(name, "it is None"));
            }
            Expr::NoneLiteral(_) => return Ok(Some(Vec::new())),
            Expr::Tuple(tuple) => &tuple.elts[..],
            Expr::List(list) => &list.elts[..],
            Expr::Set(set) => &set.elts[..],
            other => std::slice::from_ref(*other),
        };
        elements
            .iter()
            .map(|element| {
                string_of(element).ok_or_else(|| self.undecidable(name, "it is not a literal"))
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(crate) fn sql_files(&self, suite: &[Stmt]) -> Result<Vec<String>, RevisionFileError> {
        let mut names = self.strings("MIGRATION_FILE")?.unwrap_or_default();
        let literals = sql_literals(suite);
        for (call, argument) in migration_sql_calls(suite) {
            let constant = argument
                .and_then(name_of)
                .and_then(|name| self.values.get(name));
            let by_name =
                argument.filter(|argument| argument.is_name_expr() && literals.len() == 1);
            let name = argument
                .and_then(string_of)
                .or_else(|| constant.and_then(|value| string_of(value)))
                .or_else(|| by_name.and_then(|_| literals.first().cloned()))
                .ok_or_else(|| RevisionFileError::Undecidable {
                    line: line_at(self.source, call),
                    name: "get_migration_sql(…)".to_owned(),
                    why: "its argument is not a literal",
                })?;
            names.push(name);
        }
        // However a file gets at its SQL, the SQL's name is a literal in it.
        names.extend(literals);
        let mut seen = Vec::new();
        names.retain(|name| {
            let new = !seen.contains(name);
            seen.push(name.clone());
            new
        });
        Ok(names)
    }

    pub(crate) fn undecidable(&self, name: &'static str, why: &'static str) -> RevisionFileError {
        RevisionFileError::Undecidable {
            line: self.line(name),
            name: name.to_owned(),
            why,
        }
    }
}

fn name_of(expression: &Expr) -> Option<&'static str> {
    let name = expression.as_name_expr()?;
    NAMES.into_iter().find(|known| *known == name.id.as_str())
}

struct Stores {
    found: Option<(&'static str, TextRange)>,
}

impl<'a> Visitor<'a> for Stores {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Some(name) = name_of(expression)
            && expression
                .as_name_expr()
                .is_some_and(|name| !name.ctx.is_load())
        {
            self.found.get_or_insert((name, expression.range()));
        }
        walk_expr(self, expression);
    }
}
