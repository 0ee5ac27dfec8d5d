//! What Alembic's version table says.

use std::collections::{BTreeMap, BTreeSet};

use super::{Snapshot, VersionTable};
use crate::alembic::env_file::{TableName, Word};
use crate::alembic::graph::Node;
use crate::lockfile::{Lock, LockedRevision};
use crate::plan::standing;

/// The revisions that one version table stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied<'a> {
    pub table: &'a VersionTable,
    /// Its rows, and all that they follow or depend on.
    pub revisions: BTreeSet<&'a str>,
    /// The rows that are no revisions of the project, and what its revisions follow and is none.
    pub unknown: Vec<&'a str>,
    /// Rows that follow from another row, which counts them as applied already: the row, and the other one.
    pub overlapping: Vec<(&'a str, &'a str)>,
    /// The number of vendored migrations that it has, from the first one on.
    pub migrations: usize,
    /// Whether it has a part of the next one: a migration may be several revisions.
    pub in_part: bool,
}

/// What the version table of a schema's copy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions<'a> {
    /// No table that could be the project's.
    None,
    /// The role may not read it.
    Unreadable(&'a VersionTable),
    /// More than one could be.
    Several(Vec<&'a VersionTable>),
    Read(Applied<'a>),
}

/// Alembic's own name for the table.
const USUAL: &str = "alembic_version";

/// Finds the version table of the project for the Procrastinate in `schema`: of the name that `env.py` gives, in the schema
/// that it gives; else in this schema, or the first of the search path that has one.
pub fn versions<'a>(
    snapshot: &'a Snapshot,
    schema: &str,
    lock: &'a Lock,
    nodes: &'a [Node],
    name: &TableName,
) -> Versions<'a> {
    let known =
        |id: &String| lock.revision(id).is_some() || nodes.iter().any(|node| node.id == *id);
    let has_known = |table: &VersionTable| table.ids.iter().flatten().any(known);
    let public = "public".to_owned();
    let path = snapshot.path.iter().chain([&public]);
    let places: Vec<&str> = [schema]
        .into_iter()
        .chain(path.map(String::as_str))
        .collect();
    let place = |table: &VersionTable| match &name.schema {
        Word::Text(wanted) => (table.schema == *wanted).then_some(0),
        Word::Undecidable => Some(0),
        Word::Default => places.iter().position(|place| *place == table.schema),
    };
    let is_called = |table: &VersionTable| match &name.table {
        Word::Default => table.table == USUAL,
        Word::Text(wanted) => table.table == *wanted,
        Word::Undecidable => true,
    };
    let fit = snapshot.versions.iter().filter(|table| is_called(table));
    let fit: Vec<(usize, &VersionTable)> = fit
        .filter_map(|table| Some((place(table)?, table)))
        .collect();
    let first = fit.iter().map(|(place, _)| *place).min();
    let fit = fit.into_iter().filter(|(place, _)| Some(*place) == first);
    let mut fit: Vec<&VersionTable> = fit.map(|(_, table)| table).collect();
    if fit.len() > 1 || Word::Undecidable == name.table || Word::Undecidable == name.schema {
        // The name is not known: other programs have such tables, too.
        fit.retain(|table| has_known(table) || table.ids.is_none());
    }
    match fit[..] {
        [] => Versions::None,
        [table] => match &table.ids {
            None => Versions::Unreadable(table),
            Some(ids) => Versions::Read(Applied::of(table, ids, lock, nodes)),
        },
        _ => Versions::Several(fit),
    }
}

impl<'a> Applied<'a> {
    fn of(table: &'a VersionTable, ids: &'a [String], lock: &'a Lock, nodes: &'a [Node]) -> Self {
        let revisions = closure(lock, nodes, ids);
        let chain = standing(lock, &[]).chain;
        let has = |id: &str| revisions.contains(id);
        let is_whole = |group: &&&[LockedRevision]| group.iter().all(|revision| has(&revision.id));
        let migrations = chain.iter().take_while(is_whole).count();
        let next = chain.get(migrations);
        let in_part = next.is_some_and(|group| group.iter().any(|revision| has(&revision.id)));
        let own = nodes
            .iter()
            .flat_map(|node| [&node.id].into_iter().chain(&node.labels));
        let own: BTreeSet<&str> = own.map(String::as_str).collect();
        let unknown = revisions.iter().copied();
        let unknown = unknown.filter(|id| lock.revision(id).is_none() && !own.contains(id));
        Self {
            table,
            // Its rows, and what they follow: a file that cannot be read hides what it follows itself.
            unknown: unknown.collect(),
            overlapping: overlapping(lock, nodes, ids),
            revisions,
            migrations,
            in_part,
        }
    }
}

fn overlapping<'a>(
    lock: &'a Lock,
    nodes: &'a [Node],
    ids: &'a [String],
) -> Vec<(&'a str, &'a str)> {
    let below = |id: &'a String| (id, closure(lock, nodes, std::slice::from_ref(id)));
    let all: Vec<_> = ids.iter().map(below).collect();
    let over = |row: &'a String| {
        let mut others = all.iter().filter(|(id, _)| *id != row);
        others.find(|(_, below)| below.contains(row.as_str()))
    };
    let pair = |row: &'a String| over(row).map(|(other, _)| (row.as_str(), other.as_str()));
    ids.iter().filter_map(pair).collect()
}

/// The revisions and all that they follow or depend on, vendored ones and the project's own.
fn closure<'a>(lock: &'a Lock, nodes: &'a [Node], ids: &'a [String]) -> BTreeSet<&'a str> {
    let by_id: BTreeMap<&str, &Node> = nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = ids.iter().map(String::as_str).collect();
    while let Some(id) = next.pop() {
        if !found.insert(id) {
            continue;
        }
        let locked = lock.revision(id).and_then(|locked| locked.down.as_deref());
        next.extend(locked);
        match by_id.get(id) {
            Some(node) => {
                let others = node.down.iter().chain(&node.depends_on);
                next.extend(others.map(String::as_str));
            }
            // A dependency by a branch's name is one on the revision that bears it.
            None => {
                let bears = |node: &&Node| node.labels.iter().any(|label| label == id);
                next.extend(nodes.iter().filter(bears).map(|node| node.id.as_str()));
            }
        }
    }
    found
}
