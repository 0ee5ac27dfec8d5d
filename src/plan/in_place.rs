//! In place: the lock against the installed package, whose own revision files run.
//!
//! The package decides here. Databases know revisions by their ids, so ids decide what is the same; what Alembic would do
//! with a database that has applied the old ones decides what has to be accepted by the user.

mod comparison;

use comparison::Comparison;

use super::names::usable_id;
use super::{Change, Conflict, ConflictKind, Options, Plan, PlanError};
use crate::digest::Digest;
use crate::lockfile::{LOCK_NAME, Lock, LockedRevision, Mode};
use crate::procrastinate::{Phase, is_older};
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
    let mut plan = Plan::begin(upstream, Mode::InPlace, None);
    for migration in &upstream.migrations {
        let Some(wrapper) = &migration.wrapper else {
            let name = migration.name().to_owned();
            plan.warnings.push(format!(
                "no revision file of the release runs `{name}`: Alembic leaves it out"
            ));
            plan.unwrapped.push(name);
            continue;
        };
        let revision = locked(wrapper, migration.sql.as_ref(), plan.lock.head())?;
        plan.lock.revisions.push(revision);
    }
    if let Some(lock) = lock {
        let comparison = Comparison::new(&lock.revisions, &plan.lock.revisions);
        let path = |revision: &LockedRevision| match directory(upstream) {
            Some(directory) => format!("{directory}/{}", revision.file),
            None => revision.file.to_string(),
        };
        plan.changes = comparison.changes(&path);
        plan.conflicts = conflicts(lock, upstream, &plan.changes, options);
        for revision in plan.lock.revisions.iter_mut() {
            if let Some(old) = lock.revision(&revision.id) {
                revision.superseded = lock.superseded(old, revision.sql_sha256);
            }
        }
    }
    plan.writes_lock = lock != Some(&plan.lock);
    Ok(plan)
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
        _ if is_older(new, old) && !options.allow_downgrade => ConflictKind::Downgrade {
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
    let path = LOCK_NAME.to_owned();
    vec![Conflict { path, kind }]
}

fn locked(
    wrapper: &Wrapper,
    sql: Option<&Sql>,
    down: Option<&str>,
) -> Result<LockedRevision, PlanError> {
    Ok(LockedRevision {
        id: usable_id(wrapper)?.to_owned(),
        down: down.map(str::to_owned),
        file: wrapper.file.clone(),
        sha256: Digest::of(&wrapper.text),
        sql: sql.map(|sql| sql.name.clone()),
        sql_sha256: sql.map(|sql| sql.digest),
        phase: sql.map_or(Phase::Post, |sql| sql.name.phase()),
        depends_on: Vec::new(),
        superseded: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
