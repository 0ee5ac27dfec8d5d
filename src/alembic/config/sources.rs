//! The files of one configuration, and each setting in them with its place. Pure.

use std::ops::Range;

use camino::Utf8PathBuf;

use super::ini::Ini;
use super::interpolation::interpolate;
use super::pyproject::{Pyproject, Value};
use crate::place::Line;

/// One setting, as it is written and as Alembic gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The line of its key.
    pub place: Line,
    /// Whether an ini has it in `[DEFAULT]`, and not in the section itself.
    pub inherited: bool,
    /// Its bytes in the file: from the key to the value's end, without the last line's end. Comments between are inside.
    pub bytes: Range<usize>,
    /// The text without interpolation: in an ini its stripped lines; empty for what is no string in TOML.
    pub raw: String,
    /// The value that Alembic gets, or why it gets none.
    pub value: Result<Value, String>,
}

impl Setting {
    pub fn text(&self) -> Option<&str> {
        self.value.as_ref().ok()?.text()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniSource {
    /// Relative to the project's root where it lies inside.
    pub file: Utf8PathBuf,
    /// `%(here)s`: its directory, absolute.
    pub here: Utf8PathBuf,
    pub text: String,
    pub ini: Ini,
}

/// A `pyproject.toml` with a `[tool.alembic]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlSource {
    /// Relative to the project's root where it lies inside.
    pub file: Utf8PathBuf,
    /// `%(here)s`: its directory, absolute.
    pub here: Utf8PathBuf,
    pub text: String,
    pub table: Pyproject,
}

/// The files that Alembic reads for one configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    pub ini: Option<IniSource>,
    /// The name of its section, as of `-n`.
    pub section: String,
    pub toml: Option<TomlSource>,
}

impl Sources {
    pub fn ini_setting(&self, key: &str) -> Option<Setting> {
        self.ini.as_ref()?.setting(&self.section, key)
    }

    pub fn toml_setting(&self, key: &str) -> Option<Setting> {
        self.toml.as_ref()?.setting(key)
    }
}

impl IniSource {
    /// The setting `key` of `section`, or of `[DEFAULT]`.
    pub fn setting(&self, section: &str, key: &str) -> Option<Setting> {
        let (entry, inherited) = self.ini.entry(section, key)?;
        let value = interpolate(&self.ini, section, &self.here, &entry.raw);
        Some(Setting {
            place: Line::new(&self.file, entry.line),
            inherited,
            bytes: entry.bytes.clone(),
            raw: entry.raw.clone(),
            value: value.map(Value::Text).map_err(|why| why.to_string()),
        })
    }

    /// What `%(here)s` is in `section`; the error is why its value cannot be read.
    pub(super) fn here_in(&self, section: &str) -> Result<String, String> {
        let here = interpolate(&self.ini, section, &self.here, "%(here)s");
        here.map_err(|why| why.to_string())
    }
}

impl TomlSource {
    fn setting(&self, key: &str) -> Option<Setting> {
        let found = self.table.get(key)?;
        Some(Setting {
            place: Line::new(&self.file, found.line),
            inherited: false,
            bytes: found.bytes.clone(),
            raw: found.value.text().unwrap_or_default().to_owned(),
            value: found.value.interpolated(&self.here),
        })
    }
}
