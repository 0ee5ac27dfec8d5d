//! What is said of migrations and statements, the same in every format.

use crate::catalog::{Broken, LockMode, Stopped};
use crate::report::style::count;
use crate::review::{Change, Facts, How, Migration, Statement};

/// Procrastinate's repository. Its tags are the releases' numbers.
const UPSTREAM: &str = "https://github.com/procrastinate-org/procrastinate";

/// `deferring and fetching jobs, reads and writes of procrastinate_jobs`. A weak lock stops writes only of the rows that it changed.
pub(super) fn stopped(
    stops: impl Iterator<Item = Stopped<'static>>,
    locks: &[(LockMode, &'static str)],
) -> String {
    let mut stops: Vec<Stopped<'static>> = stops.collect();
    stops.sort_unstable();
    stops.dedup();
    let has = |what| stops.contains(&what);
    let mut words = Vec::new();
    match (has(Stopped::Defer), has(Stopped::Fetch)) {
        (true, true) => words.push("deferring and fetching jobs".to_owned()),
        (true, false) => words.push("deferring jobs".to_owned()),
        (false, true) => words.push("fetching jobs".to_owned()),
        (false, false) => {}
    }
    let is_weak = |table: &str| {
        let mut of_table = locks.iter().filter(|(_, known)| *known == table);
        of_table.all(|(mode, _)| *mode < LockMode::Share)
    };
    for stop in &stops {
        match stop {
            Stopped::Reads(table) => words.push(format!("reads and writes of `{table}`")),
            Stopped::Writes(table) if has(Stopped::Reads(table)) => {}
            Stopped::Writes(table) if is_weak(table) => {
                words.push(format!("changes of the same rows of `{table}`"));
            }
            Stopped::Writes(table) => words.push(format!("writes of `{table}`")),
            Stopped::Defer | Stopped::Fetch => {}
        }
    }
    words.join(", ")
}

/// `new, before the deploy, first in 3.1.0`.
pub(super) fn about(migration: &Migration) -> String {
    let mut words = vec![match &migration.change {
        Change::Renamed { from } => format!("renamed, was `{from}`"),
        change => change.word().to_owned(),
    }];
    if migration.runs() {
        words.push(match migration.is_before_deploy() {
            true => "runs before the deploy".to_owned(),
            false => "runs after the deploy".to_owned(),
        });
    }
    words.extend(
        migration
            .release
            .map(|release| format!("this text since {release}")),
    );
    if !migration.statements.is_empty() {
        words.push(count(migration.statements.len(), "statement"));
    }
    words.extend(match migration.facts {
        Facts::Measured => None,
        Facts::Estimated => Some("not measured: an estimate".to_owned()),
        Facts::Unknown => Some("nothing is known of its SQL".to_owned()),
    });
    words.join(", ")
}

/// What a migration does to objects, a line for each verb; nothing if it does not run. What is dropped and made again is replaced.
pub(super) fn outline(migration: &Migration) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut lines: Vec<(&'static str, Vec<&'static str>)> =
        ["makes", "replaces", "changes", "drops"]
            .map(|verb| (verb, Vec::new()))
            .into();
    if matches!(migration.change, Change::Edited | Change::Renamed { .. }) {
        return Vec::new();
    }
    let objects = || migration.statements.iter().flat_map(Statement::outline);
    let is =
        |how: How, name: &str| objects().any(|object| object.how == how && object.name == name);
    for object in objects() {
        let place = match object.how {
            How::Made | How::Dropped
                if is(How::Made, object.name) && is(How::Dropped, object.name) =>
            {
                1
            }
            How::Made => 0,
            How::Changed => 2,
            How::Dropped => 3,
        };
        let names = &mut lines[place].1;
        if !names.contains(&object.name) {
            names.push(object.name);
        }
    }
    lines.retain(|(_, names)| !names.is_empty());
    lines
}

/// The object without the parameters of a function, if they are long.
pub(super) fn brief(object: &str) -> String {
    const LONG: usize = 60;
    match object.split_once('(') {
        Some((name, _)) if object.len() > LONG => format!("{name}(…)"),
        _ => object.to_owned(),
    }
}

/// What is said of the statements, the same once: the numbers, and the texts.
pub(super) fn by_statement(migration: &Migration) -> Vec<(String, String)> {
    let mut said: Vec<(Vec<usize>, String)> = Vec::new();
    for (place, statement) in migration.statements.iter().enumerate() {
        let estimates = statement
            .estimates
            .iter()
            .map(|one| format!("{} (`{}`)", one.message, one.rule));
        let texts: Vec<String> = locks(statement)
            .into_iter()
            .chain(growth(statement))
            .chain(estimates)
            .collect();
        if texts.is_empty() {
            continue;
        }
        let text = texts.join("; ");
        match said.iter_mut().find(|(_, known)| *known == text) {
            Some((places, _)) => places.push(place + 1),
            None => said.push((vec![place + 1], text)),
        }
    }
    said.into_iter()
        .map(|(places, text)| (numbers(&places), text))
        .collect()
}

/// `7-12, 14`.
fn numbers(places: &[usize]) -> String {
    let runs = places.chunk_by(|one, next| one + 1 == *next);
    let runs = runs.map(|run| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// What a statement locks, and whom it stops; none if it locks nothing that is in use.
fn locks(statement: &Statement) -> Option<String> {
    if statement.locks.is_empty() {
        return None;
    }
    let by_mode = |(mode, table): &(LockMode, &str)| format!("{mode} on `{table}`");
    let mut text = statement
        .locks
        .iter()
        .map(by_mode)
        .collect::<Vec<_>>()
        .join(", ");
    let stops = stopped(statement.stops.iter().copied(), &statement.locks);
    if !stops.is_empty() {
        text.push_str(&format!("; stops {stops}"));
    }
    Some(text)
}

/// Why its time grows; none if it does not.
fn growth(statement: &Statement) -> Option<String> {
    let list = |tables: &[&str]| {
        tables
            .iter()
            .map(|table| format!("`{table}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (&statement.rewrites[..], &statement.scans[..]) {
        ([], []) => None,
        ([], scans) => Some(format!("reads all rows of {}", list(scans))),
        (rewrites, _) => Some(format!("rewrites {}", list(rewrites))),
    }
}

/// The text as the beginning of a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Where the release that brought a migration has its SQL, for people with a browser.
pub(super) fn link(migration: &Migration) -> Option<String> {
    let (release, name) = (migration.release?, &migration.name);
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    plain.then(|| format!("{UPSTREAM}/blob/{release}/procrastinate/sql/migrations/{name}"))
}

/// Which code no longer works behind a migration, a sentence for each query.
pub(super) fn breaks(migration: &Migration) -> Vec<String> {
    let sentence = |broken: &&Broken| {
        let (first, last) = (broken.first().name, broken.last().name);
        let code = match first == last {
            true => format!("the code of {first}"),
            false => format!("the code of {first} to {last}"),
        };
        let functions: Vec<String> = broken
            .functions
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        match functions.is_empty() {
            true => format!("{code} cannot run its query `{}` any more", broken.query),
            false => format!(
                "{code} calls {} (query `{}`), which is dropped",
                functions.join(", "),
                broken.query
            ),
        }
    };
    migration.broken.iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_numbers_are_ranges() {
        for (places, said) in [
            (&[][..], ""),
            (&[3], "3"),
            (&[1, 2], "1-2"),
            (&[7, 8, 9, 12, 14, 15], "7-9, 12, 14-15"),
        ] {
            assert_eq!(numbers(places), said);
        }
    }

    #[test]
    fn long_parameters_are_left_out() {
        assert_eq!(brief("function f(a integer)"), "function f(a integer)");
        let long = format!("function f({})", "a integer, ".repeat(8));
        assert_eq!(brief(&long), "function f(…)");
        let column = format!("column {}", "é".repeat(80));
        assert_eq!(brief(&column), column);
    }

    #[test]
    fn a_weak_lock_stops_changes_of_the_same_rows_only() {
        let stops = [Stopped::Writes("t")];
        let said = |mode| stopped(stops.into_iter(), &[(mode, "t")]);
        assert_eq!(
            said(LockMode::RowExclusive),
            "changes of the same rows of `t`"
        );
        assert_eq!(said(LockMode::Share), "writes of `t`");
        let all = [
            Stopped::Writes("t"),
            Stopped::Fetch,
            Stopped::Reads("t"),
            Stopped::Defer,
            Stopped::Fetch,
        ];
        let said = stopped(all.into_iter(), &[(LockMode::AccessExclusive, "t")]);
        assert_eq!(said, "deferring and fetching jobs, reads and writes of `t`");
    }

    #[test]
    fn a_sentence_begins_with_a_capital_letter() {
        assert_eq!(
            (capital("an é"), capital("émile"), capital("")),
            ("An é".into(), "Émile".into(), String::new())
        );
    }
}
