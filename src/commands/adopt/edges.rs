//! What is to be written: the vendored revisions with their new edges, and the project's own without what made the tables.

use camino::Utf8Path;

use super::{Stop, Work};
use crate::adoption::{Candidate, Chosen, Edit, Refused, edited};
use crate::catalog;
use crate::cli::Adopt;
use crate::commands::sync::accept;
use crate::inspect::{OwnRevisions, file_of_project};
use crate::lockfile::{Adopted, Baseline, Below, Lock};
use crate::patch::FileChange;
use crate::plan::{Adoption, Input, Options, Taken, adopt_new, adopt_vendored, keep, plan};
use crate::procrastinate::{MigrationName, is_older};
use crate::python_source::Header;
use crate::session::Session;
use crate::settings::History;
use crate::steps::last_revision;
use crate::upstream::{Processes, Upstream};
use crate::vendored::tree::Tree;

pub(super) fn plan_edges(
    session: &mut Session<'_>,
    options: &Adopt,
    chosen: &[Chosen<'_>],
    tree: &Tree,
    lock: Option<&Lock>,
) -> Result<Work, Stop> {
    let linear = session.project.settings.history == History::Linear;
    let (plan, source) = match lock {
        Some(lock) => {
            let own = OwnRevisions::all(&session.project)?;
            let adoption = adoption(lock, chosen, own.own().heads(lock), linear)?;
            (adopt_vendored(lock, tree, &adoption)?, None)
        }
        None => {
            let source = options.source();
            let upstream = session.upstream(&source, Processes::Allowed)?;
            accept(session, &upstream, &source)?;
            let own = OwnRevisions::all(&session.project)?;
            let schema = session.project.settings.target();
            let input = Input {
                lock: None,
                upstream: &upstream,
                tree,
                own: own.own(),
                schema: schema.as_ref(),
                options: Options {
                    mode: session.project.settings.mode,
                    ..Options::default()
                },
            };
            refuse_older(&upstream, chosen)?;
            let without = plan(input)?;
            if options.keep {
                let heads = own.own().heads(&without.lock);
                if heads.len() > 1 {
                    return Err(Refused::SeveralHeads(heads).into());
                }
                let plan = keep(without, input, baseline(chosen)?)?;
                return Ok(Work {
                    plan,
                    own: Vec::new(),
                    source: Some(upstream.title()),
                });
            }
            let adoption = adoption(
                &without.lock,
                chosen,
                own.own().heads(&without.lock),
                linear,
            )?;
            (
                adopt_new(without, input, &adoption)?,
                Some(upstream.title()),
            )
        }
    };
    let own = edits(session, chosen, &plan.lock, linear)?;
    Ok(Work { plan, own, source })
}

/// What is vendored has to hold the release of each.
fn refuse_older(upstream: &Upstream, chosen: &[Chosen<'_>]) -> Result<(), Refused> {
    let is_newer = |one: &&Chosen<'_>| is_older(&upstream.release, &one.release.version());
    match chosen.iter().find(is_newer) {
        None => Ok(()),
        Some(one) => Err(Refused::OlderUpstream {
            release: one.release.name,
            upstream: upstream.release.to_string(),
        }),
    }
}

/// The last of them stands for its release; what is older is not vendored.
fn baseline(chosen: &[Chosen<'_>]) -> Result<Baseline, Refused> {
    let Some(last) = chosen.last() else {
        return Err(Refused::None);
    };
    let (node, release) = (last.candidate.node, last.release);
    let below = |migration: &catalog::Migration| {
        Some(Below {
            sql: MigrationName::new(migration.name).ok()?,
            sql_sha256: migration.sha256,
        })
    };
    Ok(Baseline {
        revision: node.id.clone(),
        down: node.down.first().cloned(),
        release: release.version(),
        migrations: release
            .migrations
            .iter()
            .copied()
            .filter_map(below)
            .collect(),
    })
}

fn adoption(
    lock: &Lock,
    chosen: &[Chosen<'_>],
    heads: Vec<String>,
    linear: bool,
) -> Result<Adoption, Refused> {
    // In a branch, too: Alembic cannot sort a revision that depends on several heads (`KeyError`).
    if heads.len() > 1 {
        return Err(Refused::SeveralHeads(heads));
    }
    let needy = chosen
        .iter()
        .find(|one| !linear && !one.candidate.node.depends_on.is_empty());
    if let Some(one) = needy {
        return Err(Refused::DependsOn(one.candidate.node.id.clone()));
    }
    let taken = |one: &Chosen<'_>| {
        let node = one.candidate.node;
        Ok(Taken {
            parent: node.down.first().cloned(),
            adopted: Adopted {
                revision: node.id.clone(),
                release: one.release.version(),
                is: last_revision(lock, one.release)?.to_owned(),
            },
        })
    };
    Ok(Adoption {
        taken: chosen.iter().map(taken).collect::<Result<_, Refused>>()?,
        heads,
        linear,
    })
}

/// The edits of the project's own revisions.
fn edits(
    session: &Session<'_>,
    chosen: &[Chosen<'_>],
    lock: &Lock,
    linear: bool,
) -> Result<Vec<FileChange>, Refused> {
    let root = session.project.root_of_alembic();
    let mut edits = Vec::new();
    for (one, adopted) in chosen.iter().zip(&lock.adopted) {
        let Candidate { node, text, read } = &one.candidate;
        let stands = [adopted.is.clone()];
        let depends_on = [&node.depends_on[..], &stands].concat();
        let header = Header {
            id: &node.id,
            down: match linear {
                true => Some(&adopted.is),
                false => node.down.first().map(String::as_str),
            },
            depends_on: if linear {
                &node.depends_on
            } else {
                &depends_on
            },
            labels: true,
        };
        let files = |path: &Utf8Path| file_of_project(root, path);
        let edit = Edit {
            source: text,
            path: &node.path,
            files: &files,
            own: read,
            pinned: session.project.settings.schema.is_some(),
        };
        let after = edited(&edit, &header).map_err(|stuck| Refused::Stuck {
            path: node.path.clone(),
            stuck,
        })?;
        edits.push(FileChange {
            path: node.path.to_string(),
            before: Some(text.clone().into_bytes()),
            after: Some(after.into_bytes()),
        });
    }
    Ok(edits)
}
