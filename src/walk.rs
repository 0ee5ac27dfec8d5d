//! Walks a project's own files. One list says which directories are foreign: other people's code, or the output of tools.

use std::cmp::Ordering;

use camino::Utf8Path;
use walkdir::{DirEntry, WalkDir};

use crate::links;
use crate::repository::Patterns;

/// Directories that are foreign whatever is in them.
const FOREIGN: [&str; 8] = [
    "__pycache__",
    "__pypackages__",
    "bower_components",
    "dist",
    "node_modules",
    "site-packages",
    "target",
    "venv",
];

/// Directories that are foreign if they hold what a tool leaves there. People use these names, too: `build/Dockerfile`,
/// `services/vendor/alembic.ini`. A trace that ends with a dot is the beginning of a name.
const FOREIGN_BY_TRACE: [(&str, &[&str]); 2] = [
    // setuptools, cx_Freeze, CMake
    ("build", &["bdist.", "lib.", "exe.", "CMakeCache.txt"]),
    // Go, Composer, Bundler
    ("vendor", &["modules.txt", "autoload.php", "bundle"]),
];

/// Entries that a virtual environment and a Conda environment have.
const ENVIRONMENT: [&str; 2] = ["pyvenv.cfg", "conda-meta"];

/// What lies below `root`, at most `depth` levels down, in the order of names. Links are not followed. Of the hidden directories,
/// only those that `hidden` names are entered; the directory `left_out` is not, nor what git ignores.
pub fn entries(
    root: &Utf8Path,
    depth: usize,
    hidden: &'static [&'static str],
    left_out: Option<&Utf8Path>,
) -> impl Iterator<Item = Result<DirEntry, walkdir::Error>> {
    let left_out = left_out.map(Utf8Path::to_owned);
    let real = links::real(root).unwrap_or_else(|_| root.to_owned());
    let mut patterns = Patterns::around(root);
    let root_as_given = root.to_owned();
    let mut is_ignored = move |entry: &DirEntry| {
        let below = entry.path().strip_prefix(&root_as_given).ok();
        let below = below.and_then(Utf8Path::from_path);
        let patterns = patterns.as_mut();
        below
            .zip(patterns)
            .is_some_and(|(below, patterns)| patterns.pass_over(&real.join(below)))
    };
    let mut is_searched = move |entry: &DirEntry| {
        is_own(entry, hidden)
            && left_out.as_deref().is_none_or(|path| entry.path() != path)
            && !is_ignored(entry)
    };
    WalkDir::new(root)
        .min_depth(1)
        .max_depth(depth)
        .sort_by(by_name)
        .into_iter()
        .filter_entry(move |entry| !entry.file_type().is_dir() || is_searched(entry))
}

/// The order of names among the entries of one directory: up to there, their paths are the same.
pub fn by_name(one: &DirEntry, other: &DirEntry) -> Ordering {
    one.path().as_os_str().cmp(other.path().as_os_str())
}

fn is_own(entry: &DirEntry, hidden: &[&str]) -> bool {
    let name = &*entry.file_name().to_string_lossy();
    let foreign = FOREIGN.contains(&name)
        || (name.starts_with('.') && !hidden.contains(&name))
        || ENVIRONMENT
            .map(|trace| entry.path().join(trace))
            .iter()
            .any(|path| path.exists())
        || FOREIGN_BY_TRACE
            .iter()
            .any(|(other, traces)| name == *other && has_trace(entry, traces));
    !foreign
}

fn has_trace(directory: &DirEntry, traces: &[&str]) -> bool {
    let entries = fs_err::read_dir(directory.path())
        .into_iter()
        .flatten()
        .flatten();
    entries.map(|entry| entry.file_name()).any(|name| {
        let name = name.to_string_lossy();
        traces
            .iter()
            .any(|trace| name == *trace || (trace.ends_with('.') && name.starts_with(trace)))
    })
}
