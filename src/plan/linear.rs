//! `history = "linear"`: newly vendored revisions follow the project's single head.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::chain::Link;
use super::local::foreign;
use super::{Head, Input, Own};
use crate::alembic::graph::{Node, heads};
use crate::place::joined;
use crate::python_source::{Header, RevisionFile};

/// Revisions that lie in the vendored directory and are not in the lock, and that a revision of the project's own builds
/// upon: id and `down_revision`. They stay where they are.
pub(super) type Adopted = BTreeMap<String, Option<String>>;

/// Files of another branch's `sync` that one of the project's own revisions builds on.
pub(super) fn adopted(input: &Input<'_>) -> Adopted {
    if !input.own.linear {
        return Adopted::new();
    }
    let left = left_behind(input);
    let nodes = input.own.nodes.iter();
    let mut references = nodes.flat_map(|node| node.down.iter().chain(&node.depends_on));
    if !references.any(|id| left.iter().any(|node| node.id == *id)) {
        return Adopted::new();
    }
    let place = |node: Node| (node.id, node.down.into_iter().next());
    left.into_iter().map(place).collect()
}

/// The revision that the first new one follows, given the chain so far; none where there is no revision at all. The error is
/// the project's heads, if it has several.
pub(super) fn onto(input: &Input<'_>, links: &[Link<'_>]) -> Result<Option<String>, Vec<Head>> {
    let Own {
        nodes, directory, ..
    } = input.own;
    let left: BTreeSet<String> = left_behind(input).into_iter().map(|node| node.id).collect();
    let others = unknown(input).filter(|node| !left.contains(&node.id));
    let others: Vec<Node> = others.collect();
    let own = nodes.iter().chain(&others);
    let own = own.map(|node| (&node.id, node.down.as_slice(), node.path.clone()));
    let vendored = links.iter().flat_map(|link| &link.places);
    let vendored = vendored.map(|place| {
        let path = joined(directory, place.file.as_str());
        (&place.id, place.down.as_slice(), path)
    });
    let places: Vec<_> = own.chain(vendored).collect();
    let found = heads(places.iter().map(|(id, down, _)| (id.as_str(), *down)));
    let mut paths: BTreeMap<&str, &Utf8PathBuf> = BTreeMap::new();
    for (id, _, path) in &places {
        paths.entry(id).or_insert(path);
    }
    let head = |id: &&str| Head {
        id: (*id).to_owned(),
        path: paths.get(id).map_or(String::new(), ToString::to_string),
    };
    match found.as_slice() {
        [] => Ok(None),
        [head] => Ok(Some((*head).to_owned())),
        several => Err(several.iter().map(head).collect()),
    }
}

/// The revisions in the vendored directory that the lock does not know.
fn unknown<'a>(input: &'a Input<'_>) -> impl Iterator<Item = Node> + 'a {
    let directory = input.own.directory;
    foreign(input.tree, input.lock).filter_map(move |path| {
        let text = String::from_utf8_lossy(input.tree.file(path)?).into_owned();
        Node::parse(joined(directory, path), &text).ok()
    })
}

/// Those of them that a `sync` on another branch wrote: the SQL that they name is a migration of this release that the lock
/// does not have.
fn left_behind(input: &Input<'_>) -> Vec<Node> {
    let vendored = |id: &str| input.lock.and_then(|lock| lock.revision(id)).is_some();
    let of_release = |node: &Node| {
        let name = node.path.file_name();
        let bytes = name.and_then(|name| input.tree.file(name));
        let text = String::from_utf8_lossy(bytes.unwrap_or_default());
        input.upstream.migrations.iter().any(|migration| {
            let (sql, wrapper) = (migration.sql.as_ref(), migration.wrapper.as_ref());
            sql.is_some_and(|sql| is_rendered_from(&text, sql.name.as_str()))
                || wrapper.is_some_and(|wrapper| is_moved_copy(&text, &wrapper.text))
        })
    };
    unknown(input)
        .filter(|node| !vendored(&node.id) && of_release(node))
        .collect()
}

fn is_rendered_from(text: &str, sql: &str) -> bool {
    crate::render::revision::is_rendered(text.as_bytes())
        && text
            .lines()
            .any(|line| line.strip_prefix("SQL file: ") == Some(sql))
}

/// Whether two revision files are one, apart from their ids, their places and their labels.
fn is_moved_copy(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let file = RevisionFile::parse(text).ok()?;
        let header = Header {
            id: "",
            down: None,
            depends_on: &file.depends_on,
            labels: false,
        };
        file.at(text, &header)
    };
    plain(one).is_some_and(|one| plain(other) == Some(one))
}

/// Whether `there` is `fresh` with another `down_revision`: what a `sync` on another branch made of the same migration.
pub(super) fn is_elsewhere_in_the_chain(there: &[u8], fresh: &[u8]) -> bool {
    match (std::str::from_utf8(there), std::str::from_utf8(fresh)) {
        (Ok(there), Ok(fresh)) => {
            let id = |text: &str| RevisionFile::parse(text).ok().map(|file| file.id);
            id(there).is_some_and(|there| id(fresh) == Some(there)) && is_moved_copy(there, fresh)
        }
        _ => false,
    }
}
