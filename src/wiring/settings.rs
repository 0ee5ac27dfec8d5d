//! This program's own settings, written by `init`.

use super::{WiringError, line_end, replaced};

const HEADER: &str = "[tool.vendor-migrations]";

/// The text of `vendor-migrations.toml`, or with `in_pyproject` of `pyproject.toml`, with some settings more. `text` is
/// what is there now.
pub fn with(
    text: &str,
    in_pyproject: bool,
    settings: &[(&'static str, String)],
) -> Result<String, WiringError> {
    let there = read(text, in_pyproject);
    let mut lines = String::new();
    let end = line_end(text);
    for (key, value) in settings {
        let value = toml::Value::String(value.clone()).to_string();
        match there.as_ref().and_then(|table| table.get(*key)) {
            Some(same) if same.to_string() == value => {}
            Some(other) => {
                let there = other.to_string();
                return Err(WiringError::SettingsTaken { key, there });
            }
            None => lines.push_str(&format!("{key} = {value}{end}")),
        }
    }
    if lines.is_empty() {
        return Ok(text.to_owned());
    }
    let at = if in_pyproject {
        match behind_header(text) {
            Some(at) => at,
            None => {
                let gap = if text.is_empty() { "" } else { end };
                let ended = if text.is_empty() || text.ends_with('\n') {
                    ""
                } else {
                    end
                };
                return Ok(format!("{text}{ended}{gap}{HEADER}{end}{lines}"));
            }
        }
    } else {
        // Before the first table; nothing below it would be a setting at the top.
        first_table(text)
    };
    let ended = text[..at].is_empty() || text[..at].ends_with('\n');
    let lines = if ended {
        lines
    } else {
        format!("{end}{lines}")
    };
    Ok(replaced(text, vec![(at..at, lines)]))
}

fn read(text: &str, in_pyproject: bool) -> Option<toml::Table> {
    let table: toml::Table = toml::from_str(text).ok()?;
    if in_pyproject {
        table
            .get("tool")?
            .get("vendor-migrations")?
            .as_table()
            .cloned()
    } else {
        Some(table)
    }
}

fn behind_header(text: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        offset += line.len();
        let plain: String = line
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '"')
            .collect();
        if plain.starts_with(HEADER) {
            return Some(offset);
        }
    }
    None
}

fn first_table(text: &str) -> usize {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            return offset;
        }
        offset += line.len();
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(text: &str, in_pyproject: bool) -> String {
        let settings = [("history", "linear".to_owned())];
        let new = with(text, in_pyproject, &settings).unwrap();
        let table = read(&new, in_pyproject).unwrap();
        assert_eq!(table["history"].as_str(), Some("linear"), "{new}");
        assert_eq!(with(&new, in_pyproject, &settings).unwrap(), new);
        new
    }

    #[test]
    fn settings_go_where_they_are_read() {
        assert_eq!(linear("", false), "history = \"linear\"\n");
        assert_eq!(
            linear("mode = \"copy\"", false),
            "mode = \"copy\"\nhistory = \"linear\"\n"
        );
        let accept = "# mine\n[[accept]]\ncode = \"mode\"\n";
        assert!(linear(accept, false).starts_with("# mine\nhistory = "));
        assert_eq!(
            linear("[project]\nname = \"x\"\n", true),
            "[project]\nname = \"x\"\n\n[tool.vendor-migrations]\nhistory = \"linear\"\n"
        );
        let there = "[tool.vendor-migrations]  # ours\nmode = \"copy\"\n\n[tool.ruff]\n";
        assert!(
            linear(there, true)
                .starts_with("[tool.vendor-migrations]  # ours\nhistory = \"linear\"\nmode")
        );
        assert!(linear("[a]\r\nb = 1\r\n", true).ends_with("history = \"linear\"\r\n"));
    }

    #[test]
    fn another_value_is_not_overwritten() {
        let error = with(
            "history = \"branch\"\n",
            false,
            &[("history", "linear".to_owned())],
        )
        .unwrap_err();
        assert!(error.to_string().contains("branch"), "{error}");
    }
}
