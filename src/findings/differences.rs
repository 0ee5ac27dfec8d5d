//! What `diff` shows, as findings.

use camino::Utf8Path;

use super::changes::Source;
use super::{Code, Finding, Remedy, Severity};
use crate::catalog;
use crate::place::Place;
use crate::plan::{ChangeKind, Conflict, ConflictKind, Plan};
use crate::upstream::Upstream;
use crate::vendored::tree::ATTRIBUTES_NAME;

/// Each migration and file that `sync --force` would change, and what would stop it. What upstream dropped stays as it is, and
/// is none of them. `plan` was made with `force`; `directory` is relative to the project.
pub fn differences(plan: &Plan, upstream: &Upstream, directory: &Utf8Path) -> Vec<Finding> {
    let source = Source {
        release: &upstream.release,
        lock: &plan.lock,
        plan: None,
        remedy: Remedy::SYNC,
        directory,
    };
    let changes = plan.changes.iter();
    let changes = changes.filter(|change| change.kind != ChangeKind::Removed);
    let changes = changes.filter_map(|change| source.finding(change));
    let changed: Vec<&String> = plan
        .changes
        .iter()
        .flat_map(|change| &change.paths)
        .collect();
    let others = plan
        .files
        .iter()
        .filter(|file| !changed.contains(&&file.path));
    let others = others.map(|file| {
        let code = match file.path.as_str() {
            ATTRIBUTES_NAME => Code::Gitattributes,
            _ if file.before.is_none() => Code::Missing,
            _ => Code::Edited,
        };
        let place = Place::below(directory, &file.path);
        let message = "the file is not as `sync` writes it";
        Finding::warning(code, place, message, Remedy::SYNC)
    });
    let conflicts = plan
        .conflicts
        .iter()
        .map(|found| conflict(found, directory));
    changes.chain(others).chain(conflicts).collect()
}

fn conflict(conflict: &Conflict, directory: &Utf8Path) -> Finding {
    let code = match &conflict.kind {
        ConflictKind::Edited => Code::Edited,
        ConflictKind::NotAFile => Code::NotAFile,
        ConflictKind::NotADirectory | ConflictKind::CaseClash { .. } => Code::NameClash,
        ConflictKind::Foreign => Code::ForeignFile,
        ConflictKind::Lost => Code::Missing,
        ConflictKind::Unlocked => Code::LockMissing,
        ConflictKind::SameId { .. } => Code::DuplicateRevision,
        ConflictKind::SeveralHeads { .. } => Code::SeveralHeads,
        ConflictKind::LeftBehind { .. } => Code::MigrationChanged,
        ConflictKind::SchemaOfCopies
        | ConflictKind::OtherSchema { .. }
        | ConflictKind::KeepsSchema => Code::SchemaDiffers,
        ConflictKind::Downgrade { .. } => Code::OlderUpstream,
    };
    let remedy = "until then, `vendor-migrations sync` writes nothing";
    let place = Place::below(directory, &conflict.path);
    Finding::error(code, place, conflict.kind.describe(), remedy)
}

/// A change from the release `old` to the release `new`. The codes are those of `releases --format json`.
pub fn release_difference(change: &catalog::Change<'_>, old: &str, new: &str) -> Finding {
    let (code, message) = match change {
        catalog::Change::Added(_) => (
            Code::Added,
            format!("Procrastinate {new} has it, {old} does not"),
        ),
        catalog::Change::Removed(_) => (
            Code::Removed,
            format!("Procrastinate {old} has it, {new} does not"),
        ),
        catalog::Change::Changed { .. } => {
            let message = format!("Its text in Procrastinate {new} differs from that in {old}");
            (Code::Changed, message)
        }
        catalog::Change::Renamed { before, .. } => {
            let message = format!("It was `{}` in Procrastinate {old}", before.name);
            (Code::Renamed, message)
        }
        catalog::Change::Moved { file, behind } => {
            let order = behind.map_or("it runs first".to_owned(), |behind| {
                format!("it runs after {behind}")
            });
            (Code::Moved, format!("{} moved: {order}", file.name))
        }
    };
    let place = Place::in_package(change.name());
    Finding::new(code, Severity::Note, place, message)
}
