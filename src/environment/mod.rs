//! The Python environments that a project may use, read from their files: no process is started.

mod candidates;
pub mod distribution;
pub mod editable;
mod interpreter;
mod managers;
mod memo;
mod site_packages;
mod text_file;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ffi::OsString;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use self::site_packages::{base_site_packages, site_packages};
use crate::links;
use crate::procrastinate::PACKAGE;
use crate::repository;

pub use candidates::Candidate;
pub use interpreter::{PYTHON, PYTHONS};
pub use managers::Manager;
pub use memo::Memo;

const PASSED_OVER: &str = "skipped, because vendor-migrations itself is installed there and Procrastinate is not (name it \
                           with `--from` to use it)";

/// The variables that name environments, or the places where tools keep them.
pub const VARIABLES: [&str; 20] = [
    "APPDATA",
    "CONDA_PREFIX",
    "HATCH_CONFIG",
    "HATCH_DATA_DIR",
    "HATCH_ENV_TYPE_VIRTUAL_PATH",
    "LOCALAPPDATA",
    "PATH",
    "POETRY_CACHE_DIR",
    "POETRY_CONFIG_DIR",
    "POETRY_VIRTUALENVS_PATH",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "PYTHONNOUSERSITE",
    "PYTHONUSERBASE",
    "UV_PROJECT_ENVIRONMENT",
    "VIRTUAL_ENV",
    "WORKON_HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

#[derive(Debug, Clone, Default)]
pub struct Environments {
    /// The project's root.
    pub project: Utf8PathBuf,
    /// The directory of Alembic's configuration, relative to the project; empty for the project itself.
    pub beside: Utf8PathBuf,
    /// Those of [`VARIABLES`] that are set and not empty.
    pub variables: BTreeMap<&'static str, OsString>,
    pub home: Option<Utf8PathBuf>,
    /// `ALEMBIC_CONFIG`. It is not obeyed, only mentioned: what is checked must not depend on a variable.
    pub alembic_config: Option<OsString>,
    /// This program's file, without links.
    pub program: Option<Utf8PathBuf>,
    /// What was seen of them so far.
    pub memo: Memo,
}

/// Where a Python's packages are, as its files tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packages {
    /// The directory above the interpreter's.
    pub prefix: Utf8PathBuf,
    /// Groups of directories of packages; a group counts where those before it lack something.
    pub sites: Vec<Vec<Utf8PathBuf>>,
}

impl Packages {
    /// Those of an environment: its own, and then those that it shares with the installation it was made from.
    pub fn of(prefix: &Utf8Path) -> io::Result<Self> {
        Ok(Self {
            prefix: prefix.to_owned(),
            sites: vec![site_packages(prefix)?, base_site_packages(prefix)?],
        })
    }

    fn all(self) -> Vec<Utf8PathBuf> {
        self.sites.into_iter().flatten().collect()
    }
}

impl Environments {
    /// The same for a project whose configuration lies in `directory`, relative to the project.
    pub fn beside(&self, directory: &Utf8Path) -> Self {
        Self {
            beside: directory.to_owned(),
            ..self.clone()
        }
    }

    fn variable(&self, name: &str) -> Option<Utf8PathBuf> {
        let value = self.variables.get(name)?.clone();
        Utf8PathBuf::from_os_string(value)
            .ok()
            .map(|path| self.expanded(path))
    }

    /// `~/x` in the user's home directory, as the tools read their own settings.
    fn expanded(&self, path: impl Into<Utf8PathBuf>) -> Utf8PathBuf {
        let path = path.into();
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path,
        }
    }

    /// The directories in which a project's environment may be, the nearest first, and how each is shown: from that of Alembic's
    /// configuration to the project, and then up to the repository's root.
    fn directories(&self) -> Vec<(Utf8PathBuf, String)> {
        let key = (self.project.clone(), self.beside.clone());
        let look = || Ok::<_, Infallible>(self.look_up());
        let Ok(found) = self.once(|seen| &mut seen.directories, &key, look);
        found
    }

    fn look_up(&self) -> Vec<(Utf8PathBuf, String)> {
        let inside = self
            .beside
            .ancestors()
            .filter(|directory| !directory.as_str().is_empty())
            .map(|directory| (self.project.join(directory), format!("{directory}/")));
        let mut found: Vec<(Utf8PathBuf, String)> = inside.collect();
        found.push((self.project.clone(), String::new()));
        let real = links::real(&self.project).ok();
        if let Some(real) = &real
            && let Some(top) = repository::root(real)
        {
            let above = real.ancestors().enumerate().skip(1);
            let above = above.take_while(|(_, directory)| directory.starts_with(top));
            found.extend(
                above.map(|(height, directory)| (directory.to_owned(), "../".repeat(height))),
            );
        }
        found
    }

    fn usable(&self, prefix: &Utf8Path) -> io::Result<Result<Packages, String>> {
        Ok(if !prefix.is_dir() {
            Err(match prefix.symlink_metadata() {
                Err(_) => "no such directory",
                Ok(found) if found.is_symlink() => "it is a link that leads to no directory",
                Ok(_) => "it is no directory",
            }
            .to_owned())
        } else if self.only_serves_this_program(prefix)? {
            Err(PASSED_OVER.to_owned())
        } else {
            Ok(Packages::of(prefix)?)
        })
    }

    /// An environment of this program (a pre-commit hook's, say) tells nothing about the project, unless Procrastinate is in it, too. An
    /// environment inside the project always belongs to the project.
    fn only_serves_this_program(&self, prefix: &Utf8Path) -> io::Result<bool> {
        let (Some(program), Ok(real)) = (&self.program, links::real(prefix)) else {
            return Ok(false);
        };
        let project = links::real(&self.project);
        let in_project = project.is_ok_and(|project| real.starts_with(project));
        let is_its = !in_project && is_environment(&real) && program.starts_with(&real);
        Ok(is_its && !distribution::is_in(self, &Packages::of(prefix)?, PACKAGE)?)
    }

    /// A prefix as the user knows it: relative to the project if it lies inside.
    pub fn shown(&self, prefix: &Utf8Path) -> String {
        let real = links::real(&self.project);
        let roots = [Ok(self.project.clone()), real];
        let mut inside = roots.iter().flatten().map(|root| prefix.strip_prefix(root));
        let shown = inside.find_map(Result::ok).unwrap_or(prefix);
        shown.to_string()
    }
}

/// Whether it is a virtual environment, or conda's: its packages are all in one place.
fn is_environment(prefix: &Utf8Path) -> bool {
    prefix.join("pyvenv.cfg").is_file() || prefix.join("conda-meta").is_dir()
}

/// What was read, or none if there is no such file or directory.
pub fn if_there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match read {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        read => read.map(Some),
    }
}
