//! Whether every database that has run a revision has the schema of the release that is given for it.

use std::collections::BTreeSet;

use super::Stop;
use crate::adoption::{Chosen, Refused};
use crate::alembic::graph::{Node, ancestors};
use crate::catalog::Release;
use crate::cli::Adopt;
use crate::commands::database::Input;
use crate::failure::Failure;
use crate::live::{Resolved, Sides, Snapshot, Surveyed, survey};
use crate::lockfile::Lock;
use crate::session::Session;
use crate::sql::SchemaName;
use crate::steps::last_revision;

/// What proves each release; says so on standard error.
pub(super) fn prove(
    session: &mut Session<'_>,
    options: &Adopt,
    nodes: &[Node],
    chosen: &[Chosen<'_>],
    lock: Option<&Lock>,
) -> Result<(), Stop> {
    let schema = session.project.settings.schema.clone();
    let schema = schema.as_ref().map(SchemaName::as_str);
    let mut proven: Vec<&str> = Vec::new();
    for database in &options.database {
        let input = Input::any(database).map_err(Failure::from)?;
        let snapshot = input
            .read(options.python.as_deref())
            .map_err(Failure::from)?;
        let place = input.source();
        let (id, release) = of_database(&snapshot, nodes, chosen, schema, lock).map_err(|why| {
            Refused::Database {
                place: place.clone(),
                why,
            }
        })?;
        proven.push(id);
        say(
            session,
            &format!("{place} has run `{id}`, and has the schema of Procrastinate {release}"),
        )?;
    }
    for one in chosen {
        let (id, release) = (&one.candidate.node.id, one.release.name);
        match &one.proof {
            Ok(proven) => {
                let same = same_as(proven, release);
                let text = format!("the DDL of `{id}` is that of Procrastinate {release}{same}");
                say(session, &text)?;
            }
            Err(_) if proven.contains(&id.as_str()) => {}
            Err(_) if options.unproven => {
                let text = format!(
                    "it is not proven that every database which has run `{id}` has the schema of Procrastinate {release}: \
                     a database with another schema loses migrations without a message"
                );
                session.output.warning(&text).map_err(Failure::from)?;
            }
            Err(why) => {
                return Err(Refused::Unproven {
                    revision: id.clone(),
                    why: why.clone(),
                }
                .into());
            }
        }
    }
    Ok(())
}

/// The other releases whose schema it is, too.
fn same_as(proven: &[&Release], release: &str) -> String {
    let names = proven.iter().map(|release| release.name);
    let same: Vec<&str> = names.filter(|name| *name != release).collect();
    match same.is_empty() {
        true => String::new(),
        false => format!(" (the same as that of {})", same.join(", ")),
    }
}

fn say(session: &mut Session<'_>, text: &str) -> Result<(), Failure> {
    match session.global.quiet {
        true => Ok(()),
        false => Ok(session.output.note(text)?),
    }
}

/// The release of a database's schema, if that is the one which its version table says. The error says why it is no proof.
fn of_database<'a>(
    snapshot: &Snapshot,
    nodes: &[Node],
    chosen: &'a [Chosen<'_>],
    schema: Option<&str>,
    lock: Option<&Lock>,
) -> Result<(&'a str, &'static str), String> {
    let Some(last) = said(snapshot, nodes, chosen, lock)? else {
        let ids: Vec<String> = chosen
            .iter()
            .map(|one| format!("`{}`", one.candidate.node.id))
            .collect();
        return Err(format!(
            "its version table says that it has not run {}",
            ids.join(" or ")
        ));
    };
    let wanted = last.release;
    let found = survey(snapshot, schema, &Sides::default());
    let resolved = in_schema(&found, schema)?;
    let Some(state) = resolved.exact() else {
        let near = resolved
            .states
            .first()
            .map(|state| state.title())
            .unwrap_or_default();
        return Err(format!(
            "its schema belongs to no release; the nearest state is the state after `{near}`, and `vendor-migrations \
             database` shows the differences"
        ));
    };
    let is_wanted = state
        .releases
        .iter()
        .any(|release| release.migrations == wanted.migrations);
    match is_wanted {
        true => match lock.and_then(|lock| too_far(snapshot, lock, wanted)) {
            None => Ok((&last.candidate.node.id, wanted.name)),
            Some(row) => Err(format!(
                "it was stamped too far: its version table has `{row}`, and its schema is that of Procrastinate {}. Remove the row",
                wanted.name
            )),
        },
        false => Err(format!(
            "its schema is that {}, not of Procrastinate {}",
            state.as_releases().map_or_else(
                || format!("after `{}`", state.title()),
                |releases| format!("of {releases}")
            ),
            wanted.name
        )),
    }
}

/// A row of a vendored revision that comes after the release: behind the adoption it would say that migrations were applied which were not.
fn too_far<'a>(snapshot: &'a Snapshot, lock: &Lock, release: &'static Release) -> Option<&'a str> {
    let place = |id: &str| lock.revisions.position(id);
    let last = last_revision(lock, release).ok().and_then(place);
    let tables = snapshot.versions.iter();
    let mut rows = tables.filter_map(|table| table.ids.as_ref()).flatten();
    let row = rows.find(|id| place(id) > last)?;
    Some(row)
}

/// What the database has in the schema of the vendored revisions. The error says why that is not known.
fn in_schema<'a>(found: &'a [Surveyed<'_>], schema: Option<&str>) -> Result<&'a Resolved, String> {
    let [surveyed] = found else {
        let schemas: Vec<&str> = found
            .iter()
            .filter_map(|one| one.schema.as_deref())
            .collect();
        return Err(format!(
            "Procrastinate is in several of its schemas: {}",
            schemas.join(", ")
        ));
    };
    let Some(resolved) = &surveyed.resolved else {
        return Err("it has nothing of Procrastinate".to_owned());
    };
    let place = surveyed.schema.as_deref().unwrap_or("public");
    if place != schema.unwrap_or("public") {
        return Err(format!(
            "Procrastinate is in its schema `{place}`, and the vendored revisions would not be: `vendor-migrations init --schema` sets it"
        ));
    }
    Ok(resolved)
}

/// The last of these revisions that the database has run, by its version table.
fn said<'a, 'b>(
    snapshot: &Snapshot,
    nodes: &[Node],
    chosen: &'a [Chosen<'b>],
    lock: Option<&Lock>,
) -> Result<Option<&'a Chosen<'b>>, String> {
    // A database that was stamped has rows of vendored revisions, too: its schema is compared all the same.
    let is_vendored = |id: &String| lock.is_some_and(|lock| lock.revision(id).is_some());
    let is_own = |id: &String| nodes.iter().any(|node| node.id == *id);
    let tables = snapshot
        .versions
        .iter()
        .filter_map(|table| table.ids.as_ref());
    let known: Vec<&Vec<String>> = tables.filter(|ids| ids.iter().any(is_own)).collect();
    let ids = match known[..] {
        [ids] => ids,
        [] => {
            return match snapshot.versions.iter().any(|table| table.ids.is_none()) {
                true => Err("this role may not read its version table, so it is not known what the database has run".to_owned()),
                false => Ok(None),
            };
        }
        _ => return Err("several of its tables have revisions of this project, and which of them is Alembic's is not known".to_owned()),
    };
    if let Some(unknown) = ids.iter().find(|id| !is_own(id) && !is_vendored(id)) {
        return Err(format!(
            "its version table has `{unknown}`, which is no revision of the project"
        ));
    }
    let applied: BTreeSet<&str> = ids.iter().flat_map(|id| ancestors(nodes, id)).collect();
    let mut run = chosen.iter().rev();
    Ok(run.find(|one| applied.contains(one.candidate.node.id.as_str())))
}
