//! What `sync` warns of beside its plan.

use crate::cli::Sync;
use crate::failure::Failure;
use crate::findings::{self, Code, Finding};
use crate::inspect::{ignored, own_schema, pins_of, to_adopt};
use crate::lockfile::Mode;
use crate::plan::Plan;
use crate::session::Session;
use crate::state::State;
use crate::upstream::Upstream;

/// Warns of what git leaves out of the repository, unless the settings accept it.
pub(super) fn of_ignored(
    session: &mut Session<'_>,
    state: &State,
    plan: &Plan,
) -> Result<(), Failure> {
    let project = &session.project;
    let found = ignored(project, state.directory(project), &plan.lock);
    warn(session, found, &[Code::GitIgnored])
}

/// Warns if the installed release is not the one that a lock file pins.
pub(super) fn of_other_pin(
    session: &mut Session<'_>,
    options: &Sync,
    upstream: &Upstream,
) -> Result<(), Failure> {
    if options.source.release.is_some() {
        return Ok(());
    }
    let pins = pins_of(&session.project);
    if let Some(finding) = findings::differs(&pins, upstream) {
        session.output.warning(&finding.advice("; "))?;
    }
    Ok(())
}

/// Warns of revisions of the project's own that make Procrastinate's tables, too, and returns those that `adopt` is for: it comes before
/// the next upgrade of a database. What cannot be read is left to `check`.
pub(super) fn of_own_schema(
    session: &mut Session<'_>,
    plan: &Plan,
) -> Result<Option<String>, Failure> {
    let project = &session.project;
    let Ok(revisions) = project.own_revisions() else {
        return Ok(None);
    };
    let adopts = to_adopt(project, &revisions, Some(&plan.lock));
    let found = own_schema(project, &revisions, Some(&plan.lock), None);
    warn(session, found.findings, &[Code::OwnSchema])?;
    Ok(adopts)
}

/// Warns of what keeps copied revisions from running: their `env.py` has to fit.
pub(super) fn of_copies(session: &mut Session<'_>, plan: &Plan) -> Result<(), Failure> {
    if plan.mode != Mode::Copy {
        return Ok(());
    }
    let written = State::read(&session.project)?;
    let revisions = written.revisions(&session.project)?;
    let found = written
        .surroundings(&session.project, None, revisions)?
        .findings;
    warn(
        session,
        found,
        &[Code::SingleTransaction, Code::AsyncpgCopies],
    )
}

/// Prints the findings with these codes, unless the settings accept them.
fn warn(session: &mut Session<'_>, mut found: Vec<Finding>, codes: &[Code]) -> Result<(), Failure> {
    findings::accept(&mut found, &session.project.settings.accept, "");
    for finding in found.iter().filter(|finding| codes.contains(&finding.code)) {
        let warning = format!("{}: {}", finding.place, finding.advice("; "));
        session.output.warning(&warning)?;
    }
    Ok(())
}
