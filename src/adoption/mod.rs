//! Revisions of the project's own that make Procrastinate's schema: how they do it, which release's it is, and the edit by
//! which the vendored chain takes their place. Pure.

mod body;
mod calls;
mod choose;
mod edit;
mod follow;
mod found;
mod literals;
mod paths;
mod proof;
mod ranges;
mod reader;
mod refused;
mod statements;

use std::collections::HashMap;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

use crate::effort;
use crate::python_source::SyntaxError;
use crate::sql::ddl::{Kind, Target, Verb};

use body::{Body, Part, Verdict};
pub use choose::{Candidate, Chosen, named, releases};
pub use edit::{Edit, Stuck, edited};
pub use proof::{Unproven, proven};
pub use refused::Refused;

/// Reads a file of the project by its path relative to the root; none if there is no such text.
pub type Files<'a> = dyn Fn(&Utf8Path) -> Option<String> + 'a;

/// What a revision file does to Procrastinate's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRevision {
    /// None without a function of this name.
    pub upgrade: Option<Body>,
    pub downgrade: Option<Body>,
    /// What may touch Procrastinate's objects, and cannot be told without running it.
    pub unclear: Vec<Unclear>,
}

/// One sign that code makes, changes or drops Procrastinate's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// Counted from 1.
    pub line: usize,
    pub how: How,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// SQL in a literal.
    Literal(Ddl),
    /// SQL in a file that it reads.
    File { path: Utf8PathBuf, ddl: Ddl },
    /// An operation of Alembic's: its name, and the object's.
    Operation(String, String),
    /// It reads the installed package when it runs; the words that say so.
    Package(String),
    /// It runs `procrastinate schema --apply`; the words that say so.
    Command(String),
}

/// SQL on Procrastinate's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ddl {
    /// The whole text, other statements included; none where parts of it are known only when it runs.
    pub text: Option<String>,
    /// Procrastinate's objects in it, in their order.
    pub targets: Vec<Target>,
    /// Whether it holds statements on other things.
    pub others: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// Counted from 1.
    pub line: usize,
    /// What stands there.
    pub what: String,
}

impl OwnRevision {
    /// Reads the revision file `source`, whose path is relative to the project's root.
    pub fn read(source: &str, path: &Utf8Path, files: &Files<'_>) -> Result<Self, SyntaxError> {
        reader::read(source, path, files)
    }

    /// Whether its `upgrade()` makes a table of Procrastinate's, or all of them.
    pub fn makes_tables(&self) -> bool {
        let signs = self.upgrade.iter().flat_map(Body::signs);
        let mut hows = signs.map(|sign| &sign.how);
        hows.any(|how| match how {
            How::Literal(ddl) | How::File { ddl, .. } => ddl.targets.iter().any(makes_table),
            How::Operation(name, _) => name == "create_table",
            How::Package(_) | How::Command(_) => true,
        })
    }

    /// Whether its `upgrade()` does something beside making Procrastinate's objects.
    pub fn does_more(&self) -> bool {
        let mut parts = self.upgrade.iter().flat_map(|body| &body.parts);
        parts.any(|part| matches!(part.verdict, Verdict::Mixed | Verdict::Other))
    }

    /// Without repeats: a value that is bound in one statement is used in another.
    pub fn signs(&self) -> Vec<&Sign> {
        let bodies = self.upgrade.iter().chain(&self.downgrade);
        distinct(bodies.flat_map(|body| &body.parts))
    }
}

impl Body {
    /// As [`OwnRevision::signs`].
    pub fn signs(&self) -> Vec<&Sign> {
        distinct(self.parts.iter())
    }
}

fn makes_table(target: &Target) -> bool {
    target.verb == Verb::Create && target.kind == Kind::Table
}

fn distinct<'a>(parts: impl Iterator<Item = &'a Part>) -> Vec<&'a Sign> {
    let mut seen = Distinct::default();
    let signs = parts.flat_map(|part| &part.signs);
    signs.filter(|sign| seen.is_new(sign)).collect()
}

/// Signs that were seen, by their lines: few are on the same.
#[derive(Default)]
struct Distinct<'a>(HashMap<usize, Vec<&'a Sign>>);

impl<'a> Distinct<'a> {
    fn is_new(&mut self, sign: &'a Sign) -> bool {
        let of_line = self.0.entry(sign.line).or_default();
        effort::count(1 + of_line.len());
        let is_new = !of_line.contains(&sign);
        if is_new {
            of_line.push(sign);
        }
        is_new
    }
}

impl How {
    /// The DDL that it runs, if that is known.
    pub fn ddl(&self) -> Option<&Ddl> {
        match self {
            Self::Literal(ddl) | Self::File { ddl, .. } => Some(ddl),
            Self::Operation(..) | Self::Package(_) | Self::Command(_) => None,
        }
    }
}

/// Bytes of the file.
type Span = Range<usize>;

#[cfg(test)]
mod tests;
