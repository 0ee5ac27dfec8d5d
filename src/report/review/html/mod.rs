//! One page for a browser. It needs no network, and no script but to remember what was ticked; all text is put into it by a template
//! that escapes it.

mod one;
mod sides;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html as page};

use super::words::capital;
use super::{Shown, count};
use crate::catalog::LockMode;
use crate::digest::Digest;
use crate::escape;
use crate::report::rollout;
use crate::review::{Migration, Run};
use crate::steps::{Action, Step};

/// How many bytes of SQL a page takes; all of Procrastinate's has 70 KiB. In colours it is some five times as long.
const MOST_SQL: usize = 512 << 10;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The whole page.
pub fn html(shown: &Shown<'_>) -> String {
    let title = shown.title();
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    );
    let page = page! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="generator" content=(super::MARK);
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (safe(&title)) }
                style { (PreEscaped(STYLE)) }
            }
            body data-key=(key(shown)) {
                a.skip href="#main" { "To the content" }
                (head(shown, &title))
                main #main tabindex="-1" {
                    (look_at(shown))
                    (way(shown))
                    (steps(shown))
                    (migrations(shown))
                    (notes(shown))
                }
                (foot())
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// What ticks are kept under: other steps have others.
fn key(shown: &Shown<'_>) -> String {
    let runs = shown.review.runs.iter();
    let commands: Vec<String> = runs.map(|run| (shown.upgrade)(&run.revision)).collect();
    let of = Digest::of(format!("{}\n{}", shown.title(), commands.join("\n"))).to_string();
    of[..16].to_owned()
}

/// A source of a policy: the digest of what stands in the page.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Digest::of(text).bytes()))
}

/// The text with its control and invisible characters escaped. The template does the rest.
fn safe(text: &str) -> String {
    escape::lines(text).into_owned()
}

/// A sentence: what stands between two backticks is code.
fn sentence(text: &str) -> Markup {
    let text = safe(text);
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    page! {
        @for (place, part) in parts.iter().enumerate() {
            @if place % 2 == 1 && place < last { code { (part) } }
            @else if place % 2 == 1 { "`" (part) }
            @else { (part) }
        }
    }
}

fn head(shown: &Shown<'_>, title: &str) -> Markup {
    page! {
        header {
            h1 { (safe(title)) }
            p.sub { "What the upgrade does to the database, what it locks, and in which order to deploy it." }
            dl.sum {
                @for (label, value) in shown.summary() {
                    dt { (label) }
                    dd { (sentence(&value)) }
                }
            }
        }
    }
}

fn look_at(shown: &Shown<'_>) -> Markup {
    page! {
        @if !shown.review.attention.is_empty() {
            section aria-labelledby="look-at" {
                h2 #look-at { "Look at" }
                ul.look {
                    @for point in &shown.review.attention { li { (sentence(&capital(point))) "." } }
                }
            }
        }
    }
}

/// How strongly it locks, as a class and in words.
fn strength(mode: Option<LockMode>) -> (&'static str, &'static str) {
    match mode {
        Some(LockMode::AccessExclusive) => ("high", "stops reads and writes"),
        Some(LockMode::Exclusive | LockMode::ShareRowExclusive | LockMode::Share) => {
            ("middle", "stops writes")
        }
        Some(_) => ("low", "stops changes of the same rows"),
        None => ("none", "locks no table in use"),
    }
}

/// The releases as a line, and the migrations on it.
fn way(shown: &Shown<'_>) -> Markup {
    let Some(rollout) = shown.rollout().filter(|rollout| !rollout.steps.is_empty()) else {
        return page! {};
    };
    let modes = [
        Some(LockMode::AccessExclusive),
        Some(LockMode::Share),
        Some(LockMode::RowExclusive),
        None,
    ];
    page! {
        section aria-labelledby="overview" {
            h2 #overview { "Overview" }
            ul.key aria-label="Colours" {
                @for mode in modes { @let (class, word) = strength(mode); li class=(class) { (word) } }
                @if shown.review.unmeasured() > 0 { li.open { "not measured" } }
            }
            ol.way {
                li { span.rel { (rollout.from.name) } span.when { "deployed now" } }
                @for (place, step) in rollout.steps.iter().enumerate() {
                    li {
                        span.rel { (step.release.name) }
                        (chips(shown, place, step))
                    }
                }
            }
        }
    }
}

fn chips(shown: &Shown<'_>, place: usize, step: &Step) -> Markup {
    let mut runs = shown.runs_of(Some(place));
    let deploy = step
        .actions
        .iter()
        .position(|action| *action == Action::Deploy)
        .unwrap_or_default();
    page! {
        @for (at, action) in step.actions.iter().enumerate() {
            @if matches!(action, Action::Upgrade(_)) {
                span.when { @if at < deploy { "before the deploy" } @else { "after the deploy" } }
                @for migration in runs.next().into_iter().flat_map(|run| &run.migrations) {
                    (chip(&shown.review.migrations[*migration], *migration))
                }
            }
        }
        @if step.actions.len() == 1 { span.when { "no migration" } }
    }
}

fn chip(migration: &Migration, place: usize) -> Markup {
    let mode = migration.strongest().map(|(mode, _)| mode);
    let (class, word) = match migration.is_measured() {
        true => strength(mode),
        false => ("open", "not measured"),
    };
    page! {
        a class={ "chip " (class) } href={ "#m" (place + 1) } {
            b { (safe(&migration.title)) }
            @match mode { Some(mode) => (mode.name()), None => (word) }
            @if migration.grows() { ", grows with rows" }
        }
    }
}

fn steps(shown: &Shown<'_>) -> Markup {
    page! {
        section aria-labelledby="steps" {
            h2 #steps { "Steps" }
            @match &shown.review.rollout {
                Err(why) => {
                    p { (sentence(why)) "." }
                    @for run in shown.runs_of(None) { (held(shown, run)) }
                }
                Ok(rollout) => {
                    p { (sentence(&rollout::begin(rollout))) }
                    @for (place, step) in rollout.steps.iter().enumerate() { (self::step(shown, place, step)) }
                }
            }
        }
    }
}

fn step(shown: &Shown<'_>, place: usize, step: &Step) -> Markup {
    let mut runs = shown.runs_of(Some(place));
    page! {
        div.step {
            h3 { (place + 1) ". Procrastinate " (step.release.name) }
            @if let Some(why) = &step.interruption {
                p.stop { strong { "Not without interruption: " } (sentence(why)) "." }
            }
            ul {
                @for (number, action) in step.actions.iter().enumerate() {
                    li {
                        label {
                            input type="checkbox" id={ "s" (place + 1) "-" (number + 1) } autocomplete="off";
                            span { (self::action(shown, action, step)) }
                        }
                        @if matches!(action, Action::Upgrade(_)) {
                            @if let Some(run) = runs.next() { (held(shown, run)) }
                        }
                    }
                }
            }
        }
    }
}

fn action(shown: &Shown<'_>, action: &Action, step: &Step) -> Markup {
    let Action::Upgrade(target) = action else {
        return page! { (safe(&rollout::words(action, step))) };
    };
    page! {
        code { (safe(&(shown.upgrade)(&target.revision))) } ": "
        (target.migrations.iter().map(|name| safe(name)).collect::<Vec<_>>().join(", "))
        @for id in &target.own { ", and the project's own revisions up to " code { (safe(id)) } }
    }
}

fn held(shown: &Shown<'_>, run: &Run) -> Markup {
    page! { @for text in shown.held(run) { p.held { (sentence(&text)) "." } } }
}

fn migrations(shown: &Shown<'_>) -> Markup {
    let all = &shown.review.migrations;
    let mut room = MOST_SQL;
    page! {
        section aria-labelledby="migrations" {
            h2 #migrations { (count(all.len(), "migration")) }
            @if all.is_empty() { p { "Both releases have the same migrations." } }
            @for (place, migration) in all.iter().enumerate() { (one::section(migration, place, &mut room)) }
        }
    }
}

fn notes(shown: &Shown<'_>) -> Markup {
    page! {
        @if !shown.review.notes.is_empty() {
            section aria-labelledby="notes" {
                h2 #notes { "Notes" }
                ul.look { @for note in &shown.review.notes { li { (sentence(&capital(note))) } } }
            }
        }
    }
}

fn foot() -> Markup {
    page! {
        footer {
            p {
                "Locks were measured on PostgreSQL 16 and 18, each statement in a transaction of its own, with a second session that tried to \
                 read, write, defer and fetch. They are shown as Alembic runs them: a lock is held until the commit. "
                "Made by vendor-migrations " (env!("CARGO_PKG_VERSION")) "."
            }
        }
    }
}
