//! The files of one configuration, and each setting in them with its place. Pure.

use std::ops::Range;

use camino::Utf8PathBuf;

use super::ini::Ini;
use super::interpolation::interpolate;
use super::pyproject::{Pyproject, Value};
use crate::place::Line;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Section,
    /// `[DEFAULT]`
    Default,
    Toml,
}

/// One setting, as it is written and as Alembic gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The line of its key.
    pub place: Line,
    pub origin: Origin,
    /// Its lines, counted from 1: from the key to the last line of the value. Comments between are inside.
    pub lines: Range<usize>,
    /// The same as bytes of the file, without the last line's end.
    pub bytes: Range<usize>,
    /// The value as it is written, without interpolation: in an ini its stripped lines, in TOML its source.
    pub raw: String,
    /// The value that Alembic gets, or why it gets none.
    pub value: Result<Value, String>,
}

impl Setting {
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Ok(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniSource {
    /// Relative to the project's root where it lies inside.
    pub file: Utf8PathBuf,
    /// `%(here)s`: its directory, absolute.
    pub here: Utf8PathBuf,
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
        let (entry, default) = self.ini.entry(section, key)?;
        let value = interpolate(&self.ini, section, &self.here, &entry.raw);
        Some(Setting {
            place: Line::new(&self.file, entry.lines.start),
            origin: match default {
                true => Origin::Default,
                false => Origin::Section,
            },
            lines: entry.lines.clone(),
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
            place: Line::new(&self.file, found.lines.start),
            origin: Origin::Toml,
            lines: found.lines.clone(),
            bytes: found.bytes.clone(),
            raw: self.text[found.value_bytes.clone()].to_owned(),
            value: found.value.interpolated(&self.here),
        })
    }
}
