//! The files of one configuration, and each setting in them with its place. Pure.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

use super::ini::Ini;
use super::interpolation::{format, interpolate};
use super::pyproject::{Pyproject, TomlValue};
use crate::place::Line;

/// Where a setting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the section itself.
    Section,
    Default,
    Toml,
}

/// One setting, as it is written and as Alembic gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Where its key is.
    pub place: Line,
    /// In which part of the file.
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text; the only kind of an ini file.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// A list of tables: the names in each.
    Tables(Vec<Vec<String>>),
    /// A table: its names.
    Table(Vec<String>),
    Boolean(bool),
    /// A whole number; whether it is zero.
    Integer(bool),
}

impl Setting {
    /// The value, if it is a text.
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
    /// The setting in the ini file.
    pub fn ini_setting(&self, key: &str) -> Option<Setting> {
        self.ini.as_ref()?.setting(&self.section, key)
    }

    /// The setting in `[tool.alembic]`.
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
            origin: if default {
                Origin::Default
            } else {
                Origin::Section
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
            value: value(&found.value, &self.here),
        })
    }
}

/// A TOML value with its `%(here)s` replaced, where Alembic can.
fn value(value: &TomlValue, here: &Utf8Path) -> Result<Value, String> {
    let text = |value: &TomlValue| match value {
        TomlValue::Text(text) => format(text, here).map_err(|why| why.to_string()),
        _ => Err("it holds something else than strings".to_owned()),
    };
    Ok(match value {
        TomlValue::Text(_) => Value::Text(text(value)?),
        TomlValue::List(values) if matches!(values.first(), Some(TomlValue::Table(_))) => {
            let names = values.iter().map(|value| match value {
                TomlValue::Table(table) => {
                    table.values().try_for_each(|value| text(value).map(drop))?;
                    Ok(table.keys().cloned().collect())
                }
                _ => Err("it holds tables and other values".to_owned()),
            });
            Value::Tables(names.collect::<Result<_, String>>()?)
        }
        TomlValue::List(values) => Value::List(values.iter().map(text).collect::<Result<_, _>>()?),
        TomlValue::Table(table) => {
            table.values().try_for_each(|value| text(value).map(drop))?;
            Value::Table(table.keys().cloned().collect())
        }
        TomlValue::Boolean(value) => Value::Boolean(*value),
        TomlValue::Integer(zero) => Value::Integer(*zero),
        TomlValue::Other => return Err("Alembic takes no value of this kind".to_owned()),
    })
}
