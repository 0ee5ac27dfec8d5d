//! The project's own revisions that make Procrastinate's schema.

use camino::Utf8Path;

use crate::adoption::OwnRevision;
use crate::alembic::graph::{Node, ancestors};
use crate::alembic::revisions::Revisions;
use crate::findings::wiring::Found;
use crate::findings::{self, Own, Remedy};
use crate::lockfile::Lock;
use crate::procrastinate::REVISIONS;
use crate::project::Project;
use crate::read;

/// A SQL file that a revision reads is smaller.
const LARGEST: u64 = 2 << 20;

/// What the project's own revisions do to Procrastinate's objects: all that is neither vendored nor the package's own, and not
/// the one that the lock has as the baseline.
pub fn own_schema(
    project: &Project,
    revisions: &Revisions,
    lock: Option<&Lock>,
    shipped: Option<&Utf8Path>,
) -> Found {
    let root = project.root_of_alembic();
    let vendored = root.join(&project.directory);
    // The package's own lie in directories of these names, wherever it is installed.
    let is_packages = |path: &Utf8Path| {
        REVISIONS.iter().any(|directory| {
            path.as_str()
                .replace('\\', "/")
                .contains(&format!("/{directory}"))
        })
    };
    let is_own = |path: &Utf8Path| {
        let path = root.join(path);
        !path.starts_with(&vendored)
            && !shipped.is_some_and(|shipped| path.starts_with(shipped))
            && !is_packages(&path)
    };
    let own: Vec<&Node> = revisions
        .nodes
        .iter()
        .filter(|node| is_own(&node.path))
        .collect();
    let read = |node: &Node| own_revision(project, revisions, &node.path).map(|(_, read)| read);
    let baseline = lock.and_then(|lock| lock.baseline.as_ref());
    let below = baseline.map(|baseline| ancestors(&revisions.nodes, &baseline.revision));
    let is_baseline = |node: &Node| {
        below
            .as_ref()
            .is_some_and(|below| below.contains(node.id.as_str()))
    };
    let adopted = lock.is_some_and(|lock| lock.baseline.is_some() || !lock.adopted.is_empty());
    let mut found = Found::default();
    for node in own.iter().filter(|node| !is_baseline(node)) {
        let Some(read) = read(node) else {
            continue;
        };
        let own = Own {
            id: &node.id,
            path: &node.path,
            read: &read,
        };
        found.findings.extend(findings::own_schema(&own, adopted));
        found.notes.extend(findings::unclear(&own));
    }
    if let Some(lock) = lock {
        let makes = |node: &Node| {
            let upgrade = read(node).and_then(|own| own.upgrade);
            upgrade.is_some_and(|body| !body.signs().is_empty())
        };
        found
            .findings
            .extend(findings::adoption(lock, &project.directory, &own, makes));
    }
    found
}

/// The revisions that `adopt` is for, in words for people; none if there are none, or the settings accept what they do.
pub fn to_adopt(project: &Project, revisions: &Revisions, lock: Option<&Lock>) -> Option<String> {
    let mut findings = own_schema(project, revisions, lock, None).findings;
    findings::accept(&mut findings, &project.settings.accept, "");
    findings.retain(|finding| matches!(finding.remedy, Some(Remedy::Adopt(_))));
    let ids = findings.iter().flat_map(|finding| &finding.revisions);
    let ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    (!ids.is_empty()).then(|| ids.join(", "))
}

/// A revision file of the project's, and its text, if it speaks of Procrastinate.
pub fn own_revision(
    project: &Project,
    revisions: &Revisions,
    path: &Utf8Path,
) -> Option<(String, OwnRevision)> {
    let text = revisions.speaking.get(path)?;
    let root = project.root_of_alembic();
    let read = OwnRevision::read(text, path, &|path| file_of_project(root, path)).ok()?;
    Some((text.clone(), read))
}

/// The text of a file of the project that a revision may read.
pub fn file_of_project(root: &Utf8Path, path: &Utf8Path) -> Option<String> {
    let path = root.join(path);
    let metadata = fs_err::metadata(&path).ok()?;
    let is_text = metadata.is_file() && metadata.len() <= LARGEST;
    is_text.then(|| read::text(path).ok()).flatten()
}
