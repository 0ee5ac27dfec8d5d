//! What Alembic's version table says.

use std::collections::BTreeSet;

use super::VersionTable;
use crate::alembic::graph::Node;
use crate::lockfile::{Lock, LockedRevision};
use crate::plan::standing;

/// The revisions that one version table stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied<'a> {
    pub table: &'a VersionTable,
    /// Its rows, and all that they follow or depend on.
    pub revisions: BTreeSet<&'a str>,
    /// The rows that are no revisions of the project.
    pub unknown: Vec<&'a str>,
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
    Read(Applied<'a>),
}

/// Alembic's own name for the table.
const USUAL: &str = "alembic_version";

/// What the ids of rendered revisions begin with.
const RENDERED: &str = "procrastinate_";

/// Finds the version table that belongs to the Procrastinate in `schema`: where it has ids of the project; else one with ids that
/// look like vendored ones, or of the usual name, the nearest first.
pub fn versions<'a>(
    tables: &'a [VersionTable],
    schema: &str,
    lock: &'a Lock,
    nodes: &'a [Node],
) -> Versions<'a> {
    let vendored = |id: &String| lock.revision(id).is_some();
    let own = |id: &String| nodes.iter().any(|node| node.id == *id);
    let rank = |table: &&VersionTable| {
        let ids = table.ids.as_deref().unwrap_or_default();
        (
            ids.iter().any(vendored),
            ids.iter().any(own),
            ids.iter().any(|id| id.starts_with(RENDERED)),
            table.schema == schema,
            table.table == USUAL,
        )
    };
    let Some(table) = tables.iter().max_by_key(rank) else {
        return Versions::None;
    };
    let (is_vendored, is_own, looks_vendored, ..) = rank(&table);
    let Some(ids) = &table.ids else {
        return Versions::Unreadable(table);
    };
    // An environment of Procrastinate's own has no revisions of the application, whose table may be there all the same.
    let has_own = nodes.iter().any(|node| lock.revision(&node.id).is_none());
    let is_ours = is_vendored || is_own || looks_vendored || ids.is_empty() || has_own;
    if !is_ours {
        return Versions::None;
    }
    let revisions = closure(lock, nodes, ids);
    let chain = standing(lock, &[]).chain;
    let has = |id: &str| revisions.contains(id);
    let is_whole = |group: &&&[LockedRevision]| group.iter().all(|revision| has(&revision.id));
    let migrations = chain.iter().take_while(is_whole).count();
    let next = chain.get(migrations);
    let in_part = next.is_some_and(|group| group.iter().any(|revision| has(&revision.id)));
    Versions::Read(Applied {
        table,
        unknown: ids
            .iter()
            .filter(|id| !vendored(id) && !own(id))
            .map(String::as_str)
            .collect(),
        revisions,
        migrations,
        in_part,
    })
}

/// The revisions and all that they follow or depend on, vendored ones and the project's own.
fn closure<'a>(lock: &'a Lock, nodes: &'a [Node], ids: &'a [String]) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = ids.iter().map(String::as_str).collect();
    while let Some(id) = next.pop() {
        if !found.insert(id) {
            continue;
        }
        let locked = lock.revision(id).and_then(|locked| locked.down.as_deref());
        next.extend(locked);
        for node in nodes {
            if node.id == id {
                let others = node.down.iter().chain(&node.depends_on);
                next.extend(others.map(String::as_str));
            } else if node.labels.iter().any(|label| label == id) {
                // A dependency by a branch's name is one on the revision that bears it.
                next.push(&node.id);
            }
        }
    }
    found
}
