//! The vendored directory as data.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::SystemTime;

use camino::Utf8PathBuf;

use crate::alembic::revisions::is_revision;
use crate::digest::{Content, Digest};
use crate::lockfile::{LOCK_NAME, SQL_DIRECTORY};
use crate::read;

#[derive(Debug, Clone, Default)]
pub struct Tree {
    pub exists: bool,
    /// Where bytes that were not kept are read again.
    pub directory: Utf8PathBuf,
    /// Everything below it, by path relative to it, with `/`.
    pub entries: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    File(File),
    /// A file of the user's whose bytes were not read, a symbolic link, or a special file.
    Foreign(Identity),
    Directory,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct File {
    digest: Digest,
    /// Unset where they were not kept; none if they were not the same when they were wanted.
    bytes: OnceLock<Option<Vec<u8>>>,
}

impl File {
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The same without its bytes.
    pub(super) fn unkept(digest: Digest) -> Self {
        let bytes = OnceLock::new();
        Self { digest, bytes }
    }

    /// How many bytes are kept.
    pub(super) fn length(&self) -> usize {
        self.kept().map_or(0, <[u8]>::len)
    }

    /// The bytes, if they were kept.
    fn kept(&self) -> Option<&[u8]> {
        self.bytes.get()?.as_deref()
    }
}

impl From<Content> for File {
    fn from(content: Content) -> Self {
        Self {
            digest: content.digest(),
            bytes: OnceLock::from(Some(content.into_bytes())),
        }
    }
}

impl From<Vec<u8>> for File {
    fn from(bytes: Vec<u8>) -> Self {
        Content::from(bytes).into()
    }
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for File {}

/// Tells whether an entry was replaced or written meanwhile. Of what Python compiles nothing is told.
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

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        (self.exists, &self.entries) == (other.exists, &other.entries)
    }
}

impl Eq for Tree {}

impl Tree {
    /// The bytes of a file that is read. Those that were not kept, because there are very many, are read again; none if they
    /// have changed since.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        let file = self.entry_of_file(path)?;
        let again = || {
            let bytes = read::bytes(self.directory.join(path)).ok()?;
            (Digest::of(&bytes) == file.digest).then_some(bytes)
        };
        file.bytes.get_or_init(again).as_deref()
    }

    /// The same, if the bytes were kept. All that leave Alembic's transaction are.
    pub fn kept(&self, path: &str) -> Option<&[u8]> {
        self.entry_of_file(path)?.kept()
    }

    pub fn digest(&self, path: &str) -> Option<Digest> {
        self.entry_of_file(path).map(File::digest)
    }

    fn entry_of_file(&self, path: &str) -> Option<&File> {
        match self.entries.get(path) {
            Some(Entry::File(file)) => Some(file),
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
