//! Revision ids that Alembic or its version table cannot hold.

use camino::Utf8Path;

use super::{Graph, error};
use crate::alembic::config::Rules;
use crate::alembic::graph::Node;
use crate::findings::{Code, Finding};
use crate::procrastinate::LONGEST_ID;

/// What Alembic takes for a target of a command.
const TARGETS: [&str; 3] = ["head", "heads", "base"];

const RENAME: &str = "give it an id of letters, digits and `_`, and change the `down_revision` of the revisions that follow it";

pub(super) fn bad_id(graph: &Graph<'_>, node: &Node) -> Option<Finding> {
    let id = &node.id;
    let line = node.lines.id;
    if TARGETS.contains(&id.as_str()) {
        let message = format!(
            "the revision id `{id}` is Alembic's word for a target: `alembic upgrade` fails, or exits 0 and does not run \
             the revisions that follow it"
        );
        return Some(error(Code::RevisionId, node, line, message, RENAME));
    }
    if let Some(character) = id.chars().find(|c| ['@', '-', '+', ':'].contains(c)) {
        if character == ':' && allows_colons(graph) {
            return None;
        }
        let since = match character {
            ':' => " (from 1.17.1 on)",
            _ => "",
        };
        let message =
            format!("the revision id `{id}` has a `{character}`, which Alembic refuses{since}");
        return Some(error(Code::RevisionId, node, line, message, RENAME));
    }
    let length = id.chars().count();
    (length > LONGEST_ID && graph.widened_in.is_none()).then(|| {
        let message = format!(
            "the revision id `{id}` has {length} characters, but the column `version_num` of Alembic's version table takes \
             {LONGEST_ID}"
        );
        let remedy = "if no database has applied it, give it a shorter id of letters, digits and `_`, and change the \
                      `down_revision` of the revisions that follow it; if a database has applied it, its column is wider: \
                      accept the finding";
        error(Code::RevisionId, node, line, message, remedy)
    })
}

fn allows_colons(graph: &Graph<'_>) -> bool {
    graph.rules.is_some_and(|rules| !rules.refuses_colons())
}

/// Ids that may be good, for notes.
pub fn undecided_ids(graph: &Graph<'_>) -> Vec<String> {
    let notes = graph.nodes.iter().filter_map(|node| {
        let (id, path) = (&node.id, &node.path);
        let length = id.chars().count();
        if let Some(rules) = graph.rules.filter(|_| id.contains(':') && allows_colons(graph)) {
            return Some(later(path, id, rules));
        }
        let file = graph.widened_in.filter(|_| length > LONGEST_ID)?;
        Some(format!(
            "it was not checked whether the version table takes the revision id `{id}` ({path}, {length} characters): \
             {file} makes or changes its column `version_num`"
        ))
    });
    notes.collect()
}

fn later(path: &Utf8Path, id: &str, rules: &Rules) -> String {
    format!(
        "{rules} takes the `:` in the revision id `{id}` ({path}); from 1.17.1 on, Alembic refuses it"
    )
}
