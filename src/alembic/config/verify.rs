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
        let ini = Ini::parse(text).ok()?;
        let there = &sources.ini.as_ref()?.ini;
        let settings = |ini: &Ini| -> Vec<(String, String, String)> {
            let sections = ini.sections().map(str::to_owned);
            let mut all = Vec::new();
            for section in sections {
                for key in ini.keys(&section) {
                    let edited = section == self.section && EDITED.contains(&key);
                    if let Some((entry, _)) = ini.entry(&section, key).filter(|_| !edited) {
                        all.push((section.clone(), key.to_owned(), entry.raw.clone()));
                    }
                }
            }
            all
        };
        let sections = |ini: &Ini| ini.sections().map(str::to_owned).collect::<Vec<_>>();
        if settings(&ini) != settings(there) || sections(&ini) != sections(there) {
            return None;
        }
        sources.ini.as_mut()?.ini = ini;
        self.entries(&sources)
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
        let (before, after) = (
            evaluate(&self.sources, &self.rules),
            evaluate(sources, &self.rules),
        );
        // Their lines may be others.
        let is_new = |refusal: &Refusal| {
            let mut known = before.refusals.iter();
            !known.any(|known| (&known.setting, &known.why) == (&refusal.setting, &refusal.why))
        };
        let refuses = after.refusals.iter().any(is_new);
        if refuses || before.prepend_sys_path != after.prepend_sys_path {
            return None;
        }
        let entries = after.versions?.ok()?;
        Some(entries.into_iter().map(|entry| entry.written).collect())
    }
}
