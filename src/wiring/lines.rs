//! The lines of a setting in an ini file.

use super::line_end;
use crate::alembic::config::Setting;

/// A value and the comment behind it. Alembic takes the comment for a part of the value.
pub(super) fn without_comment(raw: &str) -> (&str, Option<&str>) {
    let comment = raw
        .char_indices()
        .find(|(at, c)| ['#', ';'].contains(c) && raw[..*at].ends_with([' ', '\t']));
    match comment {
        Some((at, _)) => (raw[..at].trim_end(), Some(&raw[at..])),
        None => (raw, None),
    }
}

/// The setting with another value; the comment behind the old one gets a line of its own.
pub(super) fn repaired(setting: &Setting, text: &str, key: &str, value: &str) -> String {
    let line = format!("{key} = {value}");
    match without_comment(&setting.raw).1 {
        Some(comment) if !comment.contains('\n') => format!("{comment}{}{line}", line_end(text)),
        _ => line,
    }
}

/// The setting as it stands in the file, with one entry more at its end.
pub(super) fn appended(there: &str, separator: char, added: &str, end: &str) -> String {
    let by_lines = separator == '\n' || (separator == ' ' && there.contains('\n'));
    let there = there.trim_end();
    if by_lines {
        let last = there.rsplit('\n').next().unwrap_or_default();
        let indent: String = last.chars().take_while(|c| c.is_whitespace()).collect();
        let indent = if indent.is_empty() { "    " } else { &indent };
        return format!("{there}{end}{indent}{added}");
    }
    if there.ends_with(separator) {
        return format!("{there}{added}");
    }
    format!("{there}{separator}{added}")
}

/// `key = value`, each line of several on a line of its own.
pub(super) fn in_lines(key: &str, value: &str, end: &str) -> String {
    if !value.contains('\n') {
        return format!("{key} = {value}");
    }
    let lines = value.lines().map(|line| format!("{end}    {line}"));
    format!("{key} ={}", lines.collect::<String>())
}

/// The comments between the lines of a value, to be written in front of the setting.
pub(super) fn comments(there: &str, end: &str) -> String {
    let lines = there.lines().map(str::trim);
    let comments = lines.filter(|line| line.starts_with(['#', ';']));
    comments.map(|line| format!("{line}{end}")).collect()
}
