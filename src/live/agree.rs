//! Whether the database, its version table, the vendored revisions and the code agree. Pure.

use std::collections::BTreeSet;

use super::applied::Versions;
use super::finding::{Code, Finding, Help};
use super::resolve::Resolved;
use super::stamping::Stamping;
use crate::alembic::env_file::TableName;
use crate::alembic::graph::Node;
use crate::alembic::revisions::Unreadable;
use crate::catalog::{self, Release};
use crate::digest::Digest;
use crate::lockfile::{Lock, LockedRevision};
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

/// Compares a schema, `None` if Procrastinate is not there, with what its project has.
pub fn agree(resolved: Option<&Resolved>, versions: &Versions<'_>, sides: &Sides<'_>) -> Agreement {
    let mut agreement = Agreement {
        findings: Vec::new(),
        stamping: Stamping::Agrees,
    };
    let state = match resolved {
        None => None,
        Some(resolved) => match resolved.exact() {
            Some(state) => Some(state),
            None => {
                agreement.stamping =
                    Stamping::Impossible("the schema is not that after any migration".to_owned());
                return agreement;
            }
        },
    };
    if let Some(unknown) = unknown(sides) {
        agreement.stamping = Stamping::Impossible(unknown.message.clone());
        agreement.findings.push(unknown);
        return agreement;
    }
    agreement.with_versions(state, versions, sides);
    agreement.with_others(state, sides);
    agreement.in_part(state);
    agreement
}

/// SQL that came after this program: what it makes is not known, so nothing can be said of the schema.
fn unknown(sides: &Sides<'_>) -> Option<Finding> {
    let is_unknown = |sha256: &Digest| catalog::effects_of(sha256).is_none();
    let vendored = sides.lock.iter().flat_map(|lock| &lock.revisions);
    let vendored = vendored.filter(|one| one.sql_sha256.as_ref().is_none_or(is_unknown));
    let code = sides.code.iter().flat_map(|code| &code.migrations);
    let code = code.filter(|one| one.sql.as_ref().is_none_or(|sql| is_unknown(&sql.digest)));
    let names: BTreeSet<&str> = vendored
        .map(LockedRevision::name)
        .chain(code.map(|migration| migration.name()))
        .collect();
    if names.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.into_iter().collect();
    let message = format!(
        "this program does not know what these migrations make: {}. So it cannot tell which of them the database has",
        quoted(&names)
    );
    let help = "upgrade vendor-migrations; of a release that is no final one, or SQL of your own, it never knows";
    Some(Finding::error(Code::UnknownMigration, message).with(Help::Text(help.to_owned())))
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
