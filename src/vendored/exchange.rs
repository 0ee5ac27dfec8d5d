//! Atomic writing: the new directory is built beside the old one, with hard links to the files that stay, and one
//! `renameat2(RENAME_EXCHANGE)` swaps the two. If the old one is not what the plan was made for, they are swapped back.
#![expect(clippy::disallowed_methods, reason = "this module writes")]

use std::collections::HashSet;
use std::io;
use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::apply::{Apply, Steps};
use super::attributes::{copy_all, copy_extended, take_owner};
use super::leftover::{free_path, remove, settle, staged_path};
use super::tree::Entry;
use super::{VendoredError, is_still, told};
use crate::digest::Digest;
use crate::lockfile::SQL_DIRECTORY;

/// Returns none if it was not possible, and nothing was changed: the system, the file system or the place has no exchange, or
/// no hard links. Otherwise where that is what somebody wrote into the old directory meanwhile.
pub(super) fn exchange(
    work: &Apply<'_>,
    step: Steps<'_>,
) -> Result<Option<Vec<Utf8PathBuf>>, VendoredError> {
    if work.tree.exists {
        refuse_read_only(work.directory)?;
    }
    let staged = staged_path(work.directory);
    step("stage")?;
    let outcome = match stage(work, &staged, step) {
        Ok(()) => swap(work, &staged, step),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(kept) => Ok(Some(kept)),
        Err(VendoredError::Io(error)) if is_impossible(&error) => {
            remove(&staged)?;
            Ok(None)
        }
        Err(error) => {
            let _ = remove(&staged);
            Err(error)
        }
    }
}

fn stage(work: &Apply<'_>, staged: &Utf8Path, step: Steps<'_>) -> io::Result<()> {
    fs_err::create_dir(staged)?;
    match work.tree.exists {
        // What is made in it inherits them.
        true => {
            take_owner(work.directory, staged)?;
            copy_extended(work.directory, staged)?;
        }
        false => take_owner(above(staged), staged)?,
    }
    let replaced: HashSet<&str> = work.files.iter().map(|file| file.path.as_str()).collect();
    for (path, entry) in &work.tree.entries {
        if replaced.contains(path.as_str()) {
            continue;
        }
        let (from, to) = (work.directory.join(path), staged.join(path));
        match entry {
            Entry::Directory => {
                fs_err::create_dir(&to)?;
                copy_extended(&from, &to)?;
            }
            Entry::File(_) | Entry::Foreign(_) => fs_err::hard_link(&from, &to)?,
        }
    }
    for file in work.files {
        let Some(bytes) = &file.after else { continue };
        step("write")?;
        let to = staged.join(&file.path);
        make_directory(above(&to))?;
        write(&to, bytes)?;
        copy_all(&work.directory.join(&file.path), &to)?;
    }
    // Directories get their modes last: one that is read-only could not be filled.
    for (path, entry) in work.tree.entries.iter().rev() {
        if *entry == Entry::Directory {
            copy_all(&work.directory.join(path), &staged.join(path))?;
        }
    }
    if staged.join(SQL_DIRECTORY).is_dir() {
        sync_directory(&staged.join(SQL_DIRECTORY))?;
    }
    copy_all(work.directory, staged)?;
    sync_directory(staged)
}

/// Puts the new directory in place, and removes the old one.
fn swap(
    work: &Apply<'_>,
    staged: &Utf8Path,
    step: Steps<'_>,
) -> Result<Vec<Utf8PathBuf>, VendoredError> {
    step("exchange")?;
    if !work.tree.exists {
        fs_err::rename(staged, work.directory)?;
        flush_parent(work.directory);
        return Ok(Vec::new());
    }
    // Under this name a later run takes nothing for litter.
    let exchanged = free_path(work.directory);
    fs_err::rename(staged, &exchanged)?;
    if let Err(error) = rename_exchange(&exchanged, work.directory) {
        fs_err::rename(&exchanged, staged)?;
        return Err(error.into());
    }
    if let Err(error) = confirm(work, &exchanged, step) {
        return Err(take_back(work, &exchanged, error, step));
    }
    flush_parent(work.directory);
    // Somebody may write into it still, from a shell that is in it. A failure here must not be taken for a failed run: a later
    // one finds what is left.
    let was_there = |name: &str, entry: &Entry| work.tree.entries.get(name) == Some(entry);
    let settled = step("discard").map_err(VendoredError::from);
    let settled = settled.and_then(|()| settle(&exchanged, work, &was_there));
    Ok(settled.unwrap_or_default())
}

/// A change since the scan is in the old directory only.
fn confirm(work: &Apply<'_>, old: &Utf8Path, step: Steps<'_>) -> Result<(), VendoredError> {
    step("confirm")?;
    match is_still(old, work.tree)? {
        true => Ok(()),
        false => Err(VendoredError::ChangedMeanwhile(work.directory.to_owned())),
    }
}

/// Swaps the two back. Returns why, or what became of it.
fn take_back(
    work: &Apply<'_>,
    exchanged: &Utf8Path,
    error: VendoredError,
    step: Steps<'_>,
) -> VendoredError {
    let directory = work.directory;
    let back = step("take back").and_then(|()| rename_exchange(exchanged, directory));
    if let Err(failed) = back {
        return VendoredError::NotTakenBack {
            directory: directory.to_owned(),
            old: exchanged.to_owned(),
            error: told(&error),
            failed: told(&failed),
        };
    }
    flush_parent(directory);
    // For a moment the new directory was in place: somebody may have written into it.
    let is_the_runs = |name: &str, entry: &Entry| {
        let file = work.files.iter().find(|file| file.path == name);
        match (file, entry) {
            (Some(file), Entry::File(found)) => {
                file.after.as_ref().map(Digest::of) == Some(found.digest())
            }
            _ => work.tree.entries.get(name) == Some(entry),
        }
    };
    let kept = match settle(exchanged, work, &is_the_runs) {
        Ok(kept) if kept.is_empty() => return error,
        Ok(kept) => kept,
        // What cannot be looked at now, the next run looks at.
        Err(_) => vec![exchanged.to_owned()],
    };
    VendoredError::KeptBeside {
        kept,
        error: told(&error),
    }
}

/// Waits until the names in the parent directory are on the disk. They are there already: a failure changes nothing.
fn flush_parent(directory: &Utf8Path) {
    let _ = sync_directory(above(directory));
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(super) fn rename_exchange(one: &Utf8Path, other: &Utf8Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(
        CWD,
        one.as_std_path(),
        CWD,
        other.as_std_path(),
        RenameFlags::EXCHANGE,
    )?)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) fn rename_exchange(_: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Renames a file to a name that is free. Returns false if it is not.
pub(super) fn rename_to_nothing(from: &Utf8Path, to: &Utf8Path) -> io::Result<bool> {
    match rename_no_replace(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Not every file system has it.
        Err(error) if is_impossible(&error) => match to.symlink_metadata() {
            Ok(_) => Ok(false),
            Err(_) => fs_err::rename(from, to).map(|()| true),
        },
        Err(error) => Err(error),
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn rename_no_replace(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let (from, to) = (from.as_std_path(), to.as_std_path());
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn rename_no_replace(_: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// An exchange needs no permission to write on the directory itself. A read-only directory must not change all the same.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn refuse_read_only(directory: &Utf8Path) -> io::Result<()> {
    rustix::fs::access(directory.as_std_path(), rustix::fs::Access::WRITE_OK).map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("`{directory}` cannot be written: {error}"),
        )
    })
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn refuse_read_only(_: &Utf8Path) -> io::Result<()> {
    Ok(())
}

/// Whether the error says that an exchange is not supported here, rather than that it failed.
fn is_impossible(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, InvalidInput, ResourceBusy, TooManyLinks, Unsupported};
    matches!(
        error.kind(),
        CrossesDevices | InvalidInput | ResourceBusy | TooManyLinks | Unsupported
    ) || os_error(error) == Some(NOT_PERMITTED)
}

/// `EPERM`: what `link` says where the file system has no hard links, or where they are protected.
const NOT_PERMITTED: i32 = 1;

/// The system's own number, which fs-err keeps in the source of its error.
fn os_error(error: &io::Error) -> Option<i32> {
    error.raw_os_error().or_else(|| {
        std::error::Error::source(error.get_ref()?)?
            .downcast_ref::<io::Error>()?
            .raw_os_error()
    })
}

/// Writes a new file, and waits until it is on the disk.
pub(super) fn write(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?;
    take_owner(above(path), path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a directory and those above it, unless they are there.
pub(super) fn make_directory(path: &Utf8Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = above(path);
    make_directory(above)?;
    match fs_err::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        result => result?,
    }
    take_owner(above, path)?;
    sync_directory(above)
}

/// The directory that a path lies in.
pub(super) fn above(path: &Utf8Path) -> &Utf8Path {
    let above = path.parent().filter(|above| !above.as_str().is_empty());
    above.unwrap_or(Utf8Path::new("."))
}

/// Waits until a directory's entries are on the disk, where the system can.
pub(super) fn sync_directory(directory: &Utf8Path) -> io::Result<()> {
    match std::fs::File::open(directory).and_then(|directory| directory.sync_all()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_number_survives_the_wrapping() {
        let missing = fs_err::hard_link("/nonexistent/a", "/nonexistent/b").unwrap_err();
        let plain = std::fs::hard_link("/nonexistent/a", "/nonexistent/b").unwrap_err();
        assert!(plain.raw_os_error().is_some());
        assert_eq!(os_error(&missing), plain.raw_os_error());
        assert!(is_impossible(&io::Error::from_raw_os_error(NOT_PERMITTED)));
        assert!(!is_impossible(&io::Error::from(io::ErrorKind::StorageFull)));
    }
}
