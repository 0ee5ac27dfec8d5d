//! A line of a file.

use std::fmt;

use camino::Utf8PathBuf;

/// Shown as `file:line`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Relative to the project's root if the file is inside the project.
    pub file: Utf8PathBuf,
    /// Counted from 1.
    pub line: usize,
}

impl Line {
    pub fn new(file: impl Into<Utf8PathBuf>, line: usize) -> Self {
        Self {
            file: file.into(),
            line,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
