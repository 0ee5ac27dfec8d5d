//! What a run that was cut off left beside the vendored directory, and what of that is the only copy of somebody's work.
#![expect(clippy::disallowed_methods, reason = "this module removes")]

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::apply::Apply;
use super::exchange::{above, make_directory, rename_to_nothing};
use super::exclusive::{Exclusive, idle};
use super::numbered::{free, numbered, removed};
use super::tree::{ATTRIBUTES, ATTRIBUTES_NAME, Entry, Tree, to_lf};
use super::{VendoredError, existing, journal, scan, told};
use crate::digest::Digest;
use crate::lockfile::{LOCK_NAME, Lock};

/// The end of the name of a file whose own name was taken.
const KEPT: &str = "kept";
/// The ends of the names of a directory that is being built, and of one that was exchanged, or was about to be.
const STAGED: &str = "staged";
const EXCHANGED: &str = "exchanged";

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

/// A name for a new directory that is being built, which is never the only copy of anything. What an interrupted run left under it is removed;
/// what cannot be removed stays, and another name is taken.
pub(super) fn staged_path(directory: &Utf8Path) -> Utf8PathBuf {
    removed(&sibling(directory, STAGED))
}

/// A name for a directory that is to be exchanged with the vendored one: afterwards it holds what was there.
pub(super) fn free_path(directory: &Utf8Path) -> Utf8PathBuf {
    free(&sibling(directory, EXCHANGED))
}

fn sibling(directory: &Utf8Path, suffix: &str) -> Utf8PathBuf {
    let name = directory.file_name().unwrap_or("versions_procrastinate");
    directory.with_file_name(format!(".{name}.{suffix}"))
}

/// What is left, and what was in it when it was looked at; none for what is never the only copy of anything.
struct Found {
    leftover: Leftover,
    tree: Option<Tree>,
}

/// Everything that earlier runs on the directory of the project in `root` left, unless a run is at work, whose own it may be. Changes nothing.
pub fn leftovers(root: &Utf8Path, directory: &Utf8Path) -> Result<Vec<Leftover>, VendoredError> {
    let journals = || Ok::<_, io::Error>(journal::leftovers(root)?.into_iter().map(litter));
    if journals()?.len() == 0
        && unfinished(directory)?.is_empty()
        && numbered(&sibling(directory, EXCHANGED))?.is_empty()
    {
        return Ok(Vec::new());
    }
    // No run begins while this one looks.
    let Some(_guard) = idle(root) else {
        return Ok(Vec::new());
    };
    let found = journals()?.chain(look(directory)?);
    Ok(found.map(|found| found.leftover).collect())
}

fn look(directory: &Utf8Path) -> Result<Vec<Found>, VendoredError> {
    let mut found: Vec<Found> = unfinished(directory)?.into_iter().map(litter).collect();
    let exchanged = numbered(&sibling(directory, EXCHANGED))?;
    if exchanged.is_empty() {
        return Ok(found);
    }
    let now = scan(directory)?;
    found.extend(exchanged.into_iter().map(|path| {
        let (strays, tree, fault) = match scan(&path) {
            Ok(tree) => (somebodys(&tree, &now), Some(tree), None),
            Err(error) => (Vec::new(), None, Some(told(&error))),
        };
        let leftover = Leftover {
            path,
            strays,
            fault,
        };
        Found { leftover, tree }
    }));
    Ok(found)
}

/// What is never the only copy of anything.
fn litter(path: Utf8PathBuf) -> Found {
    let leftover = Leftover {
        path,
        strays: Vec::new(),
        fault: None,
    };
    let tree = None;
    Found { leftover, tree }
}

/// What was being written.
fn unfinished(directory: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut found = numbered(&sibling(directory, STAGED))?;
    found.extend(journal::leftovers(directory)?);
    Ok(found)
}

/// Removes what runs left in the project's root that were cut off before they changed its files.
pub fn tidy_root(_guard: &Exclusive, root: &Utf8Path) -> Result<Vec<Tidied>, VendoredError> {
    let journals = journal::leftovers(root)?.into_iter();
    Ok(cleared(journals.map(litter).collect(), root))
}

/// Removes what runs on the vendored directory left. What is the only copy of somebody's work goes into it.
pub fn tidy(_guard: &Exclusive, directory: &Utf8Path) -> Result<Vec<Tidied>, VendoredError> {
    Ok(cleared(look(directory)?, directory))
}

fn cleared(found: Vec<Found>, directory: &Utf8Path) -> Vec<Tidied> {
    let tidied = found.into_iter().map(|found| {
        let Found { mut leftover, tree } = found;
        let Leftover {
            path,
            strays,
            fault,
        } = &leftover;
        let done = match (tree, fault) {
            (Some(tree), _) => bring_home(path, &tree, strays, directory),
            (None, None) => remove(path).map(|()| Vec::new()),
            (None, Some(_)) => Ok(Vec::new()),
        };
        let kept = done.unwrap_or_else(|error| {
            leftover.fault = Some(told(&error));
            Vec::new()
        });
        Tidied { leftover, kept }
    });
    tidied.collect()
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
        !is_nobodys(name, entry) && !is_there && !is_the_runs(name, entry)
    });
    let strays: Vec<String> = strays.map(|(name, _)| name.clone()).collect();
    let mut places = bring_home(path, &left, &strays, work.directory)?;
    places.retain(|place| {
        !strays
            .iter()
            .any(|name| work.directory.join(name) == *place)
    });
    Ok(places)
}

/// Moves the strays into the vendored directory, and removes the other files of `known`, which are nobody's. What came since that
/// was read stays. Returns where the strays are now.
fn bring_home(
    path: &Utf8Path,
    known: &Tree,
    strays: &[String],
    directory: &Utf8Path,
) -> io::Result<Vec<Utf8PathBuf>> {
    let mut places = Vec::new();
    for name in strays {
        places.push(put(&path.join(name), &directory.join(name))?);
    }
    match discard(path, known, strays) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_directories_writable(path)?;
            discard(path, known, strays)?;
        }
        result => result?,
    }
    Ok(places)
}

/// Moves a file to its place, or beside it, if something is there. Returns where it is.
pub(super) fn put(from: &Utf8Path, to: &Utf8Path) -> io::Result<Utf8PathBuf> {
    make_directory(above(to))?;
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

/// Whether it is no file, or bytecode, which Python writes anew.
fn is_nobodys(path: &str, entry: &Entry) -> bool {
    match entry {
        Entry::Directory => true,
        Entry::Foreign(_) => path.ends_with(".pyc"),
        Entry::File(_) => false,
    }
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
        _ if is_nobodys(path, entry) || now.entries.get(path) == Some(entry) => false,
        Entry::Directory => false,
        Entry::Foreign(_) => true,
        Entry::File(_) if path == LOCK_NAME => lock.is_none(),
        Entry::File(_) if path == ATTRIBUTES_NAME => {
            to_lf(left.file(path).unwrap_or_default()) != ATTRIBUTES.as_bytes()
        }
        Entry::File(file) => {
            let bytes = left.file(path).unwrap_or_default();
            let digests = [file.digest(), Digest::of(to_lf(bytes))];
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

/// Windows has no other permissions than this one, which it ignores on a directory.
#[cfg(not(unix))]
#[expect(
    clippy::permissions_set_readonly_false,
    reason = "on Windows it gives nobody else a right"
)]
fn set_writable(directory: &std::path::Path) -> io::Result<()> {
    let mut permissions = fs_err::metadata(directory)?.permissions();
    permissions.set_readonly(false);
    fs_err::set_permissions(directory, permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody may write into it still, from a shell that is in it.
    #[test]
    fn what_comes_after_the_look_stays() {
        let root = tempfile::tempdir().unwrap();
        let parent = Utf8Path::from_path(root.path()).unwrap();
        let (old, new) = (parent.join("old"), parent.join("new"));
        fs_err::create_dir(&old).unwrap();
        fs_err::create_dir(&new).unwrap();
        for name in ["known.py", "stray.py"] {
            fs_err::write(old.join(name), name).unwrap();
        }
        let known = scan(&old).unwrap();
        fs_err::write(old.join("late.py"), "late").unwrap();
        let places = bring_home(&old, &known, &["stray.py".to_owned()], &new).unwrap();
        assert_eq!(places, [new.join("stray.py")]);
        assert_eq!(scan(&old).unwrap().entries.len(), 1);
        assert_eq!(fs_err::read_to_string(old.join("late.py")).unwrap(), "late");
    }
}
