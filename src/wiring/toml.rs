//! `version_locations` of `[tool.alembic]` in `pyproject.toml`.

use serde::Deserialize;
use toml::Spanned;

use super::{Entries, line_end, replaced};
use crate::alembic::config::{Setting, TomlSource};

impl Entries<'_> {
    pub(super) fn edit_toml(&self, text: &str) -> Option<String> {
        let source = self.config.sources.toml.as_ref()?;
        let edited = match self.config.sources.toml_setting("version_locations") {
            Some(setting) => vec![self.in_array(text, source, &setting)],
            None => vec![
                self.new_line(text, ""),
                self.new_line(text, "alembic."),
                self.new_line(text, "tool.alembic."),
                self.inline(text, source),
            ],
        };
        edited
            .into_iter()
            .flatten()
            .find(|edited| self.are(self.config.entries_of_toml(edited)))
    }

    fn array(&self) -> String {
        format!("[{}, {}]", quoted(&self.own), quoted(&self.added))
    }

    /// Behind `script_location`, or else behind the table's header. `table` is what stands before its keys.
    fn new_line(&self, text: &str, table: &str) -> Option<String> {
        let at = match self.config.sources.toml_setting("script_location") {
            Some(setting) => setting.bytes.end,
            None => header(text)?,
        };
        let rest = text[at..].split('\n').next().unwrap_or_default();
        let at = at + rest.trim_end_matches('\r').len();
        let line = format!(
            "{}{table}version_locations = {}",
            line_end(text),
            self.array()
        );
        Some(replaced(text, vec![(at..at, line)]))
    }

    /// `alembic = { script_location = … }`.
    fn inline(&self, text: &str, source: &TomlSource) -> Option<String> {
        let at = source.table.get("script_location")?.value_bytes.end;
        let new = format!(", version_locations = {}", self.array());
        Some(replaced(text, vec![(at..at, new)]))
    }

    fn in_array(&self, text: &str, source: &TomlSource, setting: &Setting) -> Option<String> {
        let value = source.table.get("version_locations")?.value_bytes.clone();
        debug_assert!(setting.bytes.end >= value.end);
        let array = &text[value.clone()];
        let Some((last, is_first_line)) = last_element(array) else {
            return Some(replaced(text, vec![(value, self.array())]));
        };
        let after = &array[last..];
        let comma = after.trim_start().starts_with(',');
        let element = quoted(&self.added);
        let mut edits = Vec::new();
        let start = value.start + last;
        let behind_comma = if comma {
            start + after.find(',')? + 1
        } else {
            start
        };
        if !array.contains('\n') {
            let new = if comma {
                format!(" {element},")
            } else {
                format!(", {element}")
            };
            edits.push((behind_comma..behind_comma, new));
            return Some(replaced(text, edits));
        }
        let line = array[..last].rsplit('\n').next().unwrap_or_default();
        let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
        let indent = if is_first_line {
            "    ".to_owned()
        } else {
            indent
        };
        // Behind a comment on the element's line, unless the array ends there.
        let rest_of_line = text[behind_comma..].split('\n').next().unwrap_or_default();
        let closes = value.end <= behind_comma + rest_of_line.len();
        let at = if closes {
            behind_comma
        } else {
            behind_comma + rest_of_line.trim_end().len()
        };
        let line = format!("{}{indent}{element},", line_end(text));
        match (comma, at == start) {
            (true, _) => edits.push((at..at, line)),
            (false, true) => edits.push((at..at, format!(",{line}"))),
            (false, false) => edits.extend([(start..start, ",".to_owned()), (at..at, line)]),
        }
        Some(replaced(text, edits))
    }
}

/// Where the last element of an array ends, and whether it stands on the first line; none if there is none.
fn last_element(array: &str) -> Option<(usize, bool)> {
    #[derive(Deserialize)]
    struct Document {
        array: Vec<Spanned<String>>,
    }
    const KEY: &str = "array = ";
    let document: Document = toml::from_str(&format!("{KEY}{array}")).ok()?;
    let end = document.array.last()?.span().end - KEY.len();
    Some((end, !array[..end].contains('\n')))
}

/// Where the header `[tool.alembic]` ends.
fn header(text: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let plain: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        if plain.starts_with("[tool.alembic]") {
            return Some(offset + line.trim_end().len());
        }
        offset += line.len();
    }
    None
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
