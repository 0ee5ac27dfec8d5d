//! Where the directory of a `package:path` location is, by the rules of Python's imports, without running Python.

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::evaluate::Entry;
use crate::environment::Environments;
use crate::environment::distribution::sites_with;
use crate::environment::editable::{Editable, path_file_entries, source_tree};
use crate::place::Line;
use crate::procrastinate::{PACKAGE, REVISIONS};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// As it is written, interpolated.
    pub written: String,
    /// Where it is written; none for one that no file names.
    pub place: Option<Line>,
    /// Whether it is written `package:path`.
    pub package: bool,
    /// The directory: absolute, without `.` and `..`. It need not exist.
    pub resolved: Result<Utf8PathBuf, Unresolved>,
}

impl Location {
    /// A directory that no file names.
    pub(super) fn unnamed(shown: &Utf8Path, directory: &Utf8Path) -> Self {
        Self {
            written: shown.to_string(),
            place: None,
            package: false,
            resolved: Ok(directory.to_owned()),
        }
    }

    pub(super) fn directory(&self) -> Option<&Utf8PathBuf> {
        self.resolved.as_ref().ok()
    }

    /// Whether it is the one in an installed Procrastinate.
    pub fn is_upstreams(&self) -> bool {
        let package = self.written.split_once(':').map(|(package, _)| package);
        let by_name =
            self.package && package.is_some_and(|name| name.split('.').next() == Some(PACKAGE));
        let is_shipped = |path: &Utf8PathBuf| REVISIONS.iter().any(|end| path.ends_with(end));
        by_name || self.resolved.as_ref().is_ok_and(is_shipped)
    }
}

/// Why a location cannot be told from the files. Alembic may still find it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    #[error("the package `{0}` is not in the project, nor in its environment")]
    NoPackage(String),
    #[error("`{0}` is a module, not a package")]
    Module(String),
    #[error("`{0}` is not the name of a package")]
    BadName(String),
}

/// Where packages are looked for, in Python's order.
#[derive(Debug, Clone, Default)]
pub struct SearchPath {
    directories: Vec<Utf8PathBuf>,
    sites: Vec<Utf8PathBuf>,
}

/// Alembic has imported these before it reads its configuration, so the project's directories cannot hide them.
const IMPORTED: [&str; 3] = ["alembic", "sqlalchemy", "mako"];

impl SearchPath {
    /// That of an `alembic` which is run in `working_directory`: what is prepended, this directory, the installed packages, what
    /// `.pth` files and editable installations add, and at last `src`.
    pub(super) fn find(
        working_directory: &Utf8Path,
        prepended: &[String],
        environments: &Environments,
    ) -> io::Result<Self> {
        let sites = sites_with(environments, "alembic")?;
        let prepended = prepended
            .iter()
            .map(|entry| normal(working_directory, entry));
        let mut directories: Vec<Utf8PathBuf> = prepended.collect();
        directories.push(working_directory.to_owned());
        directories.extend(sites.iter().cloned());
        for site in &sites {
            directories.extend(added(site)?);
        }
        directories.push(working_directory.join("src"));
        let mut seen = BTreeSet::new();
        directories.retain(|directory| seen.insert(directory.clone()));
        Ok(Self { directories, sites })
    }

    /// Resolves a location as `coerce_resource_to_filename` does.
    pub(super) fn locate(&self, working_directory: &Utf8Path, entry: &Entry) -> Location {
        let written = &entry.written;
        let package = split(written);
        Location {
            written: written.clone(),
            place: Some(entry.place.clone()),
            package: package.is_some(),
            resolved: match package {
                None => Ok(normal(working_directory, written)),
                Some((package, path)) => self.inside(package, &path.replace(':', "/")),
            },
        }
    }

    /// The directory `path` in `package`.
    pub(super) fn inside(&self, package: &str, path: &str) -> Result<Utf8PathBuf, Unresolved> {
        let directories = self.package(package)?;
        // A namespace package is the union of its directories.
        let found = directories.iter().find(|d| d.join(path).exists());
        found
            .or(directories.first())
            .map(|directory| normal(directory, path))
            .ok_or_else(|| Unresolved::NoPackage(package.to_owned()))
    }

    /// The directories of a package: one, or several for a namespace package.
    fn package(&self, package: &str) -> Result<Vec<Utf8PathBuf>, Unresolved> {
        let mut directories = self.directories.clone();
        for (index, name) in package.split('.').enumerate() {
            if name.is_empty() || name.contains(['/', '\\']) {
                return Err(Unresolved::BadName(package.to_owned()));
            }
            if index == 0 && IMPORTED.contains(&name) && !self.sites.is_empty() {
                directories.clone_from(&self.sites);
            }
            let mut portions = Vec::new();
            let mut regular = None;
            for directory in &directories {
                let candidate = directory.join(name);
                if candidate.join("__init__.py").is_file() {
                    regular = Some(candidate);
                    break;
                }
                if directory.join(format!("{name}.py")).is_file() {
                    return Err(Unresolved::Module(package.to_owned()));
                }
                if candidate.is_dir() {
                    portions.push(candidate);
                }
            }
            directories = regular.map_or(portions, |directory| vec![directory]);
            if directories.is_empty() {
                return Err(Unresolved::NoPackage(package.to_owned()));
            }
        }
        Ok(directories)
    }
}

/// What `.pth` files and editable installations in `site` put on the path.
fn added(site: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut added = path_file_entries(site)?;
    for entry in fs_err::read_dir(site)? {
        let Ok(path) = Utf8PathBuf::from_path_buf(entry?.path()) else {
            continue;
        };
        if path.extension() == Some("dist-info")
            && let Editable::From { directory, .. } = source_tree(&path)?
        {
            let trees = directory.into_iter();
            added.extend(trees.flat_map(|directory| [directory.join("src"), directory]));
        }
    }
    Ok(added.iter().map(|path| normal(path, "")).collect())
}

/// The package and the path of a `package:path` location.
pub(super) fn split(written: &str) -> Option<(&str, &str)> {
    let parts = written.split_once(':');
    parts.filter(|_| !Utf8Path::new(written).is_absolute())
}

/// `path` below `base`, without `.` and `..`, as far as the text tells.
pub fn normal(base: &Utf8Path, path: impl AsRef<Utf8Path>) -> Utf8PathBuf {
    let mut result = Utf8PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                result.pop();
            }
            other => result.push(other.as_str()),
        }
    }
    result
}
