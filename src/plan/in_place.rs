//! In place: the lock against the installed package, whose own revision files run.
//!
//! The package decides here. Databases know revisions by their ids, so ids decide what is the same; what Alembic would do
//! with a database that has applied the old ones decides what has to be accepted by the user.

mod comparison;

use std::collections::BTreeMap;

use comparison::Comparison;

use super::names::usable_id;
use super::{Change, Conflict, ConflictKind, Options, Plan, PlanError, locked_upstream};
use crate::digest::Digest;
use crate::lockfile::{Lock, LockedRevision, Mode, Superseded};
use crate::procrastinate::Phase;
use crate::upstream::{Sql, Upstream, Wrapper};

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

/// The lock that the package gives, and what is not as the lock has it. No files: the package's own are not touched.
pub fn plan(lock: Option<&Lock>, upstream: &Upstream, options: Options) -> Result<Plan, PlanError> {
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
    let mut conflicts = Vec::new();
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
        conflicts = self::conflicts(lock, upstream, &changes, options);
        remember(lock, &mut revisions);
    }
    let new = Lock {
        upstream: locked_upstream(upstream, Mode::InPlace),
        revisions,
    };
    let left_out = |name: &String| {
        format!("no revision file of the release runs `{name}`: Alembic leaves it out")
    };
    Ok(Plan {
        mode: Mode::InPlace,
        writes_lock: lock != Some(&new),
        lock: new,
        changes,
        files: Vec::new(),
        conflicts,
        warnings: unwrapped.iter().map(left_out).collect(),
        unwrapped,
        beyond_sql: Vec::new(),
    })
}

/// What needs the user's explicit consent.
fn conflicts(
    lock: &Lock,
    upstream: &Upstream,
    changes: &[Change],
    options: Options,
) -> Vec<Conflict> {
    let (old, new) = (&lock.upstream.release, &upstream.release);
    let behind = changes
        .iter()
        .filter(|change| change.leaves_databases_behind());
    let kind = match behind.count() {
        _ if new < old && !options.allow_downgrade => ConflictKind::Downgrade {
            vendored: old.to_string(),
            upstream: new.to_string(),
        },
        0 => return Vec::new(),
        _ if options.force => return Vec::new(),
        changes => ConflictKind::LeftBehind {
            changes,
            release: old.to_string(),
        },
    };
    let path = String::new();
    vec![Conflict { path, kind }]
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
