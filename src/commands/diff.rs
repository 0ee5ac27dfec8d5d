//! `diff`: what `sync --force` would change, as one unified diff.

use super::reporting;
use crate::cli::Diff;
use crate::escape::one_line;
use crate::failure::{Exit, Failure, InPlaceError};
use crate::findings::{self, Code, Finding, Remedy, differences, drift};
use crate::inspect::{OwnRevisions, or_pinned};
use crate::lockfile::LOCK_NAME;
use crate::patch::{FileChange, Patch};
use crate::place::Place;
use crate::plan::local::to_lf;
use crate::plan::{Change, ChangeKind, Options, Plan};
use crate::report::sync as report;
use crate::report::{Compared, Report, Side};
use crate::session::{Session, modified};
use crate::state::State;
use crate::upstream::{Processes, Upstream};

pub(super) fn run(session: &mut Session<'_>, options: &Diff) -> Result<Exit, Failure> {
    let state = State::read(&session.project)?;
    if matches!(state, State::InPlace { .. }) && options.mode.is_some() {
        return Err(InPlaceError::NoFiles("`--mode`").into());
    }
    // A release that the user names may be downloaded; nothing else starts a process.
    let processes = Processes::Download;
    let upstream = session
        .upstream(&options.source, processes)
        .map_err(|failure| or_pinned(&session.project, failure))?;
    session.output.doubts(&upstream)?;
    let wishes = Options {
        mode: options.mode.or(session.project.settings.mode),
        force: true,
        allow_downgrade: true,
        ..Options::default()
    };
    let own = OwnRevisions::readable(&session.project)?;
    let plan = state.plan(&upstream, &own, wishes)?;
    let notes = match &state {
        State::Vendored { .. } => unseen(&plan),
        State::InPlace { lock, .. } => no_sql(&plan, &lock.upstream.release, &upstream),
    };
    let report = compared(session, &state, &plan, &upstream, &notes)?;
    if !session.global.quiet {
        writeln!(session.output.err, "{}", one_line(&report.title))?;
    }
    for text in &notes {
        session.output.note(text)?;
    }
    reporting::write(options.format, &report, false, session)?;
    // Conflicts are in no patch.
    report::conflicts(session.output.err, &plan, &session.project.directory)?;
    Ok(match report.findings.is_empty() {
        true => Exit::Fine,
        false => Exit::Drift,
    })
}

fn compared(
    session: &Session<'_>,
    state: &State,
    plan: &Plan,
    upstream: &Upstream,
    notes: &[String],
) -> Result<Report<'static>, Failure> {
    let project = &session.project;
    let mut findings = match state {
        State::Vendored { .. } => differences(plan, upstream, &project.directory),
        State::InPlace { .. } => in_place(state, plan, upstream)?,
    };
    findings::sort(&mut findings);
    let target = state.target(project);
    let doubts = upstream.notes.iter().cloned().chain(modified(upstream));
    Ok(Report {
        title: format!("{target} against {}", upstream.title()),
        compared: Compared::Sides {
            before: Side {
                release: state.lock().map(|lock| lock.upstream.release.to_string()),
                source: target,
            },
            after: Side::of(upstream),
        },
        findings,
        accepted: Vec::new(),
        notes: doubts.chain(notes.iter().cloned()).collect(),
        patches: patches(state, plan, session)?,
        failure: None,
        repository: reporting::in_repository(&project.root),
    })
}

/// The changes that no file shows.
fn unseen(plan: &Plan) -> Vec<String> {
    let text = |change: &Change| {
        let name = &change.name;
        match &change.kind {
            ChangeKind::Renamed { from } => Some(format!("{from} is now {name}")),
            ChangeKind::Removed => Some(format!("{name} is gone upstream; it stays vendored")),
            _ => None,
        }
    };
    plan.changes.iter().filter_map(text).collect()
}

/// In place, the old SQL is not available, so its changes are in no patch.
fn no_sql(plan: &Plan, old: &pep440_rs::Version, upstream: &Upstream) -> Vec<String> {
    let new = &upstream.release;
    let of_sql = |change: &Change| {
        matches!(
            change.kind,
            ChangeKind::SqlChanged | ChangeKind::Replaced { .. }
        )
    };
    let text = format!(
        "the lock keeps digests, no SQL; `vendor-migrations diff {old} {new}` shows the SQL of the two releases"
    );
    let is_changed = plan.writes_lock && plan.changes.iter().any(of_sql) && old != new;
    is_changed.then_some(text).into_iter().collect()
}

/// In place, the lock changes, and nothing else.
fn in_place(state: &State, plan: &Plan, upstream: &Upstream) -> Result<Vec<Finding>, Failure> {
    let State::InPlace { lock, bytes } = state else {
        return Ok(Vec::new());
    };
    let mut found = drift(plan, lock, upstream, "".into());
    // `sync` does not change that; `check` reports it.
    found.retain(|finding| finding.code != Code::MigrationUnwrapped);
    if found.is_empty() && to_lf(bytes) != plan.lock.to_text()?.into_bytes() {
        found.push(Finding::warning(
            Code::LockFormat,
            Place::new(LOCK_NAME),
            "the lock is not as `sync` writes it",
            Remedy::SYNC,
        ));
    }
    Ok(found)
}

fn patches(state: &State, plan: &Plan, session: &Session<'_>) -> Result<Vec<Patch>, Failure> {
    let lock;
    let files = match state {
        State::Vendored { .. } => plan.files.as_slice(),
        State::InPlace { bytes, .. } => {
            lock = [FileChange {
                path: LOCK_NAME.to_owned(),
                before: Some(to_lf(bytes)),
                after: Some(plan.lock.to_text()?.into_bytes()),
            }];
            &lock[..]
        }
    };
    let directory = state.directory(&session.project);
    let patches = files.iter().map(|file| Patch::of(file, directory));
    Ok(patches.filter(|patch| !patch.is_empty()).collect())
}
