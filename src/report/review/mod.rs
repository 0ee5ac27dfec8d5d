//! A review of an upgrade, for a terminal, a pull request, a browser, and for programs. All say the same: what they say is made here,
//! of one model.

mod html;
mod json;
mod markdown;
mod sql;
mod text;

use super::rollout::Upgrade;
use super::style::count;
use crate::catalog::{Broken, LockMode, Stopped};
use crate::review::{
    Change, Ends, Facts, How, Migration, Place, Review, Run, Statement, Transaction,
};
use crate::steps::Rollout;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::text;

/// What every report has near its beginning, so that a later run knows its own file.
const MARK: &str = "vendor-migrations review";

/// Procrastinate's repository. Its tags are the releases' numbers.
const UPSTREAM: &str = "https://github.com/procrastinate-org/procrastinate";

/// Whether the bytes are a report of this command.
pub fn is_report(bytes: &[u8]) -> bool {
    const NEAR: usize = 400;
    let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(NEAR)]);
    begin.contains(MARK) || begin.contains("\"command\": \"review\"")
}

pub struct Shown<'a> {
    pub review: &'a Review,
    /// The command that upgrades to a revision; to everything, where none is named.
    pub upgrade: Upgrade<'a>,
}

impl<'a> Shown<'a> {
    /// `Procrastinate 3.0.0 to 3.10.0`.
    fn title(&self) -> String {
        match self.review.from {
            Some(from) => format!("Procrastinate {} to {}", from.name, self.review.to.name),
            None => format!("Procrastinate {}, new", self.review.to.name),
        }
    }

    /// Five lines, each with its label.
    fn summary(&self) -> [(&'static str, String); 5] {
        [
            ("Migrations", self.migrations()),
            ("Strongest lock", self.strongest()),
            ("Grows with rows", self.grows()),
            ("Steps", self.steps()),
            ("Look at", self.look_at()),
        ]
    }

    fn migrations(&self) -> String {
        let all = &self.review.migrations;
        let number =
            |is_one: fn(&Change) -> bool| all.iter().filter(|one| is_one(&one.change)).count();
        let kinds = [
            (number(|change| *change == Change::Added), "new"),
            (number(|change| *change == Change::Edited), "changed"),
            (
                number(|change| matches!(change, Change::Renamed { .. })),
                "renamed",
            ),
            (number(|change| *change == Change::Left), "left behind"),
        ];
        let kinds: Vec<String> = kinds
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, kind)| format!("{number} {kind}"))
            .collect();
        match (kinds.is_empty(), self.review.statements()) {
            (true, _) => "none: the two have the same migrations".to_owned(),
            (false, 0) => kinds.join(", "),
            (false, statements) => format!(
                "{}; {} to run",
                kinds.join(", "),
                count(statements, "statement")
            ),
        }
    }

    fn strongest(&self) -> String {
        match self.review.strongest() {
            Some((mode, table, migration)) => {
                format!("{mode} on `{table}`, first by `{}`", migration.name)
            }
            None if self.unmeasured() > 0 => "not known: see below".to_owned(),
            None => "none of a table that is in use".to_owned(),
        }
    }

    fn grows(&self) -> String {
        let mut rewrites: Vec<&str> = Vec::new();
        let mut scans: Vec<&str> = Vec::new();
        for statement in self.review.running().flat_map(|one| &one.statements) {
            rewrites.extend(&statement.rewrites);
            scans.extend(&statement.scans);
        }
        let list = |mut tables: Vec<&str>| {
            tables.sort_unstable();
            tables.dedup();
            let tables: Vec<String> = tables.iter().map(|table| format!("`{table}`")).collect();
            tables.join(", ")
        };
        match (rewrites.is_empty(), scans.is_empty()) {
            (true, true) if self.unmeasured() > 0 => "not known: see below".to_owned(),
            (true, true) => "nothing: the time does not depend on the queue's length".to_owned(),
            (true, false) => format!("reads all rows of {}", list(scans)),
            (false, _) => format!(
                "writes {} anew, reads all rows of {}",
                list(rewrites),
                list(scans)
            ),
        }
    }

    fn steps(&self) -> String {
        match &self.review.rollout {
            Err(why) => why.clone(),
            Ok(rollout) => {
                let interruptions = rollout
                    .steps
                    .iter()
                    .filter(|step| step.interruption.is_some());
                let interrupted = match interruptions.count() {
                    0 => "no interruption of service".to_owned(),
                    number => format!("{} of service", count(number, "interruption")),
                };
                format!(
                    "{}, {} of `alembic upgrade`; {interrupted}",
                    count(rollout.steps.len(), "deploy"),
                    count(self.review.runs.len(), "run")
                )
            }
        }
    }

    fn look_at(&self) -> String {
        match self.review.attention.len() {
            0 => "nothing stands out".to_owned(),
            number => format!("{} below", count(number, "point")),
        }
    }

    /// How many migrations were not measured.
    fn unmeasured(&self) -> usize {
        let all = self.review.running();
        all.filter(|one| one.facts != Facts::Measured).count()
    }

    fn migration(&self, place: Place) -> &'a Migration {
        &self.review.migrations[place.migration]
    }

    /// `03.01.00_01_pre_add_heartbeat.sql, statement 2`.
    fn place(&self, place: Place) -> String {
        format!(
            "`{}`, statement {}",
            self.migration(place).name,
            place.statement + 1
        )
    }

    /// The runs of a step, in order; or all of them, where no steps are known.
    fn runs_of(&self, step: Option<usize>) -> impl Iterator<Item = &'a Run> {
        self.review.runs.iter().filter(move |run| run.step == step)
    }

    /// What each transaction of a run does, in sentences. One that stops nobody is left out.
    fn held(&self, run: &Run) -> Vec<String> {
        let transactions = run.transactions.iter();
        let number = run.transactions.len();
        transactions
            .filter_map(|transaction| self.transaction(transaction, number))
            .collect()
    }

    fn transaction(&self, transaction: &Transaction, number: usize) -> Option<String> {
        if transaction.held.is_empty() {
            return None;
        }
        let locks: Vec<String> = transaction
            .held
            .iter()
            .map(|held| {
                format!(
                    "{} on `{}` from {} on",
                    held.mode,
                    held.table,
                    self.place(held.since)
                )
            })
            .collect();
        let ends = match transaction.ends {
            Ends::Run => "to the end of the run",
            Ends::Migration => "to the end of the migration",
            Ends::Commit => "to the commit before the next statement that is committed on its own",
            Ends::Alone => "for that statement only",
        };
        let which = match number {
            1 => "One transaction",
            _ => "A transaction",
        };
        let mut sentence = format!("{which} holds {}, {ends}", locks.join("; "));
        let held: Vec<_> = transaction
            .held
            .iter()
            .map(|held| (held.mode, held.table))
            .collect();
        let stops = stopped(transaction.stops.iter().map(|stop| stop.what), &held);
        if !stops.is_empty() {
            sentence.push_str(&format!(". It stops {stops}"));
        }
        if !transaction.grows.is_empty() {
            let mut tables: Vec<String> = transaction
                .grows
                .iter()
                .map(|growth| format!("`{}`", growth.table))
                .collect();
            tables.sort_unstable();
            tables.dedup();
            sentence.push_str(&format!(
                ". Its time grows with the rows of {}",
                tables.join(", ")
            ));
        }
        Some(sentence)
    }
}

impl Shown<'_> {
    fn rollout(&self) -> Option<&Rollout> {
        self.review.rollout.as_ref().ok()
    }
}

/// `deferring and fetching jobs, reads and writes of procrastinate_jobs`. A weak lock stops writes only of the rows that it changed.
fn stopped(
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
fn about(migration: &Migration) -> String {
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
    words.extend(migration.release.map(|release| format!("since {release}")));
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
fn outline(migration: &Migration) -> Vec<(&'static str, Vec<&'static str>)> {
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
fn brief(object: &str) -> String {
    const LONG: usize = 60;
    match object.split_once('(') {
        Some((name, _)) if object.len() > LONG => format!("{name}(…)"),
        _ => object.to_owned(),
    }
}

/// What is said of the statements, the same once: the numbers, and the texts.
fn by_statement(migration: &Migration) -> Vec<(String, String)> {
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
        (rewrites, _) => Some(format!("writes {} anew", list(rewrites))),
    }
}

/// The text as the beginning of a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Where the release that brought a migration has its SQL, for people with a browser.
fn link(migration: &Migration) -> Option<String> {
    let (release, name) = (migration.release?, &migration.name);
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    plain.then(|| format!("{UPSTREAM}/blob/{release}/procrastinate/sql/migrations/{name}"))
}

/// Which code no longer works behind a migration, a sentence for each query.
fn breaks(migration: &Migration) -> Vec<String> {
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
mod tests;
