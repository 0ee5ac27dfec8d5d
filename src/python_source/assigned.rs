//! What a revision file assigns, in literals, to the names that Alembic reads.

use std::ops::Range;

use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::names::Names;
use super::parser::{calls, line_at, string_of, text_of};
use super::revision_file::RevisionFileError;

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
    names: Names<'a>,
    /// Whether the file has something that may set any name: `from base import *`, `globals()`.
    dynamic: bool,
}

impl<'a> Assigned<'a> {
    /// Fails where one of the names depends on more than a plain assignment: inside `if`, `try`, `for`, or to a tuple.
    pub(crate) fn read(source: &'a str, suite: &'a [Stmt]) -> Result<Self, RevisionFileError> {
        let names = Names::read(suite);
        let otherwise = NAMES
            .iter()
            .filter_map(|name| Some((*name, names.get(name)?.otherwise?)));
        match otherwise.min_by_key(|(_, range)| range.start()) {
            Some((name, range)) => Err(RevisionFileError::Undecidable {
                line: line_at(source, &range),
                name: name.to_owned(),
                why: "it is not set by a plain assignment",
            }),
            None => Ok(Self {
                source,
                dynamic: is_dynamic(suite, &names),
                names,
            }),
        }
    }

    /// A later assignment replaces an earlier one, as it does in Python.
    pub(super) fn value(&self, name: &str) -> Option<&'a Expr> {
        self.names.get(name)?.module_value
    }

    /// Counted from 1; 1 where the name is not assigned.
    pub(crate) fn line(&self, name: &str) -> usize {
        self.value(name)
            .map_or(1, |value| line_at(self.source, value))
    }

    pub(super) fn range(&self, name: &str) -> Option<Range<usize>> {
        Some(self.value(name)?.range().into())
    }

    pub(crate) fn id(&self) -> Result<String, RevisionFileError> {
        let Some(value) = self.value("revision") else {
            return Err(match self.may_be_set("revision") {
                true => self.undecidable("revision", "it may be set in another way"),
                false => RevisionFileError::NoRevision,
            });
        };
        let is_other =
            |value: &Expr| value.is_literal_expr() || value.is_tuple_expr() || value.is_list_expr();
        match string_of(value) {
            Some(id) => Ok(id),
            None if is_other(value) => Err(self.stops("revision", value)),
            None => Err(self.undecidable("revision", "it is not a literal")),
        }
    }

    /// What Alembic reads as `down_revision`, which it asks every revision for.
    pub(crate) fn down(&self) -> Result<Vec<String>, RevisionFileError> {
        match self.value("down_revision") {
            None if self.may_be_set("down_revision") => {
                Err(self.undecidable("down_revision", "it may be set in another way"))
            }
            None => Err(RevisionFileError::Stops {
                line: self.line("revision"),
                why: "it assigns no `down_revision` (a first revision says `None`)".to_owned(),
            }),
            Some(value) if value.is_number_literal_expr() || value.is_bytes_literal_expr() => {
                Err(self.stops("down_revision", value))
            }
            Some(_) => self.strings("down_revision"),
        }
    }

    /// Whether something may set a name that is assigned nowhere.
    fn may_be_set(&self, name: &str) -> bool {
        self.dynamic || self.names.globals.contains(name)
    }

    fn stops(&self, name: &str, value: &Expr) -> RevisionFileError {
        RevisionFileError::Stops {
            line: self.line(name),
            why: format!(
                "its `{name}` is `{}`, but has to be a string",
                text_of(self.source, value)
            ),
        }
    }

    /// The strings that the name is assigned: none for `None`, several for a tuple, a list or a set.
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<String>, RevisionFileError> {
        let elements = match self.value(name) {
            None | Some(Expr::NoneLiteral(_)) => &[],
            Some(Expr::Tuple(tuple)) => &tuple.elts[..],
            Some(Expr::List(list)) => &list.elts[..],
            Some(Expr::Set(set)) => &set.elts[..],
            Some(other) => std::slice::from_ref(other),
        };
        let undecidable = || self.undecidable(name, "it is not a literal");
        elements
            .iter()
            .map(|element| string_of(element).ok_or_else(undecidable))
            .collect()
    }

    fn undecidable(&self, name: &str, why: &'static str) -> RevisionFileError {
        RevisionFileError::Undecidable {
            line: self.line(name),
            name: name.to_owned(),
            why,
        }
    }
}

fn is_dynamic(suite: &[Stmt], names: &Names<'_>) -> bool {
    let sets_any = |call: &ExprCall| {
        let function = call.func.as_name_expr();
        let any = ["exec", "globals", "locals", "setattr", "vars"];
        function.is_some_and(|name| any.contains(&name.id.as_str()))
    };
    names.get("*").is_some()
        || names.function("__getattr__").is_some()
        || calls(suite).any(sets_any)
}
