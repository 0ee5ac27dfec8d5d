//! Where SQL statements end, by PostgreSQL's lexical rules.
//!
//! `squawk-lexer` knows quotes, dollar quotes and nested comments. Three rules go beyond tokens and
//! are kept here: an `E'…'` string continued on the next line keeps its backslash escapes, a
//! semicolon inside parentheses (`CREATE RULE … DO (…; …)`) ends nothing, and neither does one inside
//! a `BEGIN ATOMIC … END` body. Source: "Lexical Structure" in PostgreSQL's manual, and its `psql`.

use squawk_lexer::TokenKind;

use super::tokens::{Lines, Token, lex, lex_leniently, line_at};

/// One statement: the tokens from its first to its last, the final `;` left out.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    sql: &'a str,
    pub(super) tokens: Vec<Token>,
    /// Where [`Self::text`] begins, in bytes.
    pub(super) start: usize,
    end: usize,
    /// The lines of its text and of its first word, counted from 1.
    lines: (usize, usize),
}

/// The text is not a sequence of whole SQL statements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct SplitError {
    /// Counted from 1.
    pub line: usize,
    /// What is not closed, or not SQL.
    pub what: &'static str,
}

impl SplitError {
    /// `at` is where the fault is, in bytes.
    pub(super) fn new(sql: &str, at: usize, what: &'static str) -> Self {
        Self {
            line: line_at(sql, at),
            what,
        }
    }
}

impl<'a> Statement<'a> {
    /// All of a text that cannot be split.
    pub(super) fn unsplit(sql: &'a str) -> Self {
        let tokens = lex_leniently(sql);
        let first = tokens.first().map_or(0, |token| token.start);
        Self {
            sql,
            tokens,
            start: 0,
            end: sql.len(),
            lines: (1, line_at(sql, first)),
        }
    }

    /// The statement with the comments before it, without the `;` that ends it. It never ends in a comment.
    pub fn text(&self) -> &'a str {
        &self.sql[self.start..self.end]
    }

    /// The number of its tokens.
    pub(crate) fn size(&self) -> usize {
        self.tokens.len()
    }

    /// Where [`Self::text`] begins in the SQL, in bytes.
    pub(crate) fn starts_at(&self) -> usize {
        self.start
    }

    /// All of the SQL that it was cut out of.
    pub(super) fn whole(&self) -> &'a str {
        self.sql
    }

    /// The line in the file on which the statement's first word stands, counted from 1.
    pub fn line(&self) -> usize {
        self.lines.1
    }

    /// The line in the file on which [`Self::text`] begins, counted from 1.
    pub(crate) fn first_line(&self) -> usize {
        self.lines.0
    }

    /// Whether the statement begins with these words, given in upper case.
    pub(crate) fn starts_with(&self, words: &[&str]) -> bool {
        self.words_at(0, words)
    }

    /// Whether `words`, given in upper case, stand in the statement from token `index` on.
    pub(crate) fn words_at(&self, index: usize, words: &[&str]) -> bool {
        words_at(self.sql, &self.tokens, index, words)
    }

    /// Whether the word, given in upper case, stands anywhere in the statement.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.tokens
            .iter()
            .any(|token| token.is_word(self.sql, word))
    }
}

/// Splits `sql` into its statements; empty ones are left out.
///
/// ```
/// use vendor_migrations::sql::statements::split;
///
/// let statements = split("SELECT ';'; -- two;\nSELECT 2;")?;
/// let texts: Vec<&str> = statements.iter().map(|statement| statement.text()).collect();
/// assert_eq!(texts, ["SELECT ';'", "-- two;\nSELECT 2"]);
///
/// let error = split("SELECT 1;\nSELECT 'open").unwrap_err();
/// assert_eq!(error.to_string(), "line 2: a string that is never closed");
/// # Ok::<(), vendor_migrations::sql::statements::SplitError>(())
/// ```
pub fn split(sql: &str) -> Result<Vec<Statement<'_>>, SplitError> {
    let mut splitter = Splitter {
        sql,
        lines: Lines::of(sql),
        statements: Vec::new(),
        open: Vec::new(),
        parentheses: Vec::new(),
        atomic: None,
        start: 0,
    };
    for token in lex(sql)? {
        splitter.take(token)?;
    }
    splitter.finish()
}

/// The same of a text that may hold faults: cut at every `;` that is no part of a string or a comment.
pub fn split_leniently(sql: &str) -> Vec<Statement<'_>> {
    let tokens = lex_leniently(sql);
    let mut lines = Lines::of(sql);
    let statements = tokens.split(|token| token.kind == TokenKind::Semi);
    let statements = statements.filter_map(|tokens| {
        let (first, last) = (tokens.first()?, tokens.last()?);
        Some(Statement {
            sql,
            start: first.start,
            end: last.end,
            lines: (lines.at(first.start), lines.at(first.start)),
            tokens: tokens.to_vec(),
        })
    });
    statements.collect()
}

struct Splitter<'a> {
    sql: &'a str,
    lines: Lines<'a>,
    statements: Vec<Statement<'a>>,
    open: Vec<Token>,
    /// Where each parenthesis that is still open stands.
    parentheses: Vec<usize>,
    /// Where the `BEGIN ATOMIC` body that is still open begins.
    atomic: Option<usize>,
    start: usize,
}

impl<'a> Splitter<'a> {
    fn take(&mut self, token: Token) -> Result<(), SplitError> {
        match token.kind {
            TokenKind::Semi if self.parentheses.is_empty() && self.atomic.is_none() => {
                self.close();
                self.start = token.end;
                return Ok(());
            }
            TokenKind::OpenParen => self.parentheses.push(token.start),
            TokenKind::CloseParen if self.parentheses.pop().is_none() => {
                let what = "a `)` without a `(`";
                return Err(SplitError::new(self.sql, token.start, what));
            }
            TokenKind::Ident if self.parentheses.is_empty() => self.track_atomic(token),
            _ => {}
        }
        self.open.push(token);
        Ok(())
    }

    /// A body's statements each end in `;`, so its own `END` is the one that follows a `;` or `ATOMIC`;
    /// the `END` of a `CASE`, or a column of that name, never does.
    fn track_atomic(&mut self, token: Token) {
        let Some(&last) = self.open.last() else {
            return;
        };
        if self.atomic.is_some() {
            let empty_body = last.is_word(self.sql, "ATOMIC") && Some(last.end) == self.atomic;
            if token.is_word(self.sql, "END") && (last.kind == TokenKind::Semi || empty_body) {
                self.atomic = None;
            }
        } else if token.is_word(self.sql, "ATOMIC")
            && last.is_word(self.sql, "BEGIN")
            && self.creates_routine()
        {
            self.atomic = Some(token.end);
        }
    }

    fn creates_routine(&self) -> bool {
        let begins = |words: &[&str]| words_at(self.sql, &self.open, 0, words);
        ["FUNCTION", "PROCEDURE"]
            .iter()
            .any(|kind| begins(&["CREATE", kind]) || begins(&["CREATE", "OR", "REPLACE", kind]))
    }

    fn close(&mut self) {
        let (Some(first), Some(last)) = (self.open.first(), self.open.last()) else {
            return;
        };
        let (first, end) = (first.start, last.end);
        let before = &self.sql[self.start..];
        let start = self.start + (before.len() - before.trim_start_matches(is_blank).len());
        self.statements.push(Statement {
            sql: self.sql,
            tokens: std::mem::take(&mut self.open),
            start,
            end,
            lines: (self.lines.at(start), self.lines.at(first)),
        });
    }

    fn finish(mut self) -> Result<Vec<Statement<'a>>, SplitError> {
        if let Some(&at) = self.parentheses.first() {
            return Err(SplitError::new(self.sql, at, "a `(` that is never closed"));
        }
        if let Some(at) = self.atomic {
            let what = "a `BEGIN ATOMIC` body that is never closed by `END`";
            return Err(SplitError::new(self.sql, at, what));
        }
        self.close();
        Ok(self.statements)
    }
}

/// Whether `words`, given in upper case, stand in `tokens` from `index` on.
fn words_at(sql: &str, tokens: &[Token], index: usize, words: &[&str]) -> bool {
    let mut at = tokens.iter().skip(index);
    words
        .iter()
        .all(|word| at.next().is_some_and(|token| token.is_word(sql, word)))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        split(sql).unwrap().iter().map(Statement::text).collect()
    }

    #[test]
    fn quotes_comments_and_dollars_hide_semicolons() {
        assert_eq!(
            texts("select ';', \";\", $a$ ; $b$ ; $a$ -- ;\n, 1; /* ; /* ; */ */ select E'\\';';"),
            [
                "select ';', \";\", $a$ ; $b$ ; $a$ -- ;\n, 1",
                "/* ; /* ; */ */ select E'\\';'"
            ]
        );
    }

    #[test]
    fn an_escape_string_goes_on_over_a_line_end() {
        assert_eq!(
            texts("select E'a' -- c\n 'b\\';c'; select 2"),
            ["select E'a' -- c\n 'b\\';c'", "select 2"]
        );
        assert_eq!(texts("select E'a'/* */\n'b\\'; select 2").len(), 2);
        assert_eq!(texts("select 'a'\n'b\\'; select 2").len(), 2);
        // Taken for a plain string, the second half would not be closed.
        assert_eq!(texts("select E'a'\n'b\\''; select 2").len(), 2);
    }

    #[test]
    fn parentheses_and_atomic_bodies_hold_semicolons() {
        let rule = "create rule r as on insert to t do also (select 1; select 2)";
        assert_eq!(texts(&format!("{rule};\nselect 3;")), [rule, "select 3"]);
        let body = "create or replace function f() returns int begin atomic \
                    select case when true then 1 end as end; select x.end from x; end";
        assert_eq!(texts(&format!("{body}; select 4")), [body, "select 4"]);
        let empty = "create procedure p() begin atomic end";
        assert_eq!(texts(&format!("{empty}; select 4")), [empty, "select 4"]);
        assert_eq!(texts("begin; select atomic; end; commit").len(), 4);
    }

    #[test]
    fn what_is_not_closed_is_named_with_its_line() {
        for (sql, line) in [
            ("select 1;\nselect 'a", 2),
            ("\n\nselect $x$ a $y$", 3),
            ("select \"a", 1),
            ("/* /* */", 1),
            ("select (1;\n", 1),
            ("select 1);", 1),
            ("create function f() returns int begin atomic select 1;", 1),
            ("select 1;\n\\connect x", 2),
            ("select E'a'\n'b\\';", 2),
        ] {
            assert_eq!(split(sql).unwrap_err().line, line, "{sql}");
        }
    }

    #[test]
    fn empty_statements_and_trailing_comments_are_left_out() {
        assert_eq!(
            texts("\u{feff};; -- a\n;\n select 1 -- b\n; -- c"),
            ["-- a\n;\n select 1".split_once(";\n ").unwrap().1]
        );
        assert!(texts("-- nothing\n/* here */").is_empty());
    }

    proptest! {
        /// Statements lie in the text in their order, and between them is nothing but `;`, white space and comments.
        #[test]
        fn statements_joined_give_the_input_back(
            parts in proptest::collection::vec(prop_oneof![
                Just("select 1"), Just(";"), Just("\n"), Just("-- c;\n"), Just("/* ; */"),
                Just("'a;''b'"), Just("$$;$$"), Just("$t$ ; $$ $t$"), Just("E'\\';'"), Just("\"a;\""), Just("(x)"),
            ], 0..40)
        ) {
            let sql = parts.join(" ");
            let statements = split(&sql).unwrap();
            let mut at = 0;
            for statement in &statements {
                let start = at + sql[at..].find(statement.text()).unwrap();
                prop_assert!(split(&sql[at..start]).unwrap().is_empty());
                prop_assert_eq!(split(statement.text()).unwrap().len(), 1);
                at = start + statement.text().len();
            }
            prop_assert!(split(&sql[at..]).unwrap().is_empty());
        }

        #[test]
        fn no_text_makes_it_panic(sql in "[ -~\n$'\"é]{0,60}") {
            let _ = split(&sql);
        }
    }
}
