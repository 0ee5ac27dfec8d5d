//! JSON, and that of `check --format json`. The shape is documented in docs/reports.md; it only grows within a version.

use std::io::{self, Write};

use serde::Serialize;

use crate::catalog::Release;
use crate::escape::{inner_commands, is_invisible};
use crate::findings::{Accepted, Finding, Severity};
use crate::lockfile::{Lock, Mode};
use crate::pins::{Pin, Pins};
use crate::procrastinate::Layout;
use crate::upstream::Upstream;

/// The version of every JSON that this program writes.
pub(super) const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
pub struct Report<'a> {
    version: u32,
    command: &'static str,
    vendored: Vendored<'a>,
    upstream: Option<UpstreamReport<'a>>,
    pins: Vec<PinReport<'a>>,
    pinned: Option<PinnedReport>,
    #[serde(flatten)]
    found: Found<'a>,
    summary: Summary,
}

/// What there is to report.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Found<'a> {
    pub findings: &'a [Finding],
    /// What is wrong and accepted in the settings.
    pub accepted: &'a [Accepted],
    /// What could not be checked, and what is worth knowing.
    pub notes: &'a [String],
}

/// What the vendored migrations were compared with.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The release that was found.
    pub upstream: Option<&'a Upstream>,
    /// What the project's lock files pin.
    pub pins: &'a Pins,
    /// The pinned release whose digests were compared.
    pub pinned: Option<&'static Release>,
}

#[derive(Debug, Serialize)]
struct Vendored<'a> {
    directory: &'a str,
    release: Option<String>,
    layout: Option<Layout>,
    mode: Option<Mode>,
    head: Option<&'a str>,
    revisions: usize,
}

#[derive(Debug, Serialize)]
struct UpstreamReport<'a> {
    release: String,
    layout: Layout,
    source: &'a str,
    migrations: usize,
}

#[derive(Debug, Serialize)]
struct PinReport<'a> {
    path: &'a str,
    line: usize,
    release: String,
}

impl<'a> PinReport<'a> {
    fn of(pin: &'a Pin) -> Self {
        Self {
            path: pin.place.file.as_str(),
            line: pin.place.line,
            release: pin.release.to_string(),
        }
    }
}

#[derive(Debug, Serialize)]
struct PinnedReport {
    release: &'static str,
    layout: Layout,
    migrations: usize,
}

#[derive(Debug, Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    accepted: usize,
}

impl<'a> Report<'a> {
    /// Puts the report together.
    pub fn new(
        (directory, lock): (&'a str, Option<&'a Lock>),
        compared: Compared<'a>,
        found: Found<'a>,
    ) -> Self {
        let errors = found
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count();
        Self {
            version: VERSION,
            command: "check",
            vendored: Vendored {
                directory,
                release: lock.map(|lock| lock.upstream.release.to_string()),
                layout: lock.map(|lock| lock.upstream.layout),
                mode: lock.map(|lock| lock.upstream.mode),
                head: lock.and_then(Lock::head),
                revisions: lock.map_or(0, |lock| lock.revisions.len()),
            },
            upstream: compared.upstream.map(|upstream| UpstreamReport {
                release: upstream.release.to_string(),
                layout: upstream.layout,
                source: &upstream.source,
                migrations: upstream.migrations.len(),
            }),
            pins: compared.pins.pins.iter().map(PinReport::of).collect(),
            pinned: compared.pinned.map(|release| PinnedReport {
                release: release.name,
                layout: release.layout,
                migrations: release.migrations.len(),
            }),
            found,
            summary: Summary {
                errors,
                warnings: found.findings.len() - errors,
                accepted: found.accepted.len(),
            },
        }
    }

    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write(out, self)
    }
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
        let notes = ["a\u{9b}31m\u{202e}b\u{e0041}\u{7f}\nc".to_owned()];
        let mut out = Vec::new();
        let found = Found {
            findings: &[],
            accepted: &[],
            notes: &notes,
        };
        let compared = Compared {
            upstream: None,
            pins: &Pins::default(),
            pinned: None,
        };
        Report::new(("d", None), compared, found)
            .write(&mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.is_ascii() && !text.contains('\u{7f}'), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["notes"][0], notes[0]);
    }
}
