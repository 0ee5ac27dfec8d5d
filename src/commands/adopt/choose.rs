//! Which revisions are adopted, for which releases.

use super::Stop;
use crate::adoption::{Candidate, Chosen, How, OwnRevision, Refused, Sign, named, releases};
use crate::alembic::graph::Node;
use crate::alembic::revisions::Revisions;
use crate::alembic::search_path::{InRevision, in_revision};
use crate::catalog::{self, Release};
use crate::cli::{Adopt, Wish};
use crate::failure::Failure;
use crate::inspect::own_revision;
use crate::lockfile::Lock;
use crate::project::Project;
use crate::read;
use crate::session::Session;
use crate::sql::SchemaName;

/// All of them have to be readable: what is not could come between.
pub(super) fn own_revisions(session: &Session<'_>) -> Result<Revisions, Failure> {
    let project = &session.project;
    let alembic = project.alembic.as_ref();
    if let Some(why) = alembic.and_then(|alembic| alembic.versions.unknown()) {
        return Err(Failure::LocationsUnknown(why.to_owned()));
    }
    let revisions = project.own_revisions()?;
    match revisions.unreadable.first() {
        Some(file) => Err(Failure::HeadsUnknown(file.clone())),
        None => Ok(revisions),
    }
}

pub(super) fn choose<'a>(
    session: &Session<'_>,
    options: &Adopt,
    revisions: &'a Revisions,
    lock: Option<&Lock>,
) -> Result<Vec<Chosen<'a>>, Stop> {
    let project = &session.project;
    let read = |node: &Node| own_revision(project, revisions, &node.path);
    let makes = |node: &Node| {
        let own = read(node).and_then(|(_, own)| own.upgrade);
        own.is_some_and(|body| !body.signs().is_empty())
    };
    let ids: Vec<&str> = options
        .revision
        .iter()
        .map(|wish| wish.revision.as_str())
        .collect();
    refuse_twice(options, &ids)?;
    let nodes = named(&revisions.nodes, &ids, makes, lock)?;
    // A change of one's own to the tables is no reason to doubt.
    let makes_tables = |node: &&Node| {
        let is_named = ids.contains(&node.id.as_str());
        !is_named && read(node).is_some_and(|(_, own)| own.makes_tables())
    };
    if let Some(named) = nodes.iter().find(|node| !makes(node))
        && let Some(other) = revisions.nodes.iter().find(makes_tables)
    {
        let (named, makes) = (named.id.clone(), other.id.clone());
        return Err(Refused::Other { named, makes }.into());
    }
    if ids.is_empty() && nodes.len() > 1 && options.release.is_some() {
        let named = nodes
            .iter()
            .map(|node| format!("`{}` ({})", node.id, node.path));
        return Err(Refused::Several(named.collect()).into());
    }
    let mut wanted: Vec<(&str, &'static Release)> = Vec::new();
    for Wish { revision, release } in &options.revision {
        if let Some(release) = release.as_ref().or(options.release.as_ref()) {
            wanted.push((revision, catalog::known(release)?));
        }
    }
    let only = options.release.as_ref().map(catalog::known).transpose()?;
    let of = |node: &Node| {
        let named = wanted.iter().find(|(id, _)| *id == node.id);
        named
            .map(|(_, release)| *release)
            .or(only.filter(|_| ids.is_empty()))
    };
    let candidates = nodes
        .into_iter()
        .map(|node| candidate(project, revisions, node));
    let candidates = candidates.collect::<Result<Vec<_>, Stop>>()?;
    let schema = project
        .settings
        .schema
        .as_ref()
        .map_or("public", SchemaName::as_str);
    Ok(releases(candidates, of, schema)?)
}

/// Options that contradict each other.
fn refuse_twice(options: &Adopt, ids: &[&str]) -> Result<(), Refused> {
    let is_twice = |(index, id): &(usize, &&str)| ids[..*index].contains(id);
    if let Some((_, id)) = ids.iter().enumerate().find(is_twice) {
        return Err(Refused::Twice((*id).to_owned()));
    }
    let has_own = |wish: &Wish| wish.release.is_some();
    match options.release.is_some() && !ids.is_empty() && options.revision.iter().all(has_own) {
        true => Err(Refused::ReleaseTwice),
        false => Ok(()),
    }
}

fn candidate<'a>(
    project: &Project,
    revisions: &Revisions,
    node: &'a Node,
) -> Result<Candidate<'a>, Stop> {
    let bytes = read::bytes(project.root_of_alembic().join(&node.path)).map_err(Failure::Read)?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(Refused::NotUtf8(node.path.clone()).into());
    };
    let read = match own_revision(project, revisions, &node.path) {
        Some((_, read)) => read,
        // It does not speak of Procrastinate: somebody has emptied it by hand.
        None => {
            let read = OwnRevision::read(&text, &node.path, &|_| None);
            read.map_err(|error| Failure::Read(std::io::Error::other(error)))?
        }
    };
    Ok(Candidate { node, text, read })
}

/// A revision that stays must make the same schema on every database.
pub(super) fn refuse_run_time(chosen: &[Chosen<'_>]) -> Result<(), Refused> {
    for one in chosen {
        let signs = one.candidate.read.signs();
        let at_run_time = |sign: &&&Sign| matches!(sign.how, How::Package(_) | How::Command(_));
        if let Some(sign) = signs.iter().find(at_run_time) {
            let place = format!("{}:{}", one.candidate.node.path, sign.line);
            return Err(Refused::RunTime { place });
        }
    }
    Ok(())
}

pub(super) fn linear_vendored(chosen: &[Chosen<'_>]) -> Refused {
    let places = chosen.iter().flat_map(|one| {
        let signs = one.candidate.read.signs();
        let lines: Vec<String> = signs
            .iter()
            .map(|sign| format!("{}:{}", one.candidate.node.path, sign.line))
            .collect();
        lines
    });
    Refused::LinearVendored {
        revision: chosen
            .first()
            .map_or(String::new(), |one| one.candidate.node.id.clone()),
        places: places.collect(),
    }
}

/// Objects that are made in another schema than the vendored revisions would make them; `set` is the one of the settings.
pub(super) fn refuse_schema(chosen: &[Chosen<'_>], set: Option<&str>) -> Result<(), Refused> {
    for Chosen { candidate, .. } in chosen {
        let signs = candidate.read.signs();
        let ddl = signs.iter().filter_map(|sign| sign.how.ddl());
        let named = ddl
            .flat_map(|ddl| &ddl.targets)
            .filter_map(|target| target.schema.as_deref());
        let mut named = named.filter(|named| *named != set.unwrap_or("public"));
        let path = match in_revision(&candidate.text) {
            Some(InRevision::Sets(sign)) => Some(sign.path.first),
            Some(InRevision::Names(..)) | None => None,
        };
        let other = match (named.next(), path, set) {
            (Some(named), ..) => Some(named.to_owned()),
            (None, Some(Some(first)), set) if Some(first.as_str()) != set => Some(first),
            (None, Some(None), None) => return Err(Refused::OpenSchema(candidate.node.id.clone())),
            _ => None,
        };
        if let Some(named) = other {
            return Err(Refused::Schema {
                revision: candidate.node.id.clone(),
                named,
                set: set.map(str::to_owned),
            });
        }
    }
    Ok(())
}
