//! A review of an upgrade, for a terminal, a pull request, a browser, and for programs. All say the same: what they say is made here,
//! of one model.

mod html;
mod json;
mod markdown;
mod sql;
mod text;
mod words;

use super::rollout::Upgrade;
use super::style::count;
use crate::review::{Change, Ends, Facts, Migration, Place, Review, Run, Transaction};
use crate::steps::Rollout;
use words::stopped;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::text;

/// What every report has near its beginning, so that a later run knows its own file.
const MARK: &str = "vendor-migrations review";

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
