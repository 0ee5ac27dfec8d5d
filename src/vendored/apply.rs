//! Carries out a plan: all of it, or nothing.

use std::fs::TryLockError;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::leftover::{self, Tidied, leftovers};
use super::tree::Tree;
use super::{VendoredError, exchange, existing, journal, scan};
use crate::patch::FileChange;
use crate::progress::Activity;
use crate::read;

pub struct Apply<'a> {
    pub directory: &'a Utf8Path,
    /// What was in it when the plan was made.
    pub tree: &'a Tree,
    /// The files to write and to delete, the lockfile last.
    pub files: &'a [FileChange],
    /// Files of the project's own that are a part of the same run; none for most.
    pub own: Option<OwnFiles<'a>>,
}

/// Revision files outside of the vendored directory.
#[derive(Clone, Copy)]
pub struct OwnFiles<'a> {
    /// The project's root.
    pub root: &'a Utf8Path,
    /// By path relative to it.
    pub files: &'a [FileChange],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// A new directory was exchanged with the old one in one rename.
    Exchanged,
    /// The files were replaced one by one, from a journal that a later run finishes if this one is cut off: the file
    /// system, or the place, has no exchange.
    Journaled,
}

/// How a plan was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub how: Applied,
    /// Where that is what somebody wrote into files that were replaced, too late to stop it.
    pub kept: Vec<Utf8PathBuf>,
}

/// Called before each step that can be seen from outside; an error stops the run there.
pub(super) type Steps<'a> = &'a mut dyn FnMut(&'static str) -> io::Result<()>;

/// Writes the plan's files, if the directory is still what the plan was made for.
pub fn apply(work: &Apply<'_>) -> Result<Done, VendoredError> {
    let _activity = Activity::begin(format!("Writing {}", work.directory));
    stepwise(work, &mut |_| Ok(()))
}

fn stepwise(work: &Apply<'_>, step: Steps<'_>) -> Result<Done, VendoredError> {
    let _guard = exclusive(parent_of(work.directory)?)?;
    if scan(work.directory)? != *work.tree {
        return Err(VendoredError::ChangedMeanwhile(work.directory.to_owned()));
    }
    for (root, file) in work
        .own
        .iter()
        .flat_map(|own| own.files.iter().map(|file| (own.root, file)))
    {
        if existing(read::bytes(root.join(&file.path)))? != file.before {
            return Err(VendoredError::ChangedMeanwhile(file.path.clone().into()));
        }
    }
    // What lies in two directories cannot be exchanged in one step.
    if work.own.is_none()
        && let Some(kept) = exchange::exchange(work, step)?
    {
        let how = Applied::Exchanged;
        return Ok(Done { how, kept });
    }
    let kept = journal::write_through(work, step)?;
    let how = Applied::Journaled;
    Ok(Done { how, kept })
}

/// Removes what interrupted runs left behind. Returns what there was, and what became of it.
pub fn tidy(directory: &Utf8Path) -> Result<Vec<Tidied>, VendoredError> {
    if leftovers(directory)?.is_empty() {
        return Ok(Vec::new());
    }
    let _guard = exclusive(parent_of(directory)?)?;
    leftover::tidy(directory)
}

/// The directory that the vendored one lies in.
pub(super) fn parent_of(directory: &Utf8Path) -> Result<&Utf8Path, VendoredError> {
    let parent = match directory.parent() {
        Some(parent) if parent.as_str().is_empty() => Utf8Path::new("."),
        Some(parent) => parent,
        None => directory,
    };
    if parent.is_dir() {
        Ok(parent)
    } else {
        Err(VendoredError::NoParent(parent.to_owned()))
    }
}

/// Keeps a second run out. The lock is the parent directory's own, so nothing is left behind.
pub(super) fn exclusive(parent: &Utf8Path) -> Result<Option<std::fs::File>, VendoredError> {
    // Not every system opens a directory, and not every file system locks one; the exchange is atomic all the same.
    let Ok(directory) = std::fs::File::open(parent) else {
        return Ok(None);
    };
    match directory.try_lock() {
        Ok(()) => Ok(Some(directory)),
        Err(TryLockError::WouldBlock) => Err(VendoredError::Busy(parent.to_owned())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Whether a run is at work in it.
pub(super) fn is_busy(parent: &Utf8Path) -> bool {
    let directory = std::fs::File::open(parent);
    let locked = directory.map(|directory| directory.try_lock_shared());
    matches!(locked, Ok(Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests;
