//! SQL text as the Python source of an `op.execute` argument.
//!
//! `op.execute(str)` wraps its text in `sqlalchemy.text`, for which `:name` is a bind parameter and
//! `\:` an escaped colon. Both readings have to be undone here, or a statement would change on its way.

use crate::escape::is_invisible;

/// `sql` so that `sqlalchemy.text` compiles to exactly `sql`, on every SQLAlchemy. The error is the offset of a colon for
/// which no spelling does.
///
/// SQLAlchemy takes `:name` for a parameter unless a colon, a backslash or a name character stands before it, or a colon
/// follows it; and it drops the backslash of `\:name` (the name may be empty) unless a colon follows. Up to 2.0, `$` is a
/// name character; from 2.1 on it is none. Source: `BIND_PARAMS` and `BIND_PARAMS_ESC` in `sqlalchemy/sql/compiler.py`.
pub(super) fn escape_colons(sql: &str) -> Result<String, usize> {
    // From the end: a backslash put before one colon changes what follows the colon before it.
    let mut escaped: Vec<&str> = Vec::new();
    let mut end = sql.len();
    for (at, _) in sql.match_indices(':').rev() {
        escaped.push(&sql[at + 1..end]);
        end = at;
        let before = sql[..at].chars().next_back();
        let after = Following(&escaped);
        if Dollar::BOTH
            .iter()
            .all(|dollar| dollar.leaves(before, &after))
        {
            escaped.push(":");
        } else if Dollar::BOTH.iter().all(|dollar| dollar.unescapes(&after)) {
            escaped.push("\\:");
        } else {
            return Err(at);
        }
    }
    escaped.push(&sql[..end]);
    Ok(escaped.into_iter().rev().collect())
}

/// The text after a colon, in pieces, the last piece first.
struct Following<'a>(&'a [&'a str]);

impl Following<'_> {
    fn chars(&self) -> impl Iterator<Item = char> {
        self.0.iter().rev().flat_map(|piece| piece.chars())
    }
}

#[derive(Clone, Copy)]
enum Dollar {
    InNames,
    Elsewhere,
}

impl Dollar {
    const BOTH: [Self; 2] = [Self::InNames, Self::Elsewhere];

    /// Whether a colon between these two comes out as it is.
    fn leaves(self, before: Option<char>, after: &Following<'_>) -> bool {
        let named = after.chars().next().is_some_and(|c| self.is_name(c));
        match before {
            Some('\\') => !self.unescapes(after),
            Some(':') => true,
            Some(c) if self.is_name(c) => true,
            _ => !named || !self.unescapes(after),
        }
    }

    /// Whether a backslash before the colon would be dropped.
    fn unescapes(self, after: &Following<'_>) -> bool {
        after.chars().find(|c| !self.is_name(*c)) != Some(':')
    }

    fn is_name(self, c: char) -> bool {
        is_word(c) || (c == '$' && matches!(self, Self::InNames))
    }
}

/// Python's `\w`: letters, numbers and the underscore, but no marks and no symbols that look like letters.
fn is_word(c: char) -> bool {
    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};
    match c.general_category_group() {
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number => true,
        _ => c == '_',
    }
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
            ("[[:alpha:]]", "[[:alpha:]]"),
            ("$:a", "$\\:a"),
            (":$a", "\\:$a"),
            ("\u{24b6}:a", "\u{24b6}\\:a"),
            ("e\u{301}:a", "e\u{301}\\:a"),
            ("é:a", "é:a"),
        ] {
            assert_eq!(escape_colons(sql).unwrap(), escaped);
        }
    }

    #[test]
    fn a_colon_that_two_versions_read_differently_is_refused() {
        assert_eq!(escape_colons("x :a$:"), Err(2));
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
