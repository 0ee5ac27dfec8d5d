//! SQL text as the Python source of an `op.execute` argument.
//!
//! `op.execute(str)` wraps its text in `sqlalchemy.text`, for which `:name` is a bind parameter and
//! `\:` an escaped colon. Both readings have to be undone here, or a statement would change on its way.

use crate::report::escape::is_invisible;

/// `sql` so that `sqlalchemy.text` compiles to exactly `sql`.
///
/// SQLAlchemy takes `:name` for a parameter unless `:`, a word character, `$` or `\` stands before it, or
/// `:` follows it, and it drops the backslash of `\:name` (the name may be empty) unless `:` follows. Source:
/// `BIND_PARAMS` and `BIND_PARAMS_ESC` in `sqlalchemy/sql/compiler.py`, unchanged from 1.3 to 2.1.
pub(super) fn escape_colons(sql: &str) -> String {
    let mut escaped = String::with_capacity(sql.len() + 16);
    let mut before = None;
    for (at, c) in sql.char_indices() {
        if c == ':' && needs_backslash(before, &sql[at + 1..]) {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

fn needs_backslash(before: Option<char>, after: &str) -> bool {
    let rest = after.trim_start_matches(is_name_character);
    if rest.starts_with(':') {
        return false;
    }
    let named = rest.len() < after.len();
    match before {
        Some('\\') => true,
        Some(':') => false,
        Some(c) if is_name_character(c) => false,
        _ => named,
    }
}

/// Python's `[\w$]`.
fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// `text` as the inside of a Python `"""` string: backslashes doubled, the quotes that would close it
/// escaped, and every character that an editor, a checkout or a reader could lose written as an escape.
pub(super) fn python_text(text: &str) -> String {
    let mut source = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    let mut quotes = 0;
    while let Some(c) = rest.next() {
        quotes = if c == '"' { quotes + 1 } else { 0 };
        match c {
            '\\' => source.push_str("\\\\"),
            '"' if quotes % 3 == 0 || rest.peek().is_none() => source.push_str("\\\""),
            '\n' => source.push('\n'),
            '\r' => source.push_str("\\r"),
            ' ' | '\t' if matches!(rest.peek(), Some('\n' | '\r')) => {
                source.push_str(if c == ' ' { "\\x20" } else { "\\t" });
            }
            '\t' => source.push('\t'),
            c if (c.is_control() || is_invisible(c)) && u32::from(c) <= 0xff => {
                source.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c if is_invisible(c) && u32::from(c) <= 0xffff => {
                source.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c if is_invisible(c) => source.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => source.push(c),
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sqlalchemy_would_read_is_escaped() {
        for (sql, escaped) in [
            (":name", "\\:name"),
            ("x::int", "x::int"),
            ("a := b", "a := b"),
            ("'a:b'", "'a:b'"),
            ("' :b'", "' \\:b'"),
            ("'\\:b'", "'\\\\:b'"),
            ("'\\: '", "'\\\\: '"),
            ("'\\::b'", "'\\::b'"),
            (":a:b", ":a:b"),
            ("(:a)::text", "(\\:a)::text"),
            (":é$", "\\:é$"),
            ("a[1:2]", "a[1:2]"),
            ("a[:x]", "a[\\:x]"),
        ] {
            assert_eq!(escape_colons(sql), escaped);
        }
    }

    #[test]
    fn nothing_closes_the_python_string_or_hides_in_it() {
        assert_eq!(python_text("a\"\"\"b\"\""), "a\"\"\\\"b\"\\\"");
        assert_eq!(python_text("\"x\""), "\"x\\\"");
        assert_eq!(
            python_text("a \\ \r\nb  \nc\t\n"),
            "a \\\\\\x20\\r\nb \\x20\nc\\t\n"
        );
        assert_eq!(python_text("\u{202e}\u{1b}\u{85}"), "\\u202e\\x1b\\x85");
    }
}
