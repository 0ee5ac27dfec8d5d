//! The changes and warnings of a plan.

use super::build::Build;
use super::chain::{Link, rendered};
use super::{BeyondSql, Change, ChangeKind, PlanError};
use crate::lockfile::{Mode, sql_path};

/// A vendored revision is rendered again only when its SQL changes, so warn if upstream's file does more than run its SQL.
pub(super) fn look_beyond_sql(build: &mut Build<'_>, link: &Link<'_>) {
    if let (Mode::Render, Some(wrapper)) = (build.plan.mode, link.wrapper())
        && let (Some(why), Some(place)) = (&wrapper.revision.more, link.places.last())
    {
        build.plan.warnings.push(format!(
            "upstream's `{}` does more than run its SQL ({why}), and `{}` runs only the SQL",
            wrapper.file, place.file
        ));
        build.plan.beyond_sql.push(BeyondSql {
            file: wrapper.file.to_string(),
            path: place.file.to_string(),
            why: why.clone(),
        });
    }
}

/// The revisions of a vendored migration are as many as they were; its new SQL may need more.
pub(super) fn warn_of_parts(build: &mut Build<'_>, link: &Link<'_>) -> Result<(), PlanError> {
    let Some(sql) = link
        .sql()
        .filter(|_| build.plan.mode == Mode::Render && link.sql_changed())
    else {
        return Ok(());
    };
    let (needed, kept) = (rendered(sql, &build.input)?.parts(), link.places.len());
    if needed > kept {
        build.plan.warnings.push(format!(
            "`{}` now commits half-way and would become {needed} revisions, but was vendored as {kept}: on a new \
             database, a failure inside it may need manual work",
            sql.name
        ));
    }
    Ok(())
}

/// Records the changes of a link, each once.
pub(super) fn report(build: &mut Build<'_>, link: &Link<'_>, kinds: Vec<ChangeKind>) {
    if let (Some(old), Some(new)) = (link.locked_sql_name(), link.sql_name())
        && old != new
    {
        let from = old.to_string();
        change(build, ChangeKind::Renamed { from }, link);
    }
    if link.sql_changed() {
        change(build, ChangeKind::SqlChanged, link);
    }
    let mut said: Vec<ChangeKind> = Vec::new();
    for kind in kinds {
        let implied = link.sql_changed()
            && matches!(kind, ChangeKind::Rewritten | ChangeKind::WrapperChanged);
        if !implied && !said.contains(&kind) {
            change(build, kind.clone(), link);
            said.push(kind);
        }
    }
    if link.upstream.is_none() {
        change(build, ChangeKind::Removed, link);
    }
}

pub(super) fn change(build: &mut Build<'_>, kind: ChangeKind, link: &Link<'_>) {
    let files = || link.places.iter().map(|place| &place.file);
    let mut paths: Vec<String> = files().map(ToString::to_string).collect();
    if build.plan.mode == Mode::Copy {
        paths.extend(files().map(sql_path));
    }
    let ids = link.places.iter().map(|place| place.id.clone()).collect();
    build.plan.changes.push(Change {
        kind,
        name: link.name(),
        ids,
        phase: link.phase(),
        paths,
    });
}

pub(super) fn warn_if_moved(build: &mut Build<'_>, link: &Link<'_>) {
    // What it follows is mostly right before it.
    let mut earlier = build.plan.lock.revisions.iter().rev();
    let mut onto_own = |down: &String| !earlier.any(|revision| revision.id == *down);
    if let Some(place) = link.places.first().filter(|_| build.is_moved(link))
        && !place.down.as_ref().is_some_and(&mut onto_own)
    {
        let down = place.down.as_ref();
        build.plan.warnings.push(format!(
            "`{}` does not have the same place in this project's chain as in upstream's: revision `{}` after {}",
            place.file,
            place.id,
            down.map_or("nothing".to_owned(), |down| format!("`{down}`")),
        ));
    }
}

/// Alembic would run only one of two revisions with one id.
pub(super) fn warn_of_taken_id(build: &mut Build<'_>, link: &Link<'_>) {
    let upstreams = link.upstream.and_then(|migration| migration.upstream_id());
    if let (Some(id), Some(place)) = (upstreams, link.places.last())
        && let Some(path) = build.input.own.with_id(id)
    {
        build.plan.warnings.push(format!(
            "the revision id `{id}` is taken by {path}: `{}` is `{}` here",
            place.file, place.id
        ));
    }
}
