//! Searches the files of a project.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::DirEntry;

use super::kind::Kind;
use super::{Call, Does, Wanted, calls};
use crate::lockfile::LOCK_NAME;
use crate::python_source::shown_line;
use crate::read;
use crate::walk;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Sorted by file and line.
    pub found: Vec<Found>,
    pub passed_over: Vec<PassedOver>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Relative to the project, with `/`.
    pub file: Utf8PathBuf,
    /// The call's line, without the blanks around it. It is foreign text: escape it before it is shown.
    pub text: String,
    pub call: Call,
}

/// A file or directory that could not be searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Relative to the project; characters that are not UTF-8 are replaced.
    pub path: String,
    pub why: String,
}

/// In MiB. Files that people write commands in are smaller.
const LARGEST: u64 = 1;

/// A project with more files than this is searched no further.
const MOST_ENTRIES: usize = 200_000;

/// A repository around a project is searched no further than this; if it is searched once for many, no further than a project.
const MOST_AROUND: usize = 20_000;

/// Hidden directories that hold CI files and an editor's tasks; others hold caches.
const HIDDEN: [&str; 13] = [
    ".vscode",
    ".github",
    ".gitlab",
    ".circleci",
    ".devcontainer",
    ".buildkite",
    ".woodpecker",
    ".gitea",
    ".forgejo",
    ".azure",
    ".azuredevops",
    ".ci",
    ".docker",
];

/// Searches the project at `root`. Links are not followed. What is in a file that was read before, `known` tells.
pub fn search<'a>(
    root: &Utf8Path,
    wanted: Wanted,
    known: impl Fn(&str) -> Option<&'a [Found]>,
) -> Search {
    let mut search = Search::default();
    let mut entries = walk::entries(root, usize::MAX, &HIDDEN, None);
    search.read(root, entries.by_ref().take(MOST_ENTRIES), wanted, known);
    if entries.next().is_some() {
        let why = "the project has too many files; the rest was not searched";
        search.pass_over(".".to_owned(), why.to_owned());
    }
    search
}

/// What was found in a repository, around a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// The files are relative to the repository's root.
    pub found: Vec<Found>,
    /// Why not all was searched, if so.
    pub beyond: Option<String>,
}

type ByRepository = HashMap<Utf8PathBuf, Arc<OnceLock<Around>>>;

/// What lies around the projects of a run that works in many.
static SHARED: OnceLock<Mutex<ByRepository>> = OnceLock::new();

/// From now on, each repository is searched once for all projects in it.
pub fn share_around() {
    SHARED.get_or_init(Mutex::default);
}

/// Searches for upgrades around the project at `root`, in the repository at `top`. What cannot be read is passed over in silence, for it need
/// not be the project's; and so are directories of vendored migrations, which run no program.
pub fn search_around(root: &Utf8Path, top: &Utf8Path) -> Around {
    let Some(shared) = SHARED.get() else {
        return around(top, Some(root), MOST_AROUND);
    };
    let of_repository = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shared.entry(top.to_owned()).or_default())
    };
    // Who comes while another one searches waits for that.
    let all = of_repository.get_or_init(|| around(top, None, MOST_ENTRIES));
    let own = root.strip_prefix(top).unwrap_or(root);
    let found = all.found.iter();
    let found = found.filter(|found| !found.file.starts_with(own));
    Around {
        found: found.cloned().collect(),
        beyond: all.beyond.clone(),
    }
}

fn around(top: &Utf8Path, left_out: Option<&Utf8Path>, most: usize) -> Around {
    let wanted = Wanted {
        upgrades: true,
        procrastinate: false,
    };
    let mut search = Search::default();
    let mut vendored: Option<PathBuf> = None;
    let entries = walk::entries(top, usize::MAX, &HIDDEN, left_out);
    let mut entries = entries.filter(|entry| {
        let Ok(entry) = entry else { return true };
        let path = entry.path();
        let is_inside = vendored.as_ref().is_some_and(|one| path.starts_with(one));
        if !is_inside && entry.file_type().is_dir() && is_vendored(path) {
            vendored = Some(path.to_owned());
        }
        !is_inside
    });
    search.read(top, entries.by_ref().take(most), wanted, |_| None);
    let beyond = entries.next().is_some().then(|| {
        format!("the repository has more than {most} files around the project: the rest was not searched for calls of Alembic")
    });
    Around {
        found: search.found,
        beyond,
    }
}

/// Whether the migrations of a project are vendored in a directory. In place, the lock lies in the project's root.
fn is_vendored(directory: &Path) -> bool {
    let lock = read::bytes(directory.join(LOCK_NAME));
    let is_in_place = |lock: &str| lock.lines().any(|line| line == "mode = \"in-place\"");
    lock.is_ok_and(|lock| !is_in_place(&String::from_utf8_lossy(&lock)))
}

impl Search {
    fn read<'a>(
        &mut self,
        root: &Utf8Path,
        entries: impl Iterator<Item = Result<DirEntry, walkdir::Error>>,
        wanted: Wanted,
        known: impl Fn(&str) -> Option<&'a [Found]>,
    ) {
        for entry in entries {
            let path = match &entry {
                Ok(entry) if entry.file_type().is_dir() => continue,
                Ok(entry) => entry.path(),
                Err(error) => error.path().unwrap_or(root.as_std_path()),
            };
            let shown = path.strip_prefix(root).unwrap_or(path);
            let shown = shown.to_string_lossy().replace('\\', "/");
            if let Some(found) = known(&shown) {
                let found = found.iter().filter(|found| wanted.is(&found.call.does));
                self.take(&shown, found.cloned().collect());
                continue;
            }
            let text = entry
                .map_err(|error| io::Error::from(error).kind().to_string())
                .and_then(|entry| text(&entry, &shown));
            match text {
                Ok(Some(text)) => self.add(&shown, &text, wanted),
                Ok(None) => {}
                Err(why) => self.pass_over(shown, why),
            }
        }
    }

    fn pass_over(&mut self, path: String, why: String) {
        self.passed_over.push(PassedOver { path, why });
    }

    fn add(&mut self, file: &str, text: &str, wanted: Wanted) {
        self.take(file, found_in(file.into(), text, calls(file, text, wanted)));
    }

    fn take(&mut self, file: &str, found: Vec<Found>) {
        for found in found {
            match found.call.does {
                Does::Beyond(why) => self.pass_over(file.to_owned(), why.to_owned()),
                _ => self.found.push(found),
            }
        }
    }
}

/// The calls of all kinds in a file whose text is at hand.
pub fn calls_in(file: &Utf8Path, text: &str) -> Vec<Found> {
    found_in(file, text, calls(file.as_str(), text, Wanted::ALL))
}

/// The calls of a file with their lines.
pub(in crate::alembic) fn found_in(file: &Utf8Path, text: &str, calls: Vec<Call>) -> Vec<Found> {
    if calls.is_empty() {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let found = |call: Call| Found {
        file: file.to_owned(),
        text: lines
            .get(call.line - 1)
            .map_or_else(String::new, |line| shown_line(line)),
        call,
    };
    calls.into_iter().map(found).collect()
}

/// The text of a file that may hold commands; none for other files and for directories. The error says why it cannot be read.
fn text(entry: &DirEntry, shown: &str) -> Result<Option<String>, String> {
    let kind = entry.file_type();
    let by_name = Kind::of(shown).is_some();
    let may_be_script = kind.is_file() && Kind::is_told_by_first_line(shown);
    if kind.is_dir() || !(by_name || may_be_script) {
        return Ok(None);
    }
    if !kind.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    if entry.path().to_str().is_none() {
        return Err("its name is not UTF-8".to_owned());
    }
    let why = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => format!("it is larger than {LARGEST} MiB"),
        kind => kind.to_string(),
    };
    if !by_name && !begins_as_script(entry.path()).map_err(why)? {
        return Ok(None);
    }
    let bytes = read::listed_up_to(LARGEST, entry.path()).map_err(why)?;
    let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
    Ok(Some(String::from_utf8(bytes).unwrap_or_else(lossy)))
}

fn begins_as_script(path: &Path) -> io::Result<bool> {
    let mut start = Vec::with_capacity(2);
    read::open(path)?.take(2).read_to_end(&mut start)?;
    Ok(start == b"#!")
}
