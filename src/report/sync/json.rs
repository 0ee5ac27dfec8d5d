//! The JSON of `sync`.

use std::io;

use serde_json::{Value, json};

use super::next::Next;
use super::{Done, Outcome, way_through, wording};
use crate::patch::{self, Patch};
use crate::place::joined;
use crate::plan::{Change, Conflict};
use crate::report::json::{VERSION, found, vendored, without_nulls};
use crate::report::screen::Screen;

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
        "written": matches!(done.outcome, Outcome::Wrote(_)),
        "before": done.before.map(|lock| lock.upstream.release.to_string()),
        "vendored": vendored(&done.place, Some(&plan.lock)),
        "upstream": found(done.upstream),
        "changes": changes.collect::<Vec<_>>(),
        "conflicts": conflicts.collect::<Vec<_>>(),
        "next": next(done.next),
        "notes": done.notes.iter().map(|said| done.addressed(&said.text)).collect::<Vec<_>>(),
    });
    crate::report::json::write(out, &json)
}

fn change(done: &Done<'_>, change: &Change) -> Value {
    let wording = wording(&change.kind);
    let message = done.addressed(&(done.describe)(change).join(" "));
    let patches = match wording.shows_diff {
        true => done.plan.patches_of(change, done.directory),
        false => Vec::new(),
    };
    without_nulls(json!({
        "change": wording.word.to_lowercase().replace(' ', "-"),
        "migration": change.name,
        "phase": change.said_phase().map(|phase| phase.to_string()),
        "revisions": change.ids,
        "message": Some(message).filter(|text| !text.is_empty()),
        "diff": diff(&patches),
    }))
}

fn conflict(done: &Done<'_>, conflict: &Conflict) -> Value {
    let patches = done.plan.overwriting(conflict, done.directory);
    without_nulls(json!({
        "path": joined(done.directory, &conflict.path),
        "message": done.addressed(&conflict.kind.describe()),
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
        Next::Adopt(check) => vec![("now", Some(check))],
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
