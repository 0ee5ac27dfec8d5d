//! What a run that was cut off left beside the vendored directory, and what of that is the only copy of somebody's work.
#![expect(clippy::disallowed_methods, reason = "this module removes")]

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::apply::{Apply, is_busy, parent_of};
use super::exchange::rename_to_nothing;
use super::tree::{ATTRIBUTES, ATTRIBUTES_NAME, Entry, Tree, to_lf};
use super::{VendoredError, existing, journal, scan};
use crate::digest::Digest;
use crate::lockfile::{LOCK_NAME, Lock};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    pub path: Utf8PathBuf,
    /// The files in it that are neither in the vendored directory nor from a release: somebody wrote them while the run was
    /// at work. Relative to it.
    pub kept: Vec<String>,
}

/// A new directory that is being built, or an old one that is being removed: never the only copy of anything.
pub(super) fn staged_path(directory: &Utf8Path) -> Utf8PathBuf {
    sibling(directory, "staged")
}

/// A name for a directory that is to be exchanged with the vendored one: afterwards it holds what was there.
pub(super) fn free_path(directory: &Utf8Path) -> Utf8PathBuf {
    let numbered = (2..).map(|number| sibling(directory, &format!("exchanged-{number}")));
    let mut names = std::iter::once(sibling(directory, "exchanged")).chain(numbered);
    let free = names.find(|path| path.symlink_metadata().is_err());
    free.unwrap_or_else(|| sibling(directory, "exchanged"))
}

fn sibling(directory: &Utf8Path, suffix: &str) -> Utf8PathBuf {
    let name = directory.file_name().unwrap_or("versions_procrastinate");
    directory.with_file_name(format!(".{name}.{suffix}"))
}

/// Everything that earlier runs left, unless a run is at work, whose own it may be. Changes nothing.
pub fn leftovers(directory: &Utf8Path) -> Result<Vec<Leftover>, VendoredError> {
    let found = look(directory)?;
    let is_busy = !found.is_empty() && parent_of(directory).is_ok_and(is_busy);
    Ok(if is_busy { Vec::new() } else { found })
}

fn look(directory: &Utf8Path) -> Result<Vec<Leftover>, VendoredError> {
    let staged = Some(staged_path(directory)).filter(|staged| staged.is_dir());
    let litter = staged.into_iter().chain(journal::leftover(directory));
    let mut found: Vec<Leftover> = litter
        .map(|path| Leftover {
            path,
            kept: Vec::new(),
        })
        .collect();
    let exchanged = exchanged(directory)?;
    if !exchanged.is_empty() {
        let now = scan(directory)?;
        for path in exchanged {
            let kept = somebodys(&scan(&path)?, &now);
            found.push(Leftover { path, kept });
        }
    }
    Ok(found)
}

/// Directories that were exchanged, or were about to be.
fn exchanged(directory: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let first = sibling(directory, "exchanged");
    let is_one = |path: &Utf8PathBuf| {
        let rest = path.as_str().strip_prefix(first.as_str());
        let number = rest.map(|rest| rest.strip_prefix('-').unwrap_or(rest));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let parent = first.parent().filter(|parent| !parent.as_str().is_empty());
    let Some(entries) = existing(parent.unwrap_or(Utf8Path::new(".")).read_dir_utf8())? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let path = first.with_file_name(entry.file_name());
        if is_one(&path) && entry.file_type()?.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Removes what was left, but for what is the only copy of somebody's work. Returns what was there.
pub(super) fn tidy(directory: &Utf8Path) -> Result<Vec<Leftover>, VendoredError> {
    let found = look(directory)?;
    for leftover in &found {
        discard(leftover)?;
    }
    Ok(found)
}

/// The same for the new directory of a run, which was taken back. What is somebody's in it goes into the vendored one, unless
/// something has its name there. Returns whether nothing is left.
pub(super) fn tidy_one(path: &Utf8Path, work: &Apply<'_>) -> Result<bool, VendoredError> {
    let directory = work.directory;
    let left = scan(path)?;
    let is_the_runs = |name: &String| match work.files.iter().find(|file| file.path == *name) {
        Some(file) => file.after.as_deref() == left.file(name),
        None => left.entries.get(name) == work.tree.entries.get(name),
    };
    let mut kept = somebodys(&left, &scan(directory)?);
    kept.retain(|name| !is_the_runs(name));
    let mut aside = Vec::new();
    for name in kept {
        if !rename_to_nothing(&path.join(&name), &directory.join(&name))? {
            aside.push(name);
        }
    }
    let leftover = Leftover {
        path: path.to_owned(),
        kept: aside,
    };
    discard(&leftover)?;
    Ok(leftover.kept.is_empty())
}

fn discard(leftover: &Leftover) -> Result<(), VendoredError> {
    if leftover.kept.is_empty() {
        return Ok(remove(&leftover.path)?);
    }
    let tree = scan(&leftover.path)?;
    // The lock goes last: it tells which of the others are from a release.
    let (lock, others): (Vec<&String>, Vec<&String>) =
        tree.entries.keys().partition(|path| *path == LOCK_NAME);
    for path in others.into_iter().rev().chain(lock) {
        let whole = leftover.path.join(path);
        match tree.entries[path] {
            // Those that are not empty stay.
            Entry::Directory => drop(fs_err::remove_dir(whole)),
            _ if leftover.kept.contains(path) => {}
            _ => fs_err::remove_file(whole)?,
        }
    }
    Ok(())
}

/// The files of `left` that are not in the directory as it is `now`, and that no run of this program wrote.
fn somebodys(left: &Tree, now: &Tree) -> Vec<String> {
    let lock = left.file(LOCK_NAME);
    let lock = lock.and_then(|bytes| Lock::parse(bytes).ok());
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
