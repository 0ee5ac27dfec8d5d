//! `version_locations` and `prepend_sys_path`.

use super::super::separators::{Separator, prepend_sys_path, separator, version_locations};
use super::super::sources::{Setting, Value};
use super::{Asked, Entry, Refusal, refusal};

impl Asked<'_> {
    pub(super) fn prepend_sys_path(&mut self) -> Option<Vec<String>> {
        const KEY: &str = "prepend_sys_path";
        let result = match self.ini_text(KEY) {
            Err(refusal) => Err(refusal),
            Ok(Some((_, value))) => {
                // Before 1.16 this list knew no separator of its own.
                let names: &[&str] = if self.rules.reads_toml() {
                    &["path_separator"]
                } else {
                    &[]
                };
                self.separator(names)
                    .map(|separator| prepend_sys_path(&value, separator))
            }
            Ok(None) => self.toml(KEY).transpose().and_then(|setting| {
                setting.map_or(Ok(Vec::new()), |setting| items(KEY, &setting, true))
            }),
        };
        result.map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    pub(super) fn versions(&mut self) -> Result<Option<Vec<Entry>>, Refusal> {
        const KEY: &str = "version_locations";
        let (place, written) = if let Some((setting, value)) = self.ini_text(KEY)? {
            let names: &[&str] = if self.rules.reads_toml() {
                &["path_separator", "version_path_separator"]
            } else {
                &["version_path_separator"]
            };
            let separator = self.separator(names)?;
            let entries = version_locations(&value, separator, self.rules);
            (setting.place, entries)
        } else if let Some(setting) = self.toml(KEY).transpose()? {
            (setting.place.clone(), items(KEY, &setting, false)?)
        } else {
            return Ok(None);
        };
        if written.is_empty() {
            return Ok(None);
        }
        let entry = |written| Entry {
            written,
            place: place.clone(),
        };
        Ok(Some(written.into_iter().map(entry).collect()))
    }

    /// The ini file's value, unless it is empty.
    fn ini_text(&self, key: &str) -> Result<Option<(Setting, String)>, Refusal> {
        let Some(setting) = self.sources.ini_setting(key) else {
            return Ok(None);
        };
        match &setting.value {
            Err(why) => Err(refusal(key, &setting, why)),
            Ok(Value::Text(text)) if !text.is_empty() => {
                let text = text.clone();
                Ok(Some((setting, text)))
            }
            Ok(_) => Ok(None),
        }
    }

    /// The first separator that is set.
    fn separator(&self, keys: &[&str]) -> Result<Separator, Refusal> {
        if !keys.is_empty() && !self.has_section() {
            // `-n DEFAULT`: the value is found, its separator is not.
            return Err(Refusal {
                setting: None,
                place: None,
                why: format!("there is no section `[{}]`", self.sources.section),
            });
        }
        let mut found = keys
            .iter()
            .filter_map(|key| Some((*key, self.sources.ini_setting(key)?)));
        let Some((key, setting)) = found.next() else {
            return separator(None, self.rules).map_err(|why| Refusal {
                setting: None,
                place: None,
                why,
            });
        };
        match &setting.value {
            Ok(Value::Text(name)) => {
                separator(Some(name), self.rules).map_err(|why| refusal(key, &setting, why))
            }
            Ok(_) => Err(refusal(key, &setting, "it is not a string")),
            Err(why) => Err(refusal(key, &setting, why)),
        }
    }
}

/// What Python iterates over: of a string its characters, of a table its names.
fn items(key: &str, setting: &Setting, tables: bool) -> Result<Vec<String>, Refusal> {
    match &setting.value {
        Ok(Value::Text(text)) => Ok(text.chars().map(String::from).collect()),
        Ok(Value::List(entries) | Value::Table(entries)) => Ok(entries.clone()),
        Ok(Value::Boolean(false) | Value::Integer(true)) => Ok(Vec::new()),
        Ok(Value::Tables(_)) if tables => Ok(Vec::new()),
        Ok(_) => Err(refusal(key, setting, "it is not a list of strings")),
        Err(why) => Err(refusal(key, setting, why)),
    }
}
