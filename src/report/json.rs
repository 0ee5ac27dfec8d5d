//! JSON: that of `check` and `diff`, and how every JSON is written. The shapes are documented in docs/reports.md; they only
//! grow within a version.

use std::io::{self, Write};

use serde::Serialize;

use super::{Compared, Report, Side};
use crate::escape::{inner_commands, is_invisible};
use crate::findings::{Accepted, Finding, Severity, number};
use crate::lockfile::{Lock, Mode};
use crate::patch;
use crate::place::Base;
use crate::procrastinate::Layout;

/// The version of every JSON that this program writes.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Check<'a> {
    version: u32,
    command: &'static str,
    vendored: Vendored<'a>,
    upstream: Option<Upstream<'a>>,
    pins: Vec<Pin<'a>>,
    pinned: Option<Pinned>,
    findings: Vec<Entry<'a>>,
    accepted: Vec<AcceptedEntry<'a>>,
    notes: &'a [String],
    summary: CheckSummary,
}

#[derive(Serialize)]
struct Vendored<'a> {
    directory: &'a str,
    release: Option<String>,
    layout: Option<Layout>,
    mode: Option<Mode>,
    head: Option<&'a str>,
    revisions: usize,
}

#[derive(Serialize)]
struct Upstream<'a> {
    release: String,
    layout: Layout,
    source: &'a str,
    migrations: usize,
}

#[derive(Serialize)]
struct Pin<'a> {
    path: &'a str,
    line: usize,
    release: String,
}

#[derive(Serialize)]
struct Pinned {
    release: &'static str,
    layout: Layout,
    migrations: usize,
}

#[derive(Serialize)]
struct CheckSummary {
    errors: usize,
    warnings: usize,
    accepted: usize,
}

#[derive(Serialize)]
struct Diff<'a> {
    version: u32,
    command: &'static str,
    before: &'a Side,
    after: &'a Side,
    differences: Vec<Entry<'a>>,
    patch: String,
    notes: &'a [String],
    summary: DiffSummary,
}

#[derive(Serialize)]
struct DiffSummary {
    differences: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    revisions: &'a [String],
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    diff: String,
}

#[derive(Serialize)]
struct AcceptedEntry<'a> {
    #[serde(flatten)]
    finding: Entry<'a>,
    reason: &'a str,
}

impl<'a> Entry<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            code: finding.code.as_str(),
            severity: finding.severity.as_str(),
            path: &finding.place.path,
            base: (finding.place.base == Base::SitePackages).then_some("site-packages"),
            line: finding.place.line,
            migration: finding.migration.as_deref(),
            revisions: &finding.revisions,
            message: &finding.message,
            remedy: finding.remedy.as_ref().map(ToString::to_string),
            diff: patch::text(&finding.patches),
        }
    }

    fn accepted(accepted: &'a Accepted) -> AcceptedEntry<'a> {
        AcceptedEntry {
            finding: Self::of(&accepted.finding),
            reason: &accepted.reason,
        }
    }
}

pub(super) fn report(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let entries = report.findings.iter().map(Entry::of).collect();
    match &report.compared {
        Compared::Lock { .. } => check(out, report, entries),
        Compared::Sides { before, after } => write(
            out,
            &Diff {
                version: VERSION,
                command: report.command(),
                before,
                after,
                differences: entries,
                patch: patch::text(&report.patches),
                notes: &report.notes,
                summary: DiffSummary {
                    differences: report.findings.len(),
                },
            },
        ),
    }
}

fn check(out: &mut dyn Write, report: &Report<'_>, findings: Vec<Entry<'_>>) -> io::Result<()> {
    let Compared::Lock {
        directory,
        lock,
        upstream,
        pins,
        pinned,
    } = &report.compared
    else {
        return Ok(());
    };
    let pins = pins.pins.iter().map(|pin| Pin {
        path: pin.place.file.as_str(),
        line: pin.place.line,
        release: pin.release.to_string(),
    });
    write(
        out,
        &Check {
            version: VERSION,
            command: report.command(),
            vendored: Vendored {
                directory,
                release: lock.map(|lock| lock.upstream.release.to_string()),
                layout: lock.map(|lock| lock.upstream.layout),
                mode: lock.map(|lock| lock.upstream.mode),
                head: lock.and_then(Lock::head),
                revisions: lock.map_or(0, |lock| lock.revisions.len()),
            },
            upstream: upstream.map(|upstream| Upstream {
                release: upstream.release.to_string(),
                layout: upstream.layout,
                source: &upstream.source,
                migrations: upstream.migrations.len(),
            }),
            pins: pins.collect(),
            pinned: pinned.map(|release| Pinned {
                release: release.name,
                layout: release.layout,
                migrations: release.migrations.len(),
            }),
            findings,
            accepted: report.accepted.iter().map(Entry::accepted).collect(),
            notes: &report.notes,
            summary: CheckSummary {
                errors: number(&report.findings, Severity::Error),
                warnings: number(&report.findings, Severity::Warning),
                accepted: report.accepted.len(),
            },
        },
    )
}

/// Writes a report, indented, with a final line end. Control and invisible characters are `\\u` escapes, and so is the second
/// `#` of what the runner of a CI job would take for a command: the text is safe to show, and says the same to a program.
pub(super) fn write(out: &mut dyn Write, report: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    let mut safe = String::with_capacity(text.len());
    let mut commands = inner_commands(&text).peekable();
    for (place, c) in text.char_indices() {
        let command = commands.next_if_eq(&place).is_some();
        if command || (c.is_control() && c != '\n') || is_invisible(c) {
            let mut units = [0; 2];
            let escapes = c.encode_utf16(&mut units).iter();
            escapes.for_each(|unit| safe.push_str(&format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    writeln!(out, "{safe}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_can_steer_a_terminal_and_nothing_is_lost() {
        let note = "a\u{9b}31m\u{202e}b\u{e0041}\u{7f}\nc".to_owned();
        let mut out = Vec::new();
        write(&mut out, &[&note]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.is_ascii() && !text.contains('\u{7f}'), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read[0], note);
    }
}
