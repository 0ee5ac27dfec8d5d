//! Finds and reads the lock files of a project: in its root or, in a workspace, above it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use super::marker::{Pythons, can_hold};
use super::requirements::{self, Include};
use super::text::{BadLock, few, few_files, utf8};
use super::{Contents, Pin, Wants, conda, pipfile_lock, toml_lock};
use crate::links;
use crate::place::Line;
use crate::read;
use crate::repository;

/// All that a project's lock files say of the package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    /// The releases that they name, in the order of files and lines.
    pub pins: Vec<Pin>,
    /// What names no release, where no file does.
    pub ranges: Vec<(Line, String)>,
    /// What could not be read, and what is taken from somewhere else than an index.
    pub notes: Vec<String>,
}

impl Pins {
    /// Those that can be for one of the project's Pythons.
    pub fn counting(&self) -> impl Iterator<Item = &Pin> {
        self.pins.iter().filter(|pin| pin.counts)
    }

    /// The releases, each once, the oldest first.
    pub fn releases(&self) -> Vec<&Version> {
        let releases: BTreeSet<&Version> = self.counting().map(|pin| &pin.release).collect();
        releases.into_iter().collect()
    }

    /// The newest release, and where it stands first.
    pub fn newest(&self) -> Option<&Pin> {
        let newest = *self.releases().last()?;
        self.counting().find(|pin| pin.release == *newest)
    }
}

/// Reads the lock files of the project at `root`: first those beside a configuration in the directory `below` and above it, then those in
/// the root. Where these name no release, and the project lies in a repository, those of the directories above it are read, up to the
/// repository's root.
pub fn find(root: &Utf8Path, below: &Utf8Path, pythons: &Pythons) -> Pins {
    let mut search = Search {
        pythons: pythons.clone(),
        ..Search::default()
    };
    let root = match links::real(root) {
        Ok(root) => root,
        Err(error) => {
            let text = format!("lock files were not looked for: {error}");
            search.pins.notes.push(text);
            return search.pins;
        }
    };
    let inside = below
        .ancestors()
        .filter(|directory| !directory.as_str().is_empty())
        .map(|directory| (root.join(directory), format!("{directory}/")));
    let top = repository::root(&root).unwrap_or(&root);
    let above = root
        .ancestors()
        .take_while(|directory| directory.starts_with(top))
        .enumerate()
        .map(|(height, directory)| (directory.to_owned(), "../".repeat(height)));
    for (directory, prefix) in inside.chain(above) {
        search.directory(&directory, &prefix);
        if search.elsewhere || !search.pins.pins.is_empty() {
            break;
        }
    }
    if !search.pins.pins.is_empty() {
        search.pins.ranges.clear();
    }
    // Pins that are all for other Pythons are the only ones there are.
    if search.pins.counting().next().is_none() {
        search
            .pins
            .pins
            .iter_mut()
            .for_each(|pin| pin.counts = true);
    }
    search.pins
}

/// Whether the file at this path, relative to a project, is looked at wherever it is there. What a requirements file includes
/// may have any other name.
pub fn is_read(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_below = path
        .parent()
        .is_some_and(|parent| parent.file_name() == Some(REQUIREMENTS));
    parser(name).is_some() || is_requirements(name) || (is_below && is_text(name))
}

/// The names of the files that are looked for, for people. What a requirements file names with `-r` or `-c` is read, too.
pub const FILES: &str = "uv.lock, poetry.lock, pdm.lock, pylock.toml, pylock.NAME.toml, Pipfile.lock, pixi.lock, conda-lock.yml, \
                         environment.yml, requirements*.txt, requirements*.in, requirements/*.txt and requirements/*.in";

/// A directory of requirements files with any name.
const REQUIREMENTS: &str = "requirements";

type Parser = fn(&str) -> Result<Contents, BadLock>;

/// The parser of a lock file, by its name.
fn parser(name: &str) -> Option<Parser> {
    match name {
        "uv.lock" => Some(toml_lock::uv),
        "poetry.lock" => Some(toml_lock::poetry),
        "pdm.lock" => Some(toml_lock::pdm),
        "Pipfile.lock" => Some(pipfile_lock::read),
        "pylock.toml" => Some(toml_lock::pylock),
        "pixi.lock" => Some(conda::pixi),
        "conda-lock.yml" => Some(conda::conda_lock),
        "environment.yml" | "environment.yaml" => Some(conda::environment),
        _ => {
            let middle = name.strip_prefix("pylock.")?.strip_suffix(".toml")?;
            (!middle.is_empty() && !middle.contains('.')).then_some(toml_lock::pylock as Parser)
        }
    }
}

#[derive(Default)]
struct Search {
    pins: Pins,
    pythons: Pythons,
    /// Whether a file takes the package from somewhere else than an index.
    elsewhere: bool,
    /// Requirements files that were read: they may include each other.
    seen: BTreeSet<Utf8PathBuf>,
}

impl Search {
    fn directory(&mut self, directory: &Utf8Path, prefix: &str) {
        let is_wanted = |name: &str| parser(name).is_some() || is_requirements(name);
        for name in self.names(directory, prefix, &is_wanted) {
            let path = directory.join(&name);
            let shown = format!("{prefix}{name}");
            if let Some(parser) = parser(&name) {
                self.contents(&shown, contents_of(&path, parser));
            } else if is_requirements(&name) {
                self.requirements(path, shown);
            }
        }
        let below = directory.join(REQUIREMENTS);
        let inner = format!("{prefix}{REQUIREMENTS}");
        for name in self.names(&below, &inner, &is_text) {
            let shown = format!("{inner}/{name}");
            self.requirements(below.join(name), shown);
        }
    }

    /// The wanted names in a directory, sorted; none if there is no such directory.
    fn names(
        &mut self,
        directory: &Utf8Path,
        shown: &str,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Vec<String> {
        match names_in(directory) {
            Ok(names) => {
                let names = names.iter().filter(|name| is_wanted(name));
                names.cloned().collect()
            }
            Err(error) => {
                if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
                    let shown = if shown.is_empty() { "." } else { shown };
                    let text = format!(
                        "lock files in `{shown}` were not looked for: {}",
                        error.kind()
                    );
                    self.pins.notes.push(text);
                }
                Vec::new()
            }
        }
    }

    /// Reads a requirements file and what it includes, however long the chain of includes is.
    fn requirements(&mut self, path: Utf8PathBuf, shown: String) {
        let mut waiting = vec![(path, shown)];
        while let Some((path, shown)) = waiting.pop() {
            let real = links::real(&path).unwrap_or_else(|_| path.clone());
            if !self.seen.insert(real) {
                continue;
            }
            let read = bytes(&path)
                .and_then(|bytes| requirements::decoded(&bytes))
                .map(|text| requirements::read(&text));
            let read = read.and_then(|found| {
                few(&found.contents.entries)?;
                few_files(&found.includes)?;
                Ok(found)
            });
            match read {
                Ok(found) => {
                    self.contents(&shown, Ok(found.contents));
                    for include in found.includes.iter().rev() {
                        waiting.extend(self.include(&path, &shown, include));
                    }
                }
                Err(error) => self.contents(&shown, Err(error)),
            }
        }
    }

    /// The file that is included, and how it is shown.
    fn include(
        &mut self,
        from: &Utf8Path,
        shown: &str,
        include: &Include,
    ) -> Option<(Utf8PathBuf, String)> {
        let Include { line, target } = include;
        if target.contains("://") || target.contains("${") {
            let text = format!("{shown}:{line} includes `{target}`, which was not read");
            self.pins.notes.push(text);
            return None;
        }
        let beside = |path: &Utf8Path| path.parent().unwrap_or(Utf8Path::new("")).join(target);
        let named = repository::normal(&beside(Utf8Path::new(shown)));
        Some((beside(from), named.to_string()))
    }

    /// Takes over what one file says.
    fn contents(&mut self, file: &str, read: Result<Contents, BadLock>) {
        let contents = match read {
            Ok(contents) => contents,
            Err(error) => {
                let text = format!("`{file}` cannot be used, and is ignored: {error}");
                self.pins.notes.push(text);
                return;
            }
        };
        if let Some(note) = contents.note.filter(|_| !contents.entries.is_empty()) {
            self.pins.notes.push(format!("`{file}`: {note}"));
        }
        for entry in contents.entries {
            let place = Line::new(file, entry.line);
            match entry.wants {
                Wants::Release(release) => self.pins.pins.push(Pin {
                    place,
                    release,
                    counts: can_hold(
                        &self.pythons,
                        entry.marker.as_deref(),
                        contents.requires_python.as_deref(),
                    ),
                    marker: entry.marker,
                }),
                Wants::Range(range) => self.pins.ranges.push((place, range)),
                Wants::Source(source) => {
                    self.elsewhere = true;
                    let text = format!(
                        "{place} does not take Procrastinate from a package index ({source}); it is not known which \
                         release that is, and what it ships"
                    );
                    self.pins.notes.push(text);
                }
            }
        }
    }
}

fn is_requirements(name: &str) -> bool {
    name.starts_with(REQUIREMENTS) && is_text(name)
}

/// What pip reads, or pip-tools and `uv pip compile`.
fn is_text(name: &str) -> bool {
    name.ends_with(".txt") || name.ends_with(".in")
}

/// Whether what was read is kept: a run works in many projects.
static IS_SHARED: AtomicBool = AtomicBool::new(false);

/// From now on, each directory and each lock file is read once in each thread: the projects of a workspace share those above them.
pub fn share() {
    IS_SHARED.store(true, Ordering::Relaxed);
}

thread_local! {
    /// What directories and lock files hold, by absolute paths.
    static NAMES: RefCell<HashMap<Utf8PathBuf, Rc<[String]>>> = RefCell::default();
    static CONTENTS: RefCell<HashMap<Utf8PathBuf, Result<Contents, BadLock>>> = RefCell::default();
}

/// All names in a directory, sorted.
fn names_in(directory: &Utf8Path) -> io::Result<Rc<[String]>> {
    if let Some(known) = NAMES.with_borrow(|names| names.get(directory).cloned()) {
        return Ok(known);
    }
    let entries = directory.read_dir_utf8()?.flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_owned()).collect();
    names.sort_unstable();
    let names: Rc<[String]> = names.into();
    if IS_SHARED.load(Ordering::Relaxed) {
        NAMES.with_borrow_mut(|known| known.insert(directory.to_owned(), Rc::clone(&names)));
    }
    Ok(names)
}

fn contents_of(path: &Utf8Path, parser: Parser) -> Result<Contents, BadLock> {
    if let Some(known) = CONTENTS.with_borrow(|contents| contents.get(path).cloned()) {
        return known;
    }
    let read = bytes(path).and_then(|bytes| parser(utf8(&bytes)?));
    if IS_SHARED.load(Ordering::Relaxed) {
        CONTENTS.with_borrow_mut(|contents| contents.insert(path.to_owned(), read.clone()));
    }
    read
}

fn bytes(path: &Utf8Path) -> Result<Vec<u8>, BadLock> {
    read::bytes(path).map_err(|error| match error.kind() {
        // These say what is wrong with it.
        ErrorKind::InvalidInput | ErrorKind::IsADirectory | ErrorKind::FileTooLarge => {
            BadLock::Io(error.to_string())
        }
        kind => BadLock::Io(kind.to_string()),
    })
}
