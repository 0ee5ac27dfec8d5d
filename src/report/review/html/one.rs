//! The section of one migration.

use maud::{Markup, html as page};

use super::{safe, sentence, sides, strength};
use crate::patch::{Kind as Line, Patch};
use crate::report::review::sql::{Kind, parts};
use crate::report::review::{about, breaks, brief, by_statement, capital, link, outline};
use crate::review::Migration;

pub(super) fn section(migration: &Migration, place: usize) -> Markup {
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
            (difference(migration))
            (sql(migration))
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
fn difference(migration: &Migration) -> Markup {
    page! {
        @if let (Some(before), Some(after)) = (&migration.before, &migration.sql) {
            details {
                summary { "Before and after" }
                (sides::table(before, after, &label("Before and after", migration)))
            }
        } @else if !migration.patches.is_empty() {
            details {
                summary { "What changed" }
                pre tabindex="0" role="region" aria-label=(label("What changed", migration)) { code { @for patch in &migration.patches { (lines(patch)) } } }
            }
        }
    }
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

fn sql(migration: &Migration) -> Markup {
    let Some(text) = &migration.sql else {
        return page! {
            @if let Some(link) = link(migration) {
                p.sub { "Its SQL is not at hand here; it is in " a href=(link) rel="noreferrer" { "the release" } "." }
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
