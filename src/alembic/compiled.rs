//! Compiled revisions, which Alembic loads where `sourceless` is set. Their bytecode is not read: only what is plain is said.

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::revisions::{Reading, Unreadable};
use crate::python_source::RevisionFileError;
use crate::read;

const CACHE: &str = "__pycache__";

/// The magic numbers of Python's compiled files, as `importlib.util.MAGIC_NUMBER` has them.
const MAGIC: [((u8, u8), u16); 7] = [
    ((3, 8), 3413),
    ((3, 9), 3425),
    ((3, 10), 3439),
    ((3, 11), 3495),
    ((3, 12), 3531),
    ((3, 13), 3571),
    ((3, 14), 3627),
];

/// The compiled files that Alembic loads from a version location: those without their source, in the directory and in its cache.
pub fn compiled(reading: &Reading<'_>, location: &Utf8Path) -> io::Result<Vec<Unreadable>> {
    let mut found = Vec::new();
    for directory in directories(location, reading.recursive) {
        let (cache, beside) = (directory.join(CACHE), files(&directory)?);
        let stems: BTreeSet<&str> = beside.iter().map(|name| stem(name)).collect();
        let wanted = beside.iter().filter(|name| {
            let source = name.trim_end_matches(['c', 'o']);
            let is_there = |name: &str| directory.join(name).exists();
            let is_better =
                is_there(source) || name.ends_with('o') && is_there(&format!("{source}c"));
            !is_better
        });
        let cached = files(&cache)?;
        let cached = cached.iter().filter(|name| !stems.contains(stem(name)));
        // Before 1.10, Alembic takes the cache's own name for the beginning of a file's: no file there is left out.
        let old = !reading.rules.resolves_links();
        let wanted = wanted.filter(|name| is_bytecode(name) && !is_left_out(name));
        let cached = cached.filter(|name| is_bytecode(name) && (old || !is_left_out(name)));
        let paths = wanted.map(|name| directory.join(name));
        for path in paths.chain(cached.map(|name| cache.join(name))) {
            if old || path.is_file() {
                found.push(unreadable(reading, path)?);
            }
        }
    }
    Ok(found)
}

fn directories(location: &Utf8Path, recursive: bool) -> Vec<Utf8PathBuf> {
    let walk = WalkDir::new(location)
        .max_depth(if recursive { usize::MAX } else { 0 })
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || entry.file_type().is_dir())
        .filter_map(Result::ok);
    let paths = walk.filter_map(|entry| Utf8PathBuf::from_path_buf(entry.into_path()).ok());
    paths
        .filter(|path| path.file_name() != Some(CACHE))
        .collect()
}

/// The names in a directory, in order; none if it is not there.
fn files(directory: &Utf8Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    if directory.is_dir() {
        for entry in directory.read_dir_utf8()? {
            names.push(entry?.file_name().to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// What Alembic compares a name in the cache by.
fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn is_bytecode(name: &str) -> bool {
    name.ends_with(".pyc") || name.ends_with(".pyo")
}

/// Alembic's own rule, from `alembic/script/base.py`.
fn is_left_out(name: &str) -> bool {
    name.starts_with(".#") || name.starts_with("__init__")
}

fn unreadable(reading: &Reading<'_>, path: Utf8PathBuf) -> io::Result<Unreadable> {
    let bytes = match path.is_file() {
        true => read::bytes(&path)?,
        false => Vec::new(),
    };
    let shown = path.strip_prefix(reading.root).unwrap_or(&path).to_owned();
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    let magic = match bytes.as_slice() {
        [low, high, b'\r', b'\n', _, ..] => Some(u16::from_le_bytes([*low, *high])),
        _ => None,
    };
    let of_python = |version| {
        let mut known = MAGIC.iter();
        known
            .find(|(python, _)| *python == version)
            .map(|(_, magic)| *magic)
    };
    let other = reading
        .python
        .and_then(of_python)
        .filter(|expected| Some(*expected) != magic);
    // A name is stored with its length before it.
    let lacks = ["revision", "down_revision"].into_iter().find(|name| {
        let stored: Vec<u8> = [name.len() as u8].into_iter().chain(name.bytes()).collect();
        !has(&stored) && !has(b"\x01*")
    });
    Ok(match (magic, other, lacks) {
        (None, ..) => Unreadable::stops(shown, "it is no compiled Python file"),
        (_, Some(_), _) => Unreadable::stops(shown, "another version of Python compiled it"),
        (_, _, Some(name)) => Unreadable::stops(shown, &format!("it assigns no `{name}`")),
        (Some(_), None, None) => Unreadable {
            path: shown,
            error: RevisionFileError::Undecidable {
                line: 1,
                name: "revision".to_owned(),
                why: "it is compiled",
            },
            text: String::new(),
        },
    })
}
