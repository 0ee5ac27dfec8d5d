//! Reads an Alembic revision file with a Python parser; runs nothing.
//!
//! Only literals are read. Whatever else decides a value is reported as undecidable, never guessed.

use std::collections::HashMap;
use std::ops::Range;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::python::{line_at, parse, string_of};
use super::upgrade::{docstring, migration_sql_calls, more_than_sql, sql_literals};

/// What a revision file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionFile {
    /// `revision`.
    pub id: String,
    /// `down_revision`: none for a base, several for a merge.
    pub down: Vec<String>,
    /// `branch_labels`.
    pub labels: Vec<String>,
    /// `depends_on`.
    pub depends_on: Vec<String>,
    /// The SQL files that it names, without repeats: `MIGRATION_FILE`, `get_migration_sql("…")`, and any other string that
    /// ends in `.sql`.
    pub sql: Vec<String>,
    /// What `upgrade()` does beside running one SQL text as it is; none if nothing.
    pub more: Option<String>,
    id_at: Range<usize>,
    down_at: Option<Range<usize>>,
    labels_at: Option<Range<usize>>,
    docstring_at: Option<Range<usize>>,
}

/// A revision file that does not say in literals what has to be known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionFileError {
    /// Not Python.
    #[error("line {line}: {message}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// The parser's words.
        message: String,
    },
    /// `revision` is not assigned.
    #[error("it assigns no `revision`")]
    NoRevision,
    /// Assigned, but not from a literal, or not exactly once at the top level.
    #[error("line {line}: `{name}` is undecidable without running the file: {why}")]
    Undecidable {
        /// Counted from 1.
        line: usize,
        /// The Python name.
        name: String,
        /// What stands there.
        why: &'static str,
    },
}

const NAMES: [&str; 5] = [
    "revision",
    "down_revision",
    "branch_labels",
    "depends_on",
    "MIGRATION_FILE",
];

impl RevisionFile {
    /// Reads `source`.
    pub fn parse(source: &str) -> Result<Self, RevisionFileError> {
        let module = parse(source).map_err(|error| RevisionFileError::Syntax {
            line: error.line,
            message: error.message,
        })?;
        let assigned = Assigned::read(source, module.suite())?;
        let id = assigned
            .strings("revision")?
            .ok_or(RevisionFileError::NoRevision)?;
        let [id_text] = id.as_slice() else {
            return Err(assigned.undecidable("revision", "it has to be one string"));
        };
        Ok(Self {
            id: id_text.clone(),
            down: assigned.strings("down_revision")?.unwrap_or_default(),
            labels: assigned.strings("branch_labels")?.unwrap_or_default(),
            depends_on: assigned.strings("depends_on")?.unwrap_or_default(),
            sql: assigned.sql_files(module.suite())?,
            id_at: assigned
                .range("revision")
                .ok_or(RevisionFileError::NoRevision)?,
            down_at: assigned.range("down_revision"),
            labels_at: assigned.range("branch_labels"),
            more: more_than_sql(module.suite()),
            docstring_at: docstring(module.suite()).map(Into::into),
        })
    }

    /// `source`, the text that this was parsed from, without its docstring.
    pub fn without_docstring(&self, source: &str) -> String {
        let mut text = source.to_owned();
        if let Some(range) = self.docstring_at.clone() {
            text.replace_range(range, "");
        }
        text
    }

    /// `source`, the text that this was parsed from, with its `revision` and `down_revision` replaced. A value that
    /// is right already keeps its bytes, and a new one gets the file's own quotes, so that a file that is only renumbered
    /// comes out as it was. None if `down_revision` would have to be added.
    /// Without `labels`, its branch labels go.
    pub fn at(&self, source: &str, id: &str, down: Option<&str>, labels: bool) -> Option<String> {
        let quote = if source[self.id_at.clone()].contains('\'') {
            '\''
        } else {
            '"'
        };
        let quoted = |value: &str| format!("{quote}{value}{quote}");
        let mut edits = Vec::new();
        if self.id != id {
            edits.push((self.id_at.clone(), quoted(id)));
        }
        if self.down.iter().map(String::as_str).ne(down) {
            let value = down.map_or("None".to_owned(), quoted);
            edits.push((self.down_at.clone()?, value));
        }
        if !labels && !self.labels.is_empty() {
            edits.push((self.labels_at.clone()?, "None".to_owned()));
        }
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut text = source.to_owned();
        for (range, value) in edits {
            text.replace_range(range, &value);
        }
        Some(text)
    }
}

/// The assignments to [`NAMES`] at the top level of a module.
struct Assigned<'a> {
    source: &'a str,
    values: HashMap<&'static str, &'a Expr>,
}

impl<'a> Assigned<'a> {
    fn read(source: &'a str, suite: &'a [Stmt]) -> Result<Self, RevisionFileError> {
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

    fn range(&self, name: &str) -> Option<Range<usize>> {
        self.values.get(name).map(|value| value.range().into())
    }

    /// The strings that the name is assigned: none for `None`, several for a tuple, a list or a set.
    fn strings(&self, name: &'static str) -> Result<Option<Vec<String>>, RevisionFileError> {
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

    fn sql_files(&self, suite: &[Stmt]) -> Result<Vec<String>, RevisionFileError> {
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

    fn undecidable(&self, name: &'static str, why: &'static str) -> RevisionFileError {
        RevisionFileError::Undecidable {
            line: self
                .values
                .get(name)
                .map_or(1, |value| line_at(self.source, value.range())),
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

#[cfg(test)]
mod tests;
