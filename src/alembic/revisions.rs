//! Finds and reads the project's revision files, in the places where Alembic looks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::graph::Node;
use crate::procrastinate::PACKAGE;
use crate::python_source::RevisionFileError;

/// The revisions in a set of version locations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revisions {
    pub nodes: Vec<Node>,
    /// The text of those that speak of Procrastinate, by path.
    pub speaking: BTreeMap<Utf8PathBuf, String>,
    /// The files that could not be read as revisions, by path.
    pub unreadable: Vec<Unreadable>,
}

/// A file that Alembic takes for a revision, and that does not say in literals what has to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// As the user knows it.
    pub path: Utf8PathBuf,
    pub error: RevisionFileError,
}

/// Reads every revision file in the version `locations` (absolute), and below them if Alembic looks there, too (`recursive`).
/// Paths are shown relative to `root`, the project's, which is absolute. A location that does not exist holds no revisions; a
/// file in two locations is read once.
pub fn read(root: &Utf8Path, locations: &[Utf8PathBuf], recursive: bool) -> io::Result<Revisions> {
    let mut revisions = Revisions::default();
    let mut seen = BTreeSet::new();
    let depth = if recursive { usize::MAX } else { 1 };
    for location in locations.iter().filter(|path| path.is_dir()) {
        let walk = WalkDir::new(location)
            .min_depth(1)
            .max_depth(depth)
            .follow_root_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "__pycache__");
        for entry in walk {
            let entry = entry.map_err(io::Error::from)?;
            let Some(path) = Utf8Path::from_path(entry.path()) else {
                continue;
            };
            let name = path.file_name().unwrap_or_default();
            if is_revision(name) && path.is_file() && seen.insert(path.canonicalize_utf8()?) {
                revisions.read(root, path)?;
            }
        }
    }
    Ok(revisions)
}

/// Alembic's own rule, from `alembic/script/base.py`.
pub fn is_revision(name: &str) -> bool {
    name.ends_with(".py") && !name.starts_with(".#") && !name.starts_with("__init__")
}

fn speaks_of_procrastinate(text: &str) -> bool {
    let mut windows = text.as_bytes().windows(PACKAGE.len());
    windows.any(|window| window.eq_ignore_ascii_case(PACKAGE.as_bytes()))
}

impl Revisions {
    /// Keeps the files whose path, as the user knows it, is `wanted`.
    pub fn retain(&mut self, wanted: impl Fn(&Utf8Path) -> bool) {
        self.nodes.retain(|node| wanted(&node.path));
        self.unreadable.retain(|file| wanted(&file.path));
    }

    fn read(&mut self, root: &Utf8Path, path: &Utf8Path) -> io::Result<()> {
        let text = String::from_utf8_lossy(&fs_err::read(path)?).into_owned();
        let shown = path.strip_prefix(root).unwrap_or(path).to_owned();
        match Node::parse(shown.clone(), &text) {
            Ok(node) => {
                self.nodes.push(node);
                if speaks_of_procrastinate(&text) {
                    self.speaking.insert(shown, text);
                }
            }
            Err(error) => self.unreadable.push(Unreadable { path: shown, error }),
        }
        Ok(())
    }
}
