//! The release that a project pins: what its lock files say, where nothing is installed.
//!
//! Each format has a parser of its own, which knows no file system; `search` finds the files and reads them.

mod pdm_lock;
mod pipfile_lock;
mod poetry_lock;
mod pylock;
mod requirement;
mod requirements;
mod search;
mod text;
mod uv_lock;

use std::fmt;

use pep440_rs::Version;

use crate::upstream::PACKAGE;

pub use search::{Pins, find};
pub use text::BadLock;

/// One file that pins one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Where.
    pub place: Place,
    /// The release.
    pub release: Version,
    /// The environments that it is for, where the file says so.
    pub marker: Option<String>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Relative to the project, with `/`.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What one file says of the package, once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// From 1.
    line: usize,
    wants: Wants,
    marker: Option<String>,
}

/// Which release an entry wants.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wants {
    /// This one.
    Release(Version),
    /// Any in a range; empty for any at all.
    Range(String),
    /// Something that is not a release of an index: a repository, a directory, a file.
    Source(String),
}

/// What a lock file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Contents {
    entries: Vec<Entry>,
    /// What the reader should know of the file.
    note: Option<String>,
}

/// Whether a package's name, as somebody wrote it, is Procrastinate's. Names are compared as the index does (PEP 503).
fn is_package(name: &str) -> bool {
    name.eq_ignore_ascii_case(PACKAGE)
}
