//! From an interpreter to its packages: the `python3` on the PATH, also behind pyenv's shims, and one that a file names.

use std::convert::Infallible;
use std::io;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::site_packages::{site_packages, site_packages_of};
use super::{Environments, PASSED_OVER, Packages, is_environment};

use crate::links;
use crate::read;

const NOT_ASKED: &str =
    "not asked, because this command starts no process (name it with `--python`)";

/// What an interpreter may be called, the likeliest name first. (PEP 394: on Unix `python` may be Python 2.)
const NAMES: &[&str] = match cfg!(windows) {
    true => &["python.exe", "python3.exe"],
    false => &["python3"],
};

/// The programs that start a Python, the likeliest first. `py` is the launcher that Windows gets with Python.
pub const PYTHONS: &[&str] = match cfg!(windows) {
    true => &["py", "python", "python3"],
    false => &["python3", "python"],
};

/// The interpreter on the PATH, as messages call it.
pub const PYTHON: &str = match cfg!(windows) {
    true => "python",
    false => "python3",
};

impl Environments {
    /// The first `python3` on the PATH outside an environment that only serves this program; the error is why there is none. In
    /// a hook of pre-commit, the hook's own comes first on the PATH; the one behind it is the environment that was activated before.
    pub fn python(&self) -> Result<Utf8PathBuf, String> {
        let look = || Ok::<_, Infallible>(self.look_for_python());
        let Ok(found) = self.once(|seen| &mut seen.pythons, &self.project, look);
        found
    }

    fn look_for_python(&self) -> Result<Utf8PathBuf, String> {
        let mut why = "there is none".to_owned();
        let path = self.variables.get("PATH");
        for directory in path.into_iter().flat_map(std::env::split_paths) {
            let Ok(directory) = Utf8PathBuf::from_path_buf(directory) else {
                continue;
            };
            let mut pythons = NAMES.iter().map(|name| directory.join(name));
            let Some(python) = pythons.find(|python| python.is_file()) else {
                continue;
            };
            let python = match self.behind_shim(&directory) {
                None => python,
                // The shim would start the next one on the PATH.
                Some(Ok(None)) => continue,
                Some(Ok(Some(python))) => python,
                Some(Err(unknown)) => return Err(unknown),
            };
            let prefix = prefix_of(&python);
            let is_own = prefix.map(|prefix| self.only_serves_this_program(prefix));
            if !is_own.is_some_and(|own| own.unwrap_or(false)) {
                return Ok(python);
            }
            PASSED_OVER.clone_into(&mut why);
        }
        Err(why)
    }

    /// The interpreter that a directory of pyenv's shims stands for; none for the system's own. Which one that is, `PYENV_VERSION`,
    /// the nearest `.python-version` or pyenv's own `version` tells.
    fn behind_shim(&self, directory: &Utf8Path) -> Option<Result<Option<Utf8PathBuf>, String>> {
        let versions = directory.parent()?.join("versions");
        if directory.file_name() != Some("shims") || !versions.is_dir() {
            return None;
        }
        let real = links::real(&self.project).ok();
        let above = real.iter().flat_map(|real| real.ancestors());
        let files = above.map(|directory| directory.join(".python-version"));
        let files = files.chain([directory.with_file_name("version")]);
        let text = self
            .variable("PYENV_VERSION")
            .map(Utf8PathBuf::into_string)
            .or_else(|| files.into_iter().find_map(|file| read::text(file).ok()));
        let text = text.unwrap_or_default();
        let words = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with('#'));
        let mut words = words
            .flat_map(|line| line.split([' ', ':', '\t']))
            .filter(|word| !word.is_empty());
        let wanted = words.next().unwrap_or("system");
        if wanted == "system" {
            return Some(Ok(None));
        }
        let wanted = wanted.strip_prefix("python-").unwrap_or(wanted);
        let found = newest_of(&versions, wanted);
        Some(match found {
            Some(prefix) => Ok(Some(prefix.join("bin/python3"))),
            None => Err(format!("pyenv has no version `{wanted}`")),
        })
    }

    fn prefix_on_the_path(&self) -> io::Result<Result<Packages, String>> {
        let python = match self.python() {
            Ok(python) => python,
            Err(why) => return Ok(Err(why)),
        };
        let has_packages =
            |prefix: &&Utf8Path| site_packages(prefix).is_ok_and(|sites| !sites.is_empty());
        let prefix = match prefix_of(&python).filter(has_packages) {
            Some(prefix) => Some(prefix.to_owned()),
            // A `python3` beside no packages is a link to the one that has them.
            None => {
                let real = links::real(python).ok();
                real.and_then(|real| prefix_of(&real).map(Utf8Path::to_owned))
            }
        };
        match prefix {
            Some(prefix) => self.usable(&prefix),
            None => Ok(Err("it is in no environment".to_owned())),
        }
    }

    /// The packages of `python3` on the PATH, if files tell for certain which they are: in an environment, or where
    /// the interpreter's name says its version. The inner error is why they do not.
    pub fn packages_on_the_path(&self) -> io::Result<Result<Packages, String>> {
        let look = || self.look_on_the_path();
        self.once(|seen| &mut seen.on_the_path, &self.project, look)
    }

    fn look_on_the_path(&self) -> io::Result<Result<Packages, String>> {
        let packages = match self.prefix_on_the_path()? {
            Ok(packages) if !is_environment(&packages.prefix) => packages,
            found => return Ok(found),
        };
        let python = self.python().ok();
        match python.and_then(|python| version(&python)) {
            Some(version) => Ok(Ok(self.installation(&packages.prefix, &version)?)),
            None => Ok(Err(NOT_ASKED.to_owned())),
        }
    }

    /// All packages below the prefix of `python3` on the PATH, of whichever version; none where there is no such.
    pub(super) fn packages_near_the_path(&self) -> io::Result<Option<Packages>> {
        let certain = self.packages_on_the_path()?.ok();
        match certain {
            Some(packages) => Ok(Some(packages)),
            None => Ok(self.prefix_on_the_path()?.ok()),
        }
    }

    /// The packages of an interpreter that a file names.
    pub(super) fn packages_of(&self, python: &Utf8Path) -> io::Result<Result<Packages, String>> {
        let Some(prefix) = prefix_of(python) else {
            return Ok(Err("it is in no environment".to_owned()));
        };
        match version(python) {
            Some(version) if !is_environment(prefix) => {
                Ok(Ok(self.installation(prefix, &version)?))
            }
            _ => self.usable(prefix),
        }
    }

    /// The packages of an installed Python that is no environment: the user's own, those that Debian's pip installs, and its own.
    fn installation(&self, prefix: &Utf8Path, version: &str) -> io::Result<Packages> {
        let python = format!("python{version}");
        let user = match self.variables.contains_key("PYTHONNOUSERSITE") {
            true => None,
            false => self
                .variable("PYTHONUSERBASE")
                .or_else(|| Some(self.home.as_ref()?.join(".local"))),
        };
        let user = user.map(|base| base.join("lib").join(&python).join("site-packages"));
        let local = prefix.join("local/lib").join(&python).join("dist-packages");
        let there = |site: Option<Utf8PathBuf>| Vec::from_iter(site.filter(|site| site.is_dir()));
        Ok(Packages {
            prefix: prefix.to_owned(),
            sites: vec![
                there(user),
                there(Some(local)),
                site_packages_of(prefix, Some(version))?,
            ],
        })
    }
}

/// `versions/3.11.7` for `3.11.7`, and the newest of `3.11` for `3.11`, as pyenv has it. A repository's `.python-version` may be anybody's, and
/// what it names is started: nothing outside of `versions` is found.
fn newest_of(versions: &Utf8Path, wanted: &str) -> Option<Utf8PathBuf> {
    let is_name = |part: Utf8Component<'_>| matches!(part, Utf8Component::Normal(_));
    if !Utf8Path::new(wanted).components().all(is_name) {
        return None;
    }
    let exact = versions.join(wanted);
    if exact.is_dir() {
        return Some(exact);
    }
    let numbers = |name: &str| {
        name.split('.')
            .map(|part| part.parse::<u32>().ok())
            .collect::<Option<Vec<_>>>()
    };
    let entries = versions.read_dir_utf8().ok()?.flatten();
    let matching = entries.filter(|entry| entry.file_name().starts_with(&format!("{wanted}.")));
    let numbered =
        matching.filter_map(|entry| Some((numbers(entry.file_name())?, entry.into_path())));
    numbered.max().map(|(_, path)| path)
}

/// The directory above an interpreter's `bin`. On Windows an installation's interpreter lies in the prefix itself.
pub(super) fn prefix_of(program: &Utf8Path) -> Option<&Utf8Path> {
    let directory = program.parent()?;
    match directory.join("Lib").is_dir() {
        true => Some(directory),
        false => directory.parent(),
    }
}

/// `3.13`, where `python3` is a link to `python3.13`.
pub(super) fn version(python: &Utf8Path) -> Option<String> {
    let real = links::real(python).ok()?;
    let version = real.file_name()?.strip_prefix("python")?;
    version.starts_with("3.").then(|| version.to_owned())
}
