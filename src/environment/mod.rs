//! The Python environments that a project may use, read from their files: no process is started.

pub mod distribution;
pub mod editable;
mod path;
pub mod site_packages;

use std::ffi::OsString;

use camino::{Utf8Path, Utf8PathBuf};

pub use path::Packages;

const PASSED_OVER: &str = "passed over, vendor-migrations itself is installed there (name it with `--from` if it is meant)";

/// Where to look for environments.
#[derive(Debug, Clone, Default)]
pub struct Environments {
    /// The project's root; `.venv` and `venv` are looked for there.
    pub project: Utf8PathBuf,
    pub virtual_env: Option<OsString>,
    pub conda_prefix: Option<OsString>,
    pub path: Option<OsString>,
    /// `ALEMBIC_CONFIG`. It is not obeyed, only mentioned: what is checked must not depend on a variable.
    pub alembic_config: Option<OsString>,
    /// This program's own file.
    pub program: Option<Utf8PathBuf>,
}

/// A place where an environment may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The place, in words for people.
    pub place: String,
    /// The environment's prefix, or why there is none to look at.
    pub prefix: Result<Utf8PathBuf, &'static str>,
}

impl Environments {
    /// `.venv`, `venv`, `VIRTUAL_ENV`, `CONDA_PREFIX`: the places in the documented order.
    pub fn candidates(&self) -> Vec<Candidate> {
        let own = |name: &str| Some(self.project.join(name).into_os_string());
        let places = [
            (".venv", own(".venv")),
            ("venv", own("venv")),
            ("VIRTUAL_ENV", self.virtual_env.clone()),
            ("CONDA_PREFIX", self.conda_prefix.clone()),
        ];
        let candidate = |(name, prefix): (&str, Option<OsString>)| {
            let place = match &prefix {
                Some(prefix) if !name.contains("venv") => format!("{name} ({})", prefix.display()),
                _ => name.to_owned(),
            };
            Candidate {
                place,
                prefix: self.prefix(prefix),
            }
        };
        places.into_iter().map(candidate).collect()
    }

    fn prefix(&self, prefix: Option<OsString>) -> Result<Utf8PathBuf, &'static str> {
        match prefix.map(Utf8PathBuf::from_os_string) {
            None => Err("not set"),
            Some(Err(_)) => Err("its path is not UTF-8"),
            Some(Ok(prefix)) if !prefix.is_dir() => Err("no such directory"),
            Some(Ok(prefix)) if self.is_own(&prefix) => Err(PASSED_OVER),
            Some(Ok(prefix)) => Ok(prefix),
        }
    }

    /// An environment that only serves this program (a pre-commit hook's, say) tells nothing about the project. One
    /// inside the project is the project's own, whoever is installed in it.
    fn is_own(&self, prefix: &Utf8Path) -> bool {
        let (Some(program), Ok(prefix)) = (&self.program, prefix.canonicalize_utf8()) else {
            return false;
        };
        let in_project = self
            .project
            .canonicalize_utf8()
            .is_ok_and(|project| prefix.starts_with(project));
        !in_project && is_environment(&prefix) && program.starts_with(&prefix)
    }

    /// A prefix as the user knows it: relative to the project where it lies inside.
    pub fn shown(&self, prefix: &Utf8Path) -> String {
        prefix
            .strip_prefix(&self.project)
            .unwrap_or(prefix)
            .to_string()
    }
}

/// Whether it is a virtual environment, or conda's: its packages are all in one place.
fn is_environment(prefix: &Utf8Path) -> bool {
    prefix.join("pyvenv.cfg").is_file() || prefix.join("conda-meta").is_dir()
}
