//! Statements that PostgreSQL does not run, or does not make usable, inside a transaction block.

use std::borrow::Cow;

use super::statements::Statement;

/// Whether the statement has to be committed on its own.
///
/// A new enum value cannot be used before it is committed ("unsafe use of new value"); the others raise
/// "cannot run inside a transaction block". Source: PostgreSQL's manual, the reference page of each command.
pub(super) fn needs_autocommit(statement: &Statement<'_>) -> bool {
    let concurrently = statement.has_word("CONCURRENTLY");
    added_value(statement).is_some()
        || (concurrently && makes_index_concurrently(statement))
        || (concurrently && statement.starts_with(&["ALTER", "TABLE"]))
        || [
            &["VACUUM"] as &[&str],
            &["ALTER", "SYSTEM"],
            &["CREATE", "DATABASE"],
            &["DROP", "DATABASE"],
            &["CREATE", "TABLESPACE"],
            &["DROP", "TABLESPACE"],
        ]
        .iter()
        .any(|words| statement.starts_with(words))
}

/// Whether the statement can run again after a failure further on: only what [`rewritten`] guards can.
pub(super) fn is_repeatable(statement: &Statement<'_>) -> bool {
    added_value(statement).is_some()
}

fn makes_index_concurrently(statement: &Statement<'_>) -> bool {
    [
        &["CREATE", "INDEX", "CONCURRENTLY"] as &[&str],
        &["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"],
        &["DROP", "INDEX", "CONCURRENTLY"],
        &["REINDEX"],
    ]
    .iter()
    .any(|words| statement.starts_with(words))
}

/// The statement's text, with `IF NOT EXISTS` put into `ALTER TYPE … ADD VALUE`: what is committed on its own
/// has to survive being run again after a later failure.
pub(super) fn rewritten<'a>(statement: &Statement<'a>) -> Cow<'a, str> {
    let text = statement.text();
    match added_value(statement) {
        Some(Added {
            after,
            guarded: false,
        }) => {
            let (head, tail) = text.split_at(after - statement.offset());
            Cow::Owned(format!("{head} IF NOT EXISTS{tail}"))
        }
        _ => Cow::Borrowed(text),
    }
}

struct Added {
    /// Where in the SQL file the word `VALUE` ends.
    after: usize,
    /// It says `IF NOT EXISTS` itself.
    guarded: bool,
}

fn added_value(statement: &Statement<'_>) -> Option<Added> {
    if !statement.starts_with(&["ALTER", "TYPE"]) {
        return None;
    }
    let tokens = statement.tokens();
    let mut index = 2;
    while tokens.get(index)?.is_name() && tokens.get(index + 1)?.is_dot() {
        index += 2;
    }
    index += 1;
    statement.words_at(index, &["ADD", "VALUE"]).then(|| Added {
        after: tokens[index + 1].end,
        guarded: statement.words_at(index + 2, &["IF", "NOT", "EXISTS"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::statements::split;

    #[test]
    fn enum_values_become_repeatable() {
        for (sql, expected) in [
            (
                "ALTER TYPE t ADD VALUE 'x'",
                "ALTER TYPE t ADD VALUE IF NOT EXISTS 'x'",
            ),
            (
                "-- c\nalter type s.\"T\" add /* c */ value 'x' before 'y'",
                "-- c\nalter type s.\"T\" add /* c */ value IF NOT EXISTS 'x' before 'y'",
            ),
            (
                "ALTER TYPE t ADD VALUE IF NOT EXISTS 'x'",
                "ALTER TYPE t ADD VALUE IF NOT EXISTS 'x'",
            ),
        ] {
            let statements = split(sql).unwrap();
            assert!(needs_autocommit(&statements[0]));
            assert_eq!(rewritten(&statements[0]), expected);
        }
    }

    #[test]
    fn only_what_must_be_alone_is_alone() {
        for (sql, alone) in [
            ("ALTER TYPE t ADD ATTRIBUTE value int", false),
            ("ALTER TYPE t RENAME VALUE 'a' TO 'b'", false),
            ("CREATE INDEX i ON t (concurrently)", false),
            ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", true),
            ("DROP INDEX CONCURRENTLY i", true),
            ("REINDEX (VERBOSE) INDEX CONCURRENTLY i", true),
            ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", false),
            ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", true),
            ("VACUUM t", true),
        ] {
            assert_eq!(needs_autocommit(&split(sql).unwrap()[0]), alone, "{sql}");
        }
    }
}
