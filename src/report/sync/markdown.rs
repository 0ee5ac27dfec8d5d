//! The Markdown of `sync`, for the body of a pull request or a comment.

use std::io::{self, Write};

use super::{Done, Outcome, Part, refusal, runs, summary, way_through, wording};
use crate::escape::one_line;
use crate::lockfile::Mode;
use crate::patch;
use crate::place::Place;
use crate::plan::{Change, Conflict};
use crate::report::markdown::page::Page;
use crate::report::markdown::{code, text};
use crate::report::style::count;

/// More additions in a row than this are one entry.
const MOST: usize = 10;

pub fn write(out: &mut dyn Write, done: &Done<'_>) -> io::Result<()> {
    let plan = done.plan;
    let elsewhere = match done.outcome {
        Outcome::Wrote(_) => "The commit".to_owned(),
        _ => done.addressed("`vendor-migrations sync --dry-run`"),
    };
    let mut page = Page::new("sync", &verdict(done), &elsewhere);
    page.say("", &done.title);
    match done.outcome {
        Outcome::Refused => page.say("Refused:", &refusal(plan)),
        Outcome::UpToDate(what) => page.say("Up to date:", what),
        Outcome::WouldWrite(what) => page.say("Would write", what),
        Outcome::Wrote(what) => page.say("Wrote", what),
    }
    if let Some(help) = way_through(plan, done.force) {
        page.say("Help:", &done.addressed(help));
    }
    // In place, the changes explain the conflict.
    if plan.conflicts.is_empty() || plan.mode == Mode::InPlace {
        for run in runs(plan) {
            changes(&mut page, done, run);
        }
    }
    for found in &plan.conflicts {
        conflict(&mut page, done, found);
    }
    next(&mut page, done);
    page.notes(done.notes, &done.options);
    page.write(out)
}

/// In a few words, how it went.
fn verdict(done: &Done<'_>) -> String {
    let plan = done.plan;
    let what = || match plan.mode {
        Mode::InPlace => count(plan.changes.len(), "change"),
        Mode::Copy | Mode::Render => summary(plan),
    };
    match done.outcome {
        Outcome::Refused => format!("refused, {}", count(plan.conflicts.len(), "conflict")),
        Outcome::UpToDate(_) => "up to date".to_owned(),
        Outcome::WouldWrite(_) => format!("would write {}", what()),
        Outcome::Wrote(_) => what(),
    }
}

/// Changes in a row; many that are only new are one entry.
fn changes(page: &mut Page, done: &Done<'_>, run: &[Change]) {
    if let [first, .., last] = run
        && run.len() > MOST
    {
        let (number, from, to) = (run.len(), code(&first.name), code(&last.name));
        let word = wording(&first.kind).word;
        let all: Vec<String> = run.iter().map(|change| entry(done, change)).collect();
        page.items(
            format!("- **{word}** {number} migrations, {from} to {to}"),
            &all,
        );
        return;
    }
    for change in run {
        let diff = match wording(&change.kind).shows_diff {
            true => patch::text(&done.plan.patches_of(change, done.directory)),
            false => String::new(),
        };
        page.item(entry(done, change), &diff);
    }
}

/// A line of the list: what happened to which migration, its phase, its revisions, and what that means.
fn entry(done: &Done<'_>, change: &Change) -> String {
    let (word, name) = (wording(&change.kind).word, code(&change.name));
    let mut entry = format!("- **{word}** {name}");
    if let Some(phase) = change.said_phase() {
        entry.push_str(&format!(" ({phase})"));
    }
    let ids: Vec<String> = change.ids.iter().map(|id| code(id)).collect();
    if !ids.is_empty() {
        entry.push_str(&format!(": {}", ids.join(", ")));
    }
    for line in (done.describe)(change) {
        entry.push_str(&format!("<br>{}", text(&done.addressed(&line))));
    }
    entry
}

fn conflict(page: &mut Page, done: &Done<'_>, conflict: &Conflict) {
    let place = Place::below(done.directory, &conflict.path);
    let why = text(&done.addressed(&conflict.kind.describe()));
    let diff = patch::text(&done.plan.overwriting(conflict, done.directory));
    page.item(
        format!("- **Conflict** {}<br>{why}", code(&place.path)),
        &diff,
    );
}

/// The commands to run next, as the text has them.
fn next(page: &mut Page, done: &Done<'_>) {
    let mut parts = done
        .next
        .parts(&done.plan.lock.upstream.release)
        .into_iter()
        .peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Heading(heading) => page.heading(&heading),
            Part::Text(said) | Part::Remark(said) => page.paragraph("", &done.addressed(&said)),
            Part::Command(command) => {
                let mut commands = one_line(&command).into_owned() + "\n";
                while let Some(Part::Command(more)) =
                    parts.next_if(|part| matches!(part, Part::Command(_)))
                {
                    commands.push_str(&one_line(&more));
                    commands.push('\n');
                }
                page.verbatim("sh", &commands);
            }
        }
    }
}
