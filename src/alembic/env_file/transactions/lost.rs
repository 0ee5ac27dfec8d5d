//! What holds to the end of Alembic's transaction. `autocommit_block()` commits that transaction, so it is gone for all that follows. Measured on Alembic 1.8.1
//! to 1.20.1.

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::walk::Walk;
use crate::python_source::{called, inside, written};
use crate::sql::path_sets;

/// What is gone after the first revision that leaves the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// A part of the names of the functions that lock to the end of the transaction.
const LOCKS: &str = "advisory_xact_lock";

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
    let lengths = texts.iter().map(|text| usize::from(text.range().len()));
    // A value of a name may be long, and many statements use it.
    if !walk.goes_on(texts.len() + lengths.sum::<usize>() / 64) {
        return;
    }
    // `select(func.pg_advisory_xact_lock(42))`
    let locks = |part: &&Expr| {
        let call = part.as_call_expr();
        call.is_some_and(|call| called(call).contains(LOCKS))
    };
    let said = texts
        .iter()
        .filter_map(|text| written(walk.module.source, text))
        .find_map(|text| kind(&text));
    let lost = said.or(texts.iter().any(locks).then_some(Lost::Lock));
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
        .extend(found.filter(|found| walk.noted.insert(*found)));
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
    let is_lock = |word: &&str| word.contains(LOCKS);
    if words.iter().any(is_lock) || words.starts_with(&["lock"]) {
        return Some(Lost::Lock);
    }
    if has(&["set", "local", "role"]) || has(&["set", "local", "session", "authorization"]) {
        return Some(Lost::Role);
    }
    let sets = words.contains(&"set_config") && words.last() == Some(&"true");
    let of_transaction = [["set", "transaction"], ["set", "constraints"]];
    let sets = sets || of_transaction.iter().any(|words| has(words));
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
            (
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                Some(Lost::Setting),
            ),
            ("SET CONSTRAINTS ALL DEFERRED", Some(Lost::Setting)),
            ("SELECT 1", None),
        ] {
            assert_eq!(kind(sql), expected, "{sql}");
        }
    }
}
