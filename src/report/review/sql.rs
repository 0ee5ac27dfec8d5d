//! SQL in parts that a page shows in colours.

use squawk_syntax::ast::AstNode as _;
use squawk_syntax::{SourceFile, SyntaxKind};

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

    fn of(kind: SyntaxKind) -> Self {
        match kind {
            SyntaxKind::COMMENT => Self::Comment,
            SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => Self::Number,
            SyntaxKind::STRING | SyntaxKind::ESC_STRING | SyntaxKind::DOLLAR_QUOTED_STRING => {
                Self::Text
            }
            kind if format!("{kind:?}").ends_with("_KW") => Self::Keyword,
            _ => Self::Plain,
        }
    }
}

/// All of the text, in parts. What does not parse is plain.
pub(super) fn parts(sql: &str) -> Vec<(Kind, String)> {
    let parsed = SourceFile::parse(sql);
    let tree = parsed.tree();
    let tokens = tree
        .syntax()
        .descendants_with_tokens()
        .filter_map(|one| one.into_token());
    let mut parts: Vec<(Kind, String)> = Vec::new();
    let mut add = |kind: Kind, text: &str| match parts.last_mut() {
        Some((last, known)) if *last == kind => known.push_str(text),
        _ => parts.push((kind, text.to_owned())),
    };
    for token in tokens {
        match body(token.kind(), token.text()) {
            Some((quote, body)) => {
                add(Kind::Text, quote);
                self::parts(body)
                    .iter()
                    .for_each(|(kind, text)| add(*kind, text));
                add(Kind::Text, quote);
            }
            None => add(Kind::of(token.kind()), token.text()),
        }
    }
    parts
}

/// What is between two dollar quotes, mostly the body of a function, and the quote.
fn body(kind: SyntaxKind, text: &str) -> Option<(&str, &str)> {
    if kind != SyntaxKind::DOLLAR_QUOTED_STRING {
        return None;
    }
    let end = text.get(1..)?.find('$')? + 2;
    let (quote, rest) = text.split_at(end);
    Some((quote, rest.strip_suffix(quote)?))
}
