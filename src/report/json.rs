//! JSON: that of `check` and `diff`, and how every JSON is written. The shapes are documented in docs/reports.md; they only
//! grow within a version.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Compared, Report};
use crate::escape::{inner_commands, is_invisible};
use crate::findings::{Finding, Severity, number};
use crate::lockfile::Lock;
use crate::patch;
use crate::place::Base;
use crate::upstream::Upstream;

/// The version of every JSON that this program writes.
pub const VERSION: u32 = 1;

/// Writes what `check` or `diff` found.
pub(super) fn report(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let findings: Vec<Value> = report.findings.iter().map(entry).collect();
    let mut json = json!({"version": VERSION, "command": report.command});
    if report.command == "status" {
        json["error"] = Value::Null;
        json["next"] = json!(report.next);
    }
    match &report.compared {
        Compared::Lock {
            directory,
            lock,
            upstream,
            pins,
            pinned,
        } => {
            json["vendored"] = vendored(directory, *lock);
            json["upstream"] = json!(upstream.map(found));
            let pins = pins.pins.iter().map(|pin| {
                let (path, line) = (pin.place.file.as_str(), pin.place.line);
                json!({"path": path, "line": line, "release": pin.release.to_string()})
            });
            json["pins"] = pins.collect();
            json["pinned"] = json!(pinned.map(|release| json!({
                "release": release.name,
                "layout": release.layout,
                "migrations": release.migrations.len(),
            })));
            json["findings"] = findings.into();
            let accepted = report.accepted.iter().map(|accepted| {
                let mut entry = entry(&accepted.finding);
                entry["reason"] = accepted.reason.as_str().into();
                entry
            });
            json["accepted"] = accepted.collect();
            json["notes"] = json!(report.notes);
            json["summary"] = json!({
                "errors": number(&report.findings, Severity::Error),
                "warnings": number(&report.findings, Severity::Warning),
                "accepted": report.accepted.len(),
            });
        }
        Compared::Sides { before, after } => {
            json["before"] = json!(before);
            json["after"] = json!(after);
            json["differences"] = findings.into();
            json["patch"] = patch::text(&report.patches).into();
            json["notes"] = json!(report.notes);
            json["summary"] = json!({"differences": report.findings.len()});
        }
    }
    write(out, &json)
}

pub(super) fn found(upstream: &Upstream) -> Value {
    json!({
        "release": upstream.release.to_string(),
        "layout": upstream.layout,
        "source": upstream.source,
        "migrations": upstream.migrations.len(),
    })
}

pub(super) fn vendored(directory: &str, lock: Option<&Lock>) -> Value {
    let upstream = lock.map(|lock| &lock.upstream);
    json!({
        "directory": directory,
        "release": upstream.map(|upstream| upstream.release.to_string()),
        "layout": upstream.map(|upstream| upstream.layout),
        "mode": upstream.map(|upstream| upstream.mode),
        "head": lock.and_then(Lock::head),
        "revisions": lock.map_or(0, |lock| lock.revisions.len()),
    })
}

/// What `status`, `sync` or `init` has to say if it could not do its work.
pub fn failure(
    out: &mut dyn Write,
    command: &str,
    error: &str,
    help: Option<String>,
) -> io::Result<()> {
    let json = json!({"version": VERSION, "command": command, "error": error, "help": help});
    write(out, &json)
}

fn entry(finding: &Finding) -> Value {
    let place = &finding.place;
    without_nulls(json!({
        "code": finding.code.as_str(),
        "severity": finding.severity.as_str(),
        "path": place.path,
        "base": (place.base == Base::SitePackages).then_some("site-packages"),
        "line": place.line,
        "migration": finding.migration,
        "revisions": (!finding.revisions.is_empty()).then_some(&finding.revisions),
        "message": finding.message,
        "remedy": finding.remedy.as_ref().map(ToString::to_string),
        "diff": Some(patch::text(&finding.patches)).filter(|diff| !diff.is_empty()),
    }))
}

/// Leaves out the fields of an object that have no value.
pub(super) fn without_nulls(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    object
}

/// Writes a report, indented, with a final line end. Control and invisible characters are `\\u` escapes, and so is the second
/// `#` of what the runner of a CI job would take for a command: the text is safe to show, and says the same to a program.
pub fn write(out: &mut dyn Write, report: &impl Serialize) -> io::Result<()> {
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
