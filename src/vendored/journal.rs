//! Recoverable writing of files one by one: of the project's own, and of vendored ones where directories cannot be exchanged, as at a mount
//! point, on a file system without hard links, on Windows.
//!
//! All new files are written into a journal directory, which lies in the vendored one or in the project's root. Renaming its manifest into place
//! commits the run; from then on every step can be repeated, and the next run finishes it. A file that is replaced is moved
//! into the journal first, and looked at there, where nobody changes it: if it is not the one that the plan was made for,
//! the whole run is taken back.
#![expect(clippy::disallowed_methods, reason = "this module writes")]

mod manifest;
mod place;

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use manifest::{Manifest, is_safe, new_file, prepare};
use place::{Place, digest_of};

use super::apply::{Apply, Steps};
use super::exchange::{above, make_directory, sync_directory};
use super::exclusive::{Exclusive, replacing};
use super::leftover::put;
use super::numbered::{numbered, removed};
use super::{VendoredError, existing, told};
use crate::lockfile::SQL_DIRECTORY;
use crate::read;

/// The journal's directory. Alembic sees no `.py` in it, and Git nothing.
pub(super) const JOURNAL: &str = ".vendor-migrations-journal";
const MANIFEST: &str = "manifest.json";
/// The manifest of a run that is being taken back.
const UNDONE: &str = "undone.json";

/// The journal in that directory of a run that was interrupted after it was committed. A link of its name is none: it may come with a
/// repository, and lead anywhere.
pub fn interrupted(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let journals = numbered(&directory.join(JOURNAL)).unwrap_or_default();
    journals.into_iter().find(|journal| is_committed(journal))
}

/// The journals in that directory of runs that were interrupted before they were committed.
pub(super) fn leftovers(directory: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut journals = match directory.is_dir() {
        true => numbered(&directory.join(JOURNAL))?,
        false => Vec::new(),
    };
    journals.retain(|journal| !is_committed(journal));
    Ok(journals)
}

fn is_committed(journal: &Utf8Path) -> bool {
    let mut manifests = [MANIFEST, UNDONE].into_iter();
    manifests.any(|name| is_file(&journal.join(name)))
}

fn is_file(path: &Utf8Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| metadata.is_file())
}

/// How an interrupted run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    Finished(Vec<Utf8PathBuf>),
    /// It had met files that somebody had changed.
    TakenBack(Vec<Utf8PathBuf>),
}

/// Finishes the interrupted run whose journal lies in `directory`, or goes on taking it back. Returns none if there was none; otherwise how it
/// ended, with the places of what somebody has written, if they are not the files' own.
///
/// `root` is the project's: the journal may say that files of its own are a part of the run.
pub fn finish_interrupted(
    _guard: &Exclusive,
    directory: &Utf8Path,
    root: &Utf8Path,
) -> Result<Option<Recovered>, VendoredError> {
    let Some(path) = interrupted(directory) else {
        return Ok(None);
    };
    let _readers = keep_readers_out(directory, root)?;
    match finish(directory, root, &path) {
        Err(VendoredError::Io(error)) => Err(half_written(directory, error)),
        result => result.map(Some),
    }
}

/// Those of the vendored directory. The project's own files are read one by one.
fn keep_readers_out(
    directory: &Utf8Path,
    root: &Utf8Path,
) -> Result<Option<Exclusive>, VendoredError> {
    (directory != root)
        .then(|| replacing(directory))
        .transpose()
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
    let undone = is_file(&path.join(UNDONE));
    let name = if undone { UNDONE } else { MANIFEST };
    let text = read::text(path.join(name))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let sql = directory.join(SQL_DIRECTORY);
    let concerns = manifest.steps.iter().any(|step| !step.of_project);
    if concerns && (sql.is_symlink() || (sql.exists() && !sql.is_dir())) {
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
    let made = missing_directories(work);
    let unmake = || {
        for directory in &made {
            // Somebody may use it by now.
            let _ = fs_err::remove_dir(directory);
        }
    };
    make_directory(work.directory)?;
    let root = work.own.map_or(Utf8Path::new(""), |own| own.root);
    let _readers = keep_readers_out(work.directory, root).inspect_err(|_| unmake())?;
    let path = removed(&work.directory.join(JOURNAL));
    let manifest = match prepare(work, &path, step) {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = fs_err::remove_dir_all(&path);
            unmake();
            return Err(error.into());
        }
    };
    let journal = Journal {
        directory: work.directory,
        root,
        path,
        manifest,
    };
    let error = match journal.roll_forward(step) {
        Ok(Ok(kept)) => return Ok(kept),
        Ok(Err(path)) => VendoredError::ChangedMeanwhile(path),
        Err(error) => error.into(),
    };
    let half_written = |error| half_written(work.directory, error);
    fs_err::rename(journal.path.join(MANIFEST), journal.path.join(UNDONE)).map_err(half_written)?;
    let kept = journal.undo().map_err(half_written)?;
    unmake();
    if kept.is_empty() {
        return Err(error);
    }
    let error = told(&error);
    Err(VendoredError::KeptBeside { kept, error })
}

/// The directories that a run has to make, the innermost first.
fn missing_directories(work: &Apply<'_>) -> Vec<Utf8PathBuf> {
    let own = work.own.iter();
    let own = own.flat_map(|own| own.files.iter().map(|file| own.root.join(&file.path)));
    let vendored = work
        .files
        .iter()
        .map(|file| work.directory.join(&file.path));
    let mut missing = Vec::new();
    for target in own.chain(vendored) {
        let above = target.ancestors().skip(1);
        let above = above.take_while(|path| !path.as_str().is_empty() && !path.exists());
        missing.extend(above.map(Utf8Path::to_owned));
    }
    missing.sort_by(|a, b| b.cmp(a));
    missing.dedup();
    missing
}

/// A run that is committed.
struct Journal<'a> {
    directory: &'a Utf8Path,
    root: &'a Utf8Path,
    path: Utf8PathBuf,
    manifest: Manifest,
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
        self.flush()?;
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
            place.name()?;
            if after.is_some() && digest_of(&place.target)? == after {
                fs_err::rename(&place.target, &place.new)?;
                if digest_of(&place.new)? != after {
                    kept.extend(beside(&place.target, put(&place.new, &place.target)?));
                }
            }
            kept.extend(self.give_back(&place)?);
        }
        self.flush()?;
        self.forget(UNDONE)?;
        Ok(kept)
    }

    /// Waits until the files' names are on the disk.
    fn flush(&self) -> io::Result<()> {
        let directories: BTreeSet<Utf8PathBuf> = self
            .places()
            .map(|place| above(&place.target).to_owned())
            .collect();
        directories
            .iter()
            .try_for_each(|directory| existing(sync_directory(directory)).map(drop))
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
