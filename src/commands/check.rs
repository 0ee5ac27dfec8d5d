//! `check`: reports drift and wiring faults.

use super::checked::Checked;
use super::{first_run, reporting};
use crate::catalog;
use crate::cli::{Check, Required};
use crate::failure::{Exit, Failure};
use crate::findings::failures;
use crate::report::style::count;
use crate::report::{Compared, Report, addressed};
use crate::session::{Session, options as options_of};
use crate::upstream::Upstream;

pub(super) fn run(session: &mut Session<'_>, options: &Check) -> Result<Exit, Failure> {
    let checked = Checked::of(session, &options.source)?;
    let title = title(session, &checked);
    let missing = missing(options, &checked);
    let mut notes = checked.notes;
    if missing.is_none() {
        notes.extend(checked.uncompared);
    }
    let failure = missing.or(checked.failure);
    let upstream = checked.upstream.as_ref();
    let report = Report {
        title,
        compared: Compared::Lock {
            directory: checked.state.place(&session.project, upstream),
            lock: checked.state.lock(),
            upstream,
            pins: &checked.pinned.pins,
            pinned: checked.pinned.compared,
        },
        findings: addressed(checked.findings, &options_of(session.global)),
        accepted: checked.accepted,
        notes,
        patches: Vec::new(),
        failure: failure.as_ref().map(Failure::explained),
        repository: reporting::in_repository(&session.project.root),
    };
    for text in &report.notes {
        session.output.note(text)?;
    }
    let silent = session.global.quiet && report.findings.is_empty() && report.accepted.is_empty();
    reporting::write(options.format, &report, silent, &mut session.output)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    first_run::advise(session, &options.source)?;
    Ok(match failures(&report.findings, options.strict) {
        0 => Exit::Fine,
        _ => Exit::Drift,
    })
}

/// Upstream is required, and was not found.
fn missing(options: &Check, checked: &Checked) -> Option<Failure> {
    let error = checked.not_found.as_ref()?;
    let why = lower_first(&error.to_string());
    match options.require_upstream {
        None | Some(Required::None) => None,
        Some(Required::Installed) => Some(Failure::Required(why)),
        Some(Required::Pinned) if checked.pinned.compared.is_some() => None,
        Some(Required::Pinned) => {
            let pin = checked.pinned.pins.newest();
            let lock = checked.state.lock();
            let newest = || catalog::newest().map(|newest| newest.name.to_owned());
            let release = pin.map(|pin| pin.release.to_string());
            let release = release.or_else(|| lock.map(|lock| lock.upstream.release.to_string()));
            Some(Failure::RequiredPin {
                why,
                unpinned: checked.pinned.why_not(),
                release: release.or_else(newest).unwrap_or_default(),
            })
        }
    }
}

fn title(session: &Session<'_>, checked: &Checked) -> String {
    let upstream = checked.upstream.as_ref();
    let place = checked.state.place(&session.project, upstream);
    let vendored = match checked.state.lock() {
        Some(lock) => format!(
            "{place}: {} of Procrastinate {}",
            count(lock.revisions.len(), "revision"),
            lock.upstream.release
        ),
        None => format!("{place}: nothing"),
    };
    let compared = match (upstream.map(Upstream::title), checked.pinned.title()) {
        (Some(installed), Some(digests)) => format!("{installed} and {digests}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "the lock only".to_owned(),
    };
    format!("{vendored}, compared with {compared}")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
