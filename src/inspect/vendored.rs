//! The vendored files among the revisions that Alembic loads.

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::graph::{Lines, Node};
use crate::alembic::invocations::{Found, calls_in};
use crate::alembic::revisions::{Revisions, Unreadable, is_revision};
use crate::failure::Failure;
use crate::findings::{Graph, graph};
use crate::lockfile::{Lock, LockedRevision, Mode};
use crate::place::joined;
use crate::procrastinate::Layout;
use crate::project::Project;
use crate::python_source::RevisionFileError;
use crate::vendored::tree::{Entry, Tree};

/// Adds them. With a lock, those that are as it has them are not parsed where it says all that Alembic reads in them.
pub(super) fn add(revisions: &mut Revisions, project: &Project, tree: &Tree, lock: Option<&Lock>) {
    let lock = lock.filter(|lock| says_all(lock));
    for name in tree.python_files() {
        let path = joined(&project.directory, name);
        let locked = lock.and_then(|lock| of_lock(lock, tree, name));
        if let Some(revision) = locked {
            revisions.nodes.push(node(path, revision));
            continue;
        }
        let Some(bytes) = tree.file(name) else {
            continue;
        };
        match Node::read(path.clone(), bytes) {
            Ok(node) => revisions.nodes.push(node),
            // `local` reports what is no revision.
            Err(error) if !matches!(error, RevisionFileError::Undecidable { .. }) => {}
            Err(error) => revisions.unreadable.push(Unreadable {
                path,
                error,
                text: String::from_utf8_lossy(bytes).into_owned(),
            }),
        }
    }
}

/// The same once more, each of them parsed, if there is anything to be said of the graph: a finding names the lines of a file.
pub(super) fn parse_if_needed(
    revisions: &mut Revisions,
    project: &Project,
    tree: &Tree,
    about: &Graph<'_>,
) {
    if graph(&about.of(revisions)).is_empty() {
        return;
    }
    let is_other = |path: &Utf8Path| path.parent() != Some(project.directory.as_path());
    revisions.nodes.retain(|node| is_other(&node.path));
    // What has no text, `beside` found.
    revisions
        .unreadable
        .retain(|file| is_other(&file.path) || file.text.is_empty());
    add(revisions, project, tree, None);
}

/// Whether every revision's header says what the lock does: not if upstream's own files or an adoption may have put more
/// there.
fn says_all(lock: &Lock) -> bool {
    let upstream = &lock.upstream;
    upstream.mode == Mode::Render
        && upstream.layout == Layout::Sql
        && lock.adopted.is_empty()
        && lock.baseline.is_none()
}

/// The revision of a file that is as the lock has it. The chain's first, which has a label, is not among them, nor are those whose id is not their SQL's: they may
/// come from a revision file of upstream's.
fn of_lock<'a>(lock: &'a Lock, tree: &Tree, name: &str) -> Option<&'a LockedRevision> {
    let revision = lock.revisions.with_file(name)?;
    let is_plain = revision.sql.as_ref()?.revision_id() == revision.id;
    let is_same = tree.digest(name) == Some(revision.sha256);
    (is_plain && is_same && revision.down.is_some()).then_some(revision)
}

/// What the files call, by path. A rendered file that is as the lock has it runs SQL, and nothing else.
pub(super) fn calls<'a>(
    project: &'a Project,
    tree: &'a Tree,
    lock: Option<&'a Lock>,
) -> impl Iterator<Item = (Utf8PathBuf, Vec<Found>)> + 'a {
    let lock = lock.filter(|lock| lock.upstream.mode == Mode::Render);
    let is_rendered = move |name: &str| {
        let locked = lock.and_then(|lock| lock.revisions.with_file(name));
        locked.is_some_and(|revision| tree.digest(name) == Some(revision.sha256))
    };
    let others = tree.python_files().filter(move |name| !is_rendered(name));
    others.filter_map(move |name| {
        let path = joined(&project.directory, name);
        let text = String::from_utf8_lossy(tree.file(name)?);
        let found = calls_in(&path, &text);
        Some((path, found))
    })
}

fn node(path: Utf8PathBuf, revision: &LockedRevision) -> Node {
    Node {
        id: revision.id.clone(),
        down: revision.down.iter().cloned().collect(),
        depends_on: revision.depends_on.clone(),
        labels: Vec::new(),
        path,
        lines: Lines::UNKNOWN,
    }
}

/// What the vendored directory has beside revision files, and Alembic may load: bytecode, and a directory `x.py`.
pub(super) fn beside(project: &Project, tree: &Tree) -> Result<Vec<Unreadable>, Failure> {
    let root = project.root_of_alembic();
    let vendored = root.join(&project.directory);
    let mut locations = project.locations();
    if !locations.any(|location| location.resolved.as_ref() == Ok(&vendored)) {
        return Ok(Vec::new());
    }
    let mut found = project.compiled_in(&vendored)?;
    let directories = tree.entries.iter().filter(|(path, entry)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        **entry == Entry::Directory && is_revision(name)
    });
    for (path, _) in directories {
        let path = joined(&project.directory, path);
        found.extend(project.directory_as_revision(path));
    }
    Ok(found)
}
