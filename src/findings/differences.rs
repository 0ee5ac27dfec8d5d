//! What `diff` shows, as findings: each migration and file that `sync --force` would change, and what would stop it. What upstream
//! dropped stays as it is, and is none of them.

use super::changes::Source;
use super::{Code, Finding, Severity};
use crate::plan::{Change, ChangeKind, Conflict, ConflictKind, Plan};
use crate::upstream::Upstream;
use crate::vendored::tree::ATTRIBUTES_NAME;

const SYNC: &str = "run `vendor-migrations sync`";
const FORCE: &str = "run `vendor-migrations sync --force`, which overwrites it";

/// All of it. `plan` was made with `force`; `shown` makes a path in the vendored directory one that the user knows.
pub fn differences(
    plan: &Plan,
    upstream: &Upstream,
    shown: &dyn Fn(&str) -> String,
) -> Vec<Finding> {
    let source = Source {
        release: &upstream.release,
        lock: &plan.lock,
        plan: None,
        remedy: SYNC,
    };
    let of_change = |change| {
        let upstreams = source.finding(change, shown);
        upstreams.or_else(|| here(change, shown))
    };
    let changes = plan
        .changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Removed);
    let mut findings: Vec<Finding> = changes.filter_map(of_change).collect();
    let changed = |path: &String| {
        plan.changes
            .iter()
            .any(|change| change.paths.contains(path))
    };
    let others = plan.files.iter().filter(|file| !changed(&file.path));
    findings.extend(others.map(|file| {
        let code = match file.path.as_str() {
            ATTRIBUTES_NAME => Code::Gitattributes,
            _ if file.before.is_none() => Code::Missing,
            _ => Code::Edited,
        };
        let message = "the file is not as `sync` writes it".to_owned();
        Finding::new(code, Severity::Warning, shown(&file.path), message, SYNC)
    }));
    findings.extend(plan.conflicts.iter().map(|found| conflict(found, shown)));
    findings
}

/// What changes in the directory only; none for what upstream did.
fn here(change: &Change, shown: &dyn Fn(&str) -> String) -> Option<Finding> {
    let (code, message, remedy) = match &change.kind {
        ChangeKind::LineEnds => (
            Code::LineEndings,
            "only the line ends of the file differ from the lock",
            SYNC,
        ),
        ChangeKind::Overwritten => (Code::Edited, "the file differs from the lock", FORCE),
        ChangeKind::Rechained { .. } => (
            Code::ForeignFile,
            "a `sync` on another branch gave the revision another place in the chain",
            SYNC,
        ),
        ChangeKind::Rewritten => (
            Code::Mode,
            "the same SQL would be written in another form",
            SYNC,
        ),
        ChangeKind::Restored => (Code::Missing, "the file is in the lock, and is gone", SYNC),
        ChangeKind::Added { .. }
        | ChangeKind::SqlChanged
        | ChangeKind::WrapperChanged
        | ChangeKind::Renamed { .. }
        | ChangeKind::Removed => return None,
    };
    let path = shown(change.paths.first().map_or("", String::as_str));
    let finding = Finding::new(code, Severity::Error, path, message.to_owned(), remedy);
    Some(Finding {
        migration: Some(change.name.clone()),
        revisions: change.ids.clone(),
        ..finding
    })
}

/// What `sync --force` would stop at.
fn conflict(conflict: &Conflict, shown: &dyn Fn(&str) -> String) -> Finding {
    let code = match &conflict.kind {
        ConflictKind::Edited => Code::Edited,
        ConflictKind::NotAFile => Code::NotAFile,
        ConflictKind::NotADirectory | ConflictKind::CaseClash { .. } => Code::NameClash,
        ConflictKind::Foreign => Code::ForeignFile,
        ConflictKind::Lost => Code::Missing,
        ConflictKind::Unlocked => Code::LockMissing,
        ConflictKind::SameId { .. } => Code::DuplicateRevision,
        ConflictKind::SeveralHeads { .. } => Code::SeveralHeads,
        ConflictKind::Downgrade { .. } => Code::OlderUpstream,
    };
    let path = shown(&conflict.path);
    let message = conflict.kind.describe();
    let remedy = "until then, `vendor-migrations sync` writes nothing";
    Finding::new(code, Severity::Error, path, message, remedy)
}
