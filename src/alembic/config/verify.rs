//! Whether an edited configuration says what it should, and nothing else. Pure.

use super::AlembicConfig;
use super::Refusal;
use super::evaluate::evaluate;
use super::ini::Ini;
use super::pyproject::Pyproject;
use super::sources::Sources;

/// What an edit may change.
const EDITED: [&str; 3] = [
    "version_locations",
    "path_separator",
    "version_path_separator",
];

impl AlembicConfig {
    /// The entries of `version_locations` that Alembic would get from the edited text of the ini file; none if it would
    /// refuse them, or if anything else is changed.
    pub fn entries_of_ini(&self, text: &str) -> Option<Vec<String>> {
        let mut sources = self.sources.clone();
        let source = sources.ini.as_mut()?;
        let edited = Ini::parse(text).ok()?;
        if self.unedited(&edited) != self.unedited(&source.ini) {
            return None;
        }
        source.ini = edited;
        self.entries(&sources)
    }

    /// Each section with its settings, without those that an edit may change.
    fn unedited<'a>(&self, ini: &'a Ini) -> Vec<(&'a str, Vec<(&'a str, &'a str)>)> {
        let settings = |section: &'a str| {
            let keys = ini.keys(section).into_iter();
            keys.filter(|key| section != self.sources.section || !EDITED.contains(key))
                .filter_map(|key| Some((key, ini.entry(section, key)?.0.raw.as_str())))
                .collect()
        };
        let sections = ini.sections();
        sections
            .map(|section| (section, settings(section)))
            .collect()
    }

    /// The same for the edited text of `pyproject.toml`.
    pub fn entries_of_toml(&self, text: &str) -> Option<Vec<String>> {
        let mut sources = self.sources.clone();
        let parse = |text: &str| {
            let mut table: toml::Table = toml::from_str(text).ok()?;
            table
                .get_mut("tool")?
                .get_mut("alembic")?
                .as_table_mut()?
                .remove("version_locations");
            Some(table)
        };
        let toml = sources.toml.as_mut()?;
        if parse(text)? != parse(&toml.text)? {
            return None;
        }
        toml.table = Pyproject::parse(text).ok()??;
        toml.text = text.to_owned();
        self.entries(&sources)
    }

    fn entries(&self, sources: &Sources) -> Option<Vec<String>> {
        let before = evaluate(&self.sources, &self.rules);
        let after = evaluate(sources, &self.rules);
        // The lines of the refusals may change.
        let is_new = |refusal: &Refusal| {
            let mut known = before.refusals.iter();
            !known.any(|known| (&known.setting, &known.why) == (&refusal.setting, &refusal.why))
        };
        if after.refusals.iter().any(is_new) || before.prepend_sys_path != after.prepend_sys_path {
            return None;
        }
        let entries = after.versions?.ok()?;
        Some(entries.into_iter().map(|entry| entry.written).collect())
    }
}
