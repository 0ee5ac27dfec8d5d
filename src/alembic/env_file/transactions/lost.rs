//! What holds to the end of Alembic's transaction. `autocommit_block()` commits that transaction, so it is gone for all that follows. Measured on Alembic 1.8.1
//! to 1.20.1.

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::walk::Walk;
use crate::python_source::{inside, written};
use crate::sql::path_sets;

/// What is gone after the first revision that leaves the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// `SET LOCAL search_path`: what follows goes to another schema.
    SearchPath,
    /// `SET LOCAL ROLE`: what follows belongs to another role.
    Role,
    /// `pg_advisory_xact_lock(…)`, `LOCK TABLE`: two runs are no longer kept apart.
    Lock,
    /// Another `SET LOCAL`.
    Setting,
    /// A rollback at the end, as for a dry run: what was committed stays.
    Rollback,
}

/// Notes a statement that runs inside of Alembic's transaction before migrations do.
pub(super) fn statement<'a>(walk: &mut Walk<'_, 'a>, call: &'a ExprCall) {
    if !walk.state.alembic || walk.state.ran {
        return;
    }
    let names = &walk.module.names;
    let texts = call.arguments.args.iter().flat_map(|argument| {
        let parts = inside(names.resolved(argument)).into_iter();
        parts.map(|part| names.resolved(part))
    });
    let texts: Vec<&Expr> = texts.collect();
    let lost = texts
        .iter()
        .filter_map(|text| written(walk.module.source, text))
        .find_map(|text| kind(&text));
    note(walk, lost, call.range());
}

/// Notes what ends Alembic's transaction by a rollback, after migrations ran in it.
pub(super) fn rollback(walk: &mut Walk<'_, '_>, range: TextRange) {
    if walk.state.alembic && walk.state.ran && !walk.handling {
        note(walk, Some(Lost::Rollback), range);
    }
}

fn note(walk: &mut Walk<'_, '_>, lost: Option<Lost>, range: TextRange) {
    let found = lost.map(|lost| (lost, range));
    walk.lost
        .extend(found.filter(|found| !walk.lost.contains(found)));
}

fn kind(sql: &str) -> Option<Lost> {
    if path_sets(sql).iter().any(|set| set.local) {
        return Some(Lost::SearchPath);
    }
    let words: Vec<String> = sql
        .split(|c: char| c.is_whitespace() || "();,='\"".contains(c))
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let has = |wanted: &[&str]| words.windows(wanted.len()).any(|found| found == wanted);
    let is_lock = |word: &&str| word.contains("advisory_xact_lock");
    if words.iter().any(is_lock) || words.starts_with(&["lock"]) {
        return Some(Lost::Lock);
    }
    if has(&["set", "local", "role"]) || has(&["set", "local", "session", "authorization"]) {
        return Some(Lost::Role);
    }
    let sets = words.contains(&"set_config") && words.last() == Some(&"true");
    (has(&["set", "local"]) || sets).then_some(Lost::Setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_apart() {
        for (sql, expected) in [
            ("SET LOCAL search_path TO jobs", Some(Lost::SearchPath)),
            (
                "select set_config('search_path', 'jobs', true)",
                Some(Lost::SearchPath),
            ),
            ("SET search_path TO jobs", None),
            ("set  local\nrole = owner", Some(Lost::Role)),
            ("SET ROLE owner", None),
            ("SELECT pg_advisory_xact_lock(7)", Some(Lost::Lock)),
            (
                "SELECT pg_try_advisory_xact_lock_shared(7, 8)",
                Some(Lost::Lock),
            ),
            ("SELECT pg_advisory_lock(7)", None),
            ("LOCK TABLE users", Some(Lost::Lock)),
            ("SET LOCAL lock_timeout = '5s'", Some(Lost::Setting)),
            (
                "SELECT set_config('lock_timeout', '5s', true)",
                Some(Lost::Setting),
            ),
            ("SELECT set_config('lock_timeout', '5s', false)", None),
            ("SELECT 1", None),
        ] {
            assert_eq!(kind(sql), expected, "{sql}");
        }
    }
}
