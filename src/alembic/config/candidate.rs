//! A configuration as it is read from one working directory.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::evaluate::{Entry, Read, evaluate};
use super::find::Chosen;
use super::packages::{SearchPath, split};
use super::reader::Reader;
use super::{AlembicConfig, ConfigError, Location, Refusal, Rules, Sources, Versions};
use crate::read;

/// Each is looked up on the disk. Projects have one for each of their components.
pub(super) const MOST_LOCATIONS: usize = 1_000;

pub(super) struct Candidate {
    pub(super) working_directory: Utf8PathBuf,
    pub(super) sources: Sources,
    pub(super) read: Read,
    pub(super) script_location: Option<Location>,
    locations: Vec<Location>,
}

impl Candidate {
    pub(super) fn read(
        reader: &Reader<'_>,
        chosen: &Chosen,
        working_directory: &Utf8Path,
    ) -> Result<Self, ConfigError> {
        let sources = reader.sources(chosen, working_directory)?;
        let read = evaluate(&sources, &reader.rules);
        let entries: &[Entry] = match &read.versions {
            Some(Ok(entries)) => entries,
            _ => &[],
        };
        if let Some(entry) = entries.get(MOST_LOCATIONS) {
            return Err(ConfigError::Locations {
                place: entry.place.clone(),
                found: entries.len(),
            });
        }
        let mut all = entries.iter().chain(&read.script_location);
        let path = match all.any(|entry| split(&entry.written).is_some()) {
            true => SearchPath::find(
                working_directory,
                &read.prepend_sys_path,
                reader.environments,
            )?,
            false => SearchPath::default(),
        };
        let locate = |entry: &Entry| path.locate(working_directory, entry);
        Ok(Self {
            script_location: read.script_location.as_ref().map(locate),
            locations: entries.iter().map(locate).collect(),
            working_directory: working_directory.to_owned(),
            sources,
            read,
        })
    }

    /// How much of what is named exists: the more, the likelier it is that `alembic` is run there.
    pub(super) fn worth(&self) -> io::Result<(usize, usize)> {
        let mut worth = (0, 0);
        for script in self.script_location.iter().filter_map(Location::directory) {
            let env = read::metadata(script.join("env.py"))?;
            worth.0 += usize::from(read::is_directory(script)?);
            worth.0 += usize::from(env.is_some_and(|env| env.is_file()));
        }
        for location in self.locations.iter().filter_map(Location::directory) {
            worth.1 += usize::from(read::is_directory(location)?);
        }
        Ok(worth)
    }

    pub(super) fn differs(&self, other: &Self) -> bool {
        !self.directories().eq(other.directories())
    }

    fn directories(&self) -> impl Iterator<Item = Option<&Utf8PathBuf>> {
        let all = self.script_location.iter().chain(&self.locations);
        all.map(Location::directory)
    }

    pub(super) fn into_config(
        self,
        reader: &Reader<'_>,
        chosen: &Chosen,
        script_location: Location,
        notes: Vec<String>,
    ) -> Result<AlembicConfig, ConfigError> {
        let mut refusals = self.read.refusals;
        refusals.extend(missing(&reader.rules, &script_location)?);
        let place = script_location.place.as_ref();
        let file = place.map_or_else(|| reader.shown(&chosen.file), |place| place.file.clone());
        let versions = match self.read.versions {
            Some(Ok(_)) => Versions::Listed(self.locations),
            Some(Err(refusal)) => Versions::Refused(refusal),
            None => Versions::Default(Location {
                written: format!("{}/versions", script_location.written),
                place: None,
                package: script_location.package,
                resolved: (script_location.resolved.clone())
                    .map(|directory| directory.join("versions")),
            }),
        };
        Ok(AlembicConfig {
            file: Some(file),
            rules: reader.rules.clone(),
            root: reader.root.clone(),
            working_directory: self.working_directory,
            script_location,
            versions,
            recursive: self.read.recursive,
            sourceless: self.read.sourceless,
            prepend_sys_path: self.read.prepend_sys_path,
            refusals,
            notes,
            sources: self.sources,
        })
    }
}

/// Alembic refuses a script directory that does not exist.
fn missing(rules: &Rules, location: &Location) -> Result<Option<Refusal>, ConfigError> {
    match (&location.resolved, &location.place) {
        (Err(why), Some(place)) => Err(ConfigError::Package {
            place: place.clone(),
            location: location.written.clone(),
            why: why.clone(),
        }),
        (Err(_), None) => Ok(None),
        (Ok(directory), place) => {
            // Before 1.16 an empty path was none; since then it is the working directory.
            let empty = location.written.is_empty() && !rules.reads_toml();
            let missing = empty || read::metadata(directory)?.is_none();
            Ok(missing.then(|| Refusal {
                setting: Some("script_location".to_owned()),
                place: place.clone(),
                why: format!("`{}` does not exist", location.written),
            }))
        }
    }
}
