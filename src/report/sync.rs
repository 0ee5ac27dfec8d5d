//! What `sync` did, or would do.

mod done;
mod json;
mod markdown;
mod next;

use std::io;

use anstyle::Style;
use camino::Utf8Path;

use super::prose::{fitted, labelled, paragraph};
use super::screen::Screen;
use super::style::{BAD, GOOD, NOTE, STRONG, count, patches};
use crate::escape::one_line;
use crate::lockfile::Mode;
use crate::place::Place;
use crate::plan::{Change, ChangeKind, ConflictKind, Plan};

pub use done::{Done, Outcome};
pub use json::write as json;
pub use markdown::write as markdown;
pub use next::{Advice, Next, Part, Steps};

/// How a kind of change is reported.
struct Wording {
    style: Style,
    word: &'static str,
    /// Its word in the summary; several kinds may share one.
    summary: &'static str,
    /// Whether it replaces text, so that its diff is shown.
    shows_diff: bool,
}

fn wording(kind: &ChangeKind) -> Wording {
    let (style, word, summary, shows_diff) = match kind {
        ChangeKind::Added { .. } => (GOOD, "Added", "added", false),
        ChangeKind::SqlChanged | ChangeKind::WrapperChanged => (NOTE, "Changed", "changed", true),
        ChangeKind::Renamed { .. } => (NOTE, "Renamed", "renamed", false),
        ChangeKind::Restored => (GOOD, "Restored", "restored", false),
        ChangeKind::LineEnds => (GOOD, "Line ends", "restored", false),
        ChangeKind::Overwritten => (BAD, "Overwritten", "overwritten", true),
        ChangeKind::Rechained { .. } => (NOTE, "Moved", "moved", true),
        ChangeKind::Rewritten => (NOTE, "Rewritten", "rewritten", true),
        ChangeKind::Removed => (NOTE, "Removed", "removed upstream", false),
        ChangeKind::Replaced { .. } => (BAD, "Replaced", "replaced", false),
        ChangeKind::Renumbered { .. } => (BAD, "Renumbered", "renumbered", false),
        ChangeKind::Moved => (BAD, "Moved", "moved", false),
        ChangeKind::Gone { .. } => (BAD, "Gone", "gone", false),
    };
    Wording {
        style,
        word,
        summary,
        shows_diff,
    }
}

/// How changes are shown.
pub struct Shown<'a> {
    /// The vendored directory.
    pub directory: &'a Utf8Path,
    /// Says what a change means; nothing where its name is enough.
    pub describe: &'a dyn Fn(&Change) -> Vec<String>,
    /// More additions in a row than this are one row.
    pub most: usize,
}

/// A migration that is new, and of which there is no more to say.
fn is_plain(change: &Change) -> bool {
    matches!(change.kind, ChangeKind::Added { before: None })
}

/// The changes, plain ones in a row together.
fn runs(plan: &Plan) -> impl Iterator<Item = &[Change]> {
    plan.changes
        .chunk_by(|one, next| is_plain(one) && is_plain(next))
}

/// Every change, with its diff where something is replaced.
pub fn changes(out: &mut dyn Screen, plan: &Plan, shown: &Shown<'_>) -> io::Result<()> {
    let words = plan.changes.iter().map(|change| wording(&change.kind).word);
    let column = words.map(str::len).max().unwrap_or(0) + 2;
    for run in runs(plan) {
        if let [first, .., last] = run
            && run.len() > shown.most
        {
            let (number, from, to) = (run.len(), &first.name, &last.name);
            let range = format!("{number} migrations, {from} to {to}; `-v` lists them");
            row(out, column, &wording(&first.kind), &range)?;
            continue;
        }
        for change in run {
            let wording = wording(&change.kind);
            row(out, column, &wording, &change.name)?;
            for line in (shown.describe)(change) {
                paragraph(out, column, &line)?;
            }
            if wording.shows_diff {
                patches(out, &plan.patches_of(change, shown.directory))?;
            }
        }
    }
    Ok(())
}

/// A word, and behind it in a column what it is about.
fn row(out: &mut dyn Screen, column: usize, wording: &Wording, text: &str) -> io::Result<()> {
    let Wording { style, word, .. } = wording;
    write!(out, "{style}{word}{style:#}{:1$}", "", column - word.len())?;
    let text = fitted(out, &one_line(text), column, column);
    writeln!(out, "{text}")
}

/// What a change means for a project with vendored revisions.
pub fn explain(change: &Change, plan: &Plan) -> Vec<String> {
    match &change.kind {
        ChangeKind::Added {
            before: Some(later),
        } => vec![format!(
            "Upstream runs it before {}, which is vendored already: here it runs last.",
            one_line(later)
        )],
        ChangeKind::SqlChanged => vec![
            "Its SQL changed upstream. Databases that ran the old SQL won't run the new one: if the difference matters to them, \
             write a revision of your own."
                .to_owned(),
        ],
        ChangeKind::WrapperChanged => {
            vec!["Its revision file changed upstream; its SQL is the same.".to_owned()]
        }
        ChangeKind::Renamed { from } => vec![format!(
            "It was {}. Revision `{}` and its file stay.",
            one_line(from),
            change.ids.join("`, `")
        )],
        ChangeKind::Removed => {
            let mut lines = vec![
                format!(
                    "Upstream no longer ships it. Revision `{}` stays: databases have applied it.",
                    change.ids.join("`, `")
                ),
            ];
            if plan.mode == Mode::Copy && plan.has_sql(change) {
                lines.push(
                    "It reads its SQL from the installed package, so it fails on a new database; `vendor-migrations sync \
                     --mode render` fixes that."
                        .to_owned(),
                );
            }
            lines
        }
        ChangeKind::Rechained { from } => vec![format!(
            "A `sync` on another branch had put it after {}; the lock does not know it:",
            one_line(from.as_deref().unwrap_or("nothing"))
        )],
        ChangeKind::Overwritten => vec!["Your changes are overwritten (--force):".to_owned()],
        ChangeKind::Added { before: None }
        | ChangeKind::Restored
        | ChangeKind::LineEnds
        | ChangeKind::Rewritten
        | ChangeKind::Replaced { .. }
        | ChangeKind::Renumbered { .. }
        | ChangeKind::Moved
        | ChangeKind::Gone { .. } => Vec::new(),
    }
}

/// Each conflict, with the diff of what would be lost.
pub fn conflicts(out: &mut dyn Screen, plan: &Plan, directory: &Utf8Path) -> io::Result<()> {
    for conflict in &plan.conflicts {
        let place = Place::below(directory, &conflict.path);
        writeln!(
            out,
            "{BAD}Conflict{BAD:#}    {STRONG}{}{STRONG:#}",
            one_line(&place.path)
        )?;
        paragraph(out, 12, &conflict.kind.describe())?;
        patches(out, &plan.overwriting(conflict, directory))?;
    }
    Ok(())
}

/// That nothing was written, and which option goes through.
pub fn refused(out: &mut dyn Screen, plan: &Plan, force: bool) -> io::Result<()> {
    writeln!(out, "{BAD}refused:{BAD:#} {}", refusal(plan))?;
    match way_through(plan, force) {
        Some(help) => labelled(out, GOOD, "help:", help),
        None => Ok(()),
    }
}

fn refusal(plan: &Plan) -> String {
    let conflicts = count(plan.conflicts.len(), "conflict");
    format!("{conflicts}; nothing was written")
}

fn way_through(plan: &Plan, force: bool) -> Option<&'static str> {
    let is = |wanted: fn(&ConflictKind) -> bool| {
        plan.conflicts.iter().any(|conflict| wanted(&conflict.kind))
    };
    if plan.conflicts.is_empty() {
        None
    } else if is(|kind| matches!(kind, ConflictKind::Downgrade { .. })) {
        Some("`--allow-downgrade` accepts the older release")
    } else if force || is(|kind| !kind.yields_to_force()) {
        None
    } else if is(|kind| matches!(kind, ConflictKind::LeftBehind { .. })) {
        Some("`--force` records the new revisions; databases have to be brought to them by hand")
    } else if is(|kind| *kind == ConflictKind::Edited) {
        Some(
            "undo your changes (`git checkout`), or move them to another place; `--force` overwrites these files",
        )
    } else {
        Some("`--force` overwrites these files")
    }
}

/// `3 added, 1 changed`.
pub fn summary(plan: &Plan) -> String {
    const WORDS: [&str; 8] = [
        "added",
        "changed",
        "renamed",
        "restored",
        "overwritten",
        "moved",
        "rewritten",
        "removed upstream",
    ];
    let part = |word: &str| {
        let changes = plan.changes.iter();
        let number = changes.filter(|change| wording(&change.kind).summary == word);
        let number = number.count();
        (number > 0).then(|| format!("{number} {word}"))
    };
    let parts: Vec<String> = WORDS.into_iter().filter_map(part).collect();
    match (parts.is_empty(), plan.files.is_empty()) {
        (false, _) => parts.join(", "),
        (true, false) => count(plan.files.len(), "file"),
        (true, true) => "only the lock".to_owned(),
    }
}

/// For a linear history: Alembic writes a new revision beside the head, and the head is a vendored revision now.
pub fn own_revisions(directory: &str) -> String {
    format!(
        "make your next revision with `alembic revision --version-path {directory} -m …`; without the option, Alembic \
         writes it next to the vendored ones"
    )
}
