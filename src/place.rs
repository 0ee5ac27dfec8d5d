//! Where something stands: a file, what its path is relative to, and a line.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

/// What a path is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The project's root.
    Project,
    /// The directory that holds the installed package.
    SitePackages,
}

/// A path of the project's as it is shown, reported and written on every system: with `/` between its parts. An absolute one stays.
pub fn slashed(path: impl Into<String>) -> String {
    let path = path.into();
    match cfg!(windows) && Utf8Path::new(&path).is_relative() {
        true => path.replace('\\', "/"),
        false => path,
    }
}

/// A path of the project's below one of its directories, as [`slashed`].
pub fn joined(directory: &Utf8Path, below: impl AsRef<Utf8Path>) -> Utf8PathBuf {
    slashed(directory.join(below)).into()
}

/// A file or directory, and perhaps a line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub base: Base,
    pub path: String,
    /// Counted from 1.
    pub line: Option<usize>,
}

/// A line of a file of the project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub file: Utf8PathBuf,
    /// Counted from 1.
    pub line: usize,
}

impl Line {
    pub fn new(file: impl Into<Utf8PathBuf>, line: usize) -> Self {
        Self {
            file: slashed(file.into()).into(),
            line,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A path in the project.
impl From<&Utf8Path> for Place {
    fn from(path: &Utf8Path) -> Self {
        Self::new(path.as_str())
    }
}

impl From<&Line> for Place {
    fn from(line: &Line) -> Self {
        Self::new(line.file.as_str()).at(line.line)
    }
}

impl Place {
    /// A path in the project, relative to its root, or absolute.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            base: Base::Project,
            path: slashed(path),
            line: None,
        }
    }

    /// A path in a directory of the project; empty for the directory itself.
    pub fn below(directory: &Utf8Path, path: &str) -> Self {
        Self::new(match path {
            "" => directory.to_string(),
            path => directory.join(path).into_string(),
        })
    }

    /// A path in the directory that holds the installed package.
    pub fn in_package(path: impl Into<String>) -> Self {
        Self {
            base: Base::SitePackages,
            ..Self::new(path)
        }
    }

    /// The same at a line, counted from 1.
    pub fn at(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}
