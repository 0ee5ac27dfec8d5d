//! This program's own settings, written by `init`.

use super::{WiringError, header_of_table, line_end, line_ranges, quoted, replaced};

const HEADER: &str = "[tool.vendor-migrations]";

/// The text of `vendor-migrations.toml`, or with `in_pyproject` of `pyproject.toml`, with some settings more. `text` is
/// what is there now.
pub fn with(
    text: &str,
    in_pyproject: bool,
    settings: &[(&'static str, String)],
) -> Result<String, WiringError> {
    let present = read(text, in_pyproject).unwrap_or_default();
    let end = line_end(text);
    let mut lines = String::new();
    for (key, value) in settings {
        let value = quoted(value);
        match present.get(*key).map(ToString::to_string) {
            Some(present) if present != value => {
                return Err(WiringError::SettingsTaken { key, present });
            }
            Some(_) => {}
            None => lines.push_str(&format!("{key} = {value}{end}")),
        }
    }
    if lines.is_empty() {
        return Ok(text.to_owned());
    }
    let place = if in_pyproject {
        header_of_table(text, HEADER).map(|header| header.end)
    } else {
        // Before the first table; nothing below it would be a setting at the top.
        let first = line_ranges(text).find(|(_, line)| line.starts_with('['));
        Some(first.map_or(text.len(), |(range, _)| range.start))
    };
    let at = place.unwrap_or(text.len());
    if place.is_none() {
        let gap = if text.is_empty() { "" } else { end };
        lines.insert_str(0, &format!("{gap}{HEADER}{end}"));
    }
    if !text[..at].is_empty() && !text[..at].ends_with('\n') {
        lines.insert_str(0, end);
    }
    Ok(replaced(text, vec![(at..at, lines)]))
}

fn read(text: &str, in_pyproject: bool) -> Option<toml::Table> {
    let table: toml::Table = toml::from_str(text).ok()?;
    if !in_pyproject {
        return Some(table);
    }
    table
        .get("tool")?
        .get("vendor-migrations")?
        .as_table()
        .cloned()
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
