//! Projects whose files name no script location: a program sets it.

use super::candidate::{Candidate, Reader};
use super::find::{Chosen, PYPROJECT, unreadable};
use super::programs::{self, Below};
use super::{AlembicConfig, ConfigError, Location, Sources, Versions};
use crate::place::Line;

impl Reader<'_> {
    /// The file has no script location: a fault in it, another section, another file, or a program that sets it.
    pub(super) fn without_location(
        self,
        chosen: &Chosen,
        candidate: Candidate,
    ) -> Result<AlembicConfig, ConfigError> {
        let refusals = candidate.read.refusals.iter();
        let faults = refusals.filter(|fault| fault.setting.as_deref() == Some("script_location"));
        if let Some((Some(place), why)) = faults.map(|fault| (&fault.place, &fault.why)).next() {
            let (place, why) = (place.clone(), why.clone());
            return Err(ConfigError::Syntax { place, why });
        }
        let ini = candidate.sources.ini.as_ref();
        let others = ini.map(|source| source.ini.sections_with("script_location"));
        let others: Vec<String> = others.into_iter().flatten().map(str::to_owned).collect();
        let has_section = ini.is_some_and(|source| source.ini.has_section(self.section));
        let plain = others.is_empty() && (has_section || chosen.toml);
        let missing = ConfigError::NoLocation {
            file: self.shown(&chosen.file),
            section: self.section.to_owned(),
            others,
        };
        if let Some(toml) = self.unread_toml(&candidate)? {
            return unreadable(self, &toml);
        }
        if !plain {
            return Err(missing);
        }
        if let Some(directory) = chosen.file.parent()
            && !chosen.toml
            && directory.join("env.py").is_file()
        {
            return self.beside_its_scripts(chosen);
        }
        let sources = candidate.sources;
        self.by_programs(Some(sources))
            .map_err(|error| match error {
                ConfigError::NotFound(_) => missing,
                other => other,
            })
    }

    /// A `[tool.alembic]` that this Alembic does not read, though it has what is missing.
    fn unread_toml(&self, candidate: &Candidate) -> Result<Option<Chosen>, ConfigError> {
        if self.rules.reads_toml() {
            return Ok(None);
        }
        let file = candidate.working_directory.join(PYPROJECT);
        let found = self.toml(&file)?;
        let named = found.is_some_and(|source| source.table.get("script_location").is_some());
        Ok(named.then(|| Chosen {
            file,
            toml: true,
            working_directories: vec![candidate.working_directory.clone()],
            note: None,
        }))
    }

    /// Flask-Migrate keeps its ini among the scripts, sets the script location to that directory, and is run beside it.
    fn beside_its_scripts(self, chosen: &Chosen) -> Result<AlembicConfig, ConfigError> {
        let directory = chosen.file.parent().unwrap_or(&self.root).to_owned();
        let beside = directory.parent().unwrap_or(&directory);
        let mut candidate = self.candidate(chosen, beside)?;
        let shown = self.shown(&directory);
        let note = format!(
            "`{}` names no script location; took its own directory, as Flask-Migrate does",
            self.shown(&chosen.file)
        );
        candidate.script_location = Some(Location {
            written: shown.to_string(),
            place: None,
            package: false,
            resolved: Ok(directory),
        });
        self.finish(chosen, candidate, vec![note])
    }

    /// A project that builds its configuration in Python still keeps its scripts somewhere.
    pub(super) fn by_programs(
        self,
        sources: Option<Sources>,
    ) -> Result<AlembicConfig, ConfigError> {
        let Below { scripts, .. } = programs::below(&self.root)?;
        let directory = match scripts.as_slice() {
            [directory] => directory,
            [] => return Err(ConfigError::NotFound(self.root)),
            _ => {
                let files = scripts
                    .iter()
                    .map(|found| self.shown(&found.join("env.py")));
                return Err(ConfigError::SeveralScripts(files.collect()));
            }
        };
        let shown = self.shown(directory);
        let mentions = programs::mentions(&self.root)?;
        let places = mentions
            .into_iter()
            .map(|mention| Line::new(self.shown(&mention.place.file), mention.place.line));
        let versions = Versions::Undecidable {
            why: format!(
                "no configuration file names the script location; `{}` was found",
                shown.join("env.py")
            ),
            look_at: places.collect(),
        };
        Ok(AlembicConfig {
            file: None,
            section: self.section.to_owned(),
            rules: self.rules,
            working_directory: self.root.clone(),
            root: self.root,
            script_location: Location {
                written: shown.to_string(),
                place: None,
                package: false,
                resolved: Ok(directory.clone()),
            },
            versions,
            recursive: false,
            prepend_sys_path: Vec::new(),
            refusals: Vec::new(),
            notes: Vec::new(),
            sources: sources.unwrap_or_default(),
        })
    }
}
