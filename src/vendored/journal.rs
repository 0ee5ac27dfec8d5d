//! Recoverable writing, where directories cannot be exchanged: a mount point, a file system without hard links, Windows.
//!
//! All new files are written into a journal directory inside the vendored one. Renaming its manifest into place
//! commits the run; from then on every step can be repeated, and the next run finishes it. A file that is replaced is moved
//! into the journal first, and looked at there, where nobody changes it: if it is not the one that the plan was made for,
//! the whole run is taken back.
#![expect(clippy::disallowed_methods, reason = "this module writes")]

mod manifest;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use manifest::{Manifest, Step, is_safe, new_file, prepare};

use super::apply::{Apply, Steps, exclusive, parent_of};
use super::exchange::{rename_exchange, rename_to_nothing, sync_directory};
use super::leftover::put;
use super::{VendoredError, existing};
use crate::digest::Digest;
use crate::lockfile::SQL_DIRECTORY;
use crate::read;

/// The journal's directory inside the vendored directory. Alembic sees no `.py` in it.
pub(super) const JOURNAL: &str = ".vendor-migrations-journal";
const MANIFEST: &str = "manifest.json";
/// The manifest of a run that is being taken back.
const UNDONE: &str = "undone.json";

/// The journal of a run that was interrupted after it was committed.
pub fn interrupted(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let journal = directory.join(JOURNAL);
    let committed = [MANIFEST, UNDONE].map(|name| journal.join(name).is_file());
    committed.contains(&true).then_some(journal)
}

/// The journal of a run that was interrupted before it was committed.
pub(super) fn leftover(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let journal = directory.join(JOURNAL);
    let committed = [MANIFEST, UNDONE].map(|name| journal.join(name).exists());
    Some(journal).filter(|journal| journal.is_dir() && !committed.contains(&true))
}

/// How an interrupted run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    Finished(Vec<Utf8PathBuf>),
    /// It had met files that somebody had changed.
    TakenBack(Vec<Utf8PathBuf>),
}

/// Finishes an interrupted run, or goes on taking it back. Returns none if there was none; otherwise how it ended, with the
/// places of what somebody has written, if they are not the files' own.
///
/// `root` is the project's: the journal may say that a revision file of its own is a part of the run.
pub fn finish_interrupted(
    directory: &Utf8Path,
    root: &Utf8Path,
) -> Result<Option<Recovered>, VendoredError> {
    let Some(path) = interrupted(directory) else {
        return Ok(None);
    };
    let _guard = exclusive(parent_of(directory)?)?;
    match finish(directory, root, &path) {
        Err(VendoredError::Io(error)) => Err(half_written(directory, error)),
        result => result.map(Some),
    }
}

fn half_written(directory: &Utf8Path, error: io::Error) -> VendoredError {
    VendoredError::HalfWritten {
        directory: directory.to_owned(),
        error,
    }
}

fn finish(
    directory: &Utf8Path,
    root: &Utf8Path,
    path: &Utf8Path,
) -> Result<Recovered, VendoredError> {
    let bad = |why: String| VendoredError::BadJournal {
        directory: directory.to_owned(),
        path: path.to_owned(),
        why,
    };
    let changed = |path| VendoredError::ChangedSinceInterruption {
        directory: directory.to_owned(),
        path,
    };
    let undone = path.join(UNDONE).is_file();
    let name = if undone { UNDONE } else { MANIFEST };
    let text = read::text(path.join(name))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let sql = directory.join(SQL_DIRECTORY);
    if sql.is_symlink() || (sql.exists() && !sql.is_dir()) {
        return Err(changed(sql));
    }
    if let Some(step) = manifest.steps.iter().find(|step| !is_safe(step, root)) {
        let path = step.path.escape_debug();
        return Err(bad(format!("it names the path `{path}`")));
    }
    let journal = Journal {
        directory,
        root,
        path: path.to_owned(),
        manifest,
    };
    if undone {
        return Ok(Recovered::TakenBack(journal.undo()?));
    }
    let mut touched = None;
    for place in journal.places() {
        let step = place.step;
        let (now, aside) = (digest_of(&place.target)?, digest_of(&place.old)?);
        let is_as_planned =
            now == step.before || now == step.after || now.is_none() && aside.is_some();
        if !is_as_planned || aside.is_some() && aside != step.before {
            journal.give_back(&place)?;
            touched = touched.or(Some(place.target));
        } else if now != step.after && step.after.is_some() && digest_of(&place.new)? != step.after
        {
            return Err(bad(format!("the new text of `{}` is gone", step.path)));
        }
    }
    match touched {
        Some(path) => Err(changed(path)),
        None => match journal.roll_forward(&mut |_| Ok(()))? {
            Ok(kept) => Ok(Recovered::Finished(kept)),
            Err(path) => Err(changed(path)),
        },
    }
}

/// Returns where that is what somebody wrote into replaced files meanwhile.
pub(super) fn write_through(
    work: &Apply<'_>,
    step: Steps<'_>,
) -> Result<Vec<Utf8PathBuf>, VendoredError> {
    let path = work.directory.join(JOURNAL);
    let manifest = match prepare(work, &path, step) {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = fs_err::remove_dir_all(&path);
            if !work.tree.exists {
                let _ = fs_err::remove_dir(work.directory);
            }
            return Err(error.into());
        }
    };
    let journal = Journal {
        directory: work.directory,
        root: work.own.map_or(Utf8Path::new(""), |own| own.root),
        path,
        manifest,
    };
    let half_written = |error| half_written(work.directory, error);
    if let Ok(kept) = journal.roll_forward(step).map_err(half_written)? {
        return Ok(kept);
    }
    fs_err::rename(journal.path.join(MANIFEST), journal.path.join(UNDONE)).map_err(half_written)?;
    let kept = journal.undo().map_err(half_written)?;
    let error = VendoredError::ChangedMeanwhile(work.directory.to_owned());
    if kept.is_empty() {
        return Err(error);
    }
    let error = error.to_string();
    Err(VendoredError::KeptBeside { kept, error })
}

/// A run that is committed.
struct Journal<'a> {
    directory: &'a Utf8Path,
    root: &'a Utf8Path,
    path: Utf8PathBuf,
    manifest: Manifest,
}

/// Where the files of a step are.
struct Place<'a> {
    step: &'a Step,
    target: Utf8PathBuf,
    new: Utf8PathBuf,
    /// Where the file that is replaced, or deleted, is moved to.
    old: Utf8PathBuf,
}

impl Journal<'_> {
    fn places(&self) -> impl DoubleEndedIterator<Item = Place<'_>> + ExactSizeIterator {
        let steps = self.manifest.steps.iter().enumerate();
        steps.map(|(index, step)| Place {
            step,
            target: match step.of_project {
                true => self.root.join(&step.path),
                false => self.directory.join(&step.path),
            },
            new: new_file(&self.path, index),
            old: self.path.join(format!("{index}.old")),
        })
    }

    /// Puts every file in its place. Each step may have been done before. Returns where that is what somebody wrote into
    /// replaced files after they were looked at; or else a file that somebody has changed since the plan was made: there it
    /// stops.
    fn roll_forward(&self, step: Steps<'_>) -> io::Result<Result<Vec<Utf8PathBuf>, Utf8PathBuf>> {
        for place in self.places() {
            step("replace")?;
            if !place.replace(step)? {
                return Ok(Err(place.target));
            }
        }
        sync_directory(self.directory)?;
        for place in self.places().filter(|place| place.step.of_project) {
            place.target.parent().map_or(Ok(()), sync_directory)?;
        }
        step("forget")?;
        let mut kept = Vec::new();
        for place in self.places() {
            let aside = digest_of(&place.old)?;
            if aside.is_some() && aside != place.step.before {
                kept.extend(self.give_back(&place)?);
            }
        }
        self.forget(MANIFEST)?;
        Ok(Ok(kept))
    }

    /// Takes back every step that was done. What somebody has written since stays.
    fn undo(&self) -> io::Result<Vec<Utf8PathBuf>> {
        let mut kept = Vec::new();
        for place in self.places().rev() {
            let after = place.step.after;
            if after.is_some() && digest_of(&place.target)? == after {
                fs_err::rename(&place.target, &place.new)?;
                if digest_of(&place.new)? != after {
                    kept.extend(beside(&place.target, put(&place.new, &place.target)?));
                }
            }
            kept.extend(self.give_back(&place)?);
        }
        sync_directory(self.directory)?;
        self.forget(UNDONE)?;
        Ok(kept)
    }

    /// Brings back what was moved aside. If something else has its place, and it is somebody's, it goes beside that. Returns
    /// where it is then.
    fn give_back(&self, place: &Place<'_>) -> io::Result<Option<Utf8PathBuf>> {
        if place.put_back()? || digest_of(&place.old)? == place.step.before {
            return Ok(None);
        }
        Ok(beside(&place.target, put(&place.old, &place.target)?))
    }

    fn forget(&self, manifest: &str) -> io::Result<()> {
        // It goes first: a journal without it is removed later, but with it, every new file would have to be there.
        fs_err::remove_file(self.path.join(manifest))?;
        // The rest is litter.
        let _ = fs_err::remove_dir_all(&self.path);
        Ok(())
    }
}

/// Where a file was put, if that is not its own place.
fn beside(own: &Utf8Path, place: Utf8PathBuf) -> Option<Utf8PathBuf> {
    Some(place).filter(|place| place != own)
}

impl Place<'_> {
    /// Returns false if the file is not what the plan was made for. Then it is where somebody left it, or aside.
    fn replace(&self, step: Steps<'_>) -> io::Result<bool> {
        let (before, after) = (self.step.before, self.step.after);
        let mut now = digest_of(&self.target)?;
        if now.is_some() && now != after {
            if now != before {
                return Ok(false);
            }
            step("move aside")?;
            if self.exchange()? {
                now = digest_of(&self.target)?;
            } else {
                existing(fs_err::rename(&self.target, &self.old))?;
            }
        }
        let is_done = now == after;
        // What was exchanged lies where the new one was.
        if is_done && digest_of(&self.new)?.is_some_and(|there| Some(there) != after) {
            step("name")?;
            fs_err::rename(&self.new, &self.old)?;
        }
        // Somebody may have written it, or deleted it, just before it was moved.
        let aside = digest_of(&self.old)?;
        if aside != before && !(is_done && aside.is_none()) {
            return Ok(false);
        }
        if is_done || after.is_none() {
            return Ok(true);
        }
        if let Some(parent) = self.target.parent() {
            fs_err::create_dir_all(parent)?;
        }
        step("put in place")?;
        rename_to_nothing(&self.new, &self.target)
    }

    /// Exchanges a revision file of the project's own with the new one, so that there is one at every moment. Returns false where that is
    /// not possible.
    fn exchange(&self) -> io::Result<bool> {
        Ok(self.step.of_project
            && self.step.after.is_some()
            && rename_exchange(&self.new, &self.target).is_ok())
    }

    /// Brings back what was moved aside. Returns false if something else has its place.
    fn put_back(&self) -> io::Result<bool> {
        match self.old.symlink_metadata() {
            Ok(_) => rename_to_nothing(&self.old, &self.target),
            Err(_) => Ok(true),
        }
    }
}

/// The digest of a file. What is no file has one that no file has.
fn digest_of(path: &Utf8Path) -> io::Result<Option<Digest>> {
    let Some(metadata) = existing(fs_err::symlink_metadata(path))? else {
        return Ok(None);
    };
    if !metadata.is_file() {
        return Ok(Some(Digest::from_bytes([0; 32])));
    }
    Ok(existing(read::bytes(path))?.map(Digest::of))
}
