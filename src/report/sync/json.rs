//! The JSON of `sync`.

use std::io;

use camino::Utf8Path;
use serde_json::{Value, json};

use super::next::Next;
use super::{way_through, wording};
use crate::lockfile::Lock;
use crate::patch::{self, Patch};
use crate::plan::{Change, Conflict, Plan};
use crate::report::json::{VERSION, found, vendored, without_nulls};
use crate::report::screen::Screen;
use crate::upstream::Upstream;

/// A run of `sync`.
pub struct Done<'a> {
    pub plan: &'a Plan,
    pub upstream: &'a Upstream,
    /// The lock before; none before the first `sync`.
    pub before: Option<&'a Lock>,
    /// Where the revisions are, in words for people.
    pub place: String,
    /// The vendored directory.
    pub directory: &'a Utf8Path,
    /// Says what a change means.
    pub describe: &'a dyn Fn(&Change) -> Vec<String>,
    pub dry_run: bool,
    pub force: bool,
    pub written: bool,
    pub next: &'a Next,
    pub notes: &'a [String],
}

pub fn write(out: &mut dyn Screen, done: &Done<'_>) -> io::Result<()> {
    let plan = done.plan;
    let changes = plan.changes.iter().map(|change| self::change(done, change));
    let conflicts = plan.conflicts.iter().map(|found| conflict(done, found));
    let json = json!({
        "version": VERSION,
        "command": "sync",
        "error": null,
        "help": way_through(plan, done.force),
        "dry_run": done.dry_run,
        "written": done.written,
        "before": done.before.map(|lock| lock.upstream.release.to_string()),
        "vendored": vendored(&done.place, Some(&plan.lock)),
        "upstream": found(done.upstream),
        "changes": changes.collect::<Vec<_>>(),
        "conflicts": conflicts.collect::<Vec<_>>(),
        "next": next(done.next),
        "notes": done.notes,
    });
    crate::report::json::write(out, &json)
}

fn change(done: &Done<'_>, change: &Change) -> Value {
    let wording = wording(&change.kind);
    let message = (done.describe)(change).join(" ");
    let patches = match wording.shows_diff {
        true => done.plan.patches_of(change, done.directory),
        false => Vec::new(),
    };
    without_nulls(json!({
        "change": wording.word.to_lowercase().replace(' ', "-"),
        "migration": change.name,
        "revisions": change.ids,
        "message": Some(message).filter(|text| !text.is_empty()),
        "diff": diff(&patches),
    }))
}

fn conflict(done: &Done<'_>, conflict: &Conflict) -> Value {
    let patches = done.plan.overwriting(conflict, done.directory);
    without_nulls(json!({
        "path": done.directory.join(&conflict.path),
        "message": conflict.kind.describe(),
        "diff": diff(&patches),
    }))
}

fn diff(patches: &[Patch]) -> Option<String> {
    Some(patch::text(patches)).filter(|diff| !diff.is_empty())
}

/// The commands, and when to run each.
fn next(next: &Next) -> Vec<Value> {
    let steps: Vec<(&str, Option<&String>)> = match next {
        Next::Nothing => Vec::new(),
        Next::First(commands) => commands
            .iter()
            .map(|command| ("now", Some(command)))
            .collect(),
        Next::Deploy { before, after, .. } => vec![
            ("before-deploy", before.as_ref()),
            ("after-deploy", after.as_ref()),
        ],
        Next::Several {
            rollout, upgrade, ..
        } => vec![
            ("rollout", rollout.as_ref().map(|steps| &steps.command)),
            ("interrupted", Some(upgrade)),
        ],
    };
    let steps = steps.into_iter();
    steps
        .filter_map(|(when, command)| {
            command.map(|command| json!({"when": when, "command": command}))
        })
        .collect()
}
