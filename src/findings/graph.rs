//! The project's revisions as a whole: its own and the vendored ones.

mod ids;
mod references;

use std::collections::{BTreeMap, HashSet};

use camino::Utf8Path;

use ids::bad_id;
pub use ids::undecided_ids;
use references::missing_references;

use super::{Code, Finding};
use crate::alembic::config::Rules;
use crate::alembic::graph::{Node, cycle, heads};
use crate::alembic::revisions::{Revisions, Unreadable};
use crate::lockfile::{Lock, LockedRevision};
use crate::place::Place;
use crate::python_source::{RevisionFileError, SyntaxError};

/// Every revision that Alembic would load.
#[derive(Debug, Clone, Copy)]
pub struct Graph<'a> {
    /// Those that can be read, the vendored ones included.
    pub nodes: &'a [Node],
    pub unreadable: &'a [Unreadable],
    /// The vendored ones, in their order.
    pub lock: Option<&'a Lock>,
    /// In place: where the installed package's own revisions lie, as `nodes` show paths; none inside if they were not found.
    pub in_place: Option<Option<&'a Utf8Path>>,
    pub linear: bool,
    /// Those of the project's Alembic, where there is a configuration.
    pub rules: Option<&'a Rules>,
    /// The file that makes or widens the column of the version table, as far as files tell.
    pub widened_in: Option<&'a Utf8Path>,
}

/// What stops Alembic, or what it skips silently.
pub fn graph(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = graph.unreadable.iter().filter_map(not_a_revision).collect();
    findings.extend(graph.duplicates());
    findings.extend(graph.nodes.iter().filter_map(|node| bad_id(graph, node)));
    findings.extend(missing_references(graph));
    findings.extend(graph.duplicate_labels());
    findings.extend(graph.cycle());
    let warns_only = |finding: &Finding| finding.code == Code::DuplicateRevision;
    let loads = findings.iter().all(warns_only);
    findings.extend(graph.several_heads(loads));
    findings
}

/// What could not be decided without running a file; for notes.
pub fn undecided(unreadable: &[Unreadable]) -> Vec<String> {
    let undecidable =
        |file: &&Unreadable| matches!(file.error, RevisionFileError::Undecidable { .. });
    let note = |file: &Unreadable| {
        format!(
            "the revision graph was checked without {}: {}",
            file.path, file.error
        )
    };
    unreadable.iter().filter(undecidable).map(note).collect()
}

/// An error at a line of a revision file, mended by hand.
pub(super) fn error(
    code: Code,
    node: &Node,
    line: usize,
    message: String,
    remedy: &str,
) -> Finding {
    let place = Place::new(node.path.as_str()).at(line);
    Finding::error(code, place, message, remedy).about(vec![node.id.clone()])
}

fn not_a_revision(file: &Unreadable) -> Option<Finding> {
    let (line, message) = match &file.error {
        RevisionFileError::NoRevision => (
            1,
            "it assigns no `revision`, but Alembic loads every Python file in its directory: all commands of Alembic fail"
                .to_owned(),
        ),
        RevisionFileError::Syntax(SyntaxError { line, message, .. }) => (
            *line,
            format!("it is not Python ({message}), but Alembic loads it: all commands of Alembic fail"),
        ),
        RevisionFileError::Stops { line, why } => (*line, format!("{why}: all commands of Alembic fail")),
        RevisionFileError::Undecidable { .. } => return None,
    };
    let remedy = match file.path.extension() {
        Some("pyc" | "pyo") => {
            "delete it: with `sourceless`, Alembic loads compiled files, even if their source is gone"
        }
        _ => "move it out of the version locations, or fix it",
    };
    let place = Place::new(file.path.as_str()).at(line);
    Some(Finding::error(Code::NotARevision, place, message, remedy))
}

impl<'a> Graph<'a> {
    /// The same, of these revisions.
    pub fn of(self, revisions: &'a Revisions) -> Self {
        Self {
            nodes: &revisions.nodes,
            unreadable: &revisions.unreadable,
            ..self
        }
    }
}

impl Graph<'_> {
    pub fn heads(&self) -> Vec<&str> {
        let there: HashSet<&str> = self.nodes.iter().map(|node| node.id.as_str()).collect();
        let lost = self
            .locked()
            .filter(|revision| self.in_place.is_none() && !there.contains(revision.id.as_str()));
        let lost = lost.map(|revision| (revision.id.as_str(), revision.down.as_slice()));
        let nodes = self.nodes.iter();
        let nodes = nodes.map(|node| (node.id.as_str(), node.down.as_slice()));
        heads(nodes.chain(lost))
    }

    /// Where a file cannot be read, nobody knows what follows what.
    pub fn has_several_heads(&self) -> bool {
        (!self.linear || self.unreadable.is_empty()) && self.heads().len() > 1
    }

    /// `loads` says that Alembic can load the revisions, and so run `merge`.
    fn several_heads(&self, loads: bool) -> Option<Finding> {
        if !self.linear || !self.has_several_heads() {
            return None;
        }
        let heads = self.heads();
        let mut of_heads: BTreeMap<&str, &Node> = BTreeMap::new();
        for node in self.nodes {
            if heads.binary_search(&node.id.as_str()).is_ok() {
                of_heads.entry(&node.id).or_insert(node);
            }
        }
        // What the user can change: a revision of the project's own.
        let is_head = |node: &&Node| of_heads.contains_key(node.id.as_str());
        let heads_here = self.nodes.iter().filter(is_head);
        let node = heads_here.min_by_key(|node| self.is_locked(node))?;
        let places: Vec<String> = of_heads
            .values()
            .map(|node| format!("`{}` ({})", node.id, node.path))
            .collect();
        let message = format!(
            "the settings ask for a linear history, but the history has {} heads: {}. `alembic upgrade head` fails",
            heads.len(),
            places.join(", ")
        );
        let remedy = match loads {
            true => {
                "merge them (`alembic merge heads`), or take a revision of your own that no database has applied, and make \
                 the other head its `down_revision`; vendored revisions never move"
            }
            false => {
                "fix the other findings first: until then, Alembic runs no command, not even `merge`"
            }
        };
        let about = heads.iter().map(|id| (*id).to_owned()).collect();
        Some(error(Code::SeveralHeads, node, node.lines.down, message, remedy).about(about))
    }

    fn locked(&self) -> impl Iterator<Item = &LockedRevision> + Clone {
        self.lock.iter().flat_map(|lock| &lock.revisions)
    }

    pub(super) fn is_known(&self, id: &str) -> bool {
        self.lock.is_some_and(|lock| lock.revision(id).is_some())
    }

    /// Whether a revision is there, or would be once its lost file is restored. What a package no longer ships is neither.
    pub(super) fn is_vendored(&self, id: &str) -> bool {
        self.in_place.is_none() && self.is_known(id)
    }

    /// Whether the lock or the installed package answers for the file.
    pub(super) fn is_locked(&self, node: &Node) -> bool {
        if let Some(location) = self.in_place {
            return location.is_some_and(|location| node.path.starts_with(location));
        }
        let locked = self.lock.and_then(|lock| lock.revision(&node.id));
        locked.is_some_and(|revision| Some(revision.file.as_str()) == node.path.file_name())
    }

    fn duplicates(&self) -> Vec<Finding> {
        let mut seen = HashSet::new();
        let again = self.nodes.iter().map(|node| node.id.as_str());
        let again: HashSet<&str> = again.filter(|id| !seen.insert(*id)).collect();
        let mut by_id: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        for node in self
            .nodes
            .iter()
            .filter(|node| again.contains(node.id.as_str()))
        {
            by_id.entry(&node.id).or_default().push(node);
        }
        let duplicate = |first: &Node, node: &Node| {
            let message = format!(
                "the revision id `{}` is taken by {} (line {}): Alembic runs only one of the two, and only prints a warning",
                node.id, first.path, first.lines.id
            );
            let remedy = "give it another id, and change the `down_revision` of the revisions that follow it; if a \
                          database has applied it, change its row in the version table with `alembic stamp`";
            let line = node.lines.id;
            error(Code::DuplicateRevision, node, line, message, remedy)
        };
        let mut findings = Vec::new();
        for mut nodes in by_id.into_values() {
            // The one to change is never the vendored one.
            nodes.sort_by_key(|node| !self.is_locked(node));
            let others = nodes.iter().skip(1);
            findings.extend(others.map(|node| duplicate(nodes[0], node)));
        }
        findings
    }

    fn duplicate_labels(&self) -> Vec<Finding> {
        if self.nodes.iter().all(|node| node.labels.is_empty()) {
            return Vec::new();
        }
        let mut taken: BTreeMap<&str, &Node> = self
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), node))
            .collect();
        let mut nodes: Vec<&Node> = self.nodes.iter().collect();
        nodes.sort_by_cached_key(|node| !self.is_locked(node));
        let mut findings = Vec::new();
        for node in nodes {
            for label in &node.labels {
                let other = taken.insert(label, node);
                findings.extend(other.filter(|other| other.path != node.path).map(|other| {
                    let message = format!(
                        "the branch label `{label}` is taken by {}: all commands of Alembic fail",
                        other.path
                    );
                    let (line, remedy) = (node.lines.labels, "give the branch another label");
                    error(Code::DuplicateLabel, node, line, message, remedy)
                }));
            }
        }
        findings
    }

    fn cycle(&self) -> Option<Finding> {
        let ids = cycle(self.nodes)?;
        let mut nodes = self.nodes.iter();
        let node = nodes.find(|node| Some(&node.id.as_str()) == ids.first())?;
        let message = format!(
            "the revisions {} follow each other in a circle: all commands of Alembic fail",
            ids.iter()
                .map(|id| format!("`{id}`"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        let remedy = "fix the `down_revision` or `depends_on` of one of them (git shows which one changed last)";
        let about = ids.iter().map(|id| (*id).to_owned()).collect();
        Some(error(Code::RevisionCycle, node, node.lines.down, message, remedy).about(about))
    }
}
