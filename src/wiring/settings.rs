//! This program's own settings, written by `init`.

use super::{WiringError, header_of_table, line_end, line_ranges, quoted, replaced};

const OWN: &str = "vendor-migrations.toml";
const PYPROJECT: &str = "pyproject.toml";
const TABLE: [&str; 2] = ["tool", "vendor-migrations"];
const HEADER: &str = "[tool.vendor-migrations]";

/// The text of `vendor-migrations.toml`, or with `in_pyproject` of `pyproject.toml`, with some settings more. `text` is
/// what is there now.
pub fn with(
    text: &str,
    in_pyproject: bool,
    settings: &[(&'static str, String)],
) -> Result<String, WiringError> {
    let present = read(text, in_pyproject).unwrap_or_default();
    let mut missing = Vec::new();
    for (key, value) in settings {
        let value = quoted(value);
        match present.get(*key).map(ToString::to_string) {
            Some(present) if present != value => {
                return Err(WiringError::SettingsTaken { key, present });
            }
            Some(_) => {}
            None => missing.push((*key, value)),
        }
    }
    if missing.is_empty() {
        return Ok(text.to_owned());
    }
    let wanted = expected(text, in_pyproject, &missing);
    let is_right = |new: &String| wanted.is_some() && toml::from_str(new).ok() == wanted;
    let mut tried = tried(text, in_pyproject, &missing).into_iter();
    tried
        .find(is_right)
        .ok_or_else(|| WiringError::SettingsNotAdded {
            file: if in_pyproject { PYPROJECT } else { OWN },
            lines: lines(&missing, "", "\n"),
        })
}

/// The texts that may be right, the likeliest first.
fn tried(text: &str, in_pyproject: bool, missing: &[(&str, String)]) -> Vec<String> {
    let end = line_end(text);
    let inserted = |at: usize, lines: String| {
        let begins_line = text[..at].is_empty() || text[..at].ends_with('\n');
        let before = if begins_line { "" } else { end };
        replaced(text, vec![(at..at, format!("{before}{lines}"))])
    };
    // Before the first table; nothing below it would be a setting at the top.
    let first = line_ranges(text).find(|(_, line)| line.starts_with('['));
    let top = first.map_or(text.len(), |(range, _)| range.start);
    if !in_pyproject {
        return vec![inserted(top, lines(missing, "", end))];
    }
    let plain = lines(missing, "", end);
    let gap = if text.is_empty() { "" } else { end };
    let below = header_of_table(text, HEADER).map(|header| inserted(header.end, plain.clone()));
    let table = inserted(text.len(), format!("{gap}{HEADER}{end}{plain}"));
    // Where others of them are written so.
    let dotted = inserted(top, lines(missing, "tool.vendor-migrations.", end));
    below.into_iter().chain([table, dotted]).collect()
}

fn lines(settings: &[(&str, String)], before: &str, end: &str) -> String {
    let lines = settings.iter();
    lines
        .map(|(key, value)| format!("{before}{key} = {value}{end}"))
        .collect()
}

/// What the edited text has to say. None for a text that is no TOML.
fn expected(text: &str, in_pyproject: bool, missing: &[(&str, String)]) -> Option<toml::Table> {
    let mut table: toml::Table = toml::from_str(text).ok()?;
    let added: toml::Table = toml::from_str(&lines(missing, "", "\n")).ok()?;
    let mut own = &mut table;
    let path: &[&str] = if in_pyproject { &TABLE } else { &[] };
    for name in path {
        let empty = || toml::Value::Table(toml::Table::new());
        own = own.entry(*name).or_insert_with(empty).as_table_mut()?;
    }
    own.extend(added);
    Some(table)
}

fn read(text: &str, in_pyproject: bool) -> Option<toml::Table> {
    let table: toml::Table = toml::from_str(text).ok()?;
    if !in_pyproject {
        return Some(table);
    }
    let [tool, own] = TABLE;
    table.get(tool)?.get(own)?.as_table().cloned()
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
    fn other_ways_to_write_a_table_are_kept() {
        let dotted = "tool.vendor-migrations.mode = \"copy\"\n[a]\n";
        assert_eq!(
            linear(dotted, true),
            "tool.vendor-migrations.mode = \"copy\"\ntool.vendor-migrations.history = \"linear\"\n[a]\n"
        );
        // Its own table may stand behind one below it.
        let below = "[[tool.vendor-migrations.accept]]\ncode = \"mode\"\n";
        assert!(
            linear(below, true).ends_with("\n[tool.vendor-migrations]\nhistory = \"linear\"\n")
        );
        assert!(linear("# [tool.vendor-migrations]\n", true).starts_with("# [tool"));
        for text in [
            "tool = { vendor-migrations = { mode = \"copy\" } }\n",
            "tool = 1\n",
            "a = \n",
        ] {
            let error = with(text, true, &[("history", "linear".to_owned())]).unwrap_err();
            let shown = format!("{error}: {}", error.hint());
            assert!(
                shown.contains("pyproject.toml") && shown.contains("history"),
                "{shown}"
            );
        }
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
