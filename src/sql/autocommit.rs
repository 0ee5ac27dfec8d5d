//! Statements that PostgreSQL does not run, or does not make usable, inside a transaction block.

use std::borrow::Cow;

use super::SchemaName;
use super::statements::{Statement, split};

/// Whether the statement has to be committed on its own.
///
/// A new enum value cannot be used before it is committed ("unsafe use of new value"); the others raise
/// "cannot run inside a transaction block". Source: PostgreSQL's manual, the reference page of each command.
pub(crate) fn needs_autocommit(statement: &Statement<'_>) -> bool {
    const ALONE: &[&[&str]] = &[
        &["VACUUM"],
        &["ALTER", "SYSTEM"],
        &["CREATE", "DATABASE"],
        &["DROP", "DATABASE"],
        &["CREATE", "TABLESPACE"],
        &["DROP", "TABLESPACE"],
    ];
    const ALONE_IF_CONCURRENTLY: &[&[&str]] = &[
        &["CREATE", "INDEX", "CONCURRENTLY"],
        &["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"],
        &["DROP", "INDEX", "CONCURRENTLY"],
        &["REINDEX"],
        &["ALTER", "TABLE"],
    ];
    let begins = |all: &[&[&str]]| all.iter().any(|words| statement.starts_with(words));
    added_value_at(statement, 0).is_some()
        || begins(ALONE)
        || statement.has_word("CONCURRENTLY") && begins(ALONE_IF_CONCURRENTLY)
}

/// Whether the statement can run again after a failure further on: only what [`rewritten`] guards can.
pub(crate) fn is_repeatable(statement: &Statement<'_>) -> bool {
    added_value_at(statement, 0).is_some()
}

/// The statement's text, with `IF NOT EXISTS` put into `ALTER TYPE … ADD VALUE`: what is committed on its own
/// has to survive being run again after a later failure. No search path holds there, so it also names the `schema` of a type
/// that has none.
pub(crate) fn rewritten<'a>(
    statement: &Statement<'a>,
    schema: Option<&SchemaName>,
) -> Cow<'a, str> {
    let text = statement.text();
    let Some(added) = added_value_at(statement, 0) else {
        return Cow::Borrowed(text);
    };
    let mut text = Cow::Borrowed(text);
    // From the end, so that no offset moves.
    if !added.guarded {
        let at = added.after - statement.start;
        text.to_mut().insert_str(at, " IF NOT EXISTS");
    }
    if let (Some(at), Some(schema)) = (added.bare, schema) {
        let qualifier = format!("{}.", schema.quoted());
        text.to_mut().insert_str(at - statement.start, &qualifier);
    }
    text
}

struct Added {
    /// Where in the SQL file the type's name begins, if it names no schema.
    bare: Option<usize>,
    /// Where in the SQL file the word `VALUE` ends.
    after: usize,
    /// It says `IF NOT EXISTS` itself.
    guarded: bool,
}

/// Reads `ALTER TYPE name ADD VALUE` from the token `first` on.
fn added_value_at(statement: &Statement<'_>, first: usize) -> Option<Added> {
    if !statement.words_at(first, &["ALTER", "TYPE"]) {
        return None;
    }
    let tokens = &statement.tokens;
    let mut index = first + 2;
    while tokens.get(index)?.is_name() && tokens.get(index + 1)?.is_dot() {
        index += 2;
    }
    let bare = (index == first + 2).then_some(tokens.get(index)?.start);
    index += 1;
    statement.words_at(index, &["ADD", "VALUE"]).then(|| Added {
        bare,
        after: tokens[index + 1].end,
        guarded: statement.words_at(index + 2, &["IF", "NOT", "EXISTS"]),
    })
}

/// Whether the SQL adds a value to an enum type. No transaction can use the value that it adds itself.
///
/// Text that cannot be split into statements is searched from every token on; comments and strings do not count.
pub fn adds_enum_value(sql: &str) -> bool {
    match split(sql) {
        Ok(statements) => statements.iter().any(is_repeatable),
        Err(_) => {
            let whole = Statement::unsplit(sql);
            (0..whole.tokens.len()).any(|first| added_value_at(&whole, first).is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(rewritten(&statements[0], None), expected);
        }
    }

    #[test]
    fn a_type_without_a_schema_gets_one() {
        let schema = SchemaName::new("Pro\"crast").unwrap();
        for (sql, expected) in [
            (
                "ALTER TYPE t ADD VALUE 'x'",
                "ALTER TYPE \"Pro\"\"crast\".t ADD VALUE IF NOT EXISTS 'x'",
            ),
            (
                "-- c\nalter type /* t */ \"T\" add value if not exists 'x'",
                "-- c\nalter type /* t */ \"Pro\"\"crast\".\"T\" add value if not exists 'x'",
            ),
            (
                "ALTER TYPE s.t ADD VALUE IF NOT EXISTS 'x'",
                "ALTER TYPE s.t ADD VALUE IF NOT EXISTS 'x'",
            ),
            ("ALTER TABLE t ADD c int", "ALTER TABLE t ADD c int"),
        ] {
            assert_eq!(rewritten(&split(sql).unwrap()[0], Some(&schema)), expected);
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

    #[test]
    fn a_new_enum_value_is_found_outside_of_comments_and_strings() {
        for (sql, adds) in [
            ("ALTER TYPE t ADD VALUE 'x'", true),
            ("select 1;\nalter type s.\"T\" add /* c */ value 'x'", true),
            (
                "-- a later release may ADD VALUE rows here\nselect 1",
                false,
            ),
            ("select 'ALTER TYPE t ADD VALUE'", false),
            ("ALTER TYPE t ADD ATTRIBUTE value int", false),
            // Text that cannot be split.
            ("select (1; alter type s.\"T\" add /* c */ value 'x'", true),
            ("alter type t add value 'x", true),
            ("\\connect x\nALTER TYPE t ADD VALUE 'x'", true),
            ("select (1; -- ALTER TYPE t ADD VALUE 'x'", false),
            ("select 'ALTER TYPE t ADD VALUE", false),
        ] {
            assert_eq!(adds_enum_value(sql), adds, "{sql}");
        }
    }
}
