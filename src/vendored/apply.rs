//! Carries out a plan: all of it, or nothing.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::exchange::above;
use super::exclusive::Exclusive;
use super::tree::Tree;
use super::{VendoredError, exchange, existing, is_still, journal};
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
pub fn apply(_guard: &Exclusive, work: &Apply<'_>) -> Result<Done, VendoredError> {
    let _activity = Activity::begin(format!("Writing {}", work.directory));
    stepwise(work, &mut |_| Ok(()))
}

fn stepwise(work: &Apply<'_>, step: Steps<'_>) -> Result<Done, VendoredError> {
    let parent = above(work.directory);
    if !parent.is_dir() {
        return Err(VendoredError::NoParent(parent.to_owned()));
    }
    if !is_still(work.directory, work.tree)? {
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

#[cfg(test)]
mod tests;
