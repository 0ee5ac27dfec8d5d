//! Reads the vendored directory.

use std::fs::Metadata;
use std::io;

use camino::Utf8Path;
use walkdir::{DirEntry, WalkDir};

use super::journal::JOURNAL;
use super::numbered::is_numbered;
use super::tree::{Entry, Identity, Tree, is_read};
use super::{VendoredError, existing};
use crate::progress::Activity;
use crate::read;

/// The most that is read of all files together. Those of Procrastinate have less than half a MiB.
pub(super) const MOST_MEBIBYTES: usize = 64;

/// Everything in the vendored directory. Links are not followed.
pub fn scan(directory: &Utf8Path) -> Result<Tree, VendoredError> {
    let Some(metadata) = existing(fs_err::symlink_metadata(directory))? else {
        return Ok(Tree::default());
    };
    if metadata.is_symlink() {
        return Err(VendoredError::IsALink(directory.to_owned()));
    }
    if !metadata.is_dir() {
        return Err(VendoredError::IsAFile(directory.to_owned()));
    }
    let mut tree = Tree {
        exists: true,
        ..Tree::default()
    };
    let _activity = Activity::begin(format!("Reading {directory}"));
    let mut size = 0;
    let walk = WalkDir::new(directory)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter();
    let is_journal = |entry: &DirEntry| {
        let name = entry.file_name().to_str();
        entry.depth() == 1 && name.is_some_and(|name| is_numbered(name, JOURNAL))
    };
    for found in walk.filter_entry(|entry| !is_journal(entry)) {
        let found = found.map_err(io::Error::from)?;
        let path = found.path();
        let relative = path.strip_prefix(directory).unwrap_or(path);
        let Some(relative) = Utf8Path::from_path(relative) else {
            return Err(VendoredError::NotUtf8 {
                directory: directory.to_owned(),
                name: relative.to_string_lossy().escape_debug().to_string(),
            });
        };
        let parts: Vec<&str> = relative.components().map(|part| part.as_str()).collect();
        let name = parts.join("/");
        let kind = found.file_type();
        let entry = if kind.is_dir() {
            Entry::Directory
        } else if kind.is_file() && is_read(&name) {
            let bytes = read::bytes(path)?;
            size += bytes.len();
            if size > MOST_MEBIBYTES << 20 {
                return Err(VendoredError::TooMuch(directory.to_owned()));
            }
            Entry::File(bytes)
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
    Ok(tree)
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
