//! `[tool.alembic]` in `pyproject.toml`, with the place of each setting. Pure.

use std::collections::BTreeMap;
use std::ops::Range;

use camino::Utf8Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::interpolation::format;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pyproject {
    settings: BTreeMap<String, TomlSetting>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlSetting {
    pub value: Value,
    /// The line of the key, counted from 1.
    pub line: usize,
    /// From the key to the value's end.
    pub bytes: Range<usize>,
    /// The bytes of the value alone.
    pub value_bytes: Range<usize>,
}

/// A value, as far as Alembic tells kinds apart. An ini file has only texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<Value>),
    Boolean(bool),
    /// A whole number; whether it is zero.
    Integer(bool),
    Table(BTreeMap<String, Value>),
    /// What Alembic takes nowhere: a float or a date.
    Other,
}

impl Value {
    /// With each `%(here)s` replaced; the error is why Alembic cannot.
    pub(super) fn interpolated(&self, here: &Utf8Path) -> Result<Self, String> {
        Ok(match self {
            Self::Text(_) => self.interpolated_text(here)?,
            Self::List(values) => {
                let tables = values.first().is_some_and(Self::is_table);
                let values = values.iter().map(|value| match (tables, value) {
                    (true, Self::Table(_)) => value.interpolated(here),
                    (true, _) => Err("it holds tables and other values".to_owned()),
                    (false, _) => value.interpolated_text(here),
                });
                Self::List(values.collect::<Result<_, _>>()?)
            }
            Self::Table(table) => {
                let settings = table
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), value.interpolated_text(here)?)));
                Self::Table(settings.collect::<Result<_, String>>()?)
            }
            Self::Boolean(_) | Self::Integer(_) => self.clone(),
            Self::Other => return Err("Alembic takes no value of this kind".to_owned()),
        })
    }

    fn interpolated_text(&self, here: &Utf8Path) -> Result<Self, String> {
        match self {
            Self::Text(text) => format(text, here)
                .map(Self::Text)
                .map_err(|why| why.to_string()),
            _ => Err("it holds something else than strings".to_owned()),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self, Self::Table(_))
    }
}

/// Why Alembic cannot read the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PyprojectError {
    #[error("it does not parse\n{0}")]
    Syntax(String),
    #[error("it begins with a byte order mark")]
    ByteOrderMark,
    #[error("`{0}` is not a table")]
    NotATable(&'static str),
}

impl Pyproject {
    /// Reads `text`; none if it has no `[tool.alembic]`.
    pub fn parse(text: &str) -> Result<Option<Self>, PyprojectError> {
        if text.starts_with('\u{feff}') {
            return Err(PyprojectError::ByteOrderMark);
        }
        let document = DeTable::parse(text)
            .map_err(|error| PyprojectError::Syntax(error.to_string().trim_end().to_owned()))?;
        let Some(tool) = document.get_ref().get("tool") else {
            return Ok(None);
        };
        let tool = table(tool, "tool")?;
        let Some(alembic) = tool.get("alembic") else {
            return Ok(None);
        };
        let settings = table(alembic, "tool.alembic")?.iter().map(|(key, value)| {
            // The key of an array of tables lies in its first header.
            let bytes = key.span().start..value.span().end.max(key.span().end);
            let setting = TomlSetting {
                value: read(value.get_ref()),
                line: text[..bytes.start].matches('\n').count() + 1,
                bytes,
                value_bytes: value.span(),
            };
            (key.get_ref().to_string(), setting)
        });
        Ok(Some(Self {
            settings: settings.collect(),
        }))
    }

    pub fn get(&self, key: &str) -> Option<&TomlSetting> {
        self.settings.get(key)
    }
}

fn table<'a>(
    value: &'a Spanned<DeValue<'_>>,
    name: &'static str,
) -> Result<&'a DeTable<'a>, PyprojectError> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(PyprojectError::NotATable(name)),
    }
}

fn read(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Array(values) => {
            Value::List(values.iter().map(|value| read(value.get_ref())).collect())
        }
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Integer(value) => Value::Integer(
            !value
                .as_str()
                .contains(|c: char| c != '0' && c.is_alphanumeric()),
        ),
        DeValue::Table(table) => Value::Table(
            table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), read(value.get_ref())))
                .collect(),
        ),
        DeValue::Float(_) | DeValue::Datetime(_) => Value::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_their_places() {
        let text = "[project]\n\n[tool.alembic]\nscript_location = \"a\" # b\nversion_locations = [\n  \"x\",\n]\n";
        let found = Pyproject::parse(text).unwrap().unwrap();
        let locations = found.get("version_locations").unwrap();
        assert_eq!(locations.line, 5);
        assert_eq!(
            &text[locations.bytes.clone()],
            "version_locations = [\n  \"x\",\n]"
        );
        let script = found.get("script_location").unwrap();
        assert_eq!(script.line, 4);
        assert_eq!(&text[script.value_bytes.clone()], "\"a\"");
        assert_eq!(Pyproject::parse("[tool.other]\n").unwrap(), None);
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for text in ["[tool", "tool = 1", "[tool]\nalembic = []", "\u{feff}"] {
            assert!(Pyproject::parse(text).is_err(), "{text}");
        }
    }
}
