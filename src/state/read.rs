//! Reads what a project has, wherever its lock lies.

use super::State;
use crate::alembic::config::ConfigError;
use crate::lockfile::{LOCK_NAME, Lock, LockError, Mode};
use crate::place::joined;
use crate::project::{Project, ProjectError};
use crate::read;
use crate::vendored::tree::{Entry, Tree};
use crate::vendored::{existing, interrupted, reading, scan_locked};

/// What the vendored directory holds, and its lock.
pub(super) fn vendored(project: &Project) -> Result<State, ProjectError> {
    // It is known only with Alembic's configuration.
    if project.directory.as_str().is_empty() {
        let (tree, lock) = (Tree::default(), None);
        return Ok(State::Vendored { tree, lock });
    }
    let directory = project.vendored();
    let _reading = reading(&directory)?;
    let (tree, lock) = scan_locked(&directory)?;
    if let Some(journal) = interrupted(&directory) {
        return Err(ProjectError::Interrupted {
            directory: project.directory.clone(),
            journal,
        });
    }
    let path = || joined(&project.directory, LOCK_NAME);
    let bad = |error| ProjectError::Lock {
        path: path(),
        error,
    };
    let lock = match (tree.entries.get(LOCK_NAME), lock) {
        (Some(Entry::File(_)), Some(lock)) => Some(lock.map_err(bad)?),
        (None, _) => None,
        (Some(_), _) => {
            let why = "it is not a regular file".to_owned();
            return Err(bad(LockError::Inconsistent(why)));
        }
    };
    match &lock {
        Some(lock) if lock.upstream.mode == Mode::InPlace => Err(ProjectError::Misplaced {
            path: path(),
            mode: Mode::InPlace,
        }),
        _ => Ok(State::Vendored { tree, lock }),
    }
}

/// Refuses a project whose own files are between two states. A run that is at work is waited for.
pub(super) fn refuse_interrupted(project: &Project) -> Result<(), ProjectError> {
    if interrupted(&project.root).is_none() {
        return Ok(());
    }
    let _reading = reading(&project.root)?;
    match interrupted(&project.root) {
        Some(journal) => {
            let shown = journal.strip_prefix(".").unwrap_or(&journal);
            Err(ProjectError::InterruptedInit(shown.to_owned()))
        }
        None => Ok(()),
    }
}

/// The lock in the project's root, if there is one.
pub(super) fn root_lock(project: &Project) -> Result<Option<State>, ProjectError> {
    let read = existing(read::bytes(project.root.join(LOCK_NAME)));
    let Some(bytes) = read.map_err(ConfigError::Io)? else {
        return Ok(None);
    };
    let lock = Lock::parse(&bytes).map_err(ProjectError::RootLock)?;
    if lock.upstream.mode != Mode::InPlace {
        return Err(ProjectError::Misplaced {
            path: LOCK_NAME.into(),
            mode: lock.upstream.mode,
        });
    }
    let beside = read::metadata(project.vendored().join(LOCK_NAME));
    if beside.map_err(ConfigError::Io)?.is_some() {
        return Err(ProjectError::TwoLocks(joined(
            &project.directory,
            LOCK_NAME,
        )));
    }
    Ok(Some(State::InPlace { lock, bytes }))
}
