//! A directory tree as it is: bytes, inodes, times, modes and link targets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use camino::Utf8Path;

/// Everything below a directory, and the directory itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot(BTreeMap<PathBuf, Entry>);

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    bytes: Option<Vec<u8>>,
    target: Option<PathBuf>,
    is_directory: bool,
    pub(crate) inode: u64,
    pub(crate) mtime: (i64, i64),
    mode: u32,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.bytes.as_ref().map(|bytes| {
            String::from_utf8_lossy(bytes)
                .chars()
                .take(80)
                .collect::<String>()
        });
        write!(
            f,
            "{text:?} -> {:?}, inode {}, mtime {:?}, mode {:o}",
            self.target, self.inode, self.mtime, self.mode
        )
    }
}

impl Snapshot {
    pub(crate) fn of(root: &Utf8Path) -> Self {
        Self::of_any(root.as_std_path())
    }

    /// As [`Snapshot::of`], under a name that need not be UTF-8.
    pub(crate) fn of_any(root: &Path) -> Self {
        let mut entries = BTreeMap::new();
        add(root, Path::new(""), &mut entries);
        Self(entries)
    }

    /// Fails with the first differences if `self`, taken earlier, is not the tree as it is `now`.
    #[track_caller]
    pub(crate) fn assert_untouched(&self, now: &Self) {
        let differing: Vec<_> = self.differing(now);
        assert!(
            differing.is_empty(),
            "the tree was touched:\n{differing:#?}"
        );
    }

    /// As before, but directories may have other times: something was made in them and taken away again.
    #[track_caller]
    pub(crate) fn assert_files_untouched(&self, now: &Self) {
        self.timeless().assert_untouched(&now.timeless());
    }

    /// The same paths, bytes, modes and link targets; inodes and times aside.
    #[track_caller]
    pub(crate) fn assert_same_contents(&self, now: &Self) {
        self.contents_only().assert_untouched(&now.contents_only());
    }

    /// Exactly these paths of `now` are new or differ (in bytes, inode or time); nothing went away.
    #[track_caller]
    pub(crate) fn assert_only_changed(&self, now: &Self, changed: &[&str]) {
        let differing: Vec<String> = self
            .differing(now)
            .into_iter()
            .filter(|(_, before, after)| {
                let is_directory =
                    |entry: &Option<Entry>| entry.as_ref().is_some_and(|e| e.is_directory);
                !(is_directory(before) && is_directory(after))
            })
            .map(|(path, _, _)| shown(path))
            .collect();
        let mut expected = changed.to_vec();
        expected.sort_unstable();
        let mut actual: Vec<&str> = differing.iter().map(String::as_str).collect();
        actual.sort_unstable();
        assert_eq!(actual, expected);
    }

    pub(crate) fn has_same_contents(&self, other: &Self) -> bool {
        self.contents_only() == other.contents_only()
    }

    fn differing(&self, now: &Self) -> Vec<(PathBuf, Option<Entry>, Option<Entry>)> {
        let paths = self
            .0
            .keys()
            .chain(now.0.keys().filter(|path| !self.0.contains_key(*path)));
        paths
            .filter(|path| self.0.get(*path) != now.0.get(*path))
            .map(|path| {
                (
                    path.clone(),
                    self.0.get(path).cloned(),
                    now.0.get(path).cloned(),
                )
            })
            .collect()
    }

    fn timeless(&self) -> Self {
        let mut snapshot = self.clone();
        for entry in snapshot.0.values_mut().filter(|entry| entry.is_directory) {
            entry.mtime = (0, 0);
        }
        snapshot
    }

    fn contents_only(&self) -> Self {
        let mut snapshot = self.clone();
        for entry in snapshot.0.values_mut() {
            (entry.inode, entry.mtime) = (0, (0, 0));
        }
        snapshot
    }

    #[track_caller]
    pub(crate) fn entry(&self, path: &str) -> &Entry {
        match self.0.get(Path::new(path)) {
            Some(entry) => entry,
            None => panic!("no {path} among {:?}", self.paths()),
        }
    }

    /// The paths of everything that is not a directory, sorted.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.0
            .iter()
            .filter(|(_, entry)| !entry.is_directory)
            .map(|(path, _)| shown(path))
            .collect()
    }

    /// The paths of all directories, sorted; the root is the empty path.
    pub(crate) fn directories(&self) -> Vec<String> {
        self.0
            .iter()
            .filter(|(_, entry)| entry.is_directory)
            .map(|(path, _)| shown(path))
            .collect()
    }
}

/// With `/` between its parts on every system.
fn shown(path: impl AsRef<Path>) -> String {
    let path = path.as_ref().to_string_lossy();
    match cfg!(windows) {
        true => path.replace('\\', "/"),
        false => path.into_owned(),
    }
}

fn add(root: &Path, relative: &Path, entries: &mut BTreeMap<PathBuf, Entry>) {
    let path = root.join(relative);
    let metadata = fs::symlink_metadata(&path).unwrap();
    let kind = metadata.file_type();
    entries.insert(
        relative.to_owned(),
        Entry {
            bytes: kind.is_file().then(|| fs::read(&path).unwrap()),
            target: kind.is_symlink().then(|| fs::read_link(&path).unwrap()),
            is_directory: kind.is_dir(),
            inode: inode(&metadata),
            mtime: mtime(&metadata),
            mode: mode(&metadata),
        },
    );
    if kind.is_dir() {
        for child in fs::read_dir(&path).unwrap() {
            add(root, &relative.join(child.unwrap().file_name()), entries);
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(metadata)
}

/// The standard library does not tell it; the time tells whether a file was written.
#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

#[cfg(not(unix))]
fn mode(metadata: &fs::Metadata) -> u32 {
    metadata.permissions().readonly().into()
}

/// Seconds since 1970, and nanoseconds.
fn mtime(metadata: &fs::Metadata) -> (i64, i64) {
    let since = metadata.modified().unwrap().duration_since(UNIX_EPOCH);
    let since = since.unwrap();
    let seconds = since.as_secs().try_into().unwrap();
    (seconds, since.subsec_nanos().into())
}
