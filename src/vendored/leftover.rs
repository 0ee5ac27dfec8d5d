//! What a run that was cut off left beside the vendored directory, and what of that is the only copy of somebody's work.
#![expect(clippy::disallowed_methods, reason = "this module removes")]

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::apply::{Apply, is_busy, parent_of};
use super::exchange::rename_to_nothing;
use super::tree::{ATTRIBUTES, ATTRIBUTES_NAME, Entry, Tree, to_lf};
use super::{VendoredError, existing, journal, scan, told};
use crate::digest::Digest;
use crate::lockfile::{LOCK_NAME, Lock};

/// The end of the name of a file whose own name was taken.
const KEPT: &str = "kept";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    pub path: Utf8PathBuf,
    /// The files in it that are neither in the vendored directory nor from a release: somebody wrote them while the run was
    /// at work. Relative to it.
    pub strays: Vec<String>,
    /// Why it could not be looked at, or not be removed.
    pub fault: Option<String>,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tidied {
    pub leftover: Leftover,
    /// Where its strays are now.
    pub kept: Vec<Utf8PathBuf>,
}

/// A new directory that is being built: never the only copy of anything.
pub(super) fn staged_path(directory: &Utf8Path) -> Utf8PathBuf {
    sibling(directory, "staged")
}

/// A name for a directory that is to be exchanged with the vendored one: afterwards it holds what was there.
pub(super) fn free_path(directory: &Utf8Path) -> Utf8PathBuf {
    free(&sibling(directory, "exchanged"))
}

/// The path, or the first of `PATH-2`, `PATH-3` and so on that nothing has.
fn free(path: &Utf8Path) -> Utf8PathBuf {
    let numbered = (2..).map(|number| Utf8PathBuf::from(format!("{path}-{number}")));
    let mut names = std::iter::once(path.to_owned()).chain(numbered);
    let free = names.find(|path| path.symlink_metadata().is_err());
    free.unwrap_or_else(|| path.to_owned())
}

fn sibling(directory: &Utf8Path, suffix: &str) -> Utf8PathBuf {
    let name = directory.file_name().unwrap_or("versions_procrastinate");
    directory.with_file_name(format!(".{name}.{suffix}"))
}

/// Everything that earlier runs left, unless a run is at work, whose own it may be. Changes nothing.
pub fn leftovers(directory: &Utf8Path) -> Result<Vec<Leftover>, VendoredError> {
    if paths(directory)?.is_empty() || parent_of(directory).is_ok_and(is_busy) {
        return Ok(Vec::new());
    }
    look(directory)
}

/// Where something is left.
fn paths(directory: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let staged = Some(staged_path(directory)).filter(|staged| staged.is_dir());
    let litter = staged.into_iter().chain(journal::leftover(directory));
    Ok(litter.chain(exchanged(directory)?).collect())
}

fn look(directory: &Utf8Path) -> Result<Vec<Leftover>, VendoredError> {
    let exchanged = exchanged(directory)?;
    let now = match exchanged.is_empty() {
        true => Tree::default(),
        false => scan(directory)?,
    };
    let look_at = |path: Utf8PathBuf| {
        let strays = match exchanged.contains(&path) {
            true => scan(&path).map(|left| somebodys(&left, &now)),
            false => Ok(Vec::new()),
        };
        let (strays, fault) = match strays {
            Ok(strays) => (strays, None),
            Err(error) => (Vec::new(), Some(told(&error))),
        };
        Leftover {
            path,
            strays,
            fault,
        }
    };
    Ok(paths(directory)?.into_iter().map(look_at).collect())
}

/// Directories that were exchanged, or were about to be.
fn exchanged(directory: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let first = sibling(directory, "exchanged");
    let parent = first.parent().filter(|parent| !parent.as_str().is_empty());
    // A name that is not UTF-8 is none of ours.
    let parent = parent.unwrap_or(Utf8Path::new(".")).as_std_path();
    let Some(entries) = existing(std::fs::read_dir(parent))? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let number = name.strip_prefix(first.file_name().unwrap_or_default());
        let is_one = number.is_some_and(|number| match number.strip_prefix('-') {
            Some(number) => !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()),
            None => number.is_empty(),
        });
        if is_one && entry.file_type()?.is_dir() {
            found.push(first.with_file_name(name));
        }
    }
    found.sort();
    Ok(found)
}

/// Removes what was left. What is the only copy of somebody's work goes into the vendored directory.
pub(super) fn tidy(directory: &Utf8Path) -> Result<Vec<Tidied>, VendoredError> {
    let exchanged = exchanged(directory)?;
    let tidied = look(directory)?.into_iter().map(|mut leftover| {
        let Leftover {
            path,
            strays,
            fault,
        } = &leftover;
        let done = match (exchanged.contains(path), fault) {
            (_, Some(_)) => Ok(Vec::new()),
            (true, None) => bring_home(path, strays, directory),
            (false, None) => remove(path).map(|()| Vec::new()).map_err(Into::into),
        };
        let kept = done.unwrap_or_else(|error| {
            leftover.fault = Some(told(&error));
            Vec::new()
        });
        Tidied { leftover, kept }
    });
    Ok(tidied.collect())
}

/// The same for what a run has exchanged with the vendored directory. `is_the_runs` tells what is not somebody's in it. Returns
/// where the rest is now, if it is not under its own name.
pub(super) fn settle(
    path: &Utf8Path,
    work: &Apply<'_>,
    is_the_runs: &dyn Fn(&str, &Entry) -> bool,
) -> Result<Vec<Utf8PathBuf>, VendoredError> {
    let (left, now) = (scan(path)?, scan(work.directory)?);
    let files = left.entries.iter();
    let strays = files.filter(|(name, entry)| {
        let is_there = now.entries.get(*name) == Some(entry);
        **entry != Entry::Directory && !is_there && !is_the_runs(name, entry)
    });
    let strays: Vec<String> = strays.map(|(name, _)| name.clone()).collect();
    let mut places = bring_home(path, &strays, work.directory)?;
    places.retain(|place| {
        !strays
            .iter()
            .any(|name| work.directory.join(name) == *place)
    });
    Ok(places)
}

/// Moves these files into the vendored directory, and removes the others, which are known to be nobody's. Returns where the
/// files are now.
fn bring_home(
    path: &Utf8Path,
    strays: &[String],
    directory: &Utf8Path,
) -> Result<Vec<Utf8PathBuf>, VendoredError> {
    let known = scan(path)?;
    let mut places = Vec::new();
    for name in strays {
        places.push(put(&path.join(name), &directory.join(name))?);
    }
    match discard(path, &known, strays) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_directories_writable(path)?;
            discard(path, &known, strays)?;
        }
        result => result?,
    }
    Ok(places)
}

/// Moves a file to its place, or beside it, if something is there. Returns where it is.
pub(super) fn put(from: &Utf8Path, to: &Utf8Path) -> io::Result<Utf8PathBuf> {
    if let Some(parent) = to.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let mut place = to.to_owned();
    while !rename_to_nothing(from, &place)? {
        place = free(&Utf8PathBuf::from(format!("{to}.{KEPT}")));
    }
    Ok(place)
}

/// Removes what was seen. What came since stays, and so do the directories that hold it.
fn discard(path: &Utf8Path, known: &Tree, moved: &[String]) -> io::Result<()> {
    // The lock goes last: it tells which of the others are from a release.
    let (lock, others): (Vec<&String>, Vec<&String>) =
        known.entries.keys().partition(|name| *name == LOCK_NAME);
    for name in others.into_iter().rev().chain(lock) {
        let whole = path.join(name);
        match known.entries[name] {
            Entry::Directory => drop(fs_err::remove_dir(whole)),
            _ if moved.contains(name) => {}
            _ => drop(existing(fs_err::remove_file(whole))?),
        }
    }
    let _ = fs_err::remove_dir(path);
    Ok(())
}

/// The files of `left` that are not in the directory as it is `now`, and that no run of this program wrote.
fn somebodys(left: &Tree, now: &Tree) -> Vec<String> {
    let bytes = left.file(LOCK_NAME);
    let lock = bytes.and_then(|bytes| Lock::parse(bytes).ok());
    // A lock that somebody wrote into tells nothing.
    let is_written = |lock: &Lock| {
        let text = lock.to_text();
        text.is_ok_and(|text| bytes.is_some_and(|bytes| to_lf(bytes) == text.as_bytes()))
    };
    let lock = lock.filter(is_written);
    let files = lock.iter().flat_map(Lock::files);
    let recorded: BTreeMap<String, Digest> = files.map(|file| (file.path, file.sha256)).collect();
    let is_somebodys = |path: &String, entry: &Entry| match entry {
        Entry::Directory => false,
        _ if now.entries.get(path) == Some(entry) => false,
        // Python writes bytecode anew.
        Entry::Foreign(_) => !path.ends_with(".pyc"),
        Entry::File(_) if path == LOCK_NAME => lock.is_none(),
        Entry::File(bytes) if path == ATTRIBUTES_NAME => to_lf(bytes) != ATTRIBUTES.as_bytes(),
        Entry::File(bytes) => {
            let digests = [Digest::of(bytes), Digest::of(to_lf(bytes))];
            let recorded = recorded.get(path);
            recorded.is_none_or(|recorded| !digests.contains(recorded))
        }
    };
    let files = left.entries.iter();
    let files = files.filter(|(path, entry)| is_somebodys(path, entry));
    files.map(|(path, _)| path.clone()).collect()
}

/// Removes a directory that this program made, if it exists.
pub(super) fn remove(directory: &Utf8Path) -> io::Result<()> {
    match fs_err::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_directories_writable(directory)?;
            fs_err::remove_dir_all(directory)
        }
        result => result,
    }
}

/// A read-only directory cannot be emptied.
fn make_directories_writable(directory: &Utf8Path) -> io::Result<()> {
    for entry in walkdir::WalkDir::new(directory) {
        let entry = entry?;
        if entry.file_type().is_dir() {
            set_writable(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn set_writable(directory: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(directory, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn set_writable(directory: &std::path::Path) -> io::Result<()> {
    let mut permissions = fs_err::metadata(directory)?.permissions();
    permissions.set_readonly(false);
    fs_err::set_permissions(directory, permissions)
}
