//! Looks through a project's files.

use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::{DirEntry, WalkDir};

use super::kind::Kind;
use super::{Invocation, invocations};
use crate::progress::Activity;

/// What was found in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Sorted by file and line.
    pub found: Vec<Found>,
    /// What could not be looked at.
    pub passed_over: Vec<PassedOver>,
}

/// A call in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Relative to the project, with `/`.
    pub file: Utf8PathBuf,
    pub invocation: Invocation,
}

/// A file or directory that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Relative to the project; characters that are not UTF-8 are replaced.
    pub path: String,
    pub why: String,
}

/// No file with commands that people wrote is larger.
const LARGEST: u64 = 1 << 20;

/// A project with more files than this is searched no further.
const MOST_ENTRIES: usize = 200_000;

/// Directories whose files are somebody else's, or made.
const NOT_ENTERED: [&str; 9] = [
    "venv",
    "node_modules",
    "target",
    "__pycache__",
    "site-packages",
    "__pypackages__",
    "bower_components",
    "vendor",
    "dist",
];

/// Hidden directories that hold CI files; others hold caches.
const HIDDEN: [&str; 12] = [
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

/// Looks through the project at `root`. Links are not followed.
pub fn search(root: &Utf8Path) -> Search {
    let _activity = Activity::begin("Looking for calls of `alembic upgrade`");
    let mut search = Search::default();
    let walk = WalkDir::new(root).min_depth(1).sort_by_file_name();
    let entries = walk.into_iter().filter_entry(is_entered);
    for (number, entry) in entries.enumerate() {
        if number == MOST_ENTRIES {
            search.pass_over(
                ".",
                "the project has too many files; the rest was not searched",
            );
            break;
        }
        match entry {
            Ok(entry) => search.entry(root, &entry),
            Err(error) => {
                let path = error.path().unwrap_or(root.as_std_path());
                let shown = relative(root, path).to_string_lossy().into_owned();
                search.pass_over(&shown, &io::Error::from(error).kind().to_string());
            }
        }
    }
    search
}

fn relative<'a>(root: &Utf8Path, path: &'a std::path::Path) -> &'a std::path::Path {
    path.strip_prefix(root).unwrap_or(path)
}

fn is_entered(entry: &DirEntry) -> bool {
    if !entry.file_type().is_dir() {
        return true;
    }
    let name = entry.file_name().to_string_lossy();
    let hidden = name.starts_with('.') && !HIDDEN.contains(&&*name);
    !(hidden || NOT_ENTERED.contains(&&*name) || entry.path().join("pyvenv.cfg").exists())
}

impl Search {
    fn pass_over(&mut self, path: &str, why: &str) {
        self.passed_over.push(PassedOver {
            path: path.to_owned(),
            why: why.to_owned(),
        });
    }

    fn entry(&mut self, root: &Utf8Path, entry: &DirEntry) {
        let kind = entry.file_type();
        if kind.is_dir() {
            return;
        }
        let shown = relative(root, entry.path())
            .to_string_lossy()
            .replace('\\', "/");
        let by_name = Kind::of(&shown).is_some();
        let may_be_script = kind.is_file() && Kind::is_told_by_first_line(&shown);
        if !by_name && !may_be_script {
            return;
        }
        if !kind.is_file() {
            self.pass_over(&shown, "it is not a regular file");
            return;
        }
        let path = match Utf8Path::from_path(entry.path()) {
            Some(path) => path,
            None => return self.pass_over(&shown, "its name is not UTF-8"),
        };
        match read(path, by_name) {
            Ok(Some(text)) => {
                let found = invocations(&shown, &text).into_iter();
                self.found.extend(found.map(|invocation| Found {
                    file: shown.clone().into(),
                    invocation,
                }));
            }
            Ok(None) => {}
            Err(why) => self.pass_over(&shown, &why),
        }
    }
}

/// The file's text. None if it is not a script, where only its first line tells.
fn read(path: &Utf8Path, by_name: bool) -> Result<Option<String>, String> {
    let why = |error: io::Error| error.kind().to_string();
    let mut file = fs_err::File::open(path).map_err(why)?;
    let mut bytes = Vec::new();
    if !by_name {
        (&mut file).take(2).read_to_end(&mut bytes).map_err(why)?;
        if bytes != b"#!" {
            return Ok(None);
        }
    }
    if file.metadata().map_err(why)?.len() > LARGEST {
        return Err("it is larger than 1 MiB".to_owned());
    }
    file.take(LARGEST).read_to_end(&mut bytes).map_err(why)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
