//! `[tool.alembic]` in `pyproject.toml`, with the place of each setting. Pure.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pyproject {
    settings: BTreeMap<String, TomlSetting>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlSetting {
    pub value: TomlValue,
    /// The lines from the key to the value's end, counted from 1.
    pub lines: Range<usize>,
    /// The same as bytes.
    pub bytes: Range<usize>,
    /// The bytes of the value alone.
    pub value_bytes: Range<usize>,
}

/// A value, as far as Alembic tells kinds apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TomlValue {
    /// A string, as it is written.
    Text(String),
    List(Vec<TomlValue>),
    Boolean(bool),
    /// A whole number; whether it is zero.
    Integer(bool),
    Table(BTreeMap<String, TomlValue>),
    /// What Alembic takes nowhere: a float or a date.
    Other,
}

/// Why Alembic cannot read the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PyprojectError {
    #[error("it does not parse\n{0}")]
    Syntax(String),
    /// Python's parser wants none.
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
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let settings = table(alembic, "tool.alembic")?.iter().map(|(key, value)| {
            // The key of an array of tables lies in its first header.
            let bytes = key.span().start..value.span().end.max(key.span().end);
            let setting = TomlSetting {
                value: read(value.get_ref()),
                lines: line(bytes.start)..line(bytes.end) + 1,
                bytes,
                value_bytes: value.span(),
            };
            (key.get_ref().to_string(), setting)
        });
        Ok(Some(Self {
            settings: settings.collect(),
        }))
    }

    /// A setting by its name.
    pub fn get(&self, key: &str) -> Option<&TomlSetting> {
        self.settings.get(key)
    }

    /// The names of all settings.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.settings.keys().map(String::as_str)
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

fn read(value: &DeValue<'_>) -> TomlValue {
    match value {
        DeValue::String(text) => TomlValue::Text(text.to_string()),
        DeValue::Array(values) => {
            TomlValue::List(values.iter().map(|value| read(value.get_ref())).collect())
        }
        DeValue::Boolean(value) => TomlValue::Boolean(*value),
        DeValue::Integer(value) => TomlValue::Integer(
            !value
                .as_str()
                .contains(|c: char| c != '0' && c.is_alphanumeric()),
        ),
        DeValue::Table(table) => TomlValue::Table(
            table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), read(value.get_ref())))
                .collect(),
        ),
        DeValue::Float(_) | DeValue::Datetime(_) => TomlValue::Other,
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
        assert_eq!(locations.lines, 5..8);
        assert_eq!(
            &text[locations.bytes.clone()],
            "version_locations = [\n  \"x\",\n]"
        );
        let script = found.get("script_location").unwrap();
        assert_eq!(script.lines, 4..5);
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
