//! Which objects a statement creates, alters or drops.

use squawk_lexer::{LiteralKind, TokenKind};

use super::statements::Statement;
use super::tokens::{Token, lex_leniently};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Create,
    Alter,
    Drop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Table,
    Type,
    /// Procedures, too.
    Function,
    Index,
    Sequence,
    Trigger,
}

/// An object that a statement creates, alters or drops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub verb: Verb,
    pub kind: Kind,
    /// As it is named; none without a qualifier.
    pub schema: Option<String>,
    pub name: String,
}

/// The objects that a statement creates, alters or drops, in their order; of a `DO` block, those that its body names.
///
/// What tunes a table, or says whose it is, alters nothing here: owners, storage parameters, statistics, `CLUSTER`, `REPLICA
/// IDENTITY`, and whether triggers and row security are in force.
pub fn targets(statement: &Statement<'_>) -> Vec<Target> {
    if statement.starts_with(&["DO"]) {
        let literals = statement.tokens.iter();
        return literals
            .filter_map(|token| body(statement.whole(), token))
            .flat_map(|body| anywhere(&body))
            .collect();
    }
    Cursor::at(statement.whole(), &statement.tokens, 0).targets()
}

/// The objects in a text of which it is not known where its statements begin.
fn anywhere(text: &str) -> Vec<Target> {
    let tokens = lex_leniently(text);
    let starts = 0..tokens.len();
    starts
        .flat_map(|first| {
            let mut found = Cursor::at(text, &tokens, first).targets();
            let executed = body(text, &tokens[first]).filter(|inner| inner.len() < text.len());
            found.extend(executed.iter().flat_map(|inner| anywhere(inner)));
            found
        })
        .collect()
}

/// What a string holds: `'…'` or `$$…$$`.
pub(super) fn body(sql: &str, token: &Token) -> Option<String> {
    let text = &sql[token.start..token.end];
    let TokenKind::Literal { kind } = token.kind else {
        return None;
    };
    match kind {
        LiteralKind::Str { .. } => {
            let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
            Some(inner.replace("''", "'"))
        }
        LiteralKind::DollarQuotedString { .. } => {
            let tag = text[1..].find('$')? + 2;
            let inner = text.get(tag..text.len().checked_sub(tag)?)?;
            Some(inner.to_owned())
        }
        _ => None,
    }
}

struct Cursor<'a> {
    sql: &'a str,
    tokens: &'a [Token],
    next: usize,
}

impl<'a> Cursor<'a> {
    fn at(sql: &'a str, tokens: &'a [Token], next: usize) -> Self {
        Self { sql, tokens, next }
    }

    fn targets(&mut self) -> Vec<Target> {
        if self.take(&["CREATE"]) {
            self.create().into_iter().collect()
        } else if self.take(&["ALTER"]) {
            self.alter().into_iter().collect()
        } else if self.take(&["DROP"]) {
            self.dropped()
        } else {
            Vec::new()
        }
    }

    fn create(&mut self) -> Option<Target> {
        self.take(&["OR", "REPLACE"]);
        while ["UNIQUE", "UNLOGGED", "CONSTRAINT"]
            .iter()
            .any(|word| self.take(&[word]))
        {}
        let kind = self.kind()?;
        self.take(&["CONCURRENTLY"]);
        self.take(&["IF", "NOT", "EXISTS"]);
        self.target(Verb::Create, kind)
    }

    fn alter(&mut self) -> Option<Target> {
        let kind = self.kind()?;
        self.take(&["IF", "EXISTS"]);
        self.take(&["ONLY"]);
        let target = self.target(Verb::Alter, kind)?;
        self.skip_arguments();
        let tunes = match kind {
            Kind::Table => {
                const WORDS: [&str; 7] = [
                    "OWNER", "CLUSTER", "REPLICA", "ENABLE", "DISABLE", "FORCE", "NO",
                ];
                WORDS.iter().any(|word| self.take(&[word]))
                    || (self.take(&["SET"]) || self.take(&["RESET"]))
                        && self.is(TokenKind::OpenParen)
                    || self.tunes_column()
            }
            Kind::Type | Kind::Function | Kind::Index | Kind::Sequence | Kind::Trigger => {
                self.take(&["OWNER"])
            }
        };
        (!tunes).then_some(target)
    }

    /// `ALTER COLUMN name SET STATISTICS 500`
    fn tunes_column(&mut self) -> bool {
        if !self.take(&["ALTER"]) {
            return false;
        }
        self.take(&["COLUMN"]);
        let words = ["STATISTICS", "STORAGE", "COMPRESSION"];
        self.name().is_some() && self.take(&["SET"]) && words.iter().any(|word| self.take(&[word]))
    }

    fn dropped(&mut self) -> Vec<Target> {
        let Some(kind) = self.kind() else {
            return Vec::new();
        };
        self.take(&["CONCURRENTLY"]);
        self.take(&["IF", "EXISTS"]);
        let mut found = Vec::new();
        while let Some(target) = self.target(Verb::Drop, kind) {
            found.push(target);
            self.skip_arguments();
            if !self.is(TokenKind::Comma) {
                break;
            }
            self.next += 1;
        }
        found
    }

    fn kind(&mut self) -> Option<Kind> {
        const KINDS: [(&str, Kind); 8] = [
            ("TABLE", Kind::Table),
            ("TYPE", Kind::Type),
            ("FUNCTION", Kind::Function),
            ("PROCEDURE", Kind::Function),
            ("ROUTINE", Kind::Function),
            ("INDEX", Kind::Index),
            ("SEQUENCE", Kind::Sequence),
            ("TRIGGER", Kind::Trigger),
        ];
        let mut kinds = KINDS.into_iter();
        let (_, kind) = kinds.find(|(word, _)| self.take(&[word]))?;
        Some(kind)
    }

    fn target(&mut self, verb: Verb, kind: Kind) -> Option<Target> {
        let mut parts = vec![self.name()?];
        while self.is(TokenKind::Dot) {
            self.next += 1;
            parts.push(self.name()?);
        }
        Some(Target {
            verb,
            kind,
            name: parts.pop()?,
            schema: parts.pop(),
        })
    }

    /// A name as PostgreSQL knows it: without quotes, and in lower case if it had none.
    fn name(&mut self) -> Option<String> {
        let token = self.tokens.get(self.next)?;
        let text = &self.sql[token.start..token.end];
        self.next += 1;
        match token.kind {
            TokenKind::Ident => Some(text.to_ascii_lowercase()),
            TokenKind::QuotedIdent { .. } => Some(text.trim_matches('"').replace("\"\"", "\"")),
            _ => None,
        }
    }

    /// Passes over the arguments of a function.
    fn skip_arguments(&mut self) {
        let mut depth = 0usize;
        while let Some(token) = self.tokens.get(self.next) {
            match token.kind {
                TokenKind::OpenParen => depth += 1,
                TokenKind::CloseParen => depth = depth.saturating_sub(1),
                _ if depth == 0 => return,
                _ => {}
            }
            self.next += 1;
        }
    }

    fn is(&self, kind: TokenKind) -> bool {
        let token = self.tokens.get(self.next);
        token.is_some_and(|token| token.kind == kind)
    }

    /// Passes over these words, given in upper case, if they stand here.
    fn take(&mut self, words: &[&str]) -> bool {
        let here = self.tokens.iter().skip(self.next);
        let matches = words
            .iter()
            .zip(here)
            .filter(|(word, token)| token.is_word(self.sql, word))
            .count();
        let all = matches == words.len();
        self.next += if all { words.len() } else { 0 };
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::statements::split;
    use super::*;

    fn found(sql: &str) -> Vec<String> {
        let statements = split(sql).unwrap();
        let targets = statements.iter().flat_map(targets);
        targets
            .map(|target| {
                let schema = target.schema.map_or(String::new(), |name| name + ".");
                format!(
                    "{:?} {:?} {schema}{}",
                    target.verb, target.kind, target.name
                )
            })
            .collect()
    }

    #[test]
    fn ddl_names_its_objects() {
        for (sql, expected) in [
            (
                "create unlogged table if not exists A.\"B\" (c int)",
                vec!["Create Table a.B"],
            ),
            (
                "CREATE OR REPLACE FUNCTION f(a int) RETURNS int AS $$ DROP TABLE t $$",
                vec!["Create Function f"],
            ),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)",
                vec!["Create Index i"],
            ),
            (
                "CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t",
                vec!["Create Trigger g"],
            ),
            (
                "ALTER TABLE IF EXISTS ONLY t ADD COLUMN c int",
                vec!["Alter Table t"],
            ),
            ("ALTER TYPE e ADD VALUE 'x'", vec!["Alter Type e"]),
            (
                "ALTER FUNCTION f(int, text) RENAME TO g",
                vec!["Alter Function f"],
            ),
            (
                "DROP FUNCTION IF EXISTS f(int), s.g(), h CASCADE",
                vec!["Drop Function f", "Drop Function s.g", "Drop Function h"],
            ),
            ("DROP TRIGGER g ON t", vec!["Drop Trigger g"]),
            (
                "DO $$ BEGIN CREATE TYPE e AS ENUM ('a'); EXECUTE 'DROP TABLE t'; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                vec!["Create Type e", "Drop Table t"],
            ),
        ] {
            assert_eq!(found(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_only_uses_or_tunes_an_object_is_none() {
        for sql in [
            "-- DROP TABLE t\nSELECT 'DROP TABLE t'",
            "GRANT ALL ON t TO r",
            "CREATE VIEW v AS SELECT * FROM t",
            "CREATE TEMP TABLE t (a int)",
            "COMMENT ON TABLE t IS 'DROP TABLE t'",
            "ALTER TABLE t OWNER TO r",
            "ALTER FUNCTION f(int) OWNER TO r",
            "ALTER TABLE t SET (fillfactor = 70)",
            "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE t ALTER COLUMN c SET STATISTICS 500",
            "INSERT INTO t VALUES ('CREATE TABLE u ()')",
            "CREATE EXTENSION plpgsql",
        ] {
            assert!(found(sql).is_empty(), "{sql}: {:?}", found(sql));
        }
    }
}
