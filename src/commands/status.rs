//! `status`: one screen.

use std::collections::BTreeMap;

use super::checked::Checked;
use super::first_run::first_steps;
use super::next;
use crate::cli::{Format, ReportFormat, Status};
use crate::failure::{Exit, Failure};
use crate::findings::{Code, Finding, Section, failures};
use crate::inspect::Pinned;
use crate::lockfile::LOCK_NAME;
use crate::report::style::count;
use crate::report::text::{Value, table};
use crate::report::{Detail, Step};
use crate::session::Session;
use crate::state::State;

pub(super) fn run(session: &mut Session<'_>, options: &Status) -> Result<Exit, Failure> {
    let mut checked = Checked::of(session, &options.source)?;
    if let Some(failure) = checked.failure.take() {
        return Err(failure);
    }
    checked.notes.extend(checked.uncompared.take());
    for text in &checked.notes {
        session.output.note(text)?;
    }
    let first = first_steps(session, &options.source, &checked.state);
    let next = match first.filter(|_| checked.is_mended_by_commands()) {
        Some(steps) => {
            let commands = steps.commands.into_iter().chain([steps.database]);
            commands.map(Step::Command).collect()
        }
        None => vec![next::one(&checked, &session.commands())],
    };
    match options.format {
        Format::Text => screen(session, &checked, &next)?,
        Format::Json => {
            let report = checked.report(session, "status", None, next);
            report.write(ReportFormat::Json, session.output.out, Detail::Usual)?;
        }
    }
    Ok(match failures(&checked.findings, false) {
        0 => Exit::Fine,
        _ => Exit::Drift,
    })
}

fn screen(session: &mut Session<'_>, checked: &Checked, next: &[Step]) -> Result<(), Failure> {
    let lines: Vec<&str> = next.iter().map(Step::as_str).collect();
    let lines = lines.join("\n");
    let next = match next {
        [Step::Text(_)] => Value::Text(lines),
        _ => Value::Commands(lines),
    };
    let rows = [
        Some(state(session, &checked.state)),
        Some(section(checked, Section::Directory, "as locked")),
        Some(section(checked, Section::Wiring, wiring(session))),
        Some(upstream(checked)),
        pins(&checked.pinned),
        Some(drift(checked)),
        (!session.global.quiet).then_some(("Next", next)),
    ];
    let rows: Vec<(&str, Value)> = rows.into_iter().flatten().collect();
    Ok(table(session.output.out, &rows)?)
}

/// What is said of the wiring where there is no finding.
fn wiring(session: &Session<'_>) -> &'static str {
    let alembic = session.project.alembic.as_ref();
    match alembic.map(|alembic| alembic.versions.unknown()) {
        Some(None) => "as it should be",
        Some(Some(_)) | None => "not known",
    }
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
        _ if !checked.compared() => text("unknown"),
        None => text("nothing is vendored"),
        Some(_) => section(checked, Section::Drift, "none"),
    }
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
