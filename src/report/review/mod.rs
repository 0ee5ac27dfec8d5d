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
use crate::review::{Change, Ends, Migration, Place, Review, Run, Transaction};
use crate::steps::Rollout;
use words::stopped;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::text;

/// The name under which every report begins.
const MARK: &str = "vendor-migrations review";

/// How the page begins.
const HTML: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"generator\" content=\"vendor-migrations review\">";

/// Whether the bytes are the beginning of a report of this command, in any format.
pub fn is_report(begin: &[u8]) -> bool {
    let begins = [
        "vendor-migrations review: Procrastinate ",
        "<!-- vendor-migrations review -->\n",
        "{\n  \"version\": 1,\n  \"command\": \"review\",",
        HTML,
    ];
    begins
        .iter()
        .any(|known| begin.starts_with(known.as_bytes()))
}

/// The options that the user gave to every command, each after a space, in every command of its sentences.
pub fn addressed(review: &mut Review, options: &str) {
    let sentences = review.attention.iter_mut().chain(&mut review.notes);
    for sentence in sentences {
        *sentence = super::addressed::addressed(sentence, options).into_owned();
    }
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
            (true, _) => "none: both releases have the same migrations".to_owned(),
            (false, 0) => kinds.join(", "),
            (false, statements) => format!(
                "{}; {} to run",
                kinds.join(", "),
                count(statements, "statement")
            ),
        }
    }

    fn strongest(&self) -> String {
        let strongest = self.review.strongest();
        let strongest = strongest.map(|(mode, table, migration)| {
            format!("{mode} on `{table}`, first by `{}`", migration.name)
        });
        self.as_measured(strongest, "none of a table that is in use")
    }

    fn grows(&self) -> String {
        let mut rewrites: Vec<&str> = Vec::new();
        let mut scans: Vec<&str> = Vec::new();
        for statement in self.review.running().flat_map(|one| &one.statements) {
            rewrites.extend(&statement.rewrites);
            scans.extend(&statement.scans);
        }
        let said = [("rewrites", rewrites), ("reads all rows of", scans)];
        let said: Vec<String> = said
            .into_iter()
            .filter(|(_, tables)| !tables.is_empty())
            .map(|(verb, tables)| format!("{verb} {}", list(tables)))
            .collect();
        let said = (!said.is_empty()).then(|| said.join(", "));
        self.as_measured(
            said,
            "nothing: the time does not depend on the queue's length",
        )
    }

    /// What was measured, and that something was not.
    fn as_measured(&self, said: Option<String>, nothing: &str) -> String {
        let number = self.review.unmeasured();
        let are_not = match number {
            1 => "one migration was not".to_owned(),
            number => format!("{number} migrations were not"),
        };
        match (number, said) {
            (0, said) => said.unwrap_or_else(|| nothing.to_owned()),
            (_, Some(said)) => format!("{said}, of what was measured; {are_not}"),
            (_, None) => format!("not known: {are_not} measured"),
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
                    0 => "no service has to be stopped".to_owned(),
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

    /// What each transaction of a run does, in sentences, and what was not measured. One that locks nothing is left out.
    fn held(&self, run: &Run) -> Vec<String> {
        let transactions = run.transactions.iter();
        let number = run.transactions.len();
        let held = transactions.filter_map(|transaction| self.transaction(transaction, number));
        let migrations = run
            .migrations
            .iter()
            .map(|place| &self.review.migrations[*place]);
        let unknown = migrations.filter(|migration| !migration.is_measured());
        let unknown =
            unknown.map(|migration| format!("What `{}` locks was not measured", migration.name));
        held.chain(unknown).collect()
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
        let ends = match (transaction.ends, self.review.per_migration) {
            (Ends::Run, None) => {
                "to the end of the run (or of the migration, if `env.py` says `transaction_per_migration=True`, which could not be read)"
            }
            (Ends::Run, Some(_)) => "to the end of the run",
            (Ends::Migration, _) => "to the end of the migration",
            (Ends::Commit, _) => {
                "to the commit before the next statement that is committed on its own"
            }
            (Ends::Alone, _) => "for that statement only",
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
            let tables = transaction
                .grows
                .iter()
                .map(|growth| growth.table)
                .collect();
            sentence.push_str(&format!(
                ". Its time grows with the rows of {}",
                list(tables)
            ));
        }
        Some(sentence)
    }
}

/// The tables, each once.
fn list(mut tables: Vec<&str>) -> String {
    tables.sort_unstable();
    tables.dedup();
    let tables: Vec<String> = tables.iter().map(|table| format!("`{table}`")).collect();
    tables.join(", ")
}

impl Shown<'_> {
    fn rollout(&self) -> Option<&Rollout> {
        self.review.rollout.as_ref().ok()
    }
}
