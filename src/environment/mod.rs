//! The Python environments that a project may use, read from their files: no process is started.

pub mod distribution;
pub mod editable;
pub mod site_packages;

use std::ffi::OsString;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use self::site_packages::{base_site_packages, site_packages, site_packages_of};

const PASSED_OVER: &str = "passed over, vendor-migrations itself is installed there (name it with `--from` if it is meant)";

const NOT_ASKED: &str = "not asked, this command starts no process (name it with `--python`)";

#[derive(Debug, Clone, Default)]
pub struct Environments {
    /// The project's root; `.venv` and `venv` are looked for there.
    pub project: Utf8PathBuf,
    pub virtual_env: Option<OsString>,
    pub conda_prefix: Option<OsString>,
    pub path: Option<OsString>,
    /// `ALEMBIC_CONFIG`. It is not obeyed, only mentioned: what is checked must not depend on a variable.
    pub alembic_config: Option<OsString>,
    pub program: Option<Utf8PathBuf>,
}

/// A place where an environment may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub place: String,
    /// The environment's prefix, or why it is not used.
    pub prefix: Result<Utf8PathBuf, &'static str>,
}

/// Where a Python's packages are, as its files tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packages {
    /// The directory above the interpreter's.
    pub prefix: Utf8PathBuf,
    /// Directories of packages; those of the second group count where the first lacks something.
    pub sites: [Vec<Utf8PathBuf>; 2],
}

impl Environments {
    /// `.venv`, `venv`, `VIRTUAL_ENV`, `CONDA_PREFIX`: the places in the documented order.
    pub fn candidates(&self) -> Vec<Candidate> {
        let in_project = [".venv", "venv"].map(|name| Candidate {
            place: name.to_owned(),
            prefix: self.usable(self.project.join(name)),
        });
        let variables = [
            ("VIRTUAL_ENV", &self.virtual_env),
            ("CONDA_PREFIX", &self.conda_prefix),
        ];
        let in_variables = variables.map(|(name, value)| match value {
            None => Candidate {
                place: name.to_owned(),
                prefix: Err("not set"),
            },
            Some(value) => Candidate {
                place: format!("{name} ({})", value.display()),
                prefix: Utf8PathBuf::from_os_string(value.clone())
                    .map_err(|_| "its path is not UTF-8")
                    .and_then(|prefix| self.usable(prefix)),
            },
        });
        in_project.into_iter().chain(in_variables).collect()
    }

    /// The prefixes of all environments that can be used: first the candidates, then that of `python3` on the PATH.
    fn prefixes(&self) -> impl Iterator<Item = Utf8PathBuf> {
        let candidates = self.candidates().into_iter();
        candidates
            .map(|candidate| candidate.prefix)
            .chain([self.prefix_on_the_path()])
            .flatten()
    }

    fn usable(&self, prefix: Utf8PathBuf) -> Result<Utf8PathBuf, &'static str> {
        if !prefix.is_dir() {
            Err("no such directory")
        } else if self.is_own(&prefix) {
            Err(PASSED_OVER)
        } else {
            Ok(prefix)
        }
    }

    /// An environment that only serves this program (a pre-commit hook's, say) tells nothing about the project. An
    /// environment inside the project always belongs to the project.
    fn is_own(&self, prefix: &Utf8Path) -> bool {
        let (Some(program), Ok(prefix)) = (&self.program, prefix.canonicalize_utf8()) else {
            return false;
        };
        let project = self.project.canonicalize_utf8();
        let in_project = project.is_ok_and(|project| prefix.starts_with(project));
        !in_project && is_environment(&prefix) && program.starts_with(&prefix)
    }

    /// The first `python3` on the PATH outside the environment that this program itself is installed in; the error is why
    /// there is none. In a hook of pre-commit, the hook's own comes first on the PATH; the one behind it is the environment
    /// that was activated before.
    pub fn python(&self) -> Result<Utf8PathBuf, &'static str> {
        let mut why = "there is none";
        for directory in self.path.iter().flat_map(std::env::split_paths) {
            let Ok(python) = Utf8PathBuf::from_path_buf(directory.join("python3")) else {
                continue;
            };
            if !python.is_file() {
                continue;
            }
            if !above(&python).is_some_and(|prefix| self.is_own(prefix)) {
                return Ok(python);
            }
            why = PASSED_OVER;
        }
        Err(why)
    }

    fn prefix_on_the_path(&self) -> Result<Utf8PathBuf, &'static str> {
        let python = self.python()?;
        let has_packages =
            |prefix: &&Utf8Path| site_packages(prefix).is_ok_and(|sites| !sites.is_empty());
        let prefix = match above(&python).filter(has_packages) {
            Some(prefix) => Some(prefix.to_owned()),
            // A `python3` beside no packages is a link to the one that has them.
            None => {
                let real = python.canonicalize_utf8().ok();
                real.and_then(|real| above(&real).map(Utf8Path::to_owned))
            }
        };
        self.usable(prefix.ok_or("it lies in no environment")?)
    }

    /// The packages of `python3` on the PATH, if files tell for certain which they are: in a virtual environment, or where
    /// the interpreter's name says its version. The inner error is why they do not.
    pub fn packages_on_the_path(&self) -> io::Result<Result<Packages, &'static str>> {
        let prefix = match self.prefix_on_the_path() {
            Ok(prefix) => prefix,
            Err(why) => return Ok(Err(why)),
        };
        let sites = if is_environment(&prefix) {
            [site_packages(&prefix)?, base_site_packages(&prefix)?]
        } else {
            let python = self.python().ok();
            let Some(version) = python.and_then(|python| version(&python)) else {
                return Ok(Err(NOT_ASKED));
            };
            [site_packages_of(&prefix, Some(&version))?, Vec::new()]
        };
        Ok(Ok(Packages { prefix, sites }))
    }

    /// A prefix as the user knows it: relative to the project if it lies inside.
    pub fn shown(&self, prefix: &Utf8Path) -> String {
        let shown = prefix.strip_prefix(&self.project).unwrap_or(prefix);
        shown.to_string()
    }
}

/// Whether it is a virtual environment, or conda's: its packages are all in one place.
fn is_environment(prefix: &Utf8Path) -> bool {
    prefix.join("pyvenv.cfg").is_file() || prefix.join("conda-meta").is_dir()
}

/// The directory above an interpreter's `bin`.
fn above(python: &Utf8Path) -> Option<&Utf8Path> {
    python.parent()?.parent()
}

/// `3.13`, where `python3` is a link to `python3.13`.
fn version(python: &Utf8Path) -> Option<String> {
    let real = python.canonicalize_utf8().ok()?;
    let version = real.file_name()?.strip_prefix("python")?;
    version.starts_with("3.").then(|| version.to_owned())
}

/// What was read, or none if there is no such file or directory.
pub fn if_there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match read {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        read => read.map(Some),
    }
}
