//! What a statement locks, asked of a real server: the script around it, and the reading of its answers. `measure.sql` has the functions
//! that it calls.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::queries::Query;
use crate::catalog::locks::LockMode;
use crate::catalog::objects::Effect;
use crate::live::QUERY;

pub(super) const FUNCTIONS: &str = include_str!("measure.sql");

/// The rows of each table while it is measured.
const ROWS: u32 = 400;

/// The queries of which a worker's `defer` and `fetch` consist.
const WORKER: [(&str, &str); 3] = [
    ("defer_job", "defer"),
    ("defer_jobs", "defer"),
    ("fetch_job", "fetch"),
];

/// A query that some releases have, with the releases by their places.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) query: Query,
    pub(super) releases: Vec<usize>,
}

/// What is asked of each state of a database, by the queries that releases have.
pub(super) struct Asked<'a> {
    known: &'a [Known],
}

impl<'a> Asked<'a> {
    pub(super) fn new(known: &'a [Known]) -> Self {
        Self { known }
    }

    /// What another session may do now: read and write each table, defer and fetch.
    pub(super) fn access(&self) -> String {
        let worker = self.known.iter().enumerate().filter_map(|(place, known)| {
            let (_, what) = WORKER.iter().find(|(name, _)| *name == known.query.name)?;
            Some((format!("{what} {place}"), known.query.run()))
        });
        call("access", worker)
    }

    /// Refuses a release none of whose queries defers, or fetches: nobody would be seen to wait. The error is which.
    pub(super) fn refuse_idle(
        &self,
        release: usize,
        access: &BTreeMap<String, String>,
    ) -> Result<(), &'static str> {
        let works = |what: &str| {
            let mut all = self.known.iter().enumerate();
            all.any(|(place, known)| {
                let answer = access.get(&format!("{what} {place}"));
                known.releases.contains(&release) && answer.is_some_and(|state| state == "works")
            })
        };
        let mut idle = WORKER.iter().filter(|(_, what)| !works(what));
        idle.next().map_or(Ok(()), |(_, what)| Err(*what))
    }

    /// What the database has, and which of the queries can be prepared.
    pub(super) fn state(&self) -> String {
        let all = self.known.iter().enumerate();
        let all = all.map(|(place, known)| (place.to_string(), known.query.prepared()));
        format!("{QUERY}\n{}", call("queries", all))
    }

    /// The statement in a transaction of its own, and what is asked around it.
    pub(super) fn around(&self, statement: &str) -> String {
        let access = self.access();
        format!(
            "SELECT pg_temp.fill({ROWS});\n{access}SELECT pg_stat_force_next_flush();\nBEGIN;\nSELECT pg_temp.tables();\n{statement}\n;\nSELECT pg_temp.tables();\n{BESIDE}\nCOMMIT;\n{QUERY}\n"
        )
    }
}

/// Another session runs the file that the variable names.
const BESIDE: &str =
    r#"\! psql -X -A -t -q -w -d "$VENDOR_MIGRATIONS_TARGET" -f "$VENDOR_MIGRATIONS_BESIDE""#;

/// Tells the shells of [`BESIDE`] what to run.
pub(super) fn beside(conninfo: &str, file: &str) -> String {
    let quoted = |text: &str| {
        let text = text.replace('\\', r"\\").replace('\'', r"\'");
        format!("'{text}'")
    };
    format!(
        "\\setenv VENDOR_MIGRATIONS_TARGET {}\n\\setenv VENDOR_MIGRATIONS_BESIDE {}\n",
        quoted(conninfo),
        quoted(file)
    )
}

fn call(function: &str, named: impl Iterator<Item = (String, String)>) -> String {
    let literal = |text: String| format!("'{}'", text.replace('\'', "''"));
    let (names, texts): (Vec<String>, Vec<String>) = named
        .map(|(name, text)| (literal(name), literal(text)))
        .unzip();
    format!(
        "SELECT pg_temp.{function}(ARRAY[{}]::text[], ARRAY[{}]::text[]);\n",
        names.join(", "),
        texts.join(", ")
    )
}

/// An answer, as a line of JSON has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    Tables(BTreeMap<String, Table>),
    Access(BTreeMap<String, String>),
    Queries(BTreeMap<String, String>),
    Clock(f64),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Table {
    file: u64,
    read: u64,
    written: u64,
    locks: Vec<String>,
}

/// The answers around one statement.
#[derive(Debug, Default)]
pub(super) struct Around {
    pub(super) allowed: BTreeMap<String, String>,
    pub(super) before: BTreeMap<String, Table>,
    pub(super) after: BTreeMap<String, Table>,
    pub(super) beside: BTreeMap<String, String>,
}

impl Around {
    /// What it locked, of the tables that were there before it.
    pub(super) fn write(&self, effect: &mut Effect) {
        for (name, before) in &self.before {
            let Some(after) = self.after.get(name) else {
                // A dropped table is locked as strongly as can be.
                effect
                    .locks
                    .push(format!("{} {name}", LockMode::AccessExclusive));
                continue;
            };
            let modes = after
                .locks
                .iter()
                .filter_map(|mode| LockMode::of_view(mode));
            effect
                .locks
                .extend(modes.max().map(|mode| format!("{mode} {name}")));
            if after.file != before.file {
                effect.rewrites.push(name.clone());
            }
            let rows = (after.read + after.written).saturating_sub(before.read + before.written);
            if rows >= u64::from(ROWS) / 2 {
                effect.scans.push(name.clone());
            }
        }
        let waits = |(what, state): (&String, &String)| {
            let worked = self.allowed.get(what).is_some_and(|state| state == "works");
            (worked && state == "waits").then(|| told(what))
        };
        let blocks: BTreeSet<String> = self.beside.iter().filter_map(waits).collect();
        effect.blocks.extend(blocks);
    }
}

/// A row that waits is a write that waits.
fn told(what: &str) -> String {
    match what.split_once(' ') {
        Some(("rows", table)) => format!("write {table}"),
        Some((worker @ ("defer" | "fetch"), _)) => worker.to_owned(),
        _ => what.to_owned(),
    }
}

/// The queries that worked before and no longer do, since what they name is gone.
pub(super) fn broken<'a>(
    known: &'a [Known],
    before: &'a BTreeMap<String, String>,
    after: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = &'a Known> {
    /// A function, column, table or type that is not there.
    const GONE: [&str; 4] = ["42883", "42703", "42P01", "42704"];
    let broken = |place: &usize| {
        let place = place.to_string();
        let worked = before.get(&place).is_some_and(|state| state == "works");
        worked
            && after
                .get(&place)
                .is_some_and(|state| GONE.contains(&state.as_str()))
    };
    let all = known.iter().enumerate();
    all.filter(move |(place, _)| broken(place))
        .map(|(_, known)| known)
}
