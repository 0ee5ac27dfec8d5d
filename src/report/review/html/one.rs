//! The section of one migration.

use maud::{Markup, html as page};

use super::{safe, sentence, sides, strength};
use crate::patch::{Kind as Line, Patch};
use crate::report::review::sql::{Kind, parts};
use crate::report::review::words::{about, breaks, brief, by_statement, capital, link, outline};
use crate::review::Migration;

/// `room` is how many bytes of SQL the page still takes.
pub(super) fn section(migration: &Migration, place: usize, room: &mut usize) -> Markup {
    let id = format!("m{}", place + 1);
    let heading = format!("{id}-name");
    let mode = migration
        .strongest()
        .filter(|_| migration.runs())
        .map(|(mode, _)| mode);
    page! {
        section.one #(id) aria-labelledby=(heading) {
            h3 #(heading) { (safe(&migration.name)) }
            p.sub { (sentence(&capital(&about(migration)))) "." }
            @if let Some(mode) = mode { p { span class={ "tag " (strength(Some(mode)).0) } { (mode.name()) } } }
            @let lines = outline(migration);
            @let broken = breaks(migration);
            @if !lines.is_empty() || !broken.is_empty() {
                ul.does {
                    @for (verb, names) in lines {
                        li { (verb) " " @for (place, name) in names.iter().enumerate() { @if place > 0 { ", " } (safe(&brief(name))) } }
                    }
                    @for text in broken { li.stop { (sentence(&capital(&text))) "." } }
                }
            }
            (statements(migration))
            (difference(migration, room))
            (sql(migration, room))
        }
    }
}

fn statements(migration: &Migration) -> Markup {
    let said = by_statement(migration);
    page! {
        @if migration.runs() && !said.is_empty() {
            table.stack {
                thead { tr { th scope="col" { "Statement" } th scope="col" { "Locks, and what waits" } } }
                tbody {
                    @for (numbers, text) in said {
                        tr { td { (numbers) } td { (sentence(&text)) } }
                    }
                }
            }
        }
    }
}

/// Before and after, side by side where both are at hand.
fn difference(migration: &Migration, room: &mut usize) -> Markup {
    let sides = migration.before.as_deref().zip(migration.sql.as_deref());
    page! {
        @if let Some((before, after)) = sides.filter(|(before, after)| fits(before.len() + after.len(), room)) {
            details {
                summary { "Before and after" }
                (sides::table(before, after, &label("Before and after", migration)))
            }
        } @else if !migration.patches.is_empty() {
            details {
                summary { "What changed" }
                pre tabindex="0" role="region" aria-label=(label("What changed", migration)) {
                    code { @for patch in &migration.patches { (lines(patch)) } }
                }
            }
        }
    }
}

/// Whether so many bytes fit into the page. What fits is taken from the room.
fn fits(size: usize, room: &mut usize) -> bool {
    let fits = size <= *room;
    *room -= if fits { size } else { 0 };
    fits
}

/// What a screen reader calls a part that scrolls.
fn label(what: &str, migration: &Migration) -> String {
    safe(&format!("{what}: {}", migration.name))
}

fn lines(patch: &Patch) -> Markup {
    page! {
        @for line in patch.lines() {
            @match line.kind {
                Line::Removed => span.d { (safe(&line.text)) },
                Line::Added => span.a { (safe(&line.text)) },
                _ => (safe(&line.text)),
            }
        }
    }
}

fn sql(migration: &Migration, room: &mut usize) -> Markup {
    let at_hand = migration.sql.as_deref();
    let Some(text) = at_hand.filter(|text| fits(text.len(), room)) else {
        let why = match at_hand {
            Some(_) => "Its SQL is left out here: the page would be too long.",
            None => "Its SQL is not available here.",
        };
        return page! {
            p.sub {
                (why)
                @if let Some(link) = link(migration) { " It is in " a href=(link) rel="noreferrer" { "the release" } "." }
            }
        };
    };
    page! {
        details {
            summary { "SQL" }
            pre tabindex="0" role="region" aria-label=(label("SQL", migration)) {
                code {
                    @for (kind, part) in parts(text) {
                        @if kind == Kind::Plain { (safe(&part)) } @else { span class=(kind.class()) { (safe(&part)) } }
                    }
                }
            }
        }
    }
}
