//! References of revisions to others that are not there.

use std::collections::HashSet;

use super::{Graph, error};
use crate::alembic::graph::Node;
use crate::findings::{Code, Finding};

pub(super) fn missing_references(graph: &Graph<'_>) -> Vec<Finding> {
    let ids: HashSet<&str> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
    let labels: HashSet<&String> = graph.nodes.iter().flat_map(|node| &node.labels).collect();
    // What a file that could not be read says of itself is reported with that file.
    let may_be = |id: &str| graph.unreadable.iter().any(|file| file.may_be(id));
    let known = |id: &String| ids.contains(id.as_str()) || graph.is_vendored(id) || may_be(id);
    let missing = |node: &Node| {
        let downs = node.down.iter().filter(|id| !known(id));
        let dependencies = node.depends_on.iter();
        let dependencies = dependencies.filter(|id| !known(id) && !labels.contains(id));
        let downs = downs.map(|id| dangling(graph, node, id, true));
        let dependencies = dependencies.map(|id| dangling(graph, node, id, false));
        downs.chain(dependencies).collect::<Vec<_>>()
    };
    graph.nodes.iter().flat_map(missing).collect()
}

fn dangling(graph: &Graph<'_>, node: &Node, id: &str, is_down: bool) -> Finding {
    let (key, line) = match is_down {
        true => ("down_revision", node.lines.down),
        false => ("depends_on", node.lines.depends_on),
    };
    if graph.in_place.is_some() && graph.is_known(id) {
        let message = format!(
            "its `{key}` is `{id}`, which the installed Procrastinate no longer has: all commands of Alembic fail"
        );
        let remedy =
            "install the release that has it, or change the line to a revision that this one has";
        return error(Code::VendoredIdGone, node, line, message, remedy);
    }
    if !is_down && id.contains('@') {
        let message = format!(
            "its `depends_on` is `{id}`, but `depends_on` takes only an id or a branch label: all commands of Alembic fail"
        );
        let remedy = "write the id of a revision, or the label without the `@`";
        return error(Code::UnknownDependency, node, line, message, remedy);
    }
    if id.starts_with("procrastinate") {
        let message = format!(
            "its `{key}` is `{id}`, which is the name of a vendored revision, but that revision does not exist: all \
             commands of Alembic fail"
        );
        let remedy = "restore the vendored directory from version control, or run `vendor-migrations sync`; \
                      `vendor-migrations status` shows what is vendored";
        return error(Code::VendoredIdGone, node, line, message, remedy);
    }
    let code = if is_down {
        Code::MissingDownRevision
    } else {
        Code::UnknownDependency
    };
    let message =
        format!("its `{key}` is `{id}`, and no revision has that id: all commands of Alembic fail");
    let remedy = "restore that revision, fix the id, or add its directory to the version locations";
    error(code, node, line, message, remedy)
}
