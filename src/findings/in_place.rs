//! The lock in the project's root against the installed package, whose own revisions run.

use super::changes::{of_change, when};
use super::{Code, Finding, Remedy, Severity};
use crate::lockfile::{LOCK_NAME, Lock};
use crate::place::Place;
use crate::plan::{Change, ChangeKind, Plan};
use crate::procrastinate::{Layout, is_older};
use crate::upstream::Upstream;

/// All in which the package differs from the lock.
pub(super) fn in_place(plan: &Plan, lock: &Lock, upstream: &Upstream) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of_lock =
        |code, message, remedy| Finding::error(code, Place::new(LOCK_NAME), message, remedy);
    let (old, new) = (&lock.upstream.release, &upstream.release);
    if is_older(new, old) {
        let message = format!(
            "the lock records Procrastinate {old}, but an older release is installed, and its revisions run: {}",
            upstream.title()
        );
        let remedy = "install the release that the lock records, or a newer one; `vendor-migrations sync \
                      --allow-downgrade` records the older one";
        findings.push(of_lock(Code::OlderUpstream, message, remedy.into()));
    }
    if upstream.layout == Layout::Sql {
        let message = format!(
            "Procrastinate {new} ships no Alembic revisions, so the revisions in the lock do not exist any more, and \
             Alembic stops on every database that has applied one of them"
        );
        let ids = lock.revisions.iter().map(|revision| revision.id.clone());
        let finding = of_lock(Code::MigrationRemoved, message, Remedy::go_back(lock));
        findings.push(finding.about(ids.collect()));
        return findings;
    }
    let changes = plan.changes.iter();
    findings.extend(changes.map(|change| finding(change, lock, upstream)));
    findings.extend(plan.unwrapped.iter().map(|name| {
        let message = format!(
            "Procrastinate {new} ships `{name}` without a revision file that runs it: Alembic leaves it out"
        );
        let remedy = "vendor rendered revisions instead (docs/shipped-revisions.md)";
        of_lock(Code::MigrationUnwrapped, message, remedy.into()).of(Severity::Warning)
    }));
    if findings.is_empty() && new != old {
        let message = format!(
            "the lock records Procrastinate {old}, but {new} is installed; both run the same migrations"
        );
        findings.push(of_lock(Code::Release, message, Remedy::RECORD).of(Severity::Warning));
    }
    findings
}

fn finding(change: &Change, lock: &Lock, upstream: &Upstream) -> Finding {
    let remedy = match change.leaves_databases_behind() {
        true => Remedy::go_back(lock),
        false => Remedy::sync(", which records it"),
    };
    let place = Place::in_package(change.path());
    of_change(change, place, described(change, lock, upstream), remedy)
}

/// What a change means, seen from the databases.
pub fn described(change: &Change, lock: &Lock, upstream: &Upstream) -> String {
    let (old, new) = (&lock.upstream.release, &upstream.release);
    let id = change.ids.concat();
    let ran = format!("databases that have applied revision `{id}` won't run it again");
    match &change.kind {
        ChangeKind::Added { before: None } => format!(
            "Procrastinate {new} has a new revision `{id}`, to be run {} its deploy; the lock does not know it, and the next \
             `alembic upgrade` runs it",
            when(change)
        ),
        ChangeKind::Added { before: Some(next) } => format!(
            "Procrastinate {new} has a new revision `{id}` before `{next}`: where `{next}` is applied, Alembic treats the \
             new revision as applied, too, and never runs it"
        ),
        ChangeKind::SqlChanged if old == new => format!(
            "the SQL of revision `{id}` is not what the lock records, in the same release {new}; {ran}"
        ),
        ChangeKind::SqlChanged => format!(
            "Procrastinate {new} changed the SQL of revision `{id}`; {ran}. The old text is not kept here: \
             `vendor-migrations diff {old} {new}` shows both"
        ),
        ChangeKind::Replaced { was } => format!(
            "revision `{id}` runs another migration in Procrastinate {new}; it was `{was}`; {ran}"
        ),
        ChangeKind::Renumbered { from, taken: true } => format!(
            "in Procrastinate {new}, revision `{id}` runs what revision `{from}` ran; {ran}, and databases at `{from}` run \
             it a second time"
        ),
        ChangeKind::Renumbered { from, taken: false } => format!(
            "Procrastinate {new} calls this revision `{id}`; it was `{from}`. Databases that have applied it as `{from}` run \
             it a second time"
        ),
        ChangeKind::Renamed { from } => format!(
            "Procrastinate {new} calls the SQL file of revision `{id}` `{}`; it was `{from}`, and its SQL is the same",
            change.name
        ),
        ChangeKind::WrapperChanged => {
            format!("Procrastinate {new} has another file for revision `{id}`; its SQL is the same")
        }
        ChangeKind::Moved => format!(
            "revision `{id}` has another place in the chain of Procrastinate {new}: databases that have run only a part of \
             the chain run it twice, or never"
        ),
        ChangeKind::Gone { now: None } => format!(
            "Procrastinate {new} has no revision `{id}` any more: Alembic stops on a database that is at this revision, \
             and new databases never run it"
        ),
        ChangeKind::Gone { now: Some(now) } => format!(
            "Procrastinate {new} has no revision `{id}` any more; its SQL is now in revision `{now}`: Alembic stops on a \
             database that is at `{id}`"
        ),
        // Nothing is vendored that could be restored or rewritten.
        ChangeKind::Restored
        | ChangeKind::LineEnds
        | ChangeKind::Overwritten
        | ChangeKind::Rechained { .. }
        | ChangeKind::Rewritten
        | ChangeKind::Removed => String::new(),
    }
}
