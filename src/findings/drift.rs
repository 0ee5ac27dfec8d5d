//! The lock against upstream.

use camino::Utf8Path;

use super::changes::{Source, is_local, other_release};
use super::in_place::in_place;
use super::{Code, Finding, Remedy, Severity};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::place::Place;
use crate::plan::{Conflict, ConflictKind, Plan};
use crate::upstream::Upstream;

/// All differences between the lock and upstream. `plan` was made with `force`, so that an edited file
/// hides nothing; `directory` is relative to the project.
pub fn drift(plan: &Plan, lock: &Lock, upstream: &Upstream, directory: &Utf8Path) -> Vec<Finding> {
    if plan.mode == Mode::InPlace {
        return in_place(plan, lock, upstream);
    }
    let about_lock = || Place::below(directory, LOCK_NAME);
    let mut conflicts = plan.conflicts.iter();
    if conflicts.any(|conflict| matches!(conflict.kind, ConflictKind::Downgrade { .. })) {
        return vec![Finding::error(
            Code::OlderUpstream,
            about_lock(),
            format!(
                "Procrastinate {} is vendored, and upstream is older: {}",
                lock.upstream.release,
                upstream.title()
            ),
            "install the release that is vendored, or a newer one; `vendor-migrations sync --allow-downgrade` takes the older one",
        )];
    }
    let source = Source {
        release: &upstream.release,
        lock: &plan.lock,
        plan: Some(plan),
        remedy: Remedy::SYNC,
        directory,
    };
    // The others are about the directory itself, which `local` compares.
    let changes = plan.changes.iter().filter(|change| !is_local(change));
    let mut findings: Vec<Finding> = changes
        .filter_map(|change| source.finding(change))
        .collect();
    let conflicts = plan.conflicts.iter();
    findings.extend(conflicts.filter_map(|conflict| clash(conflict, lock, directory)));
    findings.extend(left_out(plan, upstream, directory));
    if plan.mode != lock.upstream.mode {
        let message = format!(
            "mode `{}` is requested, but mode `{}` is vendored",
            plan.mode, lock.upstream.mode
        );
        let finding = Finding::error(Code::Mode, about_lock(), message, Remedy::SYNC);
        findings.push(finding);
    }
    let vendored = &lock.upstream.release;
    findings.extend(other_release(&findings, vendored, &source, Remedy::RECORD));
    findings
}

/// What upstream ships, but the vendored revisions do not run.
fn left_out(plan: &Plan, upstream: &Upstream, directory: &Utf8Path) -> Vec<Finding> {
    let unwrapped = plan.unwrapped.iter().map(|name| {
        let message = format!(
            "Procrastinate {} ships `{name}` without a revision file that runs it, so the copy leaves it out",
            upstream.release
        );
        let remedy = Remedy::render(", which vendors it");
        let place = Place::below(directory, LOCK_NAME);
        Finding::warning(Code::MigrationUnwrapped, place, message, remedy)
    });
    let beyond_sql = plan.beyond_sql.iter().map(|beyond| {
        let message = format!(
            "Procrastinate {} ships `{}`, which does more than run its SQL: {}. The vendored revision runs only the SQL",
            upstream.release, beyond.file, beyond.why
        );
        let remedy = "look at that file; if the rest matters, write a revision of your own, or use `--mode copy`";
        let place = Place::below(directory, &beyond.path);
        Finding::warning(Code::WrapperDoesMore, place, message, remedy)
    });
    unwrapped.chain(beyond_sql).collect()
}

/// A file that `sync` could not write, because its name is taken.
fn clash(conflict: &Conflict, lock: &Lock, directory: &Utf8Path) -> Option<Finding> {
    const MOVE: &str = "move that away";
    let locked = || lock.has_file(&conflict.path);
    let (message, remedy) = match &conflict.kind {
        ConflictKind::CaseClash { existing } => (
            format!(
                "`sync` would write this file next to `{existing}`, whose name differs only in case"
            ),
            "rename that file",
        ),
        ConflictKind::NotAFile if !locked() => (
            "`sync` has to write a file with this name, but something else has the name".to_owned(),
            MOVE,
        ),
        ConflictKind::NotADirectory => (
            "`sync` has to make a directory with this name, but something else has the name"
                .to_owned(),
            MOVE,
        ),
        // `graph` reports ids, `schema_differs` the schema, `local` what the lock knows.
        ConflictKind::SameId { .. }
        | ConflictKind::Edited
        | ConflictKind::NotAFile
        | ConflictKind::Foreign
        | ConflictKind::Lost
        | ConflictKind::Unlocked
        | ConflictKind::SeveralHeads { .. }
        | ConflictKind::LeftBehind { .. }
        | ConflictKind::SchemaOfCopies
        | ConflictKind::OtherSchema { .. }
        | ConflictKind::KeepsSchema
        | ConflictKind::Downgrade { .. } => return None,
    };
    let place = Place::below(directory, &conflict.path);
    Some(Finding::error(Code::NameClash, place, message, remedy))
}

/// The files of a source that are not what its distribution published.
pub fn modified_source(upstream: &Upstream, accepted: bool) -> Vec<Finding> {
    let severity = match accepted {
        true => Severity::Warning,
        false => Severity::Error,
    };
    let files = upstream.modified.iter();
    files
        .map(|modified| {
            let message = format!(
                "{} does not match {}: {}",
                upstream.title(),
                modified.evidence,
                modified.why
            );
            let remedy =
                "reinstall Procrastinate; `--allow-modified-source` takes the files as they are";
            let place = Place::in_package(&modified.path);
            Finding::error(Code::ModifiedSource, place, message, remedy).of(severity)
        })
        .collect()
}
