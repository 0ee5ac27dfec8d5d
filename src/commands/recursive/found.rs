//! Which projects lie below a directory: those that have a lock.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use ignore::{DirEntry, WalkBuilder};

use crate::alembic::config::find::in_directory;
use crate::links;
use crate::lockfile::LOCK_NAME;
use crate::place::slashed;
use crate::project::{Project, around};
use crate::repository::normal;
use crate::settings::Settings;

/// Files beside which a project's root may be.
const CONFIGURATIONS: [&str; 3] = ["alembic.ini", "pyproject.toml", "vendor-migrations.toml"];

/// What lies below a directory.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The roots of projects with a lock, each as the user would name it; and the directory of the lock, without links.
    pub(super) roots: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    /// By the directories of the locks, without links.
    pub(super) locks: BTreeMap<Utf8PathBuf, Place>,
    /// What could not be searched, and why.
    pub(super) unsearched: Vec<(String, String)>,
}

/// Where a lock is.
#[derive(Debug)]
pub(super) struct Place {
    /// As the user would name it.
    pub(super) directory: Utf8PathBuf,
    /// The root of the project around it.
    pub(super) root: Utf8PathBuf,
}

/// Searches the directory `base`, hidden directories and what git ignores passed over. `open` opens a project.
pub(super) fn found(base: &Utf8Path, open: &dyn Fn(&Utf8Path) -> Option<Project>) -> Found {
    let mut found = Found::default();
    let mut configured = BTreeSet::new();
    let walk = WalkBuilder::new(base)
        .follow_links(false)
        .ignore(false)
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let why = error
                    .io_error()
                    .map_or_else(|| error.to_string(), |error| error.kind().to_string());
                found.unsearched.push((place(base, &error), why));
                continue;
            }
        };
        let Some((directory, name)) = file(&entry) else {
            continue;
        };
        if name == LOCK_NAME {
            found.add_lock(directory);
        } else if CONFIGURATIONS.contains(&name) && is_root(directory) {
            configured.insert(root_of(directory));
        }
    }
    // Projects whose lock lies elsewhere: outside of the directory, or in a directory that another project has, too.
    for root in configured {
        let is_new = !found.roots.contains_key(&root);
        let project = is_new.then(|| open(&root)).flatten();
        let directory = project.map(|project| project.vendored());
        let with_lock = directory.filter(|directory| directory.join(LOCK_NAME).is_file());
        if let Some(real) = with_lock.and_then(|directory| links::real(directory).ok()) {
            found.roots.insert(root, real);
        }
    }
    found
}

impl Found {
    fn add_lock(&mut self, directory: &Utf8Path) {
        let root = root_of(directory);
        let leads_here = is_root(&root) || root == directory;
        let real = links::real(directory);
        let real = real.unwrap_or_else(|_| directory.to_owned());
        if leads_here {
            self.roots.insert(root.clone(), real.clone());
        }
        let directory = slashed(normal(directory)).into();
        self.locks.insert(real, Place { directory, root });
    }
}

fn file(entry: &DirEntry) -> Option<(&Utf8Path, &str)> {
    let is_file = entry.file_type().is_some_and(|kind| !kind.is_dir());
    let path = Utf8Path::from_path(entry.path()).filter(|_| is_file)?;
    let directory = path.parent().unwrap_or(Utf8Path::new(""));
    let directory = match directory.as_str() {
        "" => Utf8Path::new("."),
        _ => directory,
    };
    Some((directory, path.file_name()?))
}

fn is_root(directory: &Utf8Path) -> bool {
    Settings::are_in(directory) || in_directory(directory).is_some()
}

/// The root of the project that a directory belongs to.
fn root_of(directory: &Utf8Path) -> Utf8PathBuf {
    let root = match around(directory) {
        Some(above) => normal(&directory.join(above)),
        None => normal(directory),
    };
    match root.as_str() {
        "" => ".".into(),
        root => slashed(root).into(),
    }
}

fn place(base: &Utf8Path, error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { path, .. } => path.to_string_lossy().into_owned(),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            place(base, err)
        }
        _ => base.to_string(),
    }
}
