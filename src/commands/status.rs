//! `status`: one screen.

use std::collections::BTreeMap;

use super::checked::Checked;
use super::first_run::first_steps;
use crate::cli::Status;
use crate::failure::{Exit, Failure};
use crate::findings::{Code, Finding, Remedy, Section, Severity, failures};
use crate::inspect::Pinned;
use crate::lockfile::LOCK_NAME;
use crate::report::style::count;
use crate::report::text::{Value, table};
use crate::session::{Commands, Session};
use crate::state::State;

pub(super) fn run(session: &mut Session<'_>, options: &Status) -> Result<Exit, Failure> {
    let mut checked = Checked::of(session, &options.source)?;
    if let Some(failure) = checked.failure.take() {
        return Err(failure);
    }
    for text in checked.notes.iter().chain(&checked.uncompared) {
        session.output.note(text)?;
    }
    let first = first_steps(session, &options.source)?;
    let next = match first {
        Some(steps) => Value::Commands([steps.commands, vec![steps.database]].concat().join("\n")),
        None => next(&checked, &session.commands()),
    };
    let rows = [
        Some(state(session, &checked.state)),
        Some(section(&checked, Section::Directory, "as locked")),
        Some(section(&checked, Section::Wiring, "as it should be")),
        Some(upstream(&checked)),
        pins(&checked.pinned),
        Some(drift(&checked)),
        Some(("Next", next)),
    ];
    let rows: Vec<(&str, Value)> = rows.into_iter().flatten().collect();
    table(session.output.out, &rows)?;
    Ok(match failures(&checked.findings, false) {
        0 => Exit::Fine,
        _ => Exit::Drift,
    })
}

fn state(session: &Session<'_>, state: &State) -> (&'static str, Value) {
    let directory = &session.project.directory;
    let Some(lock) = state.lock() else {
        return ("Vendored", format!("nothing in {directory}").into());
    };
    let release = &lock.upstream.release;
    let revisions = count(lock.revisions.len(), "revision");
    let head = lock.head().unwrap_or("none");
    match state {
        State::Vendored { .. } => {
            let mode = lock.upstream.mode;
            let schema = lock.schema.as_ref().map(|schema| schema.name.quoted());
            let schema = schema.map_or(String::new(), |name| format!(", schema {name}"));
            let text = format!(
                "Procrastinate {release} in {directory}\n{revisions}, mode {mode}{schema}, head {head}"
            );
            ("Vendored", text.into())
        }
        State::InPlace { .. } => {
            let text = format!(
                "Procrastinate {release}, recorded in {LOCK_NAME}\n{revisions}, head {head}"
            );
            ("In place", text.into())
        }
    }
}

fn section(checked: &Checked, section: Section, clean: &str) -> (&'static str, Value) {
    let label = match (section, &checked.state) {
        (Section::Directory, State::Vendored { .. }) => "Directory",
        (Section::Directory, State::InPlace { .. }) => "Lock",
        (Section::Wiring, _) => "Wiring",
        (Section::Drift, _) => "Drift",
    };
    let findings = checked.findings.iter();
    let text = by_code(findings.filter(|finding| finding.code.section() == section));
    let text = if text.is_empty() { clean } else { &text };
    (label, text.to_owned().into())
}

fn upstream(checked: &Checked) -> (&'static str, Value) {
    let text = match &checked.upstream {
        Some(upstream) => format!(
            "{}, {}, layout {}",
            upstream.title(),
            count(upstream.migrations.len(), "migration"),
            upstream.layout
        ),
        None => "not found".to_owned(),
    };
    match checked.state {
        State::Vendored { .. } => ("Upstream", text.into()),
        State::InPlace { .. } => ("Installed", text.into()),
    }
}

fn pins(pinned: &Pinned) -> Option<(&'static str, Value)> {
    let pins = pinned.pins.counting();
    let lines = pins.map(|pin| format!("{} in {}", pin.release, pin.place));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        return None;
    }
    if pinned.compared.is_some() {
        text.push_str("\ncompared by digest");
    }
    Some(("Pinned", text.into()))
}

fn drift(checked: &Checked) -> (&'static str, Value) {
    let text = |text: &str| ("Drift", text.to_owned().into());
    match checked.state.lock() {
        _ if !compared(checked) => text("unknown"),
        None => text("nothing is vendored"),
        Some(_) => section(checked, Section::Drift, "none"),
    }
}

fn compared(checked: &Checked) -> bool {
    checked.upstream.is_some() || checked.pinned.compared.is_some()
}

/// A line for each finding, or one for all of a code where they are many: this is one screen.
fn by_code<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    const MOST: usize = 4;
    let mut names: BTreeMap<Code, Vec<&str>> = BTreeMap::new();
    for finding in findings {
        let name = finding.migration.as_ref().unwrap_or(&finding.place.path);
        names.entry(finding.code).or_default().push(name);
    }
    let lines = names
        .into_iter()
        .flat_map(|(code, names)| match names.len() {
            0..=MOST => names.iter().map(|name| format!("{code}: {name}")).collect(),
            many => vec![format!(
                "{code}: {many} (`vendor-migrations check` lists them)"
            )],
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// The most useful next step: first what needs the user's hands, then the wiring, then `sync`.
fn next(checked: &Checked, commands: &Commands) -> Value {
    let findings = || checked.findings.iter();
    let find = |wanted: fn(&Remedy) -> bool| {
        let mut remedies = findings().filter_map(|finding| finding.remedy.as_ref());
        remedies.find(|remedy| wanted(remedy))
    };
    let by_hand = findings().any(|finding| {
        let is_drift = finding.code.section() != Section::Wiring;
        let is_grave = finding.severity == Severity::Error || finding.code == Code::PinDiffers;
        matches!(finding.remedy, Some(Remedy::ByHand(_))) && is_drift && is_grave
    });
    let init = find(|remedy| matches!(remedy, Remedy::Init(_)));
    let sync = find(|remedy| matches!(remedy, Remedy::Sync(_)));
    let text = |text: &str| Value::Text(text.to_owned());
    let command = |verb: &str| Value::Commands(commands.own(verb));
    if find(|remedy| matches!(remedy, Remedy::Restore(_))).is_some() {
        text("restore the lock from version control")
    } else if by_hand {
        command("check")
    } else if let Some(init) = init.and_then(Remedy::command) {
        command(&init)
    } else if !compared(checked) {
        text("install Procrastinate, or name it with `--from PATH` or `--python EXE`")
    } else if let Some(sync) = sync.and_then(Remedy::command) {
        command(&sync)
    } else if failures(&checked.findings, false) > 0 {
        command("check")
    } else {
        text("nothing")
    }
}
