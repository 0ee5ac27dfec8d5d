//! What a revision file assigns, in literals, to the names that Alembic reads.

use std::ops::Range;

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::names::Names;
use super::parser::{line_at, string_of};
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
                why: "it is set by another statement than a plain assignment",
            }),
            None => Ok(Self { source, names }),
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
        match self.value("revision") {
            None => return Err(RevisionFileError::NoRevision),
            Some(Expr::NoneLiteral(_)) => return Err(self.undecidable("revision", "it is None")),
            Some(_) => {}
        }
        let mut ids = self.strings("revision")?;
        let id = ids.pop().filter(|_| ids.is_empty());
        id.ok_or_else(|| self.undecidable("revision", "it has to be one string"))
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
