//! The Python environments that a project may use, read from their files: no process is started.

pub mod distribution;
pub mod editable;
pub mod site_packages;

use std::ffi::OsString;

use camino::{Utf8Path, Utf8PathBuf};

use site_packages::site_packages;

/// Where to look for environments.
#[derive(Debug, Clone, Default)]
pub struct Environments {
    /// The project's root; `.venv` and `venv` are looked for there.
    pub project: Utf8PathBuf,
    /// `VIRTUAL_ENV`.
    pub virtual_env: Option<OsString>,
    /// `CONDA_PREFIX`.
    pub conda_prefix: Option<OsString>,
    /// `PATH`.
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

    /// The environment of the `python3` that a shell would start.
    pub fn on_the_path(&self) -> Candidate {
        let has_packages =
            |prefix: &Utf8PathBuf| site_packages(prefix).is_ok_and(|sites| !sites.is_empty());
        // A `python3` beside no packages is a link to the one that has them.
        let linked = || {
            let python = self.python()?.canonicalize_utf8().ok()?;
            Some(python.parent()?.parent()?.to_owned())
        };
        let prefix = self.python_prefix().filter(has_packages).or_else(linked);
        Candidate {
            place: "python3 on the PATH".to_owned(),
            prefix: match prefix {
                None => Err("there is none"),
                Some(prefix) => self.prefix(Some(prefix.into_os_string())),
            },
        }
    }

    fn prefix(&self, prefix: Option<OsString>) -> Result<Utf8PathBuf, &'static str> {
        match prefix.map(Utf8PathBuf::from_os_string) {
            None => Err("not set"),
            Some(Err(_)) => Err("its path is not UTF-8"),
            Some(Ok(prefix)) if !prefix.is_dir() => Err("no such directory"),
            Some(Ok(prefix)) if self.is_own(&prefix) => Err(
                "passed over, vendor-migrations itself is installed there (name it with `--from` if it is meant)",
            ),
            Some(Ok(prefix)) => Ok(prefix),
        }
    }

    /// The prefix of the first `python3` on the PATH: the directory above its `bin`.
    pub fn python_prefix(&self) -> Option<Utf8PathBuf> {
        let python = self.python()?;
        Some(python.parent()?.parent()?.to_owned())
    }

    fn python(&self) -> Option<Utf8PathBuf> {
        let path = self.path.as_ref()?;
        std::env::split_paths(path)
            .filter_map(|directory| Utf8PathBuf::from_path_buf(directory).ok())
            .map(|directory| directory.join("python3"))
            .find(|python| python.is_file())
    }

    /// An environment that only serves this program (a pre-commit hook's, say) tells nothing about the project. One
    /// inside the project is the project's own, whoever is installed in it.
    pub fn is_own(&self, prefix: &Utf8Path) -> bool {
        let (Some(program), Ok(prefix)) = (&self.program, prefix.canonicalize_utf8()) else {
            return false;
        };
        let in_project = self
            .project
            .canonicalize_utf8()
            .is_ok_and(|project| prefix.starts_with(project));
        let is_environment =
            prefix.join("pyvenv.cfg").is_file() || prefix.join("conda-meta").is_dir();
        !in_project && is_environment && program.starts_with(&prefix)
    }

    /// A prefix as the user knows it: relative to the project where it lies inside.
    pub fn shown(&self, prefix: &Utf8Path) -> String {
        prefix
            .strip_prefix(&self.project)
            .unwrap_or(prefix)
            .to_string()
    }
}
