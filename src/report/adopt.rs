//! What `adopt` shows.

use std::io;

use super::prose::{labelled, paragraph};
use super::screen::Screen;
use super::style::{GOOD, STRONG, count};
use crate::escape::one_line;
use crate::lockfile::{Baseline, Lock};

/// What is vendored in the same step.
pub struct Vendors<'a> {
    pub source: &'a str,
    pub directory: &'a str,
    pub revisions: usize,
}

/// In which order a fresh database runs everything.
pub fn order(
    out: &mut dyn Screen,
    lock: &Lock,
    releases: &[&str],
    vendors: Option<&Vendors<'_>>,
) -> io::Result<()> {
    writeln!(out)?;
    if let Some(vendors) = vendors {
        let text = format!(
            "{} of {} in {}, in the same step",
            count(vendors.revisions, "revision"),
            one_line(vendors.source),
            one_line(vendors.directory)
        );
        labelled(out, STRONG, "Vendors", &text)?;
    }
    let (fresh, existing) = match &lock.baseline {
        Some(baseline) => behind(lock, baseline),
        None => in_place_of(lock, releases),
    };
    labelled(out, STRONG, "A fresh database", &fresh)?;
    labelled(out, STRONG, "A database", &existing)
}

fn behind(lock: &Lock, baseline: &Baseline) -> (String, String) {
    let Baseline {
        revision, release, ..
    } = baseline;
    (
        format!(
            "runs your revisions as before, including `{revision}` with the schema of {release}, then {}",
            count(lock.revisions.len(), "vendored revision")
        ),
        format!(
            "that has run `{revision}` continues with what comes after {release}, without a stamp"
        ),
    )
}

fn in_place_of(lock: &Lock, releases: &[&str]) -> (String, String) {
    let mut done = 0;
    let mut words = Vec::new();
    for (adopted, release) in lock.adopted.iter().zip(releases) {
        let last = lock
            .revisions
            .iter()
            .position(|revision| revision.id == adopted.is);
        let end = last.map_or(done, |last| last + 1);
        words.push(format!(
            "{} up to {release}; `{}`, which no longer makes them",
            count(end - done, "vendored revision"),
            adopted.revision
        ));
        done = end;
    }
    let rest = lock.revisions.len() - done;
    words.push("the rest of your own".to_owned());
    words.extend((rest > 0).then(|| count(rest, "vendored revision")));
    let revisions: Vec<String> = lock
        .adopted
        .iter()
        .map(|adopted| format!("`{}`", adopted.revision))
        .collect();
    (
        format!(
            "runs, in this order: what comes before; {}",
            words.join("; ")
        ),
        format!(
            "that has run {} counts everything up to its release as applied, without a stamp",
            revisions.join(" or ")
        ),
    )
}

pub fn not_written(out: &mut dyn Screen) -> io::Result<()> {
    writeln!(out, "\nNothing is written; `--write` makes the edit.")
}

pub fn written(out: &mut dyn Screen, names: &[String]) -> io::Result<()> {
    let names = names.join(", ");
    writeln!(out, "\n{GOOD}Wrote{GOOD:#} {}", one_line(&names))
}

/// The rows of databases that were stamped before.
pub struct Rows {
    statement: String,
}

impl Rows {
    /// The vendored revisions up to the last that was adopted: behind the adoption, their rows are one too many.
    pub fn of(lock: &Lock) -> Self {
        let last = lock.adopted.last().map(|adopted| &adopted.is);
        let end = lock
            .revisions
            .iter()
            .position(|revision| Some(&revision.id) == last);
        let ids = lock.revisions.iter().take(end.map_or(0, |end| end + 1));
        let ids: Vec<String> = ids.map(|revision| format!("'{}'", revision.id)).collect();
        let statement = format!(
            "DELETE FROM alembic_version WHERE version_num IN ({})",
            ids.join(", ")
        );
        Self { statement }
    }
}

pub struct Rollout<'a> {
    pub directory: &'a str,
    /// The vendored revision that the project's own need now; none behind a baseline.
    pub needed: Option<&'a str>,
    /// Whether the project has several heads from now on.
    pub heads: bool,
    /// The rows of databases that were stamped, where something was vendored before.
    pub rows: Option<Rows>,
    /// The revision of the project's own that the vendored ones follow now.
    pub before: Option<&'a str>,
}

/// What changes for those who run Alembic.
pub fn rollout(out: &mut dyn Screen, rollout: &Rollout<'_>) -> io::Result<()> {
    writeln!(out, "\n{STRONG}For your deploys{STRONG:#}")?;
    let mut say = |text: &str| paragraph(out, 2, text);
    if rollout.heads {
        say(
            "Alembic has several heads now: run `alembic upgrade heads` instead of `alembic upgrade head`.",
        )?;
    }
    let directory = rollout.directory;
    say(&match rollout.needed {
        Some(id) => format!(
            "Every image, wheel and program that runs Alembic needs {directory}: without it, Alembic ends with `KeyError: '{id}'`."
        ),
        None => format!(
            "Every image, wheel and program that runs Alembic needs {directory}: without it, Alembic exits 0, and runs \
             none of the revisions there."
        ),
    })?;
    say(
        "`alembic downgrade` stops where a vendored revision would have to be undone, with NotImplementedError; so does `downgrade base`.",
    )?;
    if let Some(rows) = &rollout.rows {
        say(
            "A database that was stamped at one of these vendored revisions, and has run yours, has a row too many \
             (\"overlaps with other requested revisions\"). This removes exactly that row; the row of a later vendored \
             revision stays:",
        )?;
        writeln!(out, "\n  {}", one_line(&rows.statement))?;
        if let Some(before) = rollout.before {
            writeln!(out)?;
            let text = format!(
                "A database that has run vendored revisions already, but not `{before}`, counts `{before}` and what it follows as applied from \
                 now on, and never runs them: recreate such a database."
            );
            paragraph(out, 2, &text)?;
        }
    }
    Ok(())
}
