//! SQL as tokens, by PostgreSQL's lexical rules.

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

use super::statements::SplitError;
use crate::effort;

/// A token that is neither white space nor a comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(super) fn is_word(self, sql: &str, word: &str) -> bool {
        self.kind == TokenKind::Ident && sql[self.start..self.end].eq_ignore_ascii_case(word)
    }

    pub(super) fn is_name(self) -> bool {
        matches!(self.kind, TokenKind::Ident | TokenKind::QuotedIdent { .. })
    }

    pub(super) fn is_dot(self) -> bool {
        self.kind == TokenKind::Dot
    }
}

/// The tokens of `sql` without white space and comments.
pub(super) fn lex(sql: &str) -> Result<Vec<Token>, SplitError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    // A block comment, unlike a line comment, ends a string for good.
    let mut joinable = false;
    while at < sql.len() {
        let resumed = at;
        for token in tokenize(&sql[resumed..]) {
            let (start, end) = (at, at + token.len as usize);
            let last = tokens.last().filter(|_| joinable);
            if let Some(end) = continued_escape_string(sql, last, token.kind, start) {
                at = end?;
                if let Some(string) = tokens.last_mut() {
                    string.end = at;
                }
                break;
            }
            if let Some(what) = fault(token.kind, &sql[start..end]) {
                return Err(SplitError::new(sql, start, what));
            }
            at = end;
            joinable &= !matches!(token.kind, TokenKind::BlockComment { .. });
            if !is_trivia(token.kind) {
                joinable = true;
                tokens.push(Token {
                    kind: token.kind,
                    start,
                    end,
                });
            }
        }
    }
    Ok(tokens)
}

/// The same of a text that may hold faults, as far as its tokens can be told apart.
pub(super) fn lex_leniently(sql: &str) -> Vec<Token> {
    let mut end = 0;
    let tokens = tokenize(sql).map(|token| {
        let start = end;
        end += token.len as usize;
        Token {
            kind: token.kind,
            start,
            end,
        }
    });
    tokens.filter(|token| !is_trivia(token.kind)).collect()
}

fn is_trivia(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. }
    )
}

/// `E'a' ⏎ 'b'` is one string, and its second half has backslash escapes too; the lexer takes that half
/// for a plain string. Returns where the half ends.
fn continued_escape_string(
    sql: &str,
    last: Option<&Token>,
    kind: TokenKind,
    start: usize,
) -> Option<Result<usize, SplitError>> {
    let string = last?;
    let (TokenKind::Literal { kind: before }, TokenKind::Literal { kind }) = (string.kind, kind)
    else {
        return None;
    };
    if !matches!(before, LiteralKind::EscStr { .. }) || !matches!(kind, LiteralKind::Str { .. }) {
        return None;
    }
    let between = &sql[string.end..start];
    if !between.contains(['\n', '\r']) {
        return None;
    }
    let half = &sql[start..];
    let half = format!("E{}", &half[..escape_string_end(half)]);
    let token = tokenize(&half).next()?;
    Some(match fault(token.kind, &half) {
        Some(what) => Err(SplitError::new(sql, start, what)),
        None => Ok(start + token.len as usize - 1),
    })
}

/// Where a string with backslash escapes ends, which begins with its quote; the end of the text where it is not closed.
fn escape_string_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        effort::count(1);
        at += match (byte, bytes.get(at + 1)) {
            (b'\\', Some(_)) | (b'\'', Some(b'\'')) => 2,
            (b'\'', _) => return at + 1,
            _ => 1,
        };
    }
    text.len()
}

fn fault(kind: TokenKind, text: &str) -> Option<&'static str> {
    match kind {
        TokenKind::Literal { kind } => match kind {
            LiteralKind::Str { terminated: false }
            | LiteralKind::EscStr { terminated: false }
            | LiteralKind::UnicodeEscStr { terminated: false }
            | LiteralKind::BitStr { terminated: false }
            | LiteralKind::ByteStr { terminated: false }
            | LiteralKind::NationalStr { terminated: false } => {
                Some("a string that is never closed")
            }
            LiteralKind::DollarQuotedString { terminated: false } => {
                Some("a dollar-quoted string that is never closed")
            }
            _ => None,
        },
        TokenKind::QuotedIdent {
            terminated: false, ..
        } => Some("a quoted identifier that is never closed"),
        TokenKind::BlockComment { terminated: false } => Some("a comment that is never closed"),
        TokenKind::Unknown if text.starts_with('\\') => {
            Some("a backslash outside of a string (a psql command is not SQL)")
        }
        TokenKind::Unknown => Some("a character that is not SQL"),
        _ => None,
    }
}

/// The line of a byte offset, counted from 1.
pub(super) fn line_at(sql: &str, offset: usize) -> usize {
    Lines::of(sql).at(offset)
}

/// Lines that are asked for in the order of the text.
pub(super) struct Lines<'a> {
    rest: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(sql: &'a str) -> Self {
        Self {
            rest: sql,
            at: 0,
            line: 1,
        }
    }

    /// The line of a byte that is not before the one that was asked for last.
    pub(super) fn at(&mut self, offset: usize) -> usize {
        let (before, rest) = self.rest.split_at(offset.saturating_sub(self.at));
        effort::count(before.len());
        self.line += before.bytes().filter(|byte| *byte == b'\n').count();
        self.rest = rest;
        self.at += before.len();
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::super::statements::{Statement, split};
    use crate::effort;

    #[test]
    fn lines_and_strings_are_counted_once() {
        let texts = [
            ("select 1;\n", 1),
            ("select E'a'\n 'b'\n 'c\\'' -- d\n 'e';\n", 4),
        ];
        for (text, lines) in texts {
            let does = |times: usize| {
                let sql = text.repeat(times);
                let statements = split(&sql).unwrap();
                let last = statements.last().map(Statement::line);
                assert_eq!(last, Some(lines * (times - 1) + 1));
            };
            assert_eq!(effort::linear(does, 50), Ok(()));
        }
        let does = |times: usize| {
            let sql = format!("select E'a'{};", "\n'b'".repeat(times));
            assert_eq!(split(&sql).unwrap().len(), 1);
        };
        assert_eq!(effort::linear(does, 50), Ok(()));
    }
}
