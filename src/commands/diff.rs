//! `diff`: what `sync --force` would change, as one unified diff.

use camino::Utf8Path;

use super::reporting;
use crate::cli::Diff;
use crate::escape::one_line;
use crate::failure::{Exit, Failure, InPlaceError};
use crate::findings::{self, Code, Finding, Remedy, differences, drift};
use crate::inspect::{OwnRevisions, or_pinned};
use crate::lockfile::{LOCK_NAME, Lock};
use crate::patch::{FileChange, Patch};
use crate::place::Place;
use crate::plan::{Change, ChangeKind, Options, Plan};
use crate::report::sync::conflicts;
use crate::report::{Report, Side, addressed};
use crate::session::{Session, doubts, options as options_of};
use crate::state::State;
use crate::upstream::{Processes, Upstream};
use crate::vendored::tree::to_lf;

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
    let revisions = session.project.own_revisions()?;
    let own = OwnRevisions::readable(&session.project, &revisions);
    let schema = session.project.settings.target();
    let plan = state.plan(&upstream, &own, schema.as_ref(), wishes)?;
    let project = &session.project;
    let target = state.target(project);
    let mut report = Report::of_sides(
        format!("{target} against {}", upstream.title()),
        Side {
            release: state.lock().map(|lock| lock.upstream.release.to_string()),
            source: target,
        },
        Side::of(&upstream),
        reporting::in_repository(&project.root),
    );
    report.notes.extend(doubts(&upstream));
    let notes = match &state {
        State::Vendored { .. } => {
            report.findings = differences(&plan, &upstream, &project.directory);
            report.patches = patches(&plan.files, &project.directory);
            unseen(&plan)
        }
        State::InPlace { lock, bytes } => in_place(&mut report, &plan, lock, bytes, &upstream)?,
    };
    report.findings = addressed(report.findings, &options_of(session.global));
    findings::sort(&mut report.findings);
    if !session.global.quiet {
        writeln!(session.output.err, "{}", one_line(&report.title))?;
    }
    for text in notes {
        session.output.note(&text)?;
        report.notes.push(text);
    }
    let detail = reporting::detail(session.global);
    reporting::write(options.format, &report, detail, &mut session.output)?;
    // Conflicts are in no patch.
    conflicts(session.output.err, &plan, &project.directory)?;
    Ok(match report.findings.is_empty() {
        true => Exit::Fine,
        false => Exit::Drift,
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
        "the lock holds digests, not SQL; `vendor-migrations diff {old} {new}` shows the SQL of the two releases"
    );
    let is_changed = plan.writes_lock && plan.changes.iter().any(of_sql) && old != new;
    is_changed.then_some(text).into_iter().collect()
}

/// In place, the lock changes, and nothing else. Returns the notes.
fn in_place(
    report: &mut Report<'_>,
    plan: &Plan,
    lock: &Lock,
    bytes: &[u8],
    upstream: &Upstream,
) -> Result<Vec<String>, Failure> {
    let file = FileChange {
        path: LOCK_NAME.to_owned(),
        before: Some(to_lf(bytes)),
        after: Some(plan.lock.to_text()?.into_bytes()),
    };
    report.findings = drift(plan, lock, upstream, "".into());
    // `sync` does not change that; `check` reports it.
    let differs = |finding: &Finding| finding.code != Code::MigrationUnwrapped;
    report.findings.retain(differs);
    if report.findings.is_empty() && file.before != file.after {
        report.findings.push(Finding::warning(
            Code::LockFormat,
            Place::new(LOCK_NAME),
            "the lock is not as `sync` writes it",
            Remedy::SYNC,
        ));
    }
    report.patches = patches(&[file], "".into());
    Ok(no_sql(plan, &lock.upstream.release, upstream))
}

fn patches(files: &[FileChange], directory: &Utf8Path) -> Vec<Patch> {
    let patches = files.iter().map(|file| Patch::of(file, directory));
    patches.filter(|patch| !patch.is_empty()).collect()
}
