//! Reads the vendored directory.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use camino::Utf8Path;
use walkdir::{DirEntry, WalkDir};

use super::journal::JOURNAL;
use super::numbered::is_numbered;
use super::tree::{Entry, File, Identity, Tree, is_read};
use super::{VendoredError, existing};
use crate::digest::{Content, Digest};
use crate::lockfile::{LOCK_NAME, Lock, LockError, Mode};
use crate::parallel;
use crate::progress::Activity;
use crate::python_source::may_leave_transaction;
use crate::read;
use crate::walk::by_name;

/// The most that is kept of all files together. Those of Procrastinate have less than half a MiB.
pub(super) const MOST_MEBIBYTES: usize = 128;

/// The most bytes that are kept of files that are as their lock has them. Those of Procrastinate have less than half a MiB.
const KEPT: usize = 4 << 20;

/// Everything in the vendored directory. Links are not followed.
pub fn scan(directory: &Utf8Path) -> Result<Tree, VendoredError> {
    scanned(directory, Tree::default(), |_, path| {
        read::listed(path).map(File::from)
    })
}

/// Whether the directory is as it was when `tree` was read.
pub(super) fn is_still(directory: &Utf8Path, tree: &Tree) -> Result<bool, VendoredError> {
    let now = scanned(directory, Tree::default(), |name, path| {
        let content = read::listed_as(path, tree.digest(name))?;
        Ok(File::unkept(content.digest()))
    })?;
    Ok(now == *tree)
}

/// What is in the directory, and its lock if there is one.
pub type Locked = (Tree, Option<Result<Lock, LockError>>);

/// Everything in the directory, and its lock if there is one. Of rendered files that are as the lock has them, many megabytes are not kept.
///
/// Another run may exchange the directory meanwhile. What was read then may be of both, and is read again.
pub fn scan_locked(directory: &Utf8Path) -> Result<Locked, VendoredError> {
    const MOST_TIMES: usize = 100;
    for _ in 0..MOST_TIMES {
        let before = existing(fs_err::symlink_metadata(directory))?;
        let locked = scan_once(directory);
        let after = existing(fs_err::symlink_metadata(directory))?;
        if before.as_ref().map(moment) == after.as_ref().map(moment) {
            return locked;
        }
    }
    Err(VendoredError::ChangedMeanwhile(directory.to_owned()))
}

fn scan_once(directory: &Utf8Path) -> Result<Locked, VendoredError> {
    let path = directory.join(LOCK_NAME);
    // Whatever else lies there is looked at by the scan.
    let is_file = existing(fs_err::symlink_metadata(&path))
        .is_ok_and(|found| found.is_some_and(|found| found.is_file()));
    if !is_file {
        return Ok((scan(directory)?, None));
    }
    let bytes = Content::from(read::bytes(&path)?);
    let lock = Lock::parse(&bytes);
    let files = lock.iter().flat_map(Lock::files);
    let expected: HashMap<String, Digest> = files.map(|file| (file.path, file.sha256)).collect();
    let renders = lock
        .as_ref()
        .is_ok_and(|lock| lock.upstream.mode == Mode::Render);
    let kept = AtomicUsize::new(0);
    let of_lock = Mutex::new(Some(bytes));
    let tree = scanned(directory, Tree::default(), |name, path| {
        if name == LOCK_NAME
            && let Some(bytes) = of_lock
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        {
            return Ok(bytes.into());
        }
        let expected = expected.get(name).copied();
        let content = read::listed_as(path, expected)?;
        let is_plain = renders && Some(content.digest()) == expected && !leaves(&content);
        if is_plain && kept.load(Ordering::Relaxed) > KEPT {
            return Ok(File::unkept(content.digest()));
        }
        kept.fetch_add(content.len(), Ordering::Relaxed);
        Ok(content.into())
    })?;
    Ok((tree, Some(lock)))
}

/// Whether it may leave Alembic's transaction.
fn leaves(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(may_leave_transaction)
}

/// Reads each file by `read`, which is given its name and its path; many at once.
fn scanned(
    directory: &Utf8Path,
    mut tree: Tree,
    read: impl Fn(&str, &Path) -> io::Result<File> + Sync,
) -> Result<Tree, VendoredError> {
    let Some(metadata) = existing(fs_err::symlink_metadata(directory))? else {
        return Ok(tree);
    };
    if metadata.is_symlink() {
        return Err(VendoredError::IsALink(directory.to_owned()));
    }
    if !metadata.is_dir() {
        return Err(VendoredError::IsAFile(directory.to_owned()));
    }
    tree.exists = true;
    tree.directory = directory.to_owned();
    let _activity = Activity::begin(format!("Reading {directory}"));
    let files = listed(directory, &mut tree)?;
    let size = AtomicUsize::new(0);
    let read = |(name, path): &(String, PathBuf)| {
        let file = read(name, path)?;
        let before = size.fetch_add(file.length(), Ordering::Relaxed);
        match before + file.length() > MOST_MEBIBYTES << 20 {
            true => Err(VendoredError::TooMuch(directory.to_owned())),
            false => Ok(Entry::File(file)),
        }
    };
    let entries = parallel::until_error(&files, read)?;
    let names = files.into_iter().map(|(name, _)| name);
    tree.entries.extend(names.zip(entries));
    Ok(tree)
}

/// Adds all but the files that are read, which it returns with their names.
fn listed(directory: &Utf8Path, tree: &mut Tree) -> Result<Vec<(String, PathBuf)>, VendoredError> {
    let mut files = Vec::new();
    let walk = WalkDir::new(directory).min_depth(1).sort_by(by_name);
    let is_journal = |entry: &DirEntry| {
        let name = entry.file_name().to_str();
        entry.depth() == 1 && name.is_some_and(|name| is_numbered(name, JOURNAL))
    };
    for found in walk.into_iter().filter_entry(|entry| !is_journal(entry)) {
        let found = found.map_err(io::Error::from)?;
        let path = found.path();
        let relative = path.strip_prefix(directory).unwrap_or(path);
        let Some(relative) = Utf8Path::from_path(relative) else {
            return Err(VendoredError::NotUtf8 {
                directory: directory.to_owned(),
                name: relative.to_string_lossy().escape_debug().to_string(),
            });
        };
        let name = match std::path::MAIN_SEPARATOR {
            '/' => relative.as_str().to_owned(),
            other => relative.as_str().replace(other, "/"),
        };
        let kind = found.file_type();
        let entry = if kind.is_dir() {
            Entry::Directory
        } else if kind.is_file() && is_read(&name) {
            files.push((name, found.into_path()));
            continue;
        } else if kind.is_file() && is_bytecode(relative) {
            Entry::Foreign(Identity::default())
        } else {
            let metadata = fs_err::symlink_metadata(path)?;
            Entry::Foreign(Identity {
                inode: inode(&metadata),
                length: metadata.len(),
                modified: metadata.modified().ok(),
            })
        };
        tree.entries.insert(name, entry);
    }
    Ok(files)
}

/// What Python compiles beside its sources, and may do at any time.
fn is_bytecode(path: &Utf8Path) -> bool {
    let directory = path.parent().and_then(Utf8Path::file_name);
    directory == Some("__pycache__") && path.extension() == Some("pyc")
}

/// Which directory has the name, and since when: an exchange back is seen, too.
#[cfg(unix)]
fn moment(metadata: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn moment(_: &Metadata) {}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make directories")]

    use std::thread;
    use std::time::Duration;

    use super::super::exchange::rename_exchange;
    use super::*;
    use crate::lockfile::tests_support::lock;

    #[test]
    fn what_is_not_kept_is_read_again_unless_it_was_changed() {
        let root = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(root.path()).unwrap();
        let mut lock = lock();
        let names = ["a.py", "b.py"];
        for (revision, name) in lock.revisions.iter_mut().zip(names) {
            let text = format!("# {name}\n").repeat(KEPT / 4);
            revision.file = crate::file_name::FileName::new(name).unwrap();
            revision.sha256 = Digest::of(&text);
            fs_err::write(root.join(name), text).unwrap();
        }
        fs_err::write(root.join(LOCK_NAME), lock.to_text().unwrap()).unwrap();
        let scanned = || scan_locked(root).unwrap().0;
        let tree = scanned();
        assert!(tree.kept("a.py").is_some() && tree.kept("b.py").is_none());
        assert!(is_still(root, &tree).unwrap());
        assert_eq!(
            tree.file("b.py"),
            Some(&*fs_err::read(root.join("b.py")).unwrap())
        );
        let tree = scanned();
        fs_err::write(root.join("b.py"), "# mine\n").unwrap();
        assert_eq!(tree.file("b.py"), None);
        assert!(!is_still(root, &tree).unwrap());
        // What differs from the lock is kept.
        assert_eq!(scanned().kept("b.py"), Some(b"# mine\n".as_slice()));
    }

    #[test]
    fn a_directory_that_is_exchanged_meanwhile_is_read_whole() {
        let root = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(root.path()).unwrap();
        let [one, other] = ["one", "other"].map(|name| root.join(name));
        for directory in [&one, &other] {
            fs_err::create_dir(directory).unwrap();
            let mut lock = lock();
            for revision in lock.revisions.iter_mut() {
                let text = format!("# {} of {directory}\n", revision.id);
                revision.sha256 = Digest::of(&text);
                fs_err::write(directory.join(revision.file.as_str()), text).unwrap();
            }
            fs_err::write(directory.join(LOCK_NAME), lock.to_text().unwrap()).unwrap();
        }
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for _ in 0..80 {
                    rename_exchange(&one, &other).unwrap();
                    thread::sleep(Duration::from_millis(25));
                }
            });
            while !writer.is_finished() {
                let (tree, lock) = scan_locked(&one).unwrap();
                for file in lock.unwrap().unwrap().files() {
                    assert_eq!(tree.digest(&file.path), Some(file.sha256));
                }
            }
        });
    }
}
