//! Makes text from packages and files safe to show: a terminal, or a CI log, must never take it for a command.

use std::borrow::Cow;

/// Characters without a shape of their own: format characters that hide or reorder text, line and
/// paragraph separators, the byte order mark.
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
        return Cow::Borrowed(text);
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
    Cow::Owned(shown)
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
}
