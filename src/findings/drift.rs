//! The lock against upstream.

use super::changes::{Source, other_release};
use super::{Code, Finding, Severity};
use crate::lockfile::{LOCK_NAME, Lock};
use crate::plan::{Conflict, ConflictKind, Plan};
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
    let source = Source {
        release: &upstream.release,
        lock: &plan.lock,
        plan: Some(plan),
        remedy: SYNC,
    };
    let mut findings: Vec<Finding> = plan
        .changes
        .iter()
        .filter_map(|change| source.finding(change, shown))
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
    let remedy = "run `vendor-migrations sync` to record the release";
    findings.extend(other_release(
        &findings,
        (lock, &upstream.release),
        remedy,
        shown,
    ));
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
            .in_package()
        })
        .collect()
}
