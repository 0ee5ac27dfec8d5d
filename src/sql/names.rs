//! Names that SQL spells out.

use squawk_lexer::{LiteralKind, TokenKind};

use super::tokens::{Token, lex_leniently};

/// Whether the SQL names the schema in front of something: `schema.`, or `"schema".`, also in the body of a function.
pub(crate) fn names_schema(sql: &str, schema: &str) -> bool {
    let tokens = lex_leniently(sql);
    let text = |token: &Token| &sql[token.start..token.end];
    let is_it = |token: &Token| match token.kind {
        TokenKind::Ident => text(token).eq_ignore_ascii_case(schema),
        TokenKind::QuotedIdent { .. } => text(token).trim_matches('"') == schema,
        _ => false,
    };
    let qualifies = |index: usize| {
        let before = index.checked_sub(1).map(|before| tokens[before]);
        let after = tokens.get(index + 1);
        after.is_some_and(|token| token.is_dot()) && !before.is_some_and(Token::is_dot)
    };
    tokens.iter().enumerate().any(|(index, token)| {
        is_it(token) && qualifies(index)
            || body(text(token), token.kind).is_some_and(|body| names_schema(body, schema))
    })
}

/// What is between dollar quotes.
fn body(text: &str, kind: TokenKind) -> Option<&str> {
    let TokenKind::Literal {
        kind: LiteralKind::DollarQuotedString { .. },
    } = kind
    else {
        return None;
    };
    let tag = &text[..text[1..].find('$')? + 2];
    text.strip_prefix(tag)?.strip_suffix(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_named_outside_of_comments_and_strings() {
        for (sql, names) in [
            ("CREATE FUNCTION public.f()", true),
            ("drop table PUBLIC . t", true),
            ("SELECT * FROM \"public\".t", true),
            ("SELECT * FROM \"PUBLIC\".t", false),
            ("CREATE FUNCTION f() AS $x$ SELECT public.g() $x$", true),
            ("CREATE FUNCTION f() AS $$ -- public.g()\n $$", false),
            ("SELECT 1 -- public.t", false),
            ("SELECT 'public.t'", false),
            ("SELECT republic.t, t.public.x", false),
            ("GRANT SELECT ON t TO public", false),
        ] {
            assert_eq!(names_schema(sql, "public"), names, "{sql}");
        }
    }
}
