//! What a linter says of SQL that was never measured.

use squawk_linter::{Linter, Rule};
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

/// The estimates of each of the statements of this SQL.
pub(super) fn estimate(sql: &str, statements: &[Statement<'_>]) -> Vec<Vec<Estimate>> {
    let mut estimates: Vec<Vec<Estimate>> = statements.iter().map(|_| Vec::new()).collect();
    let parsed = SourceFile::parse(sql);
    for violation in Linter::from(RULES).lint(&parsed, sql) {
        let at = usize::from(violation.text_range.start());
        let place = statements
            .iter()
            .rposition(|statement| statement.starts_at() <= at);
        let place = place.unwrap_or_default();
        if let Some(all) = estimates.get_mut(place) {
            all.push(Estimate {
                rule: violation.code.to_string(),
                message: violation.message,
            });
        }
    }
    estimates
}
