//! The vendored directory as data.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::alembic::revisions::is_revision;
use crate::lockfile::{LOCK_NAME, SQL_DIRECTORY};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    pub exists: bool,
    /// Everything below it, by path relative to it, with `/`.
    pub entries: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    File(Vec<u8>),
    /// A file of the user's whose bytes were not read, a symbolic link, or a special file.
    Foreign(Identity),
    Directory,
}

/// Tells whether an entry was replaced or written meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its inode number; 0 where the system has none.
    pub inode: u64,
    pub length: u64,
    pub modified: Option<SystemTime>,
}

/// The attributes file that keeps every checkout from changing line ends.
pub const ATTRIBUTES_NAME: &str = ".gitattributes";
pub const ATTRIBUTES: &str = "* -text\n";

/// Whether the bytes of a file at `path` have to be read.
pub(super) fn is_read(path: &str) -> bool {
    match path.split_once('/') {
        None => path == LOCK_NAME || path == ATTRIBUTES_NAME || path.ends_with(".py"),
        Some((SQL_DIRECTORY, name)) => name.ends_with(".sql"),
        Some(_) => false,
    }
}

impl Tree {
    /// The bytes of a file that is read.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        match self.entries.get(path) {
            Some(Entry::File(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Whether the attributes file says what it has to.
    pub fn keeps_line_ends(&self) -> bool {
        self.file(ATTRIBUTES_NAME).is_some_and(|bytes| {
            String::from_utf8_lossy(bytes)
                .lines()
                .any(|line| line.split_whitespace().eq(["*", "-text"]))
        })
    }

    /// The Python files right below the directory that Alembic would take for revisions.
    pub fn python_files(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|(path, entry)| {
            let revision = !path.contains('/') && is_revision(path);
            (revision && *entry != Entry::Directory).then_some(path.as_str())
        })
    }
}

/// The bytes with every CR LF made LF.
pub fn to_lf(bytes: &[u8]) -> Vec<u8> {
    with_line_ends(bytes, b"\n")
}

/// The bytes with each LF or CR LF made `end`. A CR elsewhere stays.
pub fn with_line_ends(bytes: &[u8], end: &[u8]) -> Vec<u8> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let lines = lines.flat_map(|line| match line.strip_suffix(b"\n") {
        Some(text) => [text.strip_suffix(b"\r").unwrap_or(text), end],
        None => [line, b""],
    });
    lines.collect::<Vec<_>>().concat()
}
