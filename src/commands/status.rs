//! `status`: one screen.

use super::checked::Checked;
use super::first_run::first_steps;
use crate::cli::Status;
use crate::failure::{Exit, Failure};
use crate::findings::{Code, Finding, Remedy, Section, Severity, failures};
use crate::inspect::Pinned;
use crate::lockfile::LOCK_NAME;
use crate::report::style::count;
use crate::report::text::{Value, table};
use crate::session::Session;
use crate::state::State;

pub(super) fn run(session: &mut Session<'_>, options: &Status) -> Result<Exit, Failure> {
    let mut checked = Checked::of(session, &options.source)?;
    if let Some(failure) = checked.failure.take() {
        return Err(failure);
    }
    for text in &checked.notes {
        session.output.note(text)?;
    }
    let first = first_steps(session, &options.source)?;
    let next = match first {
        Some(steps) => Value::Commands([steps.commands, vec![steps.database]].concat().join("\n")),
        None => match next(&checked) {
            Next::Text(text) => Value::Text(text.to_owned()),
            Next::Command(verb) => Value::Commands(session.commands().own(&verb)),
        },
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
            let text = format!(
                "Procrastinate {release} in {directory}\n{revisions}, mode {mode}, head {head}"
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
    let findings: Vec<&Finding> = of(checked, section).collect();
    let text = match findings.is_empty() {
        true => clean.to_owned(),
        false => by_code(&findings),
    };
    (label, text.into())
}

fn of(checked: &Checked, section: Section) -> impl Iterator<Item = &Finding> {
    let findings = checked.findings.iter();
    findings.filter(move |finding| finding.code.section() == section)
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
    let pins = pinned.pins.pins.iter();
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
    let compared = checked.upstream.is_some() || checked.pinned.compared.is_some();
    let clean = match checked.state.lock() {
        _ if !compared => "unknown",
        None => "nothing is vendored",
        Some(_) => "none",
    };
    match compared && checked.state.lock().is_some() {
        true => section(checked, Section::Drift, clean),
        false => ("Drift", clean.to_owned().into()),
    }
}

/// A line for each finding, or one for all of a code where they are many: this is one screen.
fn by_code(findings: &[&Finding]) -> String {
    const MOST: usize = 4;
    let mut codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    codes.sort();
    codes.dedup();
    let lines = codes.into_iter().flat_map(|code| {
        let these: Vec<_> = findings
            .iter()
            .filter(|finding| finding.code == code)
            .collect();
        let name = |finding: &&&Finding| {
            let path = &finding.place.path;
            format!("{code}: {}", finding.migration.as_ref().unwrap_or(path))
        };
        match these.len() {
            0..=MOST => these.iter().map(name).collect(),
            many => vec![format!(
                "{code}: {many} (`vendor-migrations check` lists them)"
            )],
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

enum Next {
    Text(&'static str),
    /// A verb of this program and its options.
    Command(String),
}

/// The most useful next step: first what needs the user's hands, then the wiring, then `sync`.
fn next(checked: &Checked) -> Next {
    let remedies = || {
        checked
            .findings
            .iter()
            .filter_map(|finding| finding.remedy.as_ref())
    };
    let command = |wanted: fn(&Remedy) -> bool| {
        remedies()
            .find(|remedy| wanted(remedy))
            .and_then(Remedy::command)
    };
    let mut restored = remedies().filter_map(|remedy| match remedy {
        Remedy::Restore(_) => Some("restore the lock from version control"),
        _ => None,
    });
    let by_hand = checked.findings.iter().any(|finding| {
        let is_drift = finding.code.section() != Section::Wiring;
        let is_grave = finding.severity == Severity::Error || finding.code == Code::PinDiffers;
        matches!(finding.remedy, Some(Remedy::ByHand(_))) && is_drift && is_grave
    });
    let sync = command(|remedy| matches!(remedy, Remedy::Sync(_)));
    let found = checked.upstream.is_some() || checked.pinned.compared.is_some();
    if let Some(text) = restored.next() {
        Next::Text(text)
    } else if by_hand {
        Next::Command("check".to_owned())
    } else if let Some(init) = command(|remedy| matches!(remedy, Remedy::Init(_))) {
        Next::Command(init)
    } else if !found {
        Next::Text("install Procrastinate, or name it with `--from PATH` or `--python EXE`")
    } else if let Some(sync) = sync {
        Next::Command(sync)
    } else if failures(&checked.findings, false) > 0 {
        Next::Command("check".to_owned())
    } else {
        Next::Text("nothing")
    }
}
