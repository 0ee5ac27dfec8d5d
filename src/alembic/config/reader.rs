//! Reads the files of a configuration, from each directory in which `alembic` may be run.

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::Candidate;
use super::find::{Chosen, INI, PYPROJECT};
use super::ini::Ini;
use super::programs::Searched;
use super::pyproject::Pyproject;
use super::sources::{IniSource, TomlSource};
use super::unnamed::without_location;
use super::{AlembicConfig, ConfigError, Rules, Sources};
use crate::environment::{Environments, if_there};
use crate::place::{Line, slashed};
use crate::read;

/// What is the same for every working directory.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    /// Absolute.
    pub(super) root: Utf8PathBuf,
    pub(super) section: &'a str,
    pub(super) rules: Rules,
    pub(super) environments: &'a Environments,
}

impl Reader<'_> {
    /// Reads the chosen file, with the other one that Alembic reads beside it. Of several working directories it takes the
    /// one from which more of what the files name exists.
    pub(super) fn read(&self, chosen: &Chosen) -> Result<AlembicConfig, ConfigError> {
        let directories = chosen.working_directories.iter();
        let candidates = directories.map(|directory| {
            let candidate = Candidate::read(self, chosen, directory)?;
            Ok((candidate.worth()?, candidate))
        });
        let candidates = candidates.collect::<Result<Vec<_>, ConfigError>>()?;
        let most = candidates.iter().map(|(worth, _)| *worth).max();
        let fitting = candidates
            .into_iter()
            .filter(|(worth, _)| Some(*worth) == most);
        let mut fitting = fitting.map(|(_, candidate)| candidate);
        let Some(first) = fitting.next() else {
            return Err(ConfigError::NotFound {
                root: self.root.clone(),
                searched: Searched::default(),
                above: false,
            });
        };
        let mut notes = Vec::from_iter(chosen.note.clone());
        if let Some(other) = fitting.find(|other| other.differs(&first)) {
            notes.push(format!(
                "the locations in `{}` are relative to the directory in which alembic is run, and it is not known whether \
                 that is `{}` or `{}`; this program uses the first",
                self.shown(&chosen.file),
                first.working_directory,
                other.working_directory,
            ));
        }
        match first.script_location.clone() {
            Some(location) => first.into_config(self, chosen, location, notes),
            None => without_location(self, chosen, first),
        }
    }

    pub(super) fn sources(
        &self,
        chosen: &Chosen,
        working_directory: &Utf8Path,
    ) -> Result<Sources, ConfigError> {
        let (ini, toml) = if chosen.is_toml() {
            (&working_directory.join(INI), &chosen.file)
        } else {
            (&chosen.file, &working_directory.join(PYPROJECT))
        };
        Ok(Sources {
            ini: self.ini(ini)?,
            section: self.section.to_owned(),
            toml: match self.rules.reads_toml() {
                true => self.toml(toml)?,
                false => None,
            },
        })
    }

    fn ini(&self, file: &Utf8Path) -> Result<Option<IniSource>, ConfigError> {
        let Some(text) = if_there(read::text(file))? else {
            return Ok(None);
        };
        let ini = Ini::parse(&text).map_err(|error| ConfigError::Syntax {
            place: Line::new(self.shown(file), error.line),
            why: error.fault.to_string(),
        })?;
        Ok(Some(IniSource {
            file: self.shown(file),
            here: file.parent().unwrap_or(file).to_owned(),
            text,
            ini,
        }))
    }

    /// `[tool.alembic]` of the file. Faults in the file do not matter to an Alembic that does not read it.
    pub(super) fn toml(&self, file: &Utf8Path) -> Result<Option<TomlSource>, ConfigError> {
        let Some(text) = if_there(read::text(file))? else {
            return Ok(None);
        };
        match Pyproject::parse(&text) {
            Ok(table) => Ok(table.map(|table| TomlSource {
                file: self.shown(file),
                here: file.parent().unwrap_or(file).to_owned(),
                text,
                table,
            })),
            Err(_) if !self.rules.reads_toml() => Ok(None),
            Err(why) => Err(ConfigError::Toml {
                file: self.shown(file),
                why: why.to_string(),
            }),
        }
    }

    /// A path as the user knows it: relative to the project if it lies inside.
    pub(super) fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        slashed(path.strip_prefix(&self.root).unwrap_or(path).as_str()).into()
    }
}
