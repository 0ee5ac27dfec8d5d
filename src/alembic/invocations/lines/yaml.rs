//! YAML's ways to write a command over several lines.

use super::Logical;
use crate::effort;

/// `command: >` and the lines below it.
pub(super) fn folded(lines: Vec<Logical<'_>>) -> Vec<Logical<'_>> {
    let mut joined: Vec<Logical> = Vec::new();
    // The indentation of the line with the `>`, and whether its text has begun.
    let mut scalar: Option<(usize, bool)> = None;
    for line in lines {
        let blank = line.string().is_empty();
        match (scalar, joined.last_mut()) {
            (Some((indent, false)), _) if !blank && line.indent > indent => {
                scalar = Some((indent, true));
                joined.push(line);
            }
            (Some((indent, true)), Some(last)) if !blank && line.indent > indent => {
                last.append(&line, 0);
            }
            // An empty line ends a line of the text, not the text.
            (Some((indent, _)), _) if blank => scalar = Some((indent, false)),
            _ => {
                let text = line.string();
                let folds = [">", ">-", ">+"].iter().any(|sign| {
                    text.strip_suffix(sign).is_some_and(|before| {
                        before.ends_with(": ") || before.ends_with("- ") || before.is_empty()
                    })
                });
                scalar = folds.then_some((line.indent, false));
                joined.push(line);
            }
        }
    }
    joined
}

/// The indentation of a list whose first entry was not seen yet.
const UNKNOWN: usize = usize::MAX;

/// What a key's command goes on with: Kubernetes' arguments, and Compose's.
const GOES_ON: [(&str, &str); 2] = [("command:", "args:"), ("entrypoint:", "command:")];

/// Lists whose entries are single words, and arguments behind their command.
pub(super) fn lists(lines: Vec<Logical<'_>>) -> Vec<Logical<'_>> {
    let mut joined: Vec<Logical> = Vec::new();
    // The line that the next entry goes to: its place, and the entries' indentation.
    let mut list: Option<(usize, usize)> = None;
    // A command's place, its indentation, and the key of its arguments.
    let mut command: Option<(usize, usize, &str)> = None;
    for line in lines {
        let text = line.string();
        if let Some(entry) = single_entry(&line) {
            match list {
                Some((at, indent)) if indent == line.indent || indent == UNKNOWN => {
                    joined[at].append(&line, entry);
                    list = Some((at, line.indent));
                }
                _ => {
                    joined.push(line.clone());
                    list = Some((joined.len() - 1, line.indent));
                }
            }
            continue;
        }
        list = None;
        let of_key = |key: &str| {
            text.trim_start_matches("- ")
                .strip_prefix(key)
                .map(str::trim)
        };
        // Nothing but its own list may stand between a command and its arguments.
        let last = joined.len().saturating_sub(1);
        let arguments = command.filter(|&(at, indent, _)| {
            let own_list = last == at + 1 && {
                let Logical { text, indent } = &joined[last];
                text.text[*indent..].starts_with("- ")
            };
            indent == key_indent(&line) && (last == at || own_list)
        });
        match arguments.and_then(|(.., key)| of_key(key)) {
            // Its entries follow, indented or not.
            Some("") => list = Some((last, UNKNOWN)),
            Some(_) => {
                let from = line.text.text.find(':').map_or(0, |from| from + 1);
                joined[last].append(&line, from);
                continue;
            }
            None => {}
        }
        if let Some((_, arguments)) = GOES_ON.iter().find(|(key, _)| of_key(key).is_some()) {
            command = Some((joined.len(), key_indent(&line), *arguments));
        }
        joined.push(line);
    }
    joined
}

/// Where a key begins, in a list's entry or not.
fn key_indent(line: &Logical<'_>) -> usize {
    let dash = if line.string().starts_with("- ") {
        2
    } else {
        0
    };
    line.indent + dash
}

/// Where the word begins in `- word`, and in `- "several words"`.
fn single_entry(line: &Logical<'_>) -> Option<usize> {
    let text = line.string();
    effort::count(text.len());
    let word = text.strip_prefix("- ")?.trim();
    let is_quoted = ['"', '\''].iter().any(|quote| {
        word.starts_with(*quote) && word.ends_with(*quote) && word.matches(*quote).count() == 2
    });
    let is_one = is_quoted || !word.contains(char::is_whitespace);
    let is_one = is_one && !word.is_empty() && !word.ends_with(':');
    let dash = line.text.text.find('-')?;
    is_one.then_some(dash + 1)
}
