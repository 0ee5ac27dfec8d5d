//! What a linter says of SQL that was never measured.

use std::thread;

use squawk_linter::{Linter, Rule, Violation};
use squawk_syntax::SourceFile;

use super::Estimate;
use crate::sql::statements::Statement;

/// The rules that are about locks, and about what old code still uses. The others are about how to write SQL.
const RULES: [Rule; 20] = [
    Rule::AddingFieldWithDefault,
    Rule::AddingForeignKeyConstraint,
    Rule::AddingNotNullableField,
    Rule::AddingRequiredField,
    Rule::AddingSerialPrimaryKeyField,
    Rule::BanDropColumn,
    Rule::BanDropFunction,
    Rule::BanDropNotNull,
    Rule::BanDropTable,
    Rule::BanDropType,
    Rule::BanDropView,
    Rule::BanTruncateCascade,
    Rule::ChangingColumnType,
    Rule::ConstraintMissingNotValid,
    Rule::DisallowedUniqueConstraint,
    Rule::RenamingColumn,
    Rule::RenamingObject,
    Rule::RenamingTable,
    Rule::RequireConcurrentIndexCreation,
    Rule::RequireConcurrentIndexDeletion,
];

/// The linter's parser calls itself for each level of an expression. No level is without a token, so this bounds its stack.
const MOST_TOKENS: usize = 2_000;
/// In bytes: four times what the bound takes in a build for debugging.
const STACK: usize = 32 << 20;

/// The estimates of each of the statements of this SQL; none where it cannot be read, or has a statement that is longer than any migration's.
pub(super) fn estimate(sql: &str, statements: &[Statement<'_>]) -> Option<Vec<Vec<Estimate>>> {
    let is_short = |statement: &Statement<'_>| statement.size() <= MOST_TOKENS;
    if statements.is_empty() || !statements.iter().all(is_short) {
        return None;
    }
    let linted = thread::scope(|scope| {
        let linter = thread::Builder::new().stack_size(STACK);
        let linter = linter.spawn_scoped(scope, || lint(sql)).ok()?;
        linter.join().ok()
    })?;
    let mut estimates: Vec<Vec<Estimate>> = statements.iter().map(|_| Vec::new()).collect();
    for (at, estimate) in linted {
        let place = statements
            .iter()
            .rposition(|statement| statement.starts_at() <= at);
        if let Some(all) = estimates.get_mut(place.unwrap_or_default()) {
            all.push(estimate);
        }
    }
    Some(estimates)
}

/// What the linter says, with the place in the SQL, in bytes.
fn lint(sql: &str) -> Vec<(usize, Estimate)> {
    let parsed = SourceFile::parse(sql);
    let found = Linter::from(RULES).lint(&parsed, sql).into_iter();
    let estimate = |violation: Violation| {
        let estimate = Estimate {
            rule: violation.code.to_string(),
            message: violation.message,
        };
        (usize::from(violation.text_range.start()), estimate)
    };
    found.map(estimate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::statements::split;

    #[test]
    fn deep_sql_is_not_estimated_and_takes_no_stack() {
        for (open, close) in [
            ("(", ")"),
            ("ARRAY[", "]"),
            ("CASE WHEN ", " THEN 1 END"),
            ("NOT ", ""),
        ] {
            for (number, is_estimated) in [(300, true), (100_000, false)] {
                let sql = format!(
                    "DROP TABLE t; SELECT {}1{}",
                    open.repeat(number),
                    close.repeat(number)
                );
                let statements = split(&sql).unwrap();
                assert_eq!(
                    estimate(&sql, &statements).is_some(),
                    is_estimated,
                    "{open} {number}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_split_is_not_estimated() {
        assert_eq!(estimate("SELECT (", &[]), None);
    }
}
