//! Alembic's configuration, read as Alembic reads it: `alembic.ini`, `[tool.alembic]` in `pyproject.toml`, and the
//! rules of the Alembic that the project has.
//!
//! [`find`] finds and reads the files, and [`packages`] looks up `package:path` locations. `evaluate` decides what the files
//! say; it is pure, and the end-to-end tests compare it with the real Alembic.

mod candidate;
mod error;
mod evaluate;
pub mod find;
pub mod ini;
mod interpolation;
pub mod packages;
mod programs;
mod pyproject;
mod reader;
mod rules;
mod separators;
mod sources;
mod unnamed;
mod verify;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

pub use error::ConfigError;
pub use evaluate::Refusal;
pub use packages::{Location, Unresolved};
pub use programs::Searched;
pub use pyproject::Value;
pub use rules::Rules;
pub use separators::separator_character;
pub use sources::{IniSource, Setting, Sources, TomlSource};

use self::packages::{SearchPath, split};
use crate::environment::Environments;
use crate::links;
use crate::place::{Line, slashed};

/// What Alembic makes of a project's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlembicConfig {
    /// The file that decides the script location, relative to the project where it lies inside; none where only
    /// programs tell.
    pub file: Option<Utf8PathBuf>,
    pub rules: Rules,
    /// The project's root, absolute.
    pub root: Utf8PathBuf,
    /// Where `alembic` is run: what relative locations are relative to. Absolute.
    pub working_directory: Utf8PathBuf,
    pub script_location: Location,
    pub versions: Versions,
    /// Whether directories below the version locations count, too.
    pub recursive: bool,
    /// Whether compiled revisions count where there is no source.
    pub sourceless: bool,
    /// What is put on Python's path, as it is written.
    pub prepend_sys_path: Vec<String>,
    /// Why this Alembic refuses the configuration; empty if it does not.
    pub refusals: Vec<Refusal>,
    /// What the user should know of how this was read.
    pub notes: Vec<String>,
    pub sources: Sources,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// `version_locations` is not set: `versions` in the script location.
    Default(Location),
    /// They are listed; in the list's order.
    Listed(Vec<Location>),
    /// They are set in a way that Alembic refuses.
    Refused(Refusal),
    Undecidable {
        why: String,
        look_at: Vec<Line>,
    },
}

impl Versions {
    pub fn locations(&self) -> &[Location] {
        match self {
            Self::Default(location) => std::slice::from_ref(location),
            Self::Listed(locations) => locations,
            Self::Refused(_) | Self::Undecidable { .. } => &[],
        }
    }

    /// Why the locations are not known, if they are not.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Self::Undecidable { why, .. } => Some(why),
            Self::Refused(refusal) => Some(&refusal.why),
            Self::Default(_) | Self::Listed(_) => None,
        }
    }
}

impl AlembicConfig {
    /// The script directory, relative to the project where it lies inside.
    pub fn script_directory(&self) -> &Utf8Path {
        let written = Utf8Path::new(&self.script_location.written);
        let directory = self.script_location.resolved.as_deref().unwrap_or(written);
        directory.strip_prefix(&self.root).unwrap_or(directory)
    }

    /// The default directory of the project's own revisions, relative to the project where it lies inside.
    pub fn own_versions(&self) -> Utf8PathBuf {
        slashed(self.script_directory().join("versions")).into()
    }

    /// The setting that Alembic takes: the ini file's, else that of `[tool.alembic]`, if this Alembic reads it. An empty
    /// `version_locations` or `prepend_sys_path` of the ini counts as none.
    pub fn setting(&self, key: &str) -> Option<Setting> {
        let lists = ["version_locations", "prepend_sys_path"];
        let ini = self.sources.ini_setting(key);
        if !self.rules.reads_toml() {
            return ini;
        }
        ini.filter(|setting| !lists.contains(&key) || setting.text() != Some(""))
            .or_else(|| self.sources.toml_setting(key))
    }

    /// Where Alembic would find `location`, which is written `package:path`, if it were one of its version locations.
    pub fn would_find(
        &self,
        location: &str,
        environments: &Environments,
    ) -> io::Result<Result<Utf8PathBuf, Unresolved>> {
        let path = SearchPath::find(
            &self.working_directory,
            &self.prepend_sys_path,
            environments,
        )?;
        Ok(match split(location) {
            Some((package, below)) => path.inside(package, below),
            None => Err(Unresolved::BadName(location.to_owned())),
        })
    }

    /// Whether Alembic looks for revisions in `directory`, which is absolute; none if the files do not tell.
    pub fn looks_into(&self, directory: &Utf8Path) -> Option<bool> {
        if matches!(self.versions, Versions::Undecidable { .. }) {
            return None;
        }
        let wanted = packages::normal(directory, "");
        let same = |found: &Utf8PathBuf| {
            *found == wanted
                || (self.recursive && wanted.starts_with(found))
                || matches!((links::real(found), links::real(&wanted)), (Ok(a), Ok(b)) if a == b)
        };
        let locations = self.versions.locations();
        if locations.iter().filter_map(Location::directory).any(same) {
            return Some(true);
        }
        let unknown = locations.iter().any(|location| location.resolved.is_err());
        (!unknown).then_some(false)
    }
}
