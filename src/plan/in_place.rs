//! In place: the lock against the installed package, whose own revision files run.
//!
//! The package decides here. Databases know revisions by their ids, so ids decide what is the same; what Alembic would do
//! with a database that has applied the old ones decides what has to be accepted by the user.

mod comparison;

use std::collections::BTreeMap;

use comparison::Comparison;

use super::PlanError;
use super::names::usable_id;
use crate::digest::Digest;
use crate::lockfile::{Lock, LockedRevision, LockedUpstream, Mode, Superseded};
use crate::procrastinate::{PACKAGE, Phase};
use crate::upstream::{Sql, Upstream, Wrapper};

/// The lock as it will be, and in what the package differs from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPlace {
    /// What the package ships.
    pub lock: Lock,
    /// What is not as it was: by upstream's chain, and what is gone at the end.
    pub changes: Vec<Change>,
    /// Whether the package is older than what the lock records.
    pub downgrade: bool,
    /// The SQL files that no revision file of the package runs.
    pub unwrapped: Vec<String>,
}

/// One revision that is not as the lock has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened to it.
    pub kind: ChangeKind,
    pub id: String,
    /// The name of its SQL file, or else of its revision file.
    pub name: String,
    pub phase: Phase,
    /// Its file, relative to site-packages; without the directory if that is gone.
    pub path: String,
}

/// What happened to a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// New. `before` is the id of a known revision that follows it: where that is applied, this never runs.
    Added { before: Option<String> },
    /// It runs other SQL than it did.
    SqlChanged,
    /// It runs another migration than it did.
    Replaced {
        /// The name of the one that it ran.
        was: String,
    },
    /// It runs the SQL that had another id.
    Renumbered {
        from: String,
        /// Whether this id is a known one, which ran something else.
        taken: bool,
    },
    /// Its SQL has another name.
    Renamed { from: String },
    /// Its file is another, its SQL the same.
    WrapperChanged,
    /// It stands elsewhere in the chain.
    Moved,
    /// The package has no such revision any more.
    Gone {
        /// The id under which its SQL runs now.
        now: Option<String>,
    },
}

impl Change {
    /// Whether a database that has applied what the lock says is left behind: Alembic would stop, run SQL again, or never
    /// run it.
    pub fn leaves_databases_behind(&self) -> bool {
        match &self.kind {
            ChangeKind::Added { before } => before.is_some(),
            ChangeKind::SqlChanged
            | ChangeKind::Replaced { .. }
            | ChangeKind::Renumbered { .. }
            | ChangeKind::Moved
            | ChangeKind::Gone { .. } => true,
            ChangeKind::Renamed { .. } | ChangeKind::WrapperChanged => false,
        }
    }
}

impl InPlace {
    /// The revisions that `alembic upgrade` will run on a database which has all that the lock knew.
    pub fn added(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| match &change.kind {
            ChangeKind::Added { before } => before.is_none(),
            ChangeKind::Renumbered { taken, .. } => !taken,
            ChangeKind::SqlChanged
            | ChangeKind::Replaced { .. }
            | ChangeKind::Renamed { .. }
            | ChangeKind::WrapperChanged
            | ChangeKind::Moved
            | ChangeKind::Gone { .. } => false,
        })
    }
}

/// Where upstream's revision files lie, relative to site-packages; none if it ships none.
pub fn directory(upstream: &Upstream) -> Option<&str> {
    let mut wrappers = upstream
        .migrations
        .iter()
        .filter_map(|m| m.wrapper.as_ref());
    Some(wrappers.next()?.path.rsplit_once('/')?.0)
}

/// The same as a `package:path` location of Alembic's.
pub fn location(upstream: &Upstream) -> Option<String> {
    let (package, versions) = directory(upstream)?.rsplit_once('/')?;
    Some(format!("{}:{versions}", package.replace('/', ".")))
}

/// What the package has, and what is not as the lock has it.
pub fn plan(lock: Option<&Lock>, upstream: &Upstream) -> Result<InPlace, PlanError> {
    let mut unwrapped = Vec::new();
    let mut revisions: Vec<LockedRevision> = Vec::new();
    let mut paths = BTreeMap::new();
    for migration in &upstream.migrations {
        let Some(wrapper) = &migration.wrapper else {
            unwrapped.push(migration.name().to_owned());
            continue;
        };
        let down = revisions.last().map(|revision| revision.id.clone());
        let revision = locked(wrapper, migration.sql.as_ref(), down)?;
        paths.insert(revision.id.clone(), wrapper.path.clone());
        revisions.push(revision);
    }
    let mut changes = Vec::new();
    if let Some(lock) = lock {
        let comparison = Comparison {
            old: &lock.revisions,
            new: &revisions,
        };
        let path = |revision: &LockedRevision| match (paths.get(&revision.id), directory(upstream))
        {
            (Some(path), _) => path.clone(),
            (None, Some(directory)) => format!("{directory}/{}", revision.file),
            (None, None) => revision.file.to_string(),
        };
        changes = comparison.changes(&path);
        remember(lock, &mut revisions);
    }
    let newer = |lock: &Lock| lock.upstream.release > upstream.release;
    Ok(InPlace {
        lock: Lock {
            upstream: LockedUpstream {
                package: PACKAGE.to_owned(),
                release: upstream.release.clone(),
                layout: upstream.layout,
                mode: Mode::InPlace,
            },
            revisions,
        },
        changes,
        downgrade: lock.is_some_and(newer),
        unwrapped,
    })
}

fn locked(
    wrapper: &Wrapper,
    sql: Option<&Sql>,
    down: Option<String>,
) -> Result<LockedRevision, PlanError> {
    Ok(LockedRevision {
        id: usable_id(wrapper)?.to_owned(),
        down,
        file: wrapper.file.clone(),
        sha256: Digest::of(&wrapper.text),
        sql: sql.map(|sql| sql.name.clone()),
        sql_sha256: sql.map(|sql| sql.digest),
        phase: sql.map_or(Phase::Post, |sql| sql.name.phase()),
        superseded: Vec::new(),
    })
}

/// The digests that each revision's SQL had before.
fn remember(lock: &Lock, revisions: &mut [LockedRevision]) {
    for revision in revisions {
        let Some(old) = lock.revisions.iter().find(|old| old.id == revision.id) else {
            continue;
        };
        revision.superseded.clone_from(&old.superseded);
        if let Some(sha256) = old.sql_sha256.filter(|_| old.runs() != revision.runs()) {
            revision.superseded.push(Superseded {
                sha256,
                release: lock.upstream.release.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
