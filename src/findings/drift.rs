//! The lock against upstream.

use super::{Code, Finding, Severity};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::migration_name::Phase;
use crate::plan::{Change, ChangeKind, Conflict, ConflictKind, Plan};
use crate::report::diff;
use crate::upstream::Upstream;

const SYNC: &str = "run `vendor-migrations sync`";

/// All in which upstream differs from what is vendored. `plan` was made with `force`, so that a file that the user edited
/// hides nothing.
pub fn drift(
    plan: &Plan,
    lock: &Lock,
    upstream: &Upstream,
    shown: &dyn Fn(&str) -> String,
) -> Vec<Finding> {
    let older = plan
        .conflicts
        .iter()
        .find(|conflict| matches!(conflict.kind, ConflictKind::Downgrade { .. }));
    if older.is_some() {
        return vec![Finding::new(
            Code::OlderUpstream,
            Severity::Error,
            shown(LOCK_NAME),
            format!(
                "Procrastinate {} is vendored, and upstream is older: {}",
                lock.upstream.release,
                upstream.title()
            ),
            "install the release that is vendored, or newer; `vendor-migrations sync --allow-downgrade` takes the older one",
        )];
    }
    let mut findings: Vec<Finding> = plan
        .changes
        .iter()
        .filter_map(|change| finding(change, plan, upstream, shown))
        .collect();
    findings.extend(
        plan.conflicts
            .iter()
            .filter_map(|conflict| clash(conflict, lock, shown)),
    );
    findings.extend(plan.unwrapped.iter().map(|name| {
        let message = format!(
            "Procrastinate {} ships `{name}` without a revision file that runs it, so the copy leaves it out",
            upstream.release
        );
        let remedy = "run `vendor-migrations sync --mode render`, which vendors it";
        Finding::new(Code::MigrationUnwrapped, Severity::Warning, shown(LOCK_NAME), message, remedy)
    }));
    findings.extend(plan.beyond_sql.iter().map(|beyond| {
        let message = format!(
            "Procrastinate {} ships `{}`, which does more than run its SQL: {}. The vendored revision runs only the SQL",
            upstream.release, beyond.file, beyond.why
        );
        let remedy = "look at that file; if the rest matters, write a revision of your own, or use `--mode copy`";
        Finding::new(Code::WrapperDoesMore, Severity::Warning, shown(&beyond.path), message, remedy)
    }));
    if plan.mode != lock.upstream.mode {
        let message = format!(
            "mode `{}` is asked for, mode `{}` is vendored",
            plan.mode, lock.upstream.mode
        );
        findings.push(Finding::new(
            Code::Mode,
            Severity::Error,
            shown(LOCK_NAME),
            message,
            SYNC,
        ));
    }
    let drifted = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if !drifted && upstream.release != lock.upstream.release {
        let message = format!(
            "Procrastinate {} is vendored, upstream is {}; `sync` would change no revision",
            lock.upstream.release, upstream.release
        );
        let remedy = "run `vendor-migrations sync` to record the release";
        findings.push(Finding::new(
            Code::Release,
            Severity::Warning,
            shown(LOCK_NAME),
            message,
            remedy,
        ));
    }
    findings
}

/// A name or an id that a file to be written could not have.
fn clash(conflict: &Conflict, lock: &Lock, shown: &dyn Fn(&str) -> String) -> Option<Finding> {
    let (message, remedy) = match &conflict.kind {
        ConflictKind::CaseClash { existing } => (
            format!("`sync` would write this file beside `{existing}`, which differs in case only"),
            "rename that file",
        ),
        ConflictKind::NotAFile if lock.files().iter().all(|file| file.path != conflict.path) => (
            "`sync` has to write a file of this name, and something else has it".to_owned(),
            "move that away",
        ),
        ConflictKind::NotADirectory => (
            "`sync` has to make a directory of this name, and something else has it".to_owned(),
            "move that away",
        ),
        // `graph` reports ids.
        ConflictKind::SameId { .. }
        | ConflictKind::Edited
        | ConflictKind::NotAFile
        | ConflictKind::Foreign
        | ConflictKind::Lost
        | ConflictKind::Unlocked
        | ConflictKind::SeveralHeads { .. }
        | ConflictKind::Downgrade { .. } => return None,
    };
    let path = shown(&conflict.path);
    Some(Finding::new(
        Code::NameClash,
        Severity::Error,
        path,
        message,
        remedy,
    ))
}

/// The files of a source that are not what its distribution published.
pub fn modified_source(upstream: &Upstream, accepted: bool) -> Vec<Finding> {
    let severity = if accepted {
        Severity::Warning
    } else {
        Severity::Error
    };
    upstream
        .modified
        .iter()
        .map(|modified| {
            let message = format!(
                "{} does not match {}: {}",
                upstream.title(),
                modified.evidence,
                modified.why
            );
            let remedy =
                "reinstall Procrastinate; `--allow-modified-source` takes the files as they are";
            Finding::new(
                Code::ModifiedSource,
                severity,
                modified.path.clone(),
                message,
                remedy,
            )
        })
        .collect()
}

fn finding(
    change: &Change,
    plan: &Plan,
    upstream: &Upstream,
    shown: &dyn Fn(&str) -> String,
) -> Option<Finding> {
    let release = &upstream.release;
    let needs_package = plan.mode == Mode::Copy && plan.has_sql(change);
    let (code, message) = match &change.kind {
        ChangeKind::Added { before: None } => {
            let when = match change.phase {
                Phase::Pre => "before",
                Phase::Post => "after",
            };
            (
                Code::MigrationMissing,
                format!(
                    "Procrastinate {release} has this migration, to be run {when} its deploy; it is not vendored"
                ),
            )
        }
        ChangeKind::Added {
            before: Some(later),
        } => (
            Code::MigrationMissing,
            format!(
                "Procrastinate {release} has this migration, and runs it before `{later}`, which is vendored already; here it would run last"
            ),
        ),
        ChangeKind::SqlChanged => (
            Code::MigrationChanged,
            format!(
                "Procrastinate {release} has other SQL than the one vendored; databases that ran the old SQL won't run the new one"
            ),
        ),
        ChangeKind::WrapperChanged => (
            Code::WrapperChanged,
            format!(
                "Procrastinate {release} has another revision file than the one vendored; its SQL is the same"
            ),
        ),
        ChangeKind::Renamed { from } => (
            Code::MigrationRenamed,
            format!(
                "Procrastinate {release} calls this migration `{}`; it was `{from}`. Revision and file stay",
                change.name
            ),
        ),
        ChangeKind::Removed => (Code::MigrationRemoved, removed(needs_package, upstream)),
        ChangeKind::Restored
        | ChangeKind::LineEnds
        | ChangeKind::Rechained { .. }
        | ChangeKind::Overwritten
        | ChangeKind::Rewritten => return None,
    };
    let removed = change.kind == ChangeKind::Removed;
    let shows = matches!(
        change.kind,
        ChangeKind::SqlChanged | ChangeKind::WrapperChanged
    );
    Some(Finding {
        code,
        severity: if removed {
            Severity::Warning
        } else {
            Severity::Error
        },
        path: shown(change.paths.first().map_or("", String::as_str)),
        line: None,
        migration: Some(change.name.clone()),
        revisions: change.ids.clone(),
        message,
        remedy: match (removed, needs_package) {
            (false, _) => SYNC.to_owned(),
            (true, false) => "nothing has to be done; the revision stays".to_owned(),
            (true, true) => "run `vendor-migrations sync --mode render`".to_owned(),
        },
        diff: if shows {
            diff::of_change(plan, change, shown)
        } else {
            None
        },
    })
}

/// What an upstream removal means.
fn removed(needs_package: bool, upstream: &Upstream) -> String {
    let release = &upstream.release;
    if needs_package {
        format!(
            "Procrastinate {release} no longer ships this migration; its revision stays, but it reads its SQL from the installed \
             package, so it fails on a new database"
        )
    } else {
        format!(
            "Procrastinate {release} no longer ships this migration; databases have applied it, so it stays"
        )
    }
}
