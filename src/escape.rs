//! Makes text from packages and files safe to show: neither a terminal nor the runner of a CI job, which reads commands
//! out of the log, may take it for a command.
//!
//! Runners read `::name …::…` at the start of a line (GitHub Actions, after white space), and `##[name]`, `##vso[name]` and
//! `##teamcity[name …]` anywhere in it (GitHub's older form, Azure Pipelines, TeamCity). One character of such text
//! becomes an escape, wherever the program runs: it may be in a container that does not know of the runner.

use std::borrow::Cow;

/// Whether a character cannot be seen: format characters that hide or reorder text, line and paragraph separators, the byte
/// order mark.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `text` on one line: every control and invisible character, line ends and tabs too, as an escape
/// (`\n`, `\x1b`, `\u{202e}`).
pub fn one_line(text: &str) -> Cow<'_, str> {
    escape(text, |c| c.is_control() || is_invisible(c))
}

/// `text` with its line feeds and tabs kept, every other control and invisible character escaped.
pub fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| {
        (c.is_control() && c != '\n' && c != '\t') || is_invisible(c)
    })
}

fn escape(text: &str, unsafe_to_show: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&unsafe_to_show) {
        return without_commands(Cow::Borrowed(text));
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            _ if !unsafe_to_show(c) => shown.push(c),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c.is_ascii() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.extend(c.escape_unicode()),
        }
    }
    without_commands(Cow::Owned(shown))
}

/// `text` with one character of each command of a runner escaped. The rest is unchanged.
pub fn without_commands(text: Cow<'_, str>) -> Cow<'_, str> {
    let mut places: Vec<usize> = leading_commands(&text).collect();
    places.extend(inner_commands(&text));
    if places.is_empty() {
        return text;
    }
    places.sort_unstable();
    let mut shown = String::with_capacity(text.len() + 3 * places.len());
    let mut done = 0;
    for place in places {
        shown.push_str(&text[done..place]);
        shown.push_str(&format!("\\x{:02x}", text.as_bytes()[place]));
        done = place + 1;
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// The places where lines begin with `::` and have a second `::`, whatever follows.
fn leading_commands(text: &str) -> impl Iterator<Item = usize> {
    let mut end = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        end += line.len();
        let start = line.trim_start();
        let rest = start.strip_prefix("::")?;
        rest.contains("::").then_some(end - start.len())
    })
}

/// The place of the second `#` in each `##` that is followed by letters and `[`.
pub(super) fn inner_commands(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices("[").filter_map(move |(bracket, _)| {
        let before = &text[..bracket];
        let hashes = before.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        hashes.ends_with("##").then(|| hashes.len() - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_never_pass() {
        assert_eq!(lines("a\u{1b}[31mb\r\n\tc"), "a\\x1b[31mb\\r\n\tc");
        assert_eq!(one_line("a\nb\u{202e}\u{9b}"), "a\\nb\\u{202e}\\u{9b}");
        assert!(matches!(lines("plain\n"), Cow::Borrowed("plain\n")));
    }

    #[test]
    fn a_runner_finds_no_commands() {
        for (text, shown) in [
            ("::set-output name=a::b", "\\x3a:set-output name=a::b"),
            ("x\n \u{a0}::error::b\n", "x\n \u{a0}\\x3a:error::b\n"),
            (" ::stop::\n+::x::", " \\x3a:stop::\n+::x::"),
            ("a ##vso[task.x]b", "a #\\x23vso[task.x]b"),
            ("###[group]##TeamCity[x", "##\\x23[group]#\\x23TeamCity[x"),
            ("\u{1b}##[x]", "\\x1b#\\x23[x]"),
        ] {
            assert_eq!(lines(text), shown);
        }
        for harmless in [
            "a::text",
            "::text",
            "  ::jsonb\n::",
            "## [x]",
            "#[x]",
            "##1[x",
        ] {
            assert!(matches!(lines(harmless), Cow::Borrowed(_)), "{harmless}");
        }
    }
}
