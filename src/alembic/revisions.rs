//! Finds and reads the project's revision files, in the places where Alembic looks for them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::FileType;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::{DirEntry, WalkDir};

use super::compiled::compiled;
use super::config::Rules;
use super::graph::Node;
use super::invocations::{Found, calls_of_python, found_in};
use crate::links;
use crate::parallel;
use crate::place::slashed;
use crate::procrastinate::PACKAGE;
use crate::python_source::{self, RevisionFileError, parse_for};
use crate::read;
use crate::walk;

/// The revisions in a set of version locations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revisions {
    pub nodes: Vec<Node>,
    /// By path, the text of those that may have to do with Procrastinate's tables: they name it, its schema manager, or a SQL file.
    pub speaking: BTreeMap<Utf8PathBuf, String>,
    /// By path, what the same files call. Those that call nothing are left out.
    pub calls: BTreeMap<Utf8PathBuf, Vec<Found>>,
    /// The files that could not be read as revisions, by path.
    pub unreadable: Vec<Unreadable>,
}

/// A file that Alembic takes for a revision, and that does not say in literals what has to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// As the user knows it.
    pub path: Utf8PathBuf,
    pub error: RevisionFileError,
    /// Empty where there is none to read.
    pub text: String,
}

impl Unreadable {
    /// A file without text that Alembic cannot load.
    pub(super) fn stops(path: Utf8PathBuf, why: &str) -> Self {
        let error = RevisionFileError::Stops {
            line: 1,
            why: why.to_owned(),
        };
        Self {
            path,
            error,
            text: String::new(),
        }
    }

    /// Whether the file may be the revision `id`.
    pub fn may_be(&self, id: &str) -> bool {
        let computed = matches!(&self.error, RevisionFileError::Undecidable { name, .. } if name == "revision");
        computed || self.text.is_empty() || self.text.contains(id)
    }
}

/// How Alembic reads revision files.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The project's root, absolute: paths are shown relative to it.
    pub root: &'a Utf8Path,
    pub rules: &'a Rules,
    /// Whether Alembic looks below the version locations, too.
    pub recursive: bool,
    pub sourceless: bool,
    /// The version of the Python that Alembic runs on, where it is known.
    pub python: Option<(u8, u8)>,
}

/// Reads every revision file in the version `locations` (absolute). A location that does not exist holds no revisions; a
/// file in two locations is read once.
pub fn read(reading: &Reading<'_>, locations: &[Utf8PathBuf]) -> io::Result<Revisions> {
    let mut revisions = Revisions::default();
    let mut seen = HashSet::new();
    for location in locations {
        if !read::is_directory(location)? {
            continue;
        }
        let mut directories = Directories::default();
        let mut files = Vec::new();
        for entry in entries(location, reading.recursive) {
            let entry = entry.map_err(io::Error::from)?;
            let Some(path) = Utf8Path::from_path(entry.path()) else {
                continue;
            };
            let real = match entry.path_is_symlink() {
                true => resolved(path),
                false => directories.without_links(path),
            };
            let name = if reading.rules.resolves_links() {
                &real
            } else {
                path
            };
            if is_revision(name.file_name().unwrap_or_default()) && seen.insert(real.clone()) {
                files.push((path.to_owned(), entry.file_type()));
            }
        }
        revisions.read(reading, &files)?;
        if reading.sourceless {
            let files = compiled(reading, location)?;
            revisions.unreadable.extend(files);
        }
    }
    Ok(revisions)
}

/// How deep below a location revisions are looked for that Alembic may not load.
const DEEP: usize = 4;

/// The readable revisions below the `locations`, in directories that may be the project's.
pub fn below(reading: &Reading<'_>, locations: &[&Utf8PathBuf]) -> io::Result<Vec<Node>> {
    let mut revisions = Revisions::default();
    let mut seen = HashSet::new();
    for location in locations {
        if !read::is_directory(location)? {
            continue;
        }
        let mut files = Vec::new();
        for entry in walk::entries(location, DEEP, &[], None).filter_map(Result::ok) {
            let path = Utf8Path::from_path(entry.path()).filter(|_| entry.depth() > 1);
            let Some(path) = path.filter(|path| path.file_name().is_some_and(is_revision)) else {
                continue;
            };
            if path.is_file() && seen.insert(path.to_owned()) {
                files.push((path.to_owned(), entry.file_type()));
            }
        }
        revisions.read(reading, &files)?;
    }
    Ok(revisions.nodes)
}

/// What lies in a version location, and below it.
fn entries(
    location: &Utf8Path,
    recursive: bool,
) -> impl Iterator<Item = Result<DirEntry, walkdir::Error>> {
    WalkDir::new(location)
        .min_depth(1)
        .max_depth(if recursive { usize::MAX } else { 1 })
        .follow_root_links(true)
        .sort_by(walk::by_name)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "__pycache__")
}

/// The directory of the last file, as given and without links: most files lie in one.
#[derive(Default)]
struct Directories {
    last: Option<(Utf8PathBuf, Utf8PathBuf)>,
}

impl Directories {
    /// A path that is no link itself, without links.
    fn without_links(&mut self, path: &Utf8Path) -> Utf8PathBuf {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
            return resolved(path);
        };
        let real = match self.last.take().filter(|(given, _)| given == directory) {
            Some((_, real)) => real,
            None => resolved(directory),
        };
        let path = real.join(name);
        self.last = Some((directory.to_owned(), real));
        path
    }
}

/// What a path stands for, links followed, also where nothing is there.
fn resolved(path: &Utf8Path) -> Utf8PathBuf {
    if let Ok(real) = links::real(path) {
        return real;
    }
    let mut real = path.to_owned();
    // As many links as Linux follows: a circle has no end.
    for _ in 0..40 {
        match real.read_link_utf8() {
            Ok(target) => real = real.parent().unwrap_or(&real).join(target),
            Err(_) => return real,
        }
    }
    path.to_owned()
}

/// Alembic's own rule, from `alembic/script/base.py`.
pub fn is_revision(name: &str) -> bool {
    name.ends_with(".py") && !name.starts_with(".#") && !name.starts_with("__init__")
}

/// What stops Alembic at a directory whose name is a revision's, if it does.
pub fn directory(rules: &Rules, shown: Utf8PathBuf) -> Option<Unreadable> {
    let why = "it is a directory, which Alembic before 1.10 takes for a revision";
    (!rules.resolves_links()).then(|| Unreadable::stops(shown, why))
}

fn speaks_of_procrastinate(text: &str) -> bool {
    let mut windows = text.as_bytes().windows(PACKAGE.len());
    ["schema_manager", ".sql"]
        .iter()
        .any(|sign| text.contains(sign))
        || windows.any(|window| window.eq_ignore_ascii_case(PACKAGE.as_bytes()))
}

impl Revisions {
    /// The texts that were kept, by path: of what speaks of Procrastinate, or could not be read as a revision.
    pub fn texts(&self) -> HashMap<&Utf8Path, &str> {
        let unreadable = self.unreadable.iter();
        let unreadable = unreadable.map(|file| (file.path.as_path(), file.text.as_str()));
        let speaking = self.speaking.iter();
        let speaking = speaking.map(|(path, text)| (path.as_path(), text.as_str()));
        unreadable.chain(speaking).collect()
    }

    /// Keeps the files whose path, as the user knows it, is `wanted`.
    pub fn retain(&mut self, wanted: impl Fn(&Utf8Path) -> bool) {
        self.nodes.retain(|node| wanted(&node.path));
        self.unreadable.retain(|file| wanted(&file.path));
    }

    /// Adds what these files are; many are read at once.
    fn read(&mut self, reading: &Reading<'_>, files: &[(Utf8PathBuf, FileType)]) -> io::Result<()> {
        let found = parallel::until_error(files, |(path, listed)| {
            let mut one = Self::default();
            one.read_file(reading, path, *listed).map(|()| one)
        });
        for mut one in found? {
            self.nodes.append(&mut one.nodes);
            self.speaking.append(&mut one.speaking);
            self.calls.append(&mut one.calls);
            self.unreadable.append(&mut one.unreadable);
        }
        Ok(())
    }

    fn read_file(
        &mut self,
        reading: &Reading<'_>,
        path: &Utf8Path,
        listed: FileType,
    ) -> io::Result<()> {
        let shown = path.strip_prefix(reading.root).unwrap_or(path);
        let shown = Utf8PathBuf::from(slashed(shown.as_str()));
        if listed.is_file() {
            let bytes = read::listed(path)?;
            self.add(reading, shown, &bytes);
            return Ok(());
        }
        let there = match read::metadata(path) {
            // It is named below.
            Err(_) if path.is_symlink() => None,
            there => there?,
        };
        if there.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            self.unreadable.extend(directory(reading.rules, shown));
            return Ok(());
        }
        let Some(there) = there else {
            let why = "it is a link to a file that is not there";
            self.unreadable.push(Unreadable::stops(shown, why));
            return Ok(());
        };
        if !there.is_file() {
            let why = "it is not a regular file, and Alembic would wait for its contents";
            self.unreadable.push(Unreadable::stops(shown, why));
            return Ok(());
        }
        let bytes = read::bytes(path)?;
        self.add(reading, shown, &bytes);
        Ok(())
    }

    fn add(&mut self, reading: &Reading<'_>, shown: Utf8PathBuf, bytes: &[u8]) {
        let read = || {
            let text = python_source::text(bytes)?;
            let module = parse_for(&text, reading.python)?;
            let node = Node::of(shown.clone(), &text, module.suite())?;
            let found = found_in(&shown, &text, calls_of_python(&text, module.suite()));
            Ok((node, found, text))
        };
        match read() {
            Ok((node, found, text)) => {
                self.nodes.push(node);
                if !found.is_empty() {
                    self.calls.insert(shown.clone(), found);
                }
                if speaks_of_procrastinate(&text) {
                    self.speaking.insert(shown, text);
                }
            }
            Err(error) => self.unreadable.push(Unreadable {
                path: shown,
                error,
                text: String::from_utf8_lossy(bytes).into_owned(),
            }),
        }
    }
}
