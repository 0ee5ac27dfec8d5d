//! Which revisions are adopted, in which order, and for which release each of them stands.

use pep440_rs::Version;

use super::{OwnRevision, Refused, Unproven, proven};
use crate::alembic::graph::{Node, ancestors, without};
use crate::catalog::Release;
use crate::lockfile::Lock;
use crate::nearest;

/// A revision of the project's own.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub node: &'a Node,
    pub text: String,
    pub read: OwnRevision,
}

/// A revision that was chosen.
#[derive(Debug, Clone)]
pub struct Chosen<'a> {
    pub candidate: Candidate<'a>,
    pub release: &'static Release,
    /// The releases that its DDL proves; the error says why it proves none.
    pub proof: Result<Vec<&'static Release>, Unproven>,
}

/// The nodes of the ids that were named; without any, those that make Procrastinate's objects when they run.
pub fn named<'a>(
    nodes: &'a [Node],
    ids: &[&str],
    makes: impl Fn(&Node) -> bool,
    lock: Option<&Lock>,
) -> Result<Vec<&'a Node>, Refused> {
    if ids.is_empty() {
        let found: Vec<&Node> = nodes.iter().filter(|node| makes(node)).collect();
        return in_order(nodes, found, lock);
    }
    let find = |id: &&str| {
        let is_vendored = lock.is_some_and(|lock| lock.revision(id).is_some());
        let all = nodes.iter().map(|node| node.id.as_str());
        nodes
            .iter()
            .find(|node| node.id == *id)
            .ok_or_else(|| match is_vendored {
                true => Refused::Vendored((*id).to_owned()),
                false => Refused::Unknown {
                    id: (*id).to_owned(),
                    meant: nearest::name(id, all).map(str::to_owned),
                },
            })
    };
    in_order(nodes, ids.iter().map(find).collect::<Result<_, _>>()?, lock)
}

fn in_order<'a>(
    nodes: &'a [Node],
    mut found: Vec<&'a Node>,
    lock: Option<&Lock>,
) -> Result<Vec<&'a Node>, Refused> {
    let free = without(nodes, |id| {
        lock.is_some_and(|lock| lock.revision(id).is_some())
    });
    for node in &found {
        if node.down.len() > 1 {
            return Err(Refused::Merge(node.id.clone()));
        }
        if !free.iter().any(|free| free.id == node.id) {
            return Err(Refused::BuildsOnVendored(node.id.clone()));
        }
    }
    found.sort_by_key(|node| ancestors(nodes, &node.id).len());
    found.dedup_by_key(|node| &node.id);
    let unordered = |pair: &&[&Node]| !ancestors(nodes, &pair[1].id).contains(pair[0].id.as_str());
    if let Some(pair) = found.windows(2).find(unordered) {
        return Err(Refused::NoOrder(pair[0].id.clone(), pair[1].id.clone()));
    }
    match found.is_empty() {
        true => Err(Refused::None),
        false => Ok(found),
    }
}

/// The release of each candidate: the one that is `wanted`, if its DDL does not say otherwise, or else the one that it proves.
pub fn releases<'a>(
    candidates: Vec<Candidate<'a>>,
    wanted: impl Fn(&Node) -> Option<&'static Release>,
    schema: &str,
) -> Result<Vec<Chosen<'a>>, Refused> {
    let mut chosen: Vec<Chosen<'a>> = Vec::new();
    for candidate in candidates {
        let before = chosen.last().map(|before| before.release);
        let proof = proven(&candidate.read, before, schema);
        // Databases may have been brought further by hand: they prove it.
        let later = |wanted: &Release, proven: &Vec<&'static Release>| {
            proven
                .last()
                .is_some_and(|last| last.version() < wanted.version())
        };
        let proof = match (wanted(candidate.node), proof) {
            (Some(wanted), Ok(proven)) if later(wanted, &proven) => Err(Unproven::Earlier {
                proven: proven.iter().map(|release| release.name).collect(),
            }),
            (_, proof) => proof,
        };
        let release = match (wanted(candidate.node), &proof) {
            (Some(wanted), Ok(proven)) if !proven.contains(&wanted) => {
                return Err(Refused::OtherRelease {
                    revision: candidate.node.id.clone(),
                    proven: proven.iter().map(|release| release.name).collect(),
                    release: wanted.name.to_owned(),
                });
            }
            (Some(wanted), _) => wanted,
            (None, Ok(proven)) => match proven.last() {
                Some(last) => last,
                None => return Err(Refused::None),
            },
            (None, Err(why)) => {
                return Err(Refused::Unproven {
                    revision: candidate.node.id.clone(),
                    why: why.clone(),
                });
            }
        };
        if let Some(earlier) = chosen.last()
            && !brings_more(release, earlier.release)
        {
            return Err(Refused::SameRelease {
                earlier: earlier.candidate.node.id.clone(),
                before: earlier.release.name,
                later: candidate.node.id.clone(),
                release: release.name,
            });
        }
        chosen.push(Chosen {
            candidate,
            release,
            proof,
        });
    }
    Ok(chosen)
}

fn brings_more(release: &Release, before: &Release) -> bool {
    let has = |sha256| {
        before
            .migrations
            .iter()
            .any(|migration| migration.sha256 == sha256)
    };
    let later: (Version, Version) = (release.version(), before.version());
    later.0 > later.1
        && release
            .migrations
            .iter()
            .any(|migration| !has(migration.sha256))
}
