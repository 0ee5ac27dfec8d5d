//! What lies around the lock where the installed package's own revisions run: Alembic's configuration, `env.py`, all revisions.

use crate::commands::Failure;
use crate::commands::surroundings::{UNWIRED, env_file, old_sqlalchemy, upgrades};
use crate::findings::wiring::{Vendored, Wired, Wiring, wiring};
use crate::findings::{Graph, graph, undecided};
use crate::lockfile::Lock;
use crate::plan::in_place;
use crate::project::Project;
use crate::settings::History;
use crate::upstream::Upstream;

/// All that `check` says of them.
pub(super) fn surroundings(
    project: &Project,
    lock: &Lock,
    upstream: Option<&Upstream>,
) -> Result<Wired, Failure> {
    let shipped = upstream.and_then(|upstream| {
        let root = upstream.root.as_ref()?.canonicalize_utf8().ok()?;
        Some(root.join(in_place::directory(upstream)?))
    });
    let Some(alembic) = &project.alembic else {
        return Ok(Wired {
            notes: vec![UNWIRED.to_owned()],
            ..Wired::default()
        });
    };
    let env = env_file(project)?;
    let mut wired = wiring(&Wiring {
        alembic,
        directory: shipped.as_deref(),
        env: env.as_ref().map(|(path, env)| (path.as_path(), env)),
        old_sqlalchemy: old_sqlalchemy(project),
        vendored: Some(Vendored::in_place(upstream)),
    });
    let revisions = project.revisions(|_| true)?;
    let mut locations = alembic.versions.locations().iter();
    let found = locations
        .find(|location| location.is_upstreams())
        .and_then(|location| location.resolved.as_ref().ok())
        .filter(|path| path.is_dir());
    let shown = found.map(|path| path.strip_prefix(&alembic.root).unwrap_or(path));
    let of_all = Graph {
        nodes: &revisions.nodes,
        unreadable: &revisions.unreadable,
        lock: Some(lock),
        in_place: shown,
        linear: project.settings.history == History::Linear,
    };
    wired.findings.extend(graph(&of_all));
    if of_all.heads().len() > 1 {
        upgrades(project, true, &mut wired);
    }
    wired.notes.extend(undecided(&revisions.unreadable));
    Ok(wired)
}
