//! What a database is compared with, and what comes of it.

use super::finding::Finding;
use crate::alembic::env_file::TableName;
use crate::alembic::graph::Node;
use crate::alembic::revisions::Unreadable;
use crate::catalog::Release;
use crate::lockfile::Lock;
use crate::steps::Stamp;
use crate::upstream::Upstream;

/// What a database is compared with.
#[derive(Debug, Clone, Default)]
pub struct Sides<'a> {
    pub lock: Option<&'a Lock>,
    /// The project's revisions, the vendored ones among them.
    pub nodes: &'a [Node],
    /// The revisions of the project that could not be read.
    pub unread: &'a [Unreadable],
    /// How the project's version table is called.
    pub table: TableName,
    /// Whether new vendored revisions go after the project's own.
    pub linear: bool,
    /// The revisions of the project's own that make the tables, and that `adopt` is for, in words for people.
    pub own_tables: Option<String>,
    /// The Procrastinate that is installed.
    pub code: Option<&'a Upstream>,
    pub expect: Expect,
    /// Migrations that belong after the deploy may be missing.
    pub before_deploy: bool,
}

/// What the schema has to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expect {
    /// As is vendored, and fit for the code that is installed.
    #[default]
    All,
    Vendored,
    Code,
    Release(&'static Release),
}

/// What the comparison of one schema found.
#[derive(Debug)]
pub struct Agreement {
    pub findings: Vec<Finding>,
    pub stamping: Stamping,
}

/// What makes the version table say what the schema is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stamping {
    /// It says so already.
    Agrees,
    Needed(Stamp),
    /// Why there is nothing to stamp.
    Impossible(String),
}

/// In backticks, the first and the last where they are many.
pub(super) fn quoted<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 6;
    let quote = |name: &T| format!("`{}`", name.as_ref());
    if let [first, .., last] = names
        && names.len() > MOST
    {
        let number = names.len();
        return format!("{number} migrations, {} to {}", quote(first), quote(last));
    }
    names.iter().map(quote).collect::<Vec<_>>().join(", ")
}
