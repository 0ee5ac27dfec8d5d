//! `version_locations` of `[tool.alembic]` in `pyproject.toml`.
//!
//! The text is edited in place. `toml_edit` would print the whole file again: with other line ends, and with dotted keys in
//! another order.

use toml::de::DeValue;

use super::{Entries, header_of_table, leading_line_end, line_end, line_end_at, quoted, replaced};

/// The first edit that Alembic would read as it should.
pub(super) fn edit(entries: &Entries<'_>, text: &str) -> Option<String> {
    let table = &entries.config.sources.toml.as_ref()?.table;
    let all = [&entries.own].into_iter().chain(&entries.added);
    let all: Vec<String> = all.map(|entry| quoted(entry)).collect();
    let both = format!("[{}]", all.join(", "));
    let edits = match table.get("version_locations") {
        Some(setting) => {
            let place = setting.value_bytes.clone();
            let there = text[place.clone()].to_owned();
            let longer = entries.added.iter().try_fold(there, |array, entry| {
                with_element(&array, &quoted(entry), line_end(text))
            });
            vec![(place, longer.unwrap_or(both))]
        }
        None => {
            let script = table.get("script_location");
            let line = match script {
                Some(script) => script.bytes.end,
                None => header_of_table(text, "[tool.alembic]")?.start,
            };
            let at = line_end_at(text, line);
            let setting = format!("version_locations = {both}");
            let mut edits: Vec<_> = ["", "alembic.", "tool.alembic."]
                .map(|table| (at..at, format!("{}{table}{setting}", line_end(text))))
                .into();
            // `alembic = { script_location = … }`.
            edits.extend(script.map(|script| {
                let at = script.value_bytes.end;
                (at..at, format!(", {setting}"))
            }));
            edits
        }
    };
    edits
        .into_iter()
        .map(|edit| replaced(text, vec![edit]))
        .find(|edited| entries.are(entries.config.entries_of_toml(edited)))
}

/// The array with one element more at its end, written like the others, its line ended by `end`; none if it has no elements.
fn with_element(array: &str, element: &str, end: &str) -> Option<String> {
    let parsed = DeValue::parse(array).ok()?;
    let last = parsed.get_ref().as_array()?.iter().last()?.span().end;
    let (before, rest) = array.split_at(last);
    let (comma, rest) = match rest.trim_start().strip_prefix(',') {
        Some(behind) => rest.split_at(rest.len() - behind.len()),
        None => ("", rest),
    };
    if !array.contains('\n') {
        return Some(match comma {
            "" => format!("{before}, {element}{rest}"),
            comma => format!("{before}{comma} {element},{rest}"),
        });
    }
    let indent = match before.rsplit_once('\n') {
        Some((_, line)) => &line[..line.len() - line.trim_start().len()],
        None => "    ",
    };
    // A comment on the last element's line stays there.
    let (comment, rest) = match rest.split_once('\n') {
        Some((line, _)) => rest.split_at(line.trim_end().len()),
        None => ("", rest),
    };
    let comma = if comma.is_empty() { "," } else { comma };
    // The last element's line keeps its line end.
    let there = leading_line_end(rest);
    let rest = &rest[there.len()..];
    Some(match there {
        "" => format!("{before}{comma}{comment}{end}{indent}{element},{rest}"),
        there => format!("{before}{comma}{comment}{there}{indent}{element},{end}{rest}"),
    })
}
