//! Statements told by what they say, not by how they are laid out.

use super::ddl::body;
use super::statements::{SplitError, Statement, split};
use super::tokens::{Token, lex_leniently};
use crate::digest::Digest;
use squawk_lexer::{LiteralKind, TokenKind};

/// A digest of each statement: equal for statements that differ only in blanks, comments, line ends, the case of plain names
/// and keywords, and the tag of dollar quotes. The qualifier `schema` before names of Procrastinate's is left out, as is
/// `CREATE EXTENSION plpgsql`, which every database has.
pub fn fingerprints(sql: &str, schema: Option<&str>) -> Result<Vec<Digest>, SplitError> {
    let statements = split(sql)?;
    let counted = statements.iter().filter(|statement| !is_plpgsql(statement));
    Ok(counted
        .map(|statement| {
            let tokens = unqualified(statement, schema);
            Digest::of(normal(statement.whole(), tokens.into_iter()))
        })
        .collect())
}

/// Whether it is `CREATE EXTENSION plpgsql`, in any of its forms.
pub fn is_plpgsql(statement: &Statement<'_>) -> bool {
    statement.starts_with(&["CREATE", "EXTENSION"]) && statement.has_word("PLPGSQL")
}

fn unqualified<'a>(statement: &'a Statement<'_>, schema: Option<&str>) -> Vec<&'a Token> {
    let sql = statement.whole();
    let tokens = &statement.tokens;
    let qualifies = |at: usize| {
        let text = |at: usize| {
            tokens
                .get(at)
                .map_or("", |token| &sql[token.start..token.end])
        };
        schema.is_some_and(|schema| text(at).trim_matches('"') == schema)
            && tokens.get(at + 1).is_some_and(|token| token.is_dot())
            && text(at + 2)
                .trim_start_matches('"')
                .starts_with("procrastinate_")
    };
    let is_left_out = |at: usize| qualifies(at) || at > 0 && qualifies(at - 1);
    let kept = (0..tokens.len()).filter(|at| !is_left_out(*at));
    kept.map(|at| &tokens[at]).collect()
}

fn normal<'a>(sql: &str, tokens: impl Iterator<Item = &'a Token>) -> String {
    let mut text = String::new();
    for token in tokens {
        let own = &sql[token.start..token.end];
        match (token.kind, body(sql, token)) {
            (
                TokenKind::Literal {
                    kind: LiteralKind::DollarQuotedString { .. },
                },
                Some(inner),
            ) => {
                text.push_str("$$ ");
                text.push_str(&normal(&inner, lex_leniently(&inner).iter()));
                text.push_str("$$");
            }
            (TokenKind::Ident, _) => text.push_str(&own.to_ascii_lowercase()),
            _ => text.push_str(own),
        }
        text.push(' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_does_not_count_and_words_do() {
        let of = |sql: &str| fingerprints(sql, Some("jobs")).unwrap();
        let one = of(
            "CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;\n\
             -- c\nCREATE TABLE jobs.procrastinate_x (a int);\ncreate function f() as $a$\n  begin -- c\n  end;\n$a$",
        );
        let other = of(
            "create table procrastinate_x ( A INT ); CREATE FUNCTION F() AS $$BEGIN END; $$;\r\n",
        );
        assert_eq!(one, other);
        for changed in [
            "create table procrastinate_x (a text)",
            "create table other.procrastinate_x (a int)",
            "create table \"procrastinate_X\" (a int)",
            "create table procrastinate_x (a int default 'A')",
        ] {
            assert_ne!(of(changed)[0], one[0], "{changed}");
        }
        assert_ne!(of("select 'a'"), of("select 'A'"));
        assert_ne!(of("do $$ begin x; end $$"), of("do $$ begin y; end $$"));
    }
}
