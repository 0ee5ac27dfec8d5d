//! What `sync` did, or would do.

use std::io;

use anstyle::Style;
use camino::Utf8Path;
use pep440_rs::Version;

use super::init::next;
use super::prose::paragraph;
use super::screen::Screen;
use super::style::{BAD, GOOD, NOTE, STRONG, count, patches};
use crate::escape::one_line;
use crate::lockfile::Mode;
use crate::patch::Patch;
use crate::place::Place;
use crate::plan::{Change, ChangeKind, ConflictKind, Plan};
use crate::procrastinate::Phase;

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

/// Every change, with its diff where something is replaced. `describe` says what a change means; `directory` is the vendored
/// one.
pub fn changes(
    out: &mut dyn Screen,
    plan: &Plan,
    directory: &Utf8Path,
    describe: &dyn Fn(&Change) -> Vec<String>,
) -> io::Result<()> {
    for change in &plan.changes {
        let wording = wording(&change.kind);
        let (style, word) = (wording.style, wording.word);
        let ids = change.ids.join(", ");
        let (ids, name) = (one_line(&ids), one_line(&change.name));
        writeln!(out, "{style}{word:11}{style:#} {ids}  {name}")?;
        for line in describe(change) {
            paragraph(out, 12, &line)?;
        }
        if wording.shows_diff {
            patches(out, &plan.patches_of(change, directory))?;
        }
    }
    Ok(())
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
            "It was {}. Revision and file stay.",
            one_line(from)
        )],
        ChangeKind::Removed => {
            let mut lines = vec![
                "Upstream no longer ships it. It stays: databases have applied it.".to_owned(),
            ];
            if plan.mode == Mode::Copy && plan.has_sql(change) {
                lines.push(
                    "It reads its SQL from the installed package, so it fails on a new database; \
                     `vendor-migrations sync --mode render` mends that."
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
        let edited = matches!(conflict.kind, ConflictKind::Edited | ConflictKind::Foreign);
        if let Some(file) = plan.file(&conflict.path).filter(|_| edited) {
            patches(out, &[Patch::of(file, directory)])?;
        }
    }
    Ok(())
}

/// That nothing was written, and which option goes through.
pub fn refused(out: &mut dyn Screen, plan: &Plan, force: bool) -> io::Result<()> {
    let conflicts = count(plan.conflicts.len(), "conflict");
    writeln!(out, "{BAD}refused:{BAD:#} {conflicts}; nothing was written")?;
    let is = |wanted: fn(&ConflictKind) -> bool| {
        plan.conflicts.iter().any(|conflict| wanted(&conflict.kind))
    };
    let help = if is(|kind| matches!(kind, ConflictKind::Downgrade { .. })) {
        "`--allow-downgrade` takes the older release"
    } else if force || is(|kind| !kind.yields_to_force()) {
        return Ok(());
    } else if is(|kind| matches!(kind, ConflictKind::LeftBehind { .. })) {
        "`--force` records what databases have to be brought to by hand"
    } else if is(|kind| *kind == ConflictKind::Edited) {
        "take your changes back (`git checkout`), or keep them outside; `--force` overwrites these files"
    } else {
        "`--force` overwrites these files"
    };
    writeln!(out, "{GOOD}help:{GOOD:#} {help}")
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

/// What the user can run after `sync`.
pub struct Advice<'a> {
    /// The commands after a first `sync`; none after a later one.
    pub first: Option<Vec<String>>,
    /// Gives the command that upgrades to a revision.
    pub upgrade: &'a dyn Fn(&str) -> String,
    /// The release that was vendored before.
    pub from: Option<&'a Version>,
    /// The steps from that release; none if there are no such steps.
    pub rollout: Option<Steps>,
}

/// Steps that another command prints.
pub struct Steps {
    pub command: String,
    /// Whether one of them needs an interruption.
    pub interrupted: bool,
}

/// The commands to run after `sync`, if it added revisions.
pub fn next_steps(out: &mut dyn Screen, plan: &Plan, advice: &Advice<'_>) -> io::Result<()> {
    let added: Vec<&Change> = plan.added().collect();
    let Some(first) = advice.first.as_ref().filter(|_| !added.is_empty()) else {
        return deploys(out, plan, &added, advice);
    };
    next(out, first)?;
    writeln!(out)?;
    let stamped = "A database that has Procrastinate's tables already is stamped first: \
                   `vendor-migrations stamp RELEASE`.";
    paragraph(out, 0, stamped)
}

/// What to run before a deploy, and what after it.
fn deploys(
    out: &mut dyn Screen,
    plan: &Plan,
    added: &[&Change],
    advice: &Advice<'_>,
) -> io::Result<()> {
    let command = |change: &Change| {
        let revision = change.ids.last().map_or("", String::as_str);
        (advice.upgrade)(revision)
    };
    let Some(last) = added.last() else {
        return Ok(());
    };
    let release = &plan.lock.upstream.release;
    if let Some(late) = of_another_deploy(added) {
        return several_deploys(out, late, release, &command(last), advice);
    }
    let before = added
        .iter()
        .take_while(|change| change.runs_before_deploy());
    let (before, after) = added.split_at(before.count());
    if let Some(before) = before.last() {
        writeln!(
            out,
            "\n{STRONG}Before you deploy Procrastinate {release}{STRONG:#}\n  {}",
            command(before)
        )?;
    }
    if !after.is_empty() {
        writeln!(
            out,
            "\n{STRONG}After it is deployed{STRONG:#}\n  {}",
            command(last)
        )?;
    }
    // What is deployed, and what databases have run, is not known here.
    let Some(from) = advice.from else {
        return Ok(());
    };
    writeln!(out)?;
    let premise = format!(
        "This is for services that run {from}, and databases that have all of its migrations. From an older release: \
         `vendor-migrations rollout --from RELEASE`."
    );
    paragraph(out, 0, &premise)
}

/// The first migration that cannot share a deploy with those before it. A `post` is for the code of its own release, and so is
/// what came before there were phases: the code of a later release may need it before it is deployed, and that of an earlier
/// one may not work with it. A migration's name begins with its release.
fn of_another_deploy<'a>(added: &[&'a Change]) -> Option<&'a Change> {
    let release = |change: &Change| change.name.split('_').next().map(str::to_owned);
    let mut fixed: Option<&Change> = None;
    for change in added {
        let is_free = change.phase == Phase::Pre;
        if fixed.is_some_and(|fixed| is_free || release(fixed) != release(change)) {
            return Some(change);
        }
        if !is_free {
            fixed = Some(change);
        }
    }
    None
}

/// The new migrations belong around several deploys.
fn several_deploys(
    out: &mut dyn Screen,
    late: &Change,
    release: &Version,
    upgrade: &str,
    advice: &Advice<'_>,
) -> io::Result<()> {
    writeln!(out, "\n{STRONG}Several releases at once{STRONG:#}")?;
    let why = format!(
        "What is new belongs around several deploys: `{}` is for a later release than what comes before it.",
        late.name
    );
    paragraph(out, 2, &one_line(&why))?;
    let interruption = if let Some(rollout) = &advice.rollout {
        let what = match rollout.interrupted {
            false => "Without an interruption, release by release; this prints the steps:",
            true => {
                "Release by release; this prints the steps, and says which of them need an interruption:"
            }
        };
        paragraph(out, 2, what)?;
        writeln!(out, "    {}", one_line(&rollout.command))?;
        "Or with an interruption: stop"
    } else {
        "This needs an interruption: stop"
    };
    let stop = format!(
        "{interruption} everything that uses Procrastinate, the workers and all that defers jobs; then run this:"
    );
    paragraph(out, 2, &stop)?;
    writeln!(out, "    {}", one_line(upgrade))?;
    paragraph(
        out,
        2,
        &format!("Then deploy Procrastinate {release}, and start everything again."),
    )
}
