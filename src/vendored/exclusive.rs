//! One writer at a time: locks on directories, so that nothing is left behind.

use std::fs::{File, TryLockError};
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use camino::Utf8Path;

use super::VendoredError;
#[cfg(not(unix))]
use crate::digest::Digest;
#[cfg(not(unix))]
use crate::links;

const TICK: Duration = Duration::from_millis(20);
/// How long a reader waits for a writer that replaces files one by one, and the other way round. Both are done in moments.
const MOMENT: Duration = Duration::from_secs(10);

/// Keeps other runs that write out of a project, from the reading to the last write. No file, where the system or the file system has no such
/// lock: an exchange is atomic all the same.
#[derive(Debug)]
pub struct Exclusive {
    _file: Option<File>,
}

impl Exclusive {
    /// Waits for other runs in the project in `root`. `waits` is called if there is one.
    pub fn of<E: From<VendoredError>>(
        root: &Utf8Path,
        patience: Duration,
        waits: impl FnOnce() -> Result<(), E>,
    ) -> Result<Self, E> {
        let Some(file) = open(root).map_err(VendoredError::from)? else {
            return Ok(Self { _file: None });
        };
        if !is_taken(file.try_lock()) {
            return Ok(Self { _file: Some(file) });
        }
        waits()?;
        if taken_for(patience, || file.try_lock()) {
            return Err(VendoredError::Busy(root.to_owned()).into());
        }
        Ok(Self { _file: Some(file) })
    }
}

/// The lock of the project, for what reads only; none if a run that writes has it.
pub(super) fn idle(root: &Utf8Path) -> Option<Exclusive> {
    let file = open(root).ok().flatten();
    let is_busy = file
        .as_ref()
        .is_some_and(|file| is_taken(file.try_lock_shared()));
    (!is_busy).then_some(Exclusive { _file: file })
}

/// Waits until no run replaces the directory's files one by one, and keeps such runs waiting.
pub fn reading(directory: &Utf8Path) -> Result<Exclusive, VendoredError> {
    // Where so few files may be open, the lock would take the one that reading needs.
    let open = || open(directory).ok().flatten();
    let lock = open();
    if lock.is_some() && open().is_none() {
        return Ok(Exclusive { _file: None });
    }
    among(directory, lock, File::try_lock_shared)
}

/// Waits until nobody reads the directory, and keeps readers waiting.
pub(super) fn replacing(directory: &Utf8Path) -> Result<Exclusive, VendoredError> {
    among(directory, open(directory)?, File::try_lock)
}

fn among(
    directory: &Utf8Path,
    file: Option<File>,
    lock: fn(&File) -> Result<(), TryLockError>,
) -> Result<Exclusive, VendoredError> {
    if let Some(file) = &file
        && taken_for(MOMENT, || lock(file))
    {
        return Err(VendoredError::Busy(directory.to_owned()));
    }
    Ok(Exclusive { _file: file })
}

/// What is locked: the directory itself.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "on Windows it may fail")]
fn open(directory: &Utf8Path) -> io::Result<Option<File>> {
    let is_directory = directory.is_dir();
    Ok(is_directory.then(|| File::open(directory).ok()).flatten())
}

/// Windows locks no directory: an empty file of the user's temporary directory stands for it, and stays there. Nobody writes without it: there
/// is no exchange that would be atomic all the same.
#[cfg(not(unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "it makes the directory of the locks, outside of the project"
)]
fn open(directory: &Utf8Path) -> io::Result<Option<File>> {
    let Ok(real) = links::canonical(directory) else {
        return Ok(None);
    };
    let name = Digest::of(real.as_str()).to_string();
    let locks = std::env::temp_dir().join("vendor-migrations-locks");
    fs_err::create_dir_all(&locks)?;
    let mut options = fs_err::OpenOptions::new();
    options.read(true).write(true).create(true);
    Ok(Some(options.open(locks.join(name))?.into_file()))
}

/// Whether somebody has the lock for the whole of that time.
fn taken_for(patience: Duration, lock: impl Fn() -> Result<(), TryLockError>) -> bool {
    let begun = Instant::now();
    while is_taken(lock()) {
        if begun.elapsed() >= patience {
            return true;
        }
        sleep(TICK);
    }
    false
}

/// Not every file system locks a directory.
fn is_taken(result: Result<(), TryLockError>) -> bool {
    matches!(result, Err(TryLockError::WouldBlock))
}
