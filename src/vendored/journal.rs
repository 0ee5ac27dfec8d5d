//! Recoverable writing, where directories cannot be exchanged: a mount point, a file system without hard links, Windows.
//!
//! All new files are written into a journal directory inside the vendored one. Renaming its manifest into place
//! commits the run; from then on every step can be repeated, and the next run finishes it.
#![expect(clippy::disallowed_methods, reason = "this module writes")]

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::apply::{Apply, Steps, exclusive, parent_of};
use super::exchange::{copy_mode, sync_directory, write};
use super::{VendoredError, existing};
use crate::digest::Digest;
use crate::file_name::FileName;
use crate::lockfile::SQL_DIRECTORY;

/// The journal's directory inside the vendored directory. Alembic sees no `.py` in it.
pub(super) const JOURNAL: &str = ".vendor-migrations-journal";
const MANIFEST: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
struct Manifest {
    steps: Vec<Step>,
}

#[derive(Serialize, Deserialize)]
struct Step {
    /// Relative to the vendored directory: a file name, or one below `sql/`.
    path: String,
    /// The digest of what was there.
    before: Option<Digest>,
    /// The digest of what will be there; none to delete it.
    after: Option<Digest>,
}

/// The journal of a run that was interrupted after it was committed.
pub fn interrupted(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let journal = directory.join(JOURNAL);
    let committed = journal.join(MANIFEST).is_file();
    committed.then_some(journal)
}

/// The journal of a run that was interrupted before it was committed.
pub(super) fn leftover(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let journal = directory.join(JOURNAL);
    let committed = journal.join(MANIFEST).exists();
    Some(journal).filter(|journal| journal.is_dir() && !committed)
}

/// Finishes an interrupted run. Returns whether there was one.
pub fn finish_interrupted(directory: &Utf8Path) -> Result<bool, VendoredError> {
    let Some(journal) = interrupted(directory) else {
        return Ok(false);
    };
    let _guard = exclusive(parent_of(directory)?)?;
    let bad = |why: String| VendoredError::BadJournal {
        path: journal.clone(),
        why,
    };
    let text = fs_err::read_to_string(journal.join(MANIFEST))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let sql = directory.join(SQL_DIRECTORY);
    if sql.is_symlink() || (sql.exists() && !sql.is_dir()) {
        return Err(VendoredError::ChangedSinceInterruption(sql));
    }
    for (index, step) in manifest.steps.iter().enumerate() {
        if !is_safe(&step.path) {
            let path = step.path.escape_debug();
            return Err(bad(format!("it names the path `{path}`")));
        }
        let target = directory.join(&step.path);
        let now = digest_of(&target)?;
        if now != step.before && now != step.after {
            return Err(VendoredError::ChangedSinceInterruption(target));
        }
        if now != step.after
            && step.after.is_some()
            && digest_of(&new_file(&journal, index))? != step.after
        {
            return Err(bad(format!("the new text of `{}` is gone", step.path)));
        }
    }
    roll_forward(directory, &manifest, &mut |_| Ok(()))?;
    Ok(true)
}

pub(super) fn write_through(work: &Apply<'_>, step: Steps<'_>) -> Result<(), VendoredError> {
    let journal = work.directory.join(JOURNAL);
    let manifest = match prepare(work, &journal, step) {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = fs_err::remove_dir_all(&journal);
            if !work.tree.exists {
                let _ = fs_err::remove_dir(work.directory);
            }
            return Err(error.into());
        }
    };
    Ok(roll_forward(work.directory, &manifest, step)?)
}

/// Writes the journal, its manifest last.
fn prepare(work: &Apply<'_>, journal: &Utf8Path, step: Steps<'_>) -> io::Result<Manifest> {
    step("prepare")?;
    // Without a manifest nothing was committed: the rest of an earlier run's journal is useless.
    existing(fs_err::remove_dir_all(journal))?;
    fs_err::create_dir_all(journal)?;
    let mut steps = Vec::with_capacity(work.files.len());
    for (index, file) in work.files.iter().enumerate() {
        step("write")?;
        if let Some(bytes) = &file.after {
            write(&new_file(journal, index), bytes)?;
            copy_mode(&work.directory.join(&file.path), &new_file(journal, index))?;
        }
        steps.push(Step {
            path: file.path.clone(),
            before: file.before.as_ref().map(Digest::of),
            after: file.after.as_ref().map(Digest::of),
        });
    }
    let manifest = Manifest { steps };
    let text = serde_json::to_vec_pretty(&manifest)?;
    let draft = journal.join("manifest.draft");
    write(&draft, &text)?;
    step("commit")?;
    fs_err::rename(&draft, journal.join(MANIFEST))?;
    sync_directory(journal)?;
    Ok(manifest)
}

/// Puts every file in its place. Each step may have been done before.
fn roll_forward(directory: &Utf8Path, manifest: &Manifest, step: Steps<'_>) -> io::Result<()> {
    let journal = directory.join(JOURNAL);
    for (index, entry) in manifest.steps.iter().enumerate() {
        step("replace")?;
        let target = directory.join(&entry.path);
        let result = match entry.after {
            Some(_) => {
                if let Some(parent) = target.parent() {
                    fs_err::create_dir_all(parent)?;
                }
                fs_err::rename(new_file(&journal, index), &target)
            }
            None => fs_err::remove_file(&target),
        };
        existing(result)?;
    }
    sync_directory(directory)?;
    step("forget")?;
    // The manifest goes first: a journal without it is removed later, but with it, every new file would have to be there.
    fs_err::remove_file(journal.join(MANIFEST))?;
    fs_err::remove_dir_all(&journal)
}

fn new_file(journal: &Utf8Path, index: usize) -> Utf8PathBuf {
    journal.join(format!("{index}.new"))
}

fn is_safe(path: &str) -> bool {
    let name = path.strip_prefix("sql/").unwrap_or(path);
    FileName::new(name).is_ok()
}

fn digest_of(path: &Utf8Path) -> io::Result<Option<Digest>> {
    Ok(existing(fs_err::read(path))?.map(Digest::of))
}
