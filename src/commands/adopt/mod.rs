//! `adopt`: the vendored revisions take the place of the project's own that made Procrastinate's schema.

mod prove;
mod write;

use crate::adoption::{Candidate, Chosen, OwnRevision, Refused, edited, named, releases};
use crate::alembic::graph::Node;
use crate::alembic::revisions::Revisions;
use crate::catalog::{self, Release};
use crate::cli::{Adopt, Wish};
use crate::failure::{Exit, Failure, InPlaceError};
use crate::inspect::{OwnRevisions, own_revision};
use crate::lockfile::{Adopted, Lock};
use crate::patch::FileChange;
use crate::plan::{Adoption, Input, Options, Plan, Taken, adopt_new, adopt_vendored, plan};
use crate::python_source::{Header, RevisionFile};
use crate::session::Session;
use crate::settings::History;
use crate::state::State;
use crate::steps::last_revision;
use crate::upstream::Processes;
use crate::vendored::tree::Tree;

use super::recover;
use super::sync::accept;

/// What is to be written.
struct Work {
    plan: Plan,
    /// The revisions of the project's own, edited; relative to the root of Alembic's project.
    own: Vec<FileChange>,
    /// Upstream, in words for people; none if it was not needed.
    source: Option<String>,
}

pub(super) fn run(session: &mut Session<'_>, options: &Adopt) -> Result<Exit, Failure> {
    match options.write {
        true => recover::run(&session.project, &mut session.output)?,
        false => recover::say(&session.project, &mut session.output)?,
    }
    let State::Vendored { tree, lock } = State::read(&session.project)? else {
        return Err(InPlaceError::Already.into());
    };
    match adopt(session, options, &tree, lock.as_ref()) {
        Ok(exit) => Ok(exit),
        Err(Stop::Refused(refused)) if !refused.is_usage() => {
            session
                .output
                .refuse(&refused.to_string(), &refused.hint())?;
            Ok(Exit::Drift)
        }
        Err(Stop::Refused(refused)) => Err(Failure::Adoption(refused)),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// Why it does not go on.
enum Stop {
    /// Exit status 1.
    Refused(Refused),
    Failed(Failure),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl<T: Into<Failure>> From<T> for Stop {
    fn from(failure: T) -> Self {
        Self::Failed(failure.into())
    }
}

fn adopt(
    session: &mut Session<'_>,
    options: &Adopt,
    tree: &Tree,
    lock: Option<&Lock>,
) -> Result<Exit, Stop> {
    if let Some(adopted) = lock.and_then(|lock| lock.adopted.first()) {
        return Err(Refused::Already(adopted.revision.clone()).into());
    }
    let revisions = own_revisions(session)?;
    let chosen = choose(session, options, &revisions, lock)?;
    let linear = session.project.settings.history == History::Linear;
    refuse_schema(&chosen)?;
    if let Some(lock) = lock.filter(|lock| {
        linear
            || lock
                .revisions
                .iter()
                .any(|one| is_chained(lock, one.down.as_deref()))
    }) {
        return Err(linear_vendored(&chosen, lock).into());
    }
    prove::prove(session, options, &revisions.nodes, &chosen)?;
    let work = plan_edges(session, options, &revisions, &chosen, tree, lock)?;
    write::show(session, options, &chosen, &work, lock)?;
    if !work.plan.conflicts.is_empty() {
        return Ok(Exit::Drift);
    }
    if options.write {
        write::write(session, options, tree, &work)?;
    }
    write::advise(session, options, &chosen, &work, lock)?;
    Ok(Exit::Fine)
}

/// All of them have to be readable: what is not could come between.
fn own_revisions(session: &Session<'_>) -> Result<Revisions, Failure> {
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

fn choose<'a>(
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
    let nodes = named(&revisions.nodes, &ids, makes, lock)?;
    if ids.is_empty() && nodes.len() > 1 && options.release.is_some() {
        return Err(Refused::Several(
            nodes
                .iter()
                .map(|node| format!("`{}` ({})", node.id, node.path))
                .collect(),
        )
        .into());
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
    let mut candidates = Vec::new();
    for node in nodes {
        let (text, read) = match read(node) {
            Some(read) => read,
            // It does not speak of Procrastinate: somebody has emptied it by hand.
            None => {
                let text = fs_err::read_to_string(project.root_of_alembic().join(&node.path))
                    .map_err(Failure::Read)?;
                let read = OwnRevision::read(&text, &node.path, &|_| None);
                (
                    text,
                    read.map_err(|error| Failure::Read(std::io::Error::other(error)))?,
                )
            }
        };
        candidates.push(Candidate { node, text, read });
    }
    Ok(releases(candidates, of, "public")?)
}

/// Whether a revision follows one of the project's own.
fn is_chained(lock: &Lock, down: Option<&str>) -> bool {
    down.is_some_and(|down| lock.revision(down).is_none())
}

fn linear_vendored(chosen: &[Chosen<'_>], _: &Lock) -> Refused {
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

/// Objects that are made in another schema than the vendored revisions would make them.
fn refuse_schema(chosen: &[Chosen<'_>]) -> Result<(), Refused> {
    for one in chosen {
        let signs = one.candidate.read.signs();
        let ddl = signs.iter().filter_map(|sign| sign.how.ddl());
        let mut named = ddl
            .flat_map(|ddl| &ddl.targets)
            .filter_map(|target| target.schema.as_deref());
        if let Some(named) = named.find(|named| *named != "public") {
            return Err(Refused::Schema {
                revision: one.candidate.node.id.clone(),
                named: named.to_owned(),
                set: None,
            });
        }
    }
    Ok(())
}

fn plan_edges(
    session: &mut Session<'_>,
    options: &Adopt,
    revisions: &Revisions,
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
            let without = plan(input)?;
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
    let own = edits(session, revisions, chosen, &plan.lock, linear)?;
    Ok(Work { plan, own, source })
}

fn adoption(
    lock: &Lock,
    chosen: &[Chosen<'_>],
    heads: Vec<String>,
    linear: bool,
) -> Result<Adoption, Refused> {
    if linear && heads.len() > 1 {
        return Err(Refused::SeveralHeads(heads));
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
    revisions: &Revisions,
    chosen: &[Chosen<'_>],
    lock: &Lock,
    linear: bool,
) -> Result<Vec<FileChange>, Refused> {
    let root = session.project.root_of_alembic();
    let _ = revisions;
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
        let files = |path: &camino::Utf8Path| fs_err::read_to_string(root.join(path)).ok();
        let after =
            edited(text, &node.path, &files, read, &header).map_err(|stuck| Refused::Stuck {
                path: node.path.clone(),
                stuck,
            })?;
        edits.push(FileChange {
            path: node.path.to_string(),
            before: Some(text.clone().into_bytes()),
            after: Some(after.into_bytes()),
        });
    }
    let _ = RevisionFile::parse;
    Ok(edits)
}
