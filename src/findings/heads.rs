//! A project's heads, and who stumbles over several.

use super::graph::{Graph, error};
use super::{Code, Finding, Severity};
use crate::alembic::graph::heads;
use crate::alembic::invocations::Found;

/// A call that fails as long as there are several heads.
pub fn upgrade_head(found: &Found, in_place: bool) -> Finding {
    let message = format!(
        "`{}` fails with several heads, and Procrastinate's revisions are a branch of their own",
        found.text
    );
    let or = if in_place {
        "join the two by a merge revision (`alembic merge heads`) after each upgrade of Procrastinate"
    } else {
        "make the history one line (`history = \"linear\"` in the settings, before the first `sync`)"
    };
    let remedy = format!("write `{}`, or {or}", found.call.program.remedy());
    let path = found.file.to_string();
    Finding::new(Code::UpgradeHead, Severity::Error, path, message, &remedy).at(found.call.line)
}

impl Graph<'_> {
    /// The heads of all revisions.
    pub fn heads(&self) -> Vec<&str> {
        let lost = self
            .lock
            .iter()
            .flat_map(|lock| &lock.revisions)
            .filter(|revision| self.is_vendored(&revision.id))
            .filter(|revision| !self.nodes.iter().any(|node| node.id == revision.id));
        let lost: Vec<(&str, &[String])> = lost
            .map(|revision| (revision.id.as_str(), revision.down.as_slice()))
            .collect();
        let nodes = self
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), &node.down[..]));
        heads(nodes.chain(lost))
    }

    pub(super) fn several_heads(&self) -> Option<Finding> {
        let heads = self.heads();
        if !self.linear || heads.len() < 2 {
            return None;
        }
        // What the user can change: a revision of the project's own.
        let node = self
            .nodes
            .iter()
            .filter(|node| heads.contains(&node.id.as_str()))
            .min_by_key(|node| self.is_locked(node))?;
        let places: Vec<String> = heads
            .iter()
            .filter_map(|id| self.nodes.iter().find(|node| node.id == *id))
            .map(|node| format!("`{}` ({})", node.id, node.path))
            .collect();
        let message = format!(
            "the settings want a linear history, and it has {} heads: {}. `alembic upgrade head` fails",
            heads.len(),
            places.join(", ")
        );
        let remedy = "merge them (`alembic merge heads`), or give a revision of your own that no database has applied the \
                      other head as its `down_revision`; what is vendored never moves";
        let about = heads.iter().map(|id| (*id).to_owned()).collect();
        Some(error(Code::SeveralHeads, node, node.lines.down, message, remedy).about(about))
    }
}
