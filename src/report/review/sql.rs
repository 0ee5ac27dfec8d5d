//! SQL in parts that a page shows in colours.

use std::collections::HashMap;

use squawk_lexer::{LiteralKind, TokenKind, tokenize};
use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Keyword,
    Text,
    Comment,
    Number,
}

impl Kind {
    /// The name of its class in the page.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Keyword => "k",
            Self::Text => "s",
            Self::Comment => "c",
            Self::Number => "n",
        }
    }
}

/// All of the text, in parts.
pub(super) fn parts(sql: &str) -> Vec<(Kind, String)> {
    let mut parts = Vec::new();
    lex(
        sql,
        &mut Words::default(),
        true,
        &mut |kind, text| match parts.last_mut() {
            Some((last, known)) if *last == kind => String::push_str(known, text),
            _ => parts.push((kind, text.to_owned())),
        },
    );
    parts
}

/// Gives every token. The body of a function, which is one token, is shown as SQL, too; a body within that is not.
fn lex(sql: &str, words: &mut Words, with_bodies: bool, add: &mut dyn FnMut(Kind, &str)) {
    let mut rest = sql;
    for token in tokenize(sql) {
        let (text, behind) = rest.split_at(token.len as usize);
        rest = behind;
        match body(token.kind, text).filter(|_| with_bodies) {
            Some((quote, body)) => {
                add(Kind::Text, quote);
                lex(body, words, false, add);
                add(Kind::Text, quote);
            }
            None => add(words.kind(token.kind, text), text),
        }
    }
    add(Kind::Plain, rest);
}

/// Which words are keywords: each is asked once.
#[derive(Default)]
struct Words {
    known: HashMap<String, bool>,
}

impl Words {
    fn kind(&mut self, kind: TokenKind, text: &str) -> Kind {
        match kind {
            TokenKind::LineComment | TokenKind::BlockComment { .. } => Kind::Comment,
            TokenKind::Literal {
                kind: LiteralKind::Int { .. } | LiteralKind::Numeric { .. },
            } => Kind::Number,
            TokenKind::Literal { .. } => Kind::Text,
            TokenKind::Ident if self.is_keyword(text) => Kind::Keyword,
            _ => Kind::Plain,
        }
    }

    fn is_keyword(&mut self, word: &str) -> bool {
        /// PostgreSQL's longest is shorter.
        const LONGEST: usize = 32;
        if word.len() > LONGEST {
            return false;
        }
        if let Some(known) = self.known.get(word) {
            return *known;
        }
        let tree = SourceFile::parse(word).tree();
        let first = tree.syntax().first_token();
        let is_keyword = first.is_some_and(|token| format!("{:?}", token.kind()).ends_with("_KW"));
        self.known.insert(word.to_owned(), is_keyword);
        is_keyword
    }
}

/// What is between two dollar quotes, and the quote.
fn body(kind: TokenKind, text: &str) -> Option<(&str, &str)> {
    let TokenKind::Literal {
        kind: LiteralKind::DollarQuotedString { .. },
    } = kind
    else {
        return None;
    };
    let end = text.get(1..)?.find('$')? + 2;
    let (quote, rest) = text.split_at(end);
    Some((quote, rest.strip_suffix(quote)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_of_the_text_is_lost(sql in prop_oneof![
            any::<String>(),
            "([$a-z'\"(;) \n/*-]|\\$\\$|E'|SELECT|é|\\x00){0,60}",
        ]) {
            let shown: String = parts(&sql).into_iter().map(|(_, text)| text).collect();
            prop_assert_eq!(shown, sql);
        }
    }

    #[test]
    fn words_of_sql_are_told_from_text() {
        let sql = "-- c\nCREATE FUNCTION f() AS $$BEGIN\n  x := 'y' + 1; END$$;";
        let of = |kind: Kind| {
            let parts = parts(sql).into_iter().filter(|(known, _)| *known == kind);
            parts.map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(of(Kind::Comment), ["-- c"]);
        assert_eq!(
            of(Kind::Keyword),
            ["CREATE", "FUNCTION", "AS", "BEGIN", "END"]
        );
        assert_eq!(of(Kind::Text), ["$$", "'y'", "$$"]);
        assert_eq!(of(Kind::Number), ["1"]);
    }

    #[test]
    fn quotes_in_quotes_take_no_stack() {
        let number = 100_000;
        let open: String = (0..number).map(|place| format!("$a{place}$")).collect();
        let close: String = (0..number)
            .rev()
            .map(|place| format!("$a{place}$"))
            .collect();
        let sql = open + &close;
        let shown: usize = parts(&sql).iter().map(|(_, text)| text.len()).sum();
        assert_eq!(shown, sql.len());
    }
}
