//! For a terminal.

use std::io;

use super::Shown;
use super::words::{about, breaks, brief, by_statement, outline};
use crate::escape::one_line;
use crate::report::prose::{labelled_at, paragraph};
use crate::report::rollout;
use crate::report::screen::Screen;
use crate::report::style::{BAD, NOTE, STRONG, patches};
use crate::review::{Change, Migration};
use crate::steps::Action;

/// The report, without SQL: `--format html` and `markdown` show that.
pub fn text(out: &mut dyn Screen, shown: &Shown<'_>) -> io::Result<()> {
    let label = format!("{}:", super::MARK);
    labelled_at(out, 0, STRONG, &label, &shown.title())?;
    writeln!(out)?;
    for (label, value) in shown.summary() {
        labelled_at(out, 0, STRONG, &format!("{label:<15}"), &plain(&value))?;
    }
    for text in &shown.review.attention {
        writeln!(out)?;
        labelled_at(out, 0, BAD, "look at:", &format!("{text}."))?;
    }
    for migration in &shown.review.migrations {
        writeln!(out)?;
        one(out, migration)?;
    }
    steps(out, shown)?;
    for text in &shown.review.notes {
        writeln!(out)?;
        labelled_at(out, 0, NOTE, "note:", text)?;
    }
    Ok(())
}

/// Names stand without backticks in a table.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

fn one(out: &mut dyn Screen, migration: &Migration) -> io::Result<()> {
    writeln!(out, "{STRONG}{}{STRONG:#}", one_line(&migration.name))?;
    paragraph(out, 2, &format!("{}.", about(migration)))?;
    for (verb, names) in outline(migration) {
        let names: Vec<String> = names.into_iter().map(brief).collect();
        labelled_at(out, 2, STRONG, verb, &names.join(", "))?;
    }
    if migration.runs() {
        for (numbers, text) in by_statement(migration) {
            labelled_at(out, 2, STRONG, &format!("statement {numbers}:"), &text)?;
        }
    }
    for sentence in breaks(migration) {
        labelled_at(out, 2, NOTE, "ends:", &format!("{sentence}."))?;
    }
    if migration.change == Change::Edited {
        patches(out, &migration.patches)?;
    }
    Ok(())
}

fn steps(out: &mut dyn Screen, shown: &Shown<'_>) -> io::Result<()> {
    let Some(rollout) = shown.rollout() else {
        for sentence in shown.runs_of(None).flat_map(|run| shown.held(run)) {
            writeln!(out)?;
            paragraph(out, 0, &format!("{sentence}."))?;
        }
        return Ok(());
    };
    if !rollout.steps.is_empty() {
        writeln!(out)?;
        paragraph(out, 0, &rollout::begin(rollout))?;
    }
    for (place, step) in rollout.steps.iter().enumerate() {
        writeln!(out)?;
        let mut runs = shown.runs_of(Some(place));
        rollout::step(out, place + 1, step, shown.upgrade, &mut |out, action| {
            let run = matches!(action, Action::Upgrade(_))
                .then(|| runs.next())
                .flatten();
            for sentence in run.map_or_else(Vec::new, |run| shown.held(run)) {
                paragraph(out, 5, &format!("{sentence}."))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
