//! The `python3` that a shell would start, and where its packages are. In a hook of pre-commit, the hook's own comes first on
//! the PATH; the one behind it is the environment that was activated before.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::site_packages::{base_site_packages, site_packages, site_packages_of};
use super::{Candidate, Environments, PASSED_OVER, is_environment};

/// What a search says of a Python that is not asked.
const NOT_ASKED: &str = "not asked, this command starts no process (name it with `--python`)";

/// Where a Python's packages are, as its files tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packages {
    /// The directory above the interpreter's.
    pub prefix: Utf8PathBuf,
    /// Directories of packages; those of a later group count where the earlier ones lack something.
    pub sites: [Vec<Utf8PathBuf>; 2],
}

impl Environments {
    /// The first `python3` on the PATH that is not of the environment that this program itself is installed in; the error is
    /// why there is none.
    pub fn python(&self) -> Result<Utf8PathBuf, &'static str> {
        let mut why = "there is none";
        let directories = self.path.iter().flat_map(std::env::split_paths);
        for directory in directories {
            let Ok(directory) = Utf8PathBuf::from_path_buf(directory) else {
                continue;
            };
            let python = directory.join("python3");
            if !python.is_file() {
                continue;
            }
            if !directory.parent().is_some_and(|prefix| self.is_own(prefix)) {
                return Ok(python);
            }
            why = PASSED_OVER;
        }
        Err(why)
    }

    /// The environment of that Python.
    pub fn on_the_path(&self) -> Candidate {
        let prefix = self.python().and_then(|python| {
            let prefix = above(&python).filter(has_packages);
            // A `python3` beside no packages is a link to the one that has them.
            let linked = || above(&python.canonicalize_utf8().ok()?);
            prefix.or_else(linked).ok_or("it lies in no environment")
        });
        Candidate {
            place: "python3 on the PATH".to_owned(),
            prefix: prefix.and_then(|prefix| self.prefix(Some(prefix.into_os_string()))),
        }
    }

    /// Its packages, where files tell for certain which they are: in a virtual environment, or where the interpreter's name
    /// says its version. The error is why not.
    pub fn packages_on_the_path(&self) -> io::Result<Result<Packages, &'static str>> {
        let prefix = match self.on_the_path().prefix {
            Ok(prefix) => prefix,
            Err(why) => return Ok(Err(why)),
        };
        let sites = if is_environment(&prefix) {
            [site_packages(&prefix)?, base_site_packages(&prefix)?]
        } else {
            let Some(version) = self.python().ok().and_then(|python| version(&python)) else {
                return Ok(Err(NOT_ASKED));
            };
            [site_packages_of(&prefix, &version)?, Vec::new()]
        };
        Ok(Ok(Packages { prefix, sites }))
    }
}

/// The directory above an interpreter's `bin`.
fn above(python: &Utf8Path) -> Option<Utf8PathBuf> {
    Some(python.parent()?.parent()?.to_owned())
}

fn has_packages(prefix: &Utf8PathBuf) -> bool {
    site_packages(prefix).is_ok_and(|sites| !sites.is_empty())
}

/// `3.13`, where `python3` is a link to `python3.13`.
fn version(python: &Utf8Path) -> Option<String> {
    let real = python.canonicalize_utf8().ok()?;
    let version = real.file_name()?.strip_prefix("python")?;
    version.starts_with("3.").then(|| version.to_owned())
}
