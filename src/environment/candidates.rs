//! The places where a project's environment may be, in the documented order (docs/reference.md).

use std::convert::Infallible;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::interpreter::prefix_of;
use super::site_packages::libraries;
use super::text_file::named_by;
use super::{Environments, Packages, if_there, is_environment};

use crate::links;
use crate::read;

/// A place where an environment may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub place: String,
    found: Found,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Found {
    /// An environment's prefix. It need not exist.
    Prefix(Utf8PathBuf),
    /// An interpreter that a file names.
    Interpreter(Utf8PathBuf),
    /// A directory of packages, without an environment around it.
    Library(Utf8PathBuf),
    /// Why there is none.
    Nothing(String),
}

impl Candidate {
    pub(super) fn new(place: impl Into<String>, found: Found) -> Self {
        let place = place.into();
        Self { place, found }
    }
}

impl Environments {
    /// All places but `python3` on the PATH, the first that counts first. Of those that are seldom used only the ones that are there.
    /// A place is looked at when its turn comes.
    pub fn candidates(&self) -> impl Iterator<Item = io::Result<Candidate>> {
        let directories = self.directories();
        let inside = directories.clone().into_iter();
        let inside =
            inside.flat_map(|(directory, shown)| each(self.in_directory(&directory, &shown)));
        let elsewhere = directories
            .into_iter()
            .flat_map(|(directory, shown)| self.elsewhere(&directory, &shown))
            .map(Ok);
        let variables = ["VIRTUAL_ENV", "CONDA_PREFIX"];
        let active = variables.into_iter().map(|name| self.in_variable(name));
        let look = || Ok::<_, Infallible>(self.of_this_program());
        let own = move || self.once(|seen| &mut seen.of_this_program, &(), look);
        let own = std::iter::once_with(own).filter_map(|Ok(own)| own);
        let first = self.of_uv().into_iter().map(Ok);
        let last = active.chain(own).map(Ok);
        first.chain(inside).chain(elsewhere).chain(last)
    }

    /// The packages of a candidate, or why it has none that count.
    pub fn packages(&self, candidate: &Candidate) -> io::Result<Result<Packages, String>> {
        let look = || match &candidate.found {
            Found::Prefix(prefix) => self.usable(prefix),
            Found::Interpreter(python) => self.packages_of(python),
            Found::Library(library) => Ok(Ok(Packages {
                prefix: library.clone(),
                sites: vec![vec![library.clone()]],
            })),
            Found::Nothing(why) => Ok(Err(why.clone())),
        };
        let key = (self.project.clone(), candidate.found.clone());
        self.once(|seen| &mut seen.packages, &key, look)
    }

    /// `UV_PROJECT_ENVIRONMENT`, relative to the directory of `uv.lock`.
    fn of_uv(&self) -> Option<Candidate> {
        const NAME: &str = "UV_PROJECT_ENVIRONMENT";
        let value = self.variable(NAME)?;
        let mut directories = self
            .directories()
            .into_iter()
            .map(|(directory, _)| directory);
        let workspace = directories.find(|directory| directory.join("uv.lock").is_file());
        let prefix = workspace
            .unwrap_or_else(|| self.project.clone())
            .join(&value);
        Some(Candidate::new(
            format!("{NAME} ({value})"),
            Found::Prefix(prefix),
        ))
    }

    /// What lies in a directory, `shown` before each name. Above the project, and of the rarer names, only what is there.
    fn in_directory(&self, directory: &Utf8Path, shown: &str) -> io::Result<Vec<Candidate>> {
        let look = || self.look_in(directory, shown);
        let key = (directory.to_owned(), shown.to_owned());
        self.once(|seen| &mut seen.inside, &key, look)
    }

    fn look_in(&self, directory: &Utf8Path, shown: &str) -> io::Result<Vec<Candidate>> {
        const ALWAYS: [&str; 2] = [".venv", "venv"];
        let mut found = Vec::from_iter(of_pdm(directory, shown)?);
        for name in ALWAYS {
            let path = directory.join(name);
            let place = format!("{shown}{name}");
            if path.is_file() {
                found.push(Candidate::new(place, named_by(&path, self)?));
            } else if shown.is_empty() || path.exists() {
                found.push(Candidate::new(place, Found::Prefix(path)));
            }
        }
        let others = ["env", ".pixi/envs/default"];
        let others = others.map(|name| (format!("{shown}{name}"), directory.join(name)));
        let others = others
            .into_iter()
            .filter(|(_, prefix)| is_environment(prefix));
        found.extend(others.map(|(place, prefix)| Candidate::new(place, Found::Prefix(prefix))));
        found.extend(local_packages(directory, shown, None));
        Ok(found)
    }

    fn elsewhere(&self, directory: &Utf8Path, shown: &str) -> Vec<Candidate> {
        let look = || Ok::<_, Infallible>(self.kept_elsewhere(directory, shown));
        let key = (directory.to_owned(), shown.to_owned());
        let Ok(found) = self.once(|seen| &mut seen.elsewhere, &key, look);
        found
    }

    fn in_variable(&self, name: &str) -> Candidate {
        let Some(value) = self.variables.get(name) else {
            return Candidate::new(name, Found::Nothing("not set".to_owned()));
        };
        let place = format!("{name} ({})", value.display());
        let found = match self.variable(name) {
            Some(prefix) => Found::Prefix(prefix),
            None => Found::Nothing("its path is not UTF-8".to_owned()),
        };
        Candidate::new(place, found)
    }

    /// The environment that this program is installed in. A variable may name it, too.
    fn of_this_program(&self) -> Option<Candidate> {
        let prefix = prefix_of(self.program.as_ref()?)?;
        if !is_environment(prefix) {
            return None;
        }
        let is_named = |name| links::real(self.variable(name)?).ok();
        let named = ["VIRTUAL_ENV", "CONDA_PREFIX"].map(is_named);
        let place = format!("the environment of vendor-migrations ({prefix})");
        let new = !named.iter().flatten().any(|named| named == prefix);
        new.then(|| Candidate::new(place, Found::Prefix(prefix.to_owned())))
    }
}

/// Each of what was found, or the error.
fn each(found: io::Result<Vec<Candidate>>) -> Vec<io::Result<Candidate>> {
    match found {
        Ok(found) => found.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
}

/// The interpreter that `.pdm-python` names. One outside of an environment runs what is in `__pypackages__`.
fn of_pdm(directory: &Utf8Path, shown: &str) -> io::Result<Option<Candidate>> {
    const FILE: &str = ".pdm-python";
    let Some(bytes) = if_there(read::bytes(directory.join(FILE)))? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes);
    let python = directory.join(text.trim());
    let place = format!("{shown}{FILE} ({})", text.trim());
    if !python.is_file() {
        let why = "there is no such interpreter".to_owned();
        return Ok(Some(Candidate::new(place, Found::Nothing(why))));
    }
    let local = match prefix_of(&python).is_some_and(is_environment) {
        true => Vec::new(),
        false => local_packages(directory, shown, Some(&python)),
    };
    let first = local.into_iter().next();
    Ok(Some(first.unwrap_or_else(|| {
        Candidate::new(place, Found::Interpreter(python))
    })))
}

/// Each `__pypackages__/3.11/lib` (PEP 582), the newest first; only that of the interpreter's version where files tell it.
fn local_packages(directory: &Utf8Path, shown: &str, python: Option<&Utf8Path>) -> Vec<Candidate> {
    let libraries = libraries(&directory.join("__pypackages__"), python).into_iter();
    let candidate = |(version, library): (String, Utf8PathBuf)| {
        let place = format!("{shown}__pypackages__/{version}/lib");
        Candidate::new(place, Found::Library(library))
    };
    libraries.map(candidate).collect()
}
