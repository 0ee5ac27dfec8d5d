//! What `sync` did, or would do.

use std::io;

use anstyle::Style;

use super::deploys::{Step, deploys};
use super::prose::paragraph;
use super::screen::Screen;
use super::style::{BAD, GOOD, NOTE, STRONG, count, patches};
use crate::escape::one_line;
use crate::lockfile::Mode;
use crate::patch::Patch;
use crate::plan::{Change, ChangeKind, Conflict, ConflictKind, Plan};

/// Turns a path in the vendored directory into the path that the user knows.
pub type Shown<'a> = &'a dyn Fn(&str) -> String;

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
    };
    Wording {
        style,
        word,
        summary,
        shows_diff,
    }
}

/// Every change, with its diff where something is replaced.
pub fn changes(out: &mut dyn Screen, plan: &Plan, shown: Shown<'_>) -> io::Result<()> {
    for change in &plan.changes {
        let wording = wording(&change.kind);
        let (style, word) = (wording.style, wording.word);
        let (ids, name) = (change.ids.join(", "), one_line(&change.name));
        writeln!(out, "{style}{word:11}{style:#} {ids}  {name}")?;
        if let Some(text) = explanation(&change.kind) {
            paragraph(out, 12, &text)?;
        }
        let removed = change.kind == ChangeKind::Removed;
        if removed && plan.mode == Mode::Copy && plan.has_sql(change) {
            let text = "It reads its SQL from the installed package, so it fails on a new database; \
                        `vendor-migrations sync --mode render` mends that.";
            paragraph(out, 12, text)?;
        }
        if wording.shows_diff {
            patches(out, &plan.diff_of(change, shown))?;
        }
    }
    Ok(())
}

fn explanation(kind: &ChangeKind) -> Option<String> {
    Some(match kind {
        ChangeKind::Added {
            before: Some(later),
        } => format!(
            "Upstream runs it before {}, which is vendored already: here it runs last.",
            one_line(later)
        ),
        ChangeKind::SqlChanged => {
            "Its SQL changed upstream. Databases that ran the old SQL won't run the new one: if the difference matters to them, \
             write a revision of your own."
                .to_owned()
        }
        ChangeKind::WrapperChanged => {
            "Its revision file changed upstream; its SQL is the same.".to_owned()
        }
        ChangeKind::Renamed { from } => {
            format!("It was {}. Revision and file stay.", one_line(from))
        }
        ChangeKind::Removed => {
            "Upstream no longer ships it. It stays: databases have applied it.".to_owned()
        }
        ChangeKind::Rechained { from } => format!(
            "A `sync` on another branch had put it after {}; the lock does not know it:",
            one_line(from.as_deref().unwrap_or("nothing"))
        ),
        ChangeKind::Overwritten => "Your changes are overwritten (--force):".to_owned(),
        ChangeKind::Added { before: None }
        | ChangeKind::Restored
        | ChangeKind::LineEnds
        | ChangeKind::Rewritten => return None,
    })
}

/// Each conflict, with the diff of what `--force` would overwrite.
pub fn conflicts(
    out: &mut dyn Screen,
    plan: &Plan,
    conflicts: &[Conflict],
    shown: Shown<'_>,
) -> io::Result<()> {
    for conflict in conflicts {
        let path = shown(&conflict.path);
        let path = one_line(&path);
        writeln!(out, "{BAD}Conflict{BAD:#}    {STRONG}{path}{STRONG:#}")?;
        paragraph(out, 12, &conflict.kind.describe())?;
        let edited = matches!(conflict.kind, ConflictKind::Edited | ConflictKind::Foreign);
        if let Some(file) = plan.file(&conflict.path).filter(|_| edited) {
            patches(out, &[Patch::of(file, shown)])?;
        }
    }
    Ok(())
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
        "make your next revision with `alembic revision --version-path {directory} -m …`; without the option, Alembic writes it \
         beside the vendored ones"
    )
}

/// The first upgrade of a project.
pub struct FirstUpgrade<'a> {
    /// The commands to run before it.
    pub before: &'a [String],
    /// `head` or `heads`.
    pub target: &'a str,
}

/// The commands to run after `sync`, if it added revisions. `alembic` is the command with the user's own options.
pub fn next_steps(
    out: &mut dyn Screen,
    plan: &Plan,
    alembic: &str,
    first: Option<FirstUpgrade<'_>>,
) -> io::Result<()> {
    let added: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|change| matches!(change.kind, ChangeKind::Added { .. }))
        .collect();
    if added.is_empty() {
        return Ok(());
    }
    if let Some(FirstUpgrade { before, target }) = first {
        writeln!(out, "\n{STRONG}Next{STRONG:#}")?;
        for command in before {
            writeln!(out, "  {}", one_line(command))?;
        }
        writeln!(out, "  {alembic} upgrade {target}\n")?;
        let stamped = "A database that has Procrastinate's tables already is stamped first: \
                       `vendor-migrations stamp RELEASE`.";
        return paragraph(out, 0, stamped);
    }
    let steps: Vec<Step<'_>> = added
        .iter()
        .map(|change| Step {
            id: change.ids.last().map_or("", String::as_str),
            name: &change.name,
            phase: change.phase,
        })
        .collect();
    deploys(out, &steps, &plan.lock.upstream.release, alembic)
}
