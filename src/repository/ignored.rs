//! Which files git does not take into the repository. git itself is not run, for `check` starts no process.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use gix_ignore::Search;
use gix_ignore::glob::pattern::Case;

use crate::links;
use crate::place::slashed;
use crate::read;

/// A line that ignores files which are not in the repository yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// `.gitignore` or `.git/info/exclude`; absolute.
    pub file: Utf8PathBuf,
    pub line: usize,
    pub pattern: String,
    /// What the pattern itself matches: the file, or a directory above. Relative to what the patterns of `file` are.
    pub matched: Utf8PathBuf,
    pub is_directory: bool,
}

/// The patterns that count in a directory.
pub struct Patterns {
    root: Utf8PathBuf,
    search: Search,
}

impl Patterns {
    /// None where there is no repository around `directory`.
    pub fn around(directory: &Utf8Path) -> Option<Self> {
        let directory = links::real(directory).ok()?;
        let root = super::root(&directory)?.to_owned();
        let git = Git::of(&root)?;
        let mut patterns = Self {
            root,
            search: Search::default(),
        };
        patterns.add(git.shared.join("info/exclude"), false)?;
        // Those of inner directories count first.
        let inside = |path: &&Utf8Path| path.starts_with(&patterns.root);
        let mut directories: Vec<&Utf8Path> = directory.ancestors().filter(inside).collect();
        directories.reverse();
        for directory in directories {
            patterns.add(directory.join(".gitignore"), true)?;
        }
        Some(patterns)
    }

    /// Adds the patterns of a file, which may be relative to its directory. A file that is not there ignores nothing.
    fn add(&mut self, file: Utf8PathBuf, is_inside: bool) -> Option<()> {
        let bytes = patterns_in(&file);
        let base = is_inside.then(|| self.root.as_std_path());
        let added = self
            .search
            .add_patterns_buffer(&bytes, file, base, Default::default());
        added.ok()
    }

    /// Whether git passes over a directory, which is absolute and without links. If not, its own patterns count from then on.
    pub fn pass_over(&mut self, directory: &Utf8Path) -> bool {
        let Ok(path) = directory.strip_prefix(&self.root) else {
            return false;
        };
        let passes_over = self.matched(path, true).is_some();
        if !passes_over {
            self.add(directory.join(".gitignore"), true);
        }
        passes_over
    }

    /// Whether git passes over a directory, or one above it. Both are absolute and without links.
    pub fn ignores(repository: &Utf8Path, directory: &Utf8Path) -> bool {
        let Some(mut patterns) = Self::around(repository) else {
            return false;
        };
        let above = directory.ancestors();
        let mut inside: Vec<&Utf8Path> = above.take_while(|above| *above != repository).collect();
        inside.reverse();
        inside.into_iter().any(|above| patterns.pass_over(above))
    }

    /// The pattern for the path itself, unless that takes it back.
    fn matched(&self, path: &Utf8Path, is_directory: bool) -> Option<Ignored> {
        let of_git = slashed(path.as_str());
        let found = self.search.pattern_matching_relative_path(
            of_git.as_str().into(),
            Some(is_directory),
            Case::Sensitive,
        )?;
        let file = Utf8Path::from_path(found.source?)?;
        // What is in `.git/info/exclude` is relative to the repository.
        let base = file.parent()?.strip_prefix(&self.root).ok();
        let matched = base.and_then(|base| path.strip_prefix(base).ok());
        (!found.pattern.is_negative()).then(|| Ignored {
            file: file.to_owned(),
            line: found.sequence_number,
            pattern: found.pattern.to_string(),
            matched: matched.unwrap_or(path).to_owned(),
            is_directory,
        })
    }
}

/// What git does not take into a repository.
pub struct Ignores {
    patterns: Patterns,
    git: Git,
}

impl Ignores {
    /// None where there is no repository around `directory`.
    pub fn around(directory: &Utf8Path) -> Option<Self> {
        let patterns = Patterns::around(directory)?;
        let git = Git::of(&patterns.root)?;
        Some(Self { patterns, git })
    }

    /// Why git does not take a file, if so; none if the repository has it, for then git keeps it all the same, or if its index is one that is
    /// not read.
    pub fn of(&self, file: &Utf8Path) -> Option<Ignored> {
        let file = file.strip_prefix(&self.patterns.root).ok()?;
        let mut above: Vec<&Utf8Path> = file.ancestors().collect();
        above.pop();
        // Below a directory that is ignored nothing is taken back.
        let mut down = above.into_iter().rev();
        let found = down.find_map(|path| self.patterns.matched(path, path != file))?;
        // Few are ignored, so the index is seldom needed.
        let index = index_of(&self.git.own)?;
        (!is_tracked(&index, file)).then_some(found)
    }
}

/// An entry of the index ends with the length of its path, the path and a zero.
fn is_tracked(index: &[u8], file: &Utf8Path) -> bool {
    let path = slashed(file.as_str());
    let path = path.as_bytes();
    let length = u16::try_from(path.len()).unwrap_or(u16::MAX).min(0xFFF);
    let mut entries = index.windows(path.len() + 3);
    entries.any(|entry| {
        let flags = u16::from_be_bytes([entry[0], entry[1]]);
        entry[2..].strip_suffix(&[0]) == Some(path) && flags & 0xFFF == length
    })
}

/// A pattern with more `**` is left out: each doubles the work, and no pattern has more than two or three.
const MOST_WILD: usize = 10;

thread_local! {
    /// The patterns that were read: several searches of a run come by the same files.
    static PATTERNS: RefCell<HashMap<Utf8PathBuf, Rc<[u8]>>> = RefCell::default();
    static INDEXES: RefCell<HashMap<Utf8PathBuf, Option<Rc<[u8]>>>> = RefCell::default();
    static GITS: RefCell<HashMap<Utf8PathBuf, Option<Git>>> = RefCell::default();
}

/// The patterns in a file, line by line; empty if it cannot be read.
fn patterns_in(file: &Utf8Path) -> Rc<[u8]> {
    let known = PATTERNS.with_borrow(|patterns| patterns.get(file).cloned());
    known.unwrap_or_else(|| {
        let read: Rc<[u8]> = read_patterns(file).into();
        PATTERNS.with_borrow_mut(|patterns| patterns.insert(file.to_owned(), Rc::clone(&read)));
        read
    })
}

fn read_patterns(file: &Utf8Path) -> Vec<u8> {
    let bytes = read::bytes(file).unwrap_or_default();
    let is_wild = |line: &[u8]| line.windows(2).filter(|pair| pair == b"**").count() > MOST_WILD;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let kept = lines.map(|line| {
        if is_wild(line) {
            b"\n".as_slice()
        } else {
            line
        }
    });
    kept.collect::<Vec<_>>().concat()
}

/// In MiB: that of some 500,000 files.
const LARGEST_INDEX: u64 = 64;

/// The same as [`index`], which is read once.
fn index_of(git: &Utf8Path) -> Option<Rc<[u8]>> {
    if let Some(known) = INDEXES.with_borrow(|indexes| indexes.get(git).cloned()) {
        return known;
    }
    let read = index(git).map(Rc::from);
    INDEXES.with_borrow_mut(|indexes| indexes.insert(git.to_owned(), read.clone()));
    read
}

/// The index, empty if there is none yet. None if it does not hold all paths in full: version 3 has entries of another form, version 4
/// shortens paths, and a split index has them in another file.
fn index(git: &Utf8Path) -> Option<Vec<u8>> {
    let Ok(index) = read::bytes_up_to(LARGEST_INDEX, git.join("index")) else {
        return Some(Vec::new());
    };
    let mut files = git.read_dir_utf8().ok()?.flatten();
    let is_split = files.any(|file| file.file_name().starts_with("sharedindex."));
    let is_plain = index.get(4..8) == Some(&[0, 0, 0, 2]);
    (is_plain && !is_split).then_some(index)
}

/// Where git keeps what it knows of a working tree.
#[derive(Clone)]
struct Git {
    /// The tree's own. In a worktree and in a submodule, `.git` is a file that names it.
    own: Utf8PathBuf,
    /// What all worktrees of a repository share.
    shared: Utf8PathBuf,
}

impl Git {
    fn of(root: &Utf8Path) -> Option<Self> {
        let known = GITS.with_borrow(|gits| gits.get(root).cloned());
        known.unwrap_or_else(|| {
            let found = Self::look(root);
            GITS.with_borrow_mut(|gits| gits.insert(root.to_owned(), found.clone()));
            found
        })
    }

    fn look(root: &Utf8Path) -> Option<Self> {
        let git = root.join(".git");
        let own = match git.is_dir() {
            true => git,
            false => {
                let text = read::text(&git).ok()?;
                root.join(text.strip_prefix("gitdir:")?.trim())
            }
        };
        let common = read::text(own.join("commondir"));
        let shared = common.map_or_else(|_| own.clone(), |shared| own.join(shared.trim_end()));
        Some(Self { own, shared })
    }
}
