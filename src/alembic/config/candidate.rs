//! Reads the chosen file from each directory in which `alembic` may be run, and takes the one that fits.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::evaluate::{Entry, Read, evaluate};
use super::find::{Chosen, INI, PYPROJECT};
use super::ini::Ini;
use super::packages::{SearchPath, is_package};
use super::pyproject::Pyproject;
use super::sources::{IniSource, TomlSource};
use super::{AlembicConfig, ConfigError, Location, Refusal, Rules, Sources, Versions};
use crate::environment::Environments;
use crate::place::Line;

/// What does not change from one candidate to the next.
pub(super) struct Reader<'a> {
    /// Absolute.
    pub(super) root: Utf8PathBuf,
    pub(super) section: &'a str,
    pub(super) rules: Rules,
    pub(super) environments: &'a Environments,
    /// The directory of packages that Alembic lies in.
    pub(super) site: Option<Utf8PathBuf>,
}

/// A configuration as it is read from one working directory.
pub(super) struct Candidate {
    pub(super) working_directory: Utf8PathBuf,
    pub(super) sources: Sources,
    pub(super) read: Read,
    pub(super) script_location: Option<Location>,
    locations: Vec<Location>,
}

impl Reader<'_> {
    /// Reads the chosen file, with the other one that Alembic reads beside it.
    pub(super) fn read(self, chosen: &Chosen) -> Result<AlembicConfig, ConfigError> {
        let mut notes = Vec::from_iter(chosen.note.clone());
        let mut candidates = Vec::new();
        for working_directory in &chosen.working_directories {
            candidates.push(self.candidate(chosen, working_directory)?);
        }
        let most = candidates.iter().map(Candidate::worth).max();
        let mut fitting = candidates
            .into_iter()
            .filter(|candidate| Some(candidate.worth()) == most);
        let Some(first) = fitting.next() else {
            return Err(ConfigError::NotFound(self.root));
        };
        if let Some(other) = fitting.find(|other| other.differs(&first)) {
            notes.push(format!(
                "the locations in `{}` are relative to the directory in which alembic is run, and nothing tells \
                whether that is `{}` or `{}`; took the first",
                self.shown(&chosen.file),
                first.working_directory,
                other.working_directory,
            ));
        }
        if first.script_location.is_none() {
            return self.without_location(chosen, first);
        }
        self.finish(chosen, first, notes)
    }

    pub(super) fn candidate(
        &self,
        chosen: &Chosen,
        working_directory: &Utf8Path,
    ) -> Result<Candidate, ConfigError> {
        let beside = |name: &str| working_directory.join(name);
        let (ini, toml) = if chosen.toml {
            (beside(INI), chosen.file.clone())
        } else {
            (chosen.file.clone(), beside(PYPROJECT))
        };
        let sources = Sources {
            ini: self.ini(&ini)?,
            section: self.section.to_owned(),
            toml: match self.rules.reads_toml() {
                true => self.toml(&toml)?,
                false => None,
            },
        };
        let read = evaluate(&sources, &self.rules);
        let versions = read.versions.as_ref();
        let entries = versions.and_then(|versions| versions.as_ref().ok());
        let entries: Vec<Entry> = entries.into_iter().flatten().cloned().collect();
        let mut all = entries.iter().chain(&read.script_location);
        let path = match all.any(|entry| is_package(&entry.written)) {
            false => SearchPath::default(),
            true => {
                let packages = (self.environments, self.site.as_deref());
                SearchPath::find(working_directory, &read.prepend_sys_path, packages)?
            }
        };
        let locate = |entry: &Entry| path.locate(working_directory, entry);
        Ok(Candidate {
            script_location: read.script_location.as_ref().map(locate),
            locations: entries.iter().map(locate).collect(),
            working_directory: working_directory.to_owned(),
            sources,
            read,
        })
    }

    pub(super) fn finish(
        self,
        chosen: &Chosen,
        candidate: Candidate,
        notes: Vec<String>,
    ) -> Result<AlembicConfig, ConfigError> {
        let Some(script_location) = candidate.script_location.clone() else {
            return Err(ConfigError::NotFound(self.root));
        };
        let mut refusals = candidate.read.refusals.clone();
        refusals.extend(self.missing(&script_location)?);
        let place = script_location.place.as_ref();
        let file = place.map(|place| place.file.clone());
        Ok(AlembicConfig {
            file: file.or_else(|| Some(self.shown(&chosen.file))),
            section: self.section.to_owned(),
            versions: candidate.versions(&script_location),
            script_location,
            rules: self.rules,
            root: self.root,
            working_directory: candidate.working_directory,
            recursive: candidate.read.recursive,
            prepend_sys_path: candidate.read.prepend_sys_path,
            refusals,
            notes,
            sources: candidate.sources,
        })
    }

    /// Alembic works with no script directory that does not exist.
    fn missing(&self, location: &Location) -> Result<Option<Refusal>, ConfigError> {
        match (&location.resolved, &location.place) {
            (Err(why), Some(place)) => Err(ConfigError::Package {
                place: place.clone(),
                location: location.written.clone(),
                why: why.clone(),
            }),
            (Err(_), None) => Ok(None),
            (Ok(directory), place) => {
                // Before 1.16 an empty path was none; since then it is the working directory.
                let empty = location.written.is_empty() && !self.rules.reads_toml();
                let missing = empty || !directory.exists();
                Ok(missing.then(|| Refusal {
                    setting: Some("script_location".to_owned()),
                    place: place.clone(),
                    why: format!("`{}` does not exist", location.written),
                }))
            }
        }
    }

    fn ini(&self, file: &Utf8Path) -> Result<Option<IniSource>, ConfigError> {
        let Some(text) = text(file)? else {
            return Ok(None);
        };
        let shown = self.shown(file);
        match Ini::parse(&text) {
            Ok(ini) => Ok(Some(IniSource {
                file: shown,
                here: file.parent().unwrap_or(file).to_owned(),
                ini,
            })),
            Err(error) => Err(ConfigError::Syntax {
                place: Line::new(shown, error.line),
                why: error.fault.to_string(),
            }),
        }
    }

    /// `[tool.alembic]` of the file. An Alembic that does not read the file does not mind what is in it.
    pub(super) fn toml(&self, file: &Utf8Path) -> Result<Option<TomlSource>, ConfigError> {
        let Some(text) = text(file)? else {
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

    /// A path as the user knows it: relative to the project where it lies inside.
    pub(super) fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}

impl Candidate {
    /// How much of what is named exists: the more, the likelier it is that `alembic` is run there.
    fn worth(&self) -> (usize, usize) {
        let directory = |location: &Location| location.resolved.as_ref().ok().cloned();
        let script = self.script_location.as_ref().and_then(directory);
        let script = script.map_or(0, |script| {
            usize::from(script.is_dir()) + usize::from(script.join("env.py").is_file())
        });
        let locations = self.locations.iter().filter_map(directory);
        (script, locations.filter(|found| found.is_dir()).count())
    }

    fn differs(&self, other: &Self) -> bool {
        let resolved = |candidate: &Self| {
            let script = candidate.script_location.iter();
            let all = script.chain(&candidate.locations);
            all.map(|location| location.resolved.clone().ok())
                .collect::<Vec<_>>()
        };
        resolved(self) != resolved(other)
    }

    fn versions(&self, script_location: &Location) -> Versions {
        match &self.read.versions {
            Some(Ok(_)) => Versions::Listed(self.locations.clone()),
            Some(Err(refusal)) => Versions::Refused(refusal.clone()),
            None => {
                let directory = script_location.resolved.clone();
                Versions::Default(Location {
                    written: format!("{}/versions", script_location.written),
                    place: None,
                    package: script_location.package,
                    resolved: directory.map(|directory| directory.join("versions")),
                })
            }
        }
    }
}

fn text(file: &Utf8Path) -> io::Result<Option<String>> {
    match fs_err::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
