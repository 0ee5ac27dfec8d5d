//! Revisions that lie below the version locations, and that Alembic does not load.

use camino::Utf8PathBuf;

use crate::alembic::graph::Node;
use crate::failure::Failure;
use crate::findings::wiring::{Env, Found};
use crate::findings::{Unloaded, unloaded};
use crate::project::Project;

/// `loaded` are the revisions that Alembic loads, and `own` the files of those that are the project's own.
pub(super) fn unloaded_revisions(
    project: &Project,
    loaded: &[Node],
    own: &[Utf8PathBuf],
    env: Option<&Env>,
) -> Result<Found, Failure> {
    let Some(alembic) = project
        .alembic
        .as_ref()
        .filter(|alembic| !alembic.recursive)
    else {
        return Ok(Found::default());
    };
    let vendored = alembic.root.join(&project.directory);
    let mut nodes = project.revisions_below()?;
    nodes.retain(|node| {
        let path = alembic.root.join(&node.path);
        let looks = path.parent().and_then(|parent| alembic.looks_into(parent));
        looks == Some(false) && !path.starts_with(&vendored)
    });
    let in_env = env.and_then(|env| env.file.as_ref().ok());
    Ok(unloaded(&Unloaded {
        alembic,
        nodes: &nodes,
        loaded,
        has_own: !own.is_empty(),
        // Only what is set on the script directory itself comes in time for an upgrade.
        env_sets_locations: in_env.is_some_and(|file| !file.script_changes.is_empty()),
    }))
}
