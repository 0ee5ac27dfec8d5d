//! The lock in the project's root against the installed package, whose own revisions run.

use super::{Code, Finding, Severity};
use crate::lockfile::{LOCK_NAME, Lock};
use crate::plan::in_place::{Change, ChangeKind, InPlace};
use crate::procrastinate::Layout;
use crate::procrastinate::Phase;
use crate::upstream::Upstream;

/// All in which the package differs from the lock.
pub fn in_place(plan: &InPlace, lock: &Lock, upstream: &Upstream) -> Vec<Finding> {
    let mut findings = Vec::new();
    let about_lock = |code, severity, message, remedy: &str| {
        Finding::new(code, severity, LOCK_NAME.to_owned(), message, remedy)
    };
    if plan.downgrade {
        let message = format!(
            "the lock records Procrastinate {}, and an older one is installed, which is what runs: {}",
            lock.upstream.release,
            upstream.title()
        );
        let remedy = "install the release that the lock records, or newer; `vendor-migrations sync --allow-downgrade` records \
                      the older one";
        findings.push(about_lock(
            Code::OlderUpstream,
            Severity::Error,
            message,
            remedy,
        ));
    }
    if upstream.layout == Layout::Sql {
        let message = format!(
            "Procrastinate {} ships no Alembic revisions, so none of the lock's is there any more, and Alembic stops on \
             every database that has applied one",
            upstream.release
        );
        let ids = lock.revisions.iter().map(|revision| revision.id.clone());
        let finding = about_lock(
            Code::MigrationRemoved,
            Severity::Error,
            message,
            &go_back(lock),
        );
        findings.push(finding.about(ids.collect()));
        return findings;
    }
    findings.extend(
        plan.changes
            .iter()
            .map(|change| finding(change, lock, upstream)),
    );
    findings.extend(plan.unwrapped.iter().map(|name| {
        let message = format!(
            "Procrastinate {} ships `{name}` without a revision file that runs it: Alembic leaves it out",
            upstream.release
        );
        let remedy = "vendor rendered revisions instead (docs/guide.md, \"In place\")";
        about_lock(Code::MigrationUnwrapped, Severity::Warning, message, remedy)
    }));
    if findings.is_empty() && upstream.release != lock.upstream.release {
        let message = format!(
            "the lock records Procrastinate {}, and {} is installed; they run the same",
            lock.upstream.release, upstream.release
        );
        let remedy = "run `vendor-migrations sync` to record the release";
        findings.push(about_lock(
            Code::Release,
            Severity::Warning,
            message,
            remedy,
        ));
    }
    findings
}

fn finding(change: &Change, lock: &Lock, upstream: &Upstream) -> Finding {
    let code = match &change.kind {
        ChangeKind::Added { .. } => Code::MigrationMissing,
        ChangeKind::SqlChanged
        | ChangeKind::Replaced { .. }
        | ChangeKind::Renumbered { taken: true, .. } => Code::MigrationChanged,
        ChangeKind::Renumbered { taken: false, .. } | ChangeKind::Renamed { .. } => {
            Code::MigrationRenamed
        }
        ChangeKind::WrapperChanged | ChangeKind::Moved => Code::WrapperChanged,
        ChangeKind::Gone { .. } => Code::MigrationRemoved,
    };
    let remedy = if change.leaves_databases_behind() {
        go_back(lock)
    } else {
        "run `vendor-migrations sync`, which records it".to_owned()
    };
    let message = described(change, lock, upstream);
    let path = change.path.clone();
    let finding = Finding::new(code, Severity::Error, path, message, &remedy).in_package();
    Finding {
        migration: Some(change.name.clone()),
        revisions: vec![change.id.clone()],
        ..finding
    }
}

fn go_back(lock: &Lock) -> String {
    format!(
        "install Procrastinate {} again, which the lock records; or bring every database to it by hand, and accept the \
         change with `vendor-migrations sync --force`",
        lock.upstream.release
    )
}

/// What a change means, seen from the databases.
pub fn described(change: &Change, lock: &Lock, upstream: &Upstream) -> String {
    let (id, old, new) = (&change.id, &lock.upstream.release, &upstream.release);
    let ran = format!("databases that have applied revision `{id}` won't run it again");
    match &change.kind {
        ChangeKind::Added { before: None } => {
            let when = match change.phase {
                Phase::Pre => "before",
                Phase::Post => "after",
            };
            format!(
                "Procrastinate {new} has a new revision `{id}`, to be run {when} its deploy; the lock does not know it, and \
                 the next `alembic upgrade` runs it"
            )
        }
        ChangeKind::Added {
            before: Some(later),
        } => format!(
            "Procrastinate {new} has a new revision `{id}` before `{later}`: Alembic takes it for applied where `{later}` is, \
             and never runs it there"
        ),
        ChangeKind::SqlChanged if old == new => format!(
            "revision `{id}` runs other SQL than the lock records, in the same release {new}; {ran}"
        ),
        ChangeKind::SqlChanged => format!(
            "revision `{id}` runs other SQL in Procrastinate {new}; {ran}. The old text is not kept here: \
             `vendor-migrations diff {old} {new}` shows both"
        ),
        ChangeKind::Replaced { was } => format!(
            "revision `{id}` runs another migration in Procrastinate {new}; it was `{was}`; {ran}"
        ),
        ChangeKind::Renumbered { from, taken: true } => format!(
            "revision `{id}` runs in Procrastinate {new} what revision `{from}` ran; {ran}, and those at `{from}` run it a \
             second time"
        ),
        ChangeKind::Renumbered { from, taken: false } => format!(
            "Procrastinate {new} calls this revision `{id}`; it was `{from}`. Databases that have applied it as `{from}` run \
             it a second time"
        ),
        ChangeKind::Renamed { from } => format!(
            "Procrastinate {new} calls the SQL of revision `{id}` `{}`; it was `{from}`, and is the same",
            change.name
        ),
        ChangeKind::WrapperChanged => {
            format!("Procrastinate {new} has another file for revision `{id}`; its SQL is the same")
        }
        ChangeKind::Moved => format!(
            "revision `{id}` has another place in the chain of Procrastinate {new}: databases half-way run it twice, or never"
        ),
        ChangeKind::Gone { now: None } => format!(
            "Procrastinate {new} has no revision `{id}` any more: Alembic stops on a database that is at it, and new ones \
             never run it"
        ),
        ChangeKind::Gone { now: Some(now) } => format!(
            "Procrastinate {new} has no revision `{id}` any more, its SQL is revision `{now}`: Alembic stops on a database \
             that is at `{id}`"
        ),
    }
}
