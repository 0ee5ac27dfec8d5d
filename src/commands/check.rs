//! `check`: reports drift and wiring faults.

use super::checked::Checked;
use super::{first_run, next, reporting};
use crate::catalog;
use crate::cli::{Check, Required};
use crate::failure::{Exit, Failure};
use crate::findings::failures;
use crate::session::Session;

pub(super) fn run(session: &mut Session<'_>, options: &Check) -> Result<Exit, Failure> {
    let mut checked = Checked::of(session, &options.source)?;
    let missing = missing(options, &checked);
    if missing.is_none() {
        checked.notes.extend(checked.uncompared.take());
    }
    let failure = missing.or(checked.failure.take());
    let first = first_run::first_steps(session, &options.source, &checked.state);
    let first = first.filter(|_| checked.is_mended_by_commands());
    let next = match first {
        // They are told at the end.
        Some(_) => Vec::new(),
        None => next::all(&checked, &session.commands()),
    };
    let report = checked.report(session, "check", failure.as_ref(), next);
    for text in &report.notes {
        session.output.note(text)?;
    }
    let detail = reporting::detail(session.global);
    reporting::write(options.format, &report, detail, &mut session.output)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if let Some(first) = first {
        first_run::advise(session, &first)?;
    }
    Ok(match failures(&report.findings, options.strict) {
        0 => Exit::Fine,
        _ => Exit::Drift,
    })
}

/// Upstream is required, and was not found.
fn missing(options: &Check, checked: &Checked) -> Option<Failure> {
    let error = checked.not_found.as_ref()?;
    let why = error.to_string();
    match options.require_upstream {
        None | Some(Required::None) => None,
        Some(Required::Installed) => Some(Failure::Required(why)),
        Some(Required::Pinned) if checked.pinned.compared.is_some() => None,
        Some(Required::Pinned) => {
            let pin = checked.pinned.pins.newest();
            let lock = checked.state.lock();
            let named = [
                pin.map(|pin| &pin.release),
                lock.map(|lock| &lock.upstream.release),
            ];
            let mut named = named.into_iter().flatten().filter_map(catalog::release);
            let release = named
                .find(|release| release.is_offered())
                .or_else(catalog::newest);
            Some(Failure::RequiredPin {
                why,
                unpinned: checked.pinned.why_not(),
                release: release.map_or("", |release| release.name),
            })
        }
    }
}
