//! Where in the text the entry may go. What is tried here is read again before it is believed.

use super::super::{line_end, line_ranges, replaced};
use super::{Node, Style, Written, is_nothing};

/// The texts with one hook more to try, in a repository of this program's that is there already.
pub(super) fn tried_in(text: &str, hooks: &Node, entry: &Written<'_>) -> Vec<String> {
    let items = hooks.items().unwrap_or_default();
    if hooks.brackets {
        return in_brackets(text, hooks, items, &entry.hook_in_brackets());
    }
    let lines = |dash, pad| entry.hook(dash, pad, line_end(text));
    below(text, items, &lines).into_iter().collect()
}

/// The texts with one repository more to try, the likeliest first.
pub(super) fn tried(text: &str, root: Option<&Node>, entry: &Written<'_>) -> Vec<String> {
    let repos = root.and_then(|root| root.get("repos"));
    let Some(repos) = repos else {
        return at_the_end(text, entry);
    };
    let items = repos.items().unwrap_or_default();
    if repos.brackets && text[repos.bytes.clone()].starts_with('[') {
        let lines = instead_of_brackets(text, repos, entry);
        return lines
            .into_iter()
            .chain(in_brackets(text, repos, items, &entry.in_brackets()))
            .collect();
    }
    if is_nothing(repos) {
        let lines = entry.indented(&Style::default(), line_end(text));
        return vec![inserted(text, end_of_line(text, repos.bytes.end), &lines)];
    }
    let lines = |dash, pad| {
        let mut hooks = items.iter().filter_map(|item| hooks_indent(text, item));
        let hooks = hooks.next().unwrap_or(2);
        entry.indented(&Style { dash, pad, hooks }, line_end(text))
    };
    below(text, items, &lines).into_iter().collect()
}

/// Behind the last of several indented elements. `lines` writes one more, with its dash in a column, and so many spaces behind it.
fn below(text: &str, items: &[Node], lines: &dyn Fn(usize, usize) -> String) -> Option<String> {
    let last = items.last()?;
    let line = start_of_line(text, last.bytes.start);
    let before = &text[line..last.bytes.start];
    let dash = before.len() - before.trim_start_matches(' ').len();
    let pad = before[dash..].strip_prefix('-')?;
    let mut at = end_of_line(text, last.bytes.end);
    // Comments that are indented like the element belong to it.
    for line in text[at..].split_inclusive('\n') {
        let comment = line.trim_start_matches(' ');
        if !comment.starts_with('#') || line.len() - comment.len() <= dash {
            break;
        }
        at += line.len();
    }
    let mut lines = lines(dash, pad.len().max(1));
    if is_spaced(text, items) {
        lines.insert_str(0, line_end(text));
    }
    Some(inserted(text, at, &lines))
}

/// How far the dash of a hook is from the column of `hooks`.
fn hooks_indent(text: &str, item: &Node) -> Option<usize> {
    let hooks = item.get("hooks")?;
    let first = hooks.items()?.first()?;
    let line = start_of_line(text, first.bytes.start);
    let start = start_of_line(text, item.bytes.start);
    let dash = text[line..first.bytes.start].find('-')?;
    let is_indented = text[line..line + dash].trim().is_empty() && line > start;
    dash.checked_sub(item.bytes.start - start)
        .filter(|_| is_indented)
}

/// Whether an empty line stands between the last two elements.
fn is_spaced(text: &str, items: &[Node]) -> bool {
    let [.., before, last] = items else {
        return false;
    };
    let between = text.get(before.bytes.end..last.bytes.start);
    let mut lines = between.unwrap_or_default().split('\n').skip(1);
    lines.any(|line| line.trim().is_empty())
}

/// Behind the last element in brackets, or between empty ones.
fn in_brackets(text: &str, list: &Node, items: &[Node], entry: &str) -> Vec<String> {
    let close = list.bytes.end.saturating_sub(1);
    let at = |at: usize, new: String| replaced(text, vec![(at..at, new)]);
    let Some(last) = items.last() else {
        return vec![at(close, entry.to_owned())];
    };
    let behind = text[..last.bytes.end].trim_end().len();
    vec![
        at(behind, format!(", {entry}")),
        at(close, entry.to_owned()),
        at(close, format!(" {entry}")),
    ]
}

/// `repos: []` becomes a list of lines, if nothing stands in the brackets.
fn instead_of_brackets(text: &str, repos: &Node, entry: &Written<'_>) -> Option<String> {
    let inside = &text[repos.bytes.clone()];
    let inside = inside.strip_prefix('[')?.strip_suffix(']')?;
    let end = repos.bytes.end;
    let rest = text[end..end_of_line(text, end)].trim();
    if !inside.trim().is_empty() || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    // The blank before the brackets goes, unless a comment follows.
    let before = &text[..repos.bytes.start];
    let (before, behind) = match text[end..].find('#').filter(|_| !rest.is_empty()) {
        Some(comment) => (before, &text[end + comment..]),
        None => (
            before.trim_end_matches(' '),
            text[end..].trim_start_matches(' '),
        ),
    };
    let emptied = format!("{before}{behind}");
    let at = end_of_line(&emptied, before.len());
    let lines = entry.indented(&Style::default(), line_end(text));
    Some(inserted(&emptied, at, &lines))
}

/// As a new key: at the end, or before the end of the document.
fn at_the_end(text: &str, entry: &Written<'_>) -> Vec<String> {
    let end = line_end(text);
    let lines = format!("repos:{end}{}", entry.indented(&Style::default(), end));
    let ends = line_ranges(text).filter(|(_, line)| line.starts_with("..."));
    std::iter::once(text.len())
        .chain(ends.map(|(range, _)| range.start))
        .map(|at| inserted(text, at, &lines))
        .collect()
}

/// `lines`, which end like lines, put before `at`. A text without a final line end gets none.
fn inserted(text: &str, at: usize, lines: &str) -> String {
    let end = line_end(text);
    let before = &text[..at];
    let lines = if before.is_empty() || before.ends_with('\n') {
        lines.to_owned()
    } else {
        format!("{end}{}", lines.strip_suffix(end).unwrap_or(lines))
    };
    replaced(text, vec![(at..at, lines)])
}

fn start_of_line(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Behind the line end of the line that ends at `at`, or in which it lies.
fn end_of_line(text: &str, at: usize) -> usize {
    if at > 0 && text[..at].ends_with('\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}
