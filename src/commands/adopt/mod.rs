//! `adopt`: the vendored revisions take the place of the project's own that made Procrastinate's schema.

mod choose;
mod edges;
mod prove;
mod write;

use super::recover;
use crate::adoption::Refused;
use crate::cli::{Adopt, Global};
use crate::failure::{Exit, Failure, InPlaceError};
use crate::lockfile::Lock;
use crate::patch::FileChange;
use crate::plan::Plan;
use crate::session::{Output, Session};
use crate::settings::History;
use crate::sql::SchemaName;
use crate::state::State;
use crate::vendored::Exclusive;
use crate::vendored::tree::Tree;

use choose::{choose, linear_vendored, own_revisions, refuse_run_time, refuse_schema};
use edges::plan_edges;

/// What is to be written.
struct Work {
    plan: Plan,
    /// The revisions of the project's own, edited; relative to the root of Alembic's project.
    own: Vec<FileChange>,
    /// Upstream, in words for people; none if it was not needed.
    source: Option<String>,
}

pub(super) fn run(
    global: &Global,
    options: &Adopt,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let guard = match options.write {
        true => Some(recover::begin(global, &options.wait, output)?),
        false => None,
    };
    let session = &mut Session::open_to_write(global, output)?;
    let mut finished = false;
    match &guard {
        Some(guard) => finished = recover::run(guard, &session.project, &mut session.output)?,
        None => recover::say(&session.project, &mut session.output)?,
    }
    let State::Vendored { tree, lock } = State::read(&session.project)? else {
        return Err(InPlaceError::Already.into());
    };
    match adopt(session, options, &tree, lock.as_ref(), guard.as_ref()) {
        // What was finished was this.
        Err(Stop::Refused(Refused::Already(_))) if finished => Ok(Exit::Fine),
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
    guard: Option<&Exclusive>,
) -> Result<Exit, Stop> {
    let baseline = lock.and_then(|lock| lock.baseline.as_ref());
    let baseline = baseline.map(|baseline| &baseline.revision);
    let adopted = lock.and_then(|lock| lock.adopted.first());
    let adopted = adopted.map(|adopted| &adopted.revision);
    if let Some(revision) = adopted.or(baseline) {
        return Err(Refused::Already(revision.clone()).into());
    }
    let revisions = own_revisions(session)?;
    let chosen = choose(session, options, &revisions, lock)?;
    let linear = session.project.settings.history == History::Linear;
    let schema = session.project.settings.schema.clone();
    let schema = schema.as_ref().map(SchemaName::as_str);
    refuse_schema(&chosen, schema)?;
    match lock {
        Some(_) if options.keep => return Err(Refused::KeepVendored.into()),
        Some(lock) if linear || lock.is_linear() => return Err(linear_vendored(&chosen).into()),
        _ => {}
    }
    if options.keep {
        refuse_run_time(&chosen)?;
    }
    prove::prove(session, options, &revisions.nodes, &chosen, lock)?;
    let work = plan_edges(session, options, &chosen, tree, lock)?;
    write::show(session, options, &chosen, &work, lock)?;
    if !work.plan.conflicts.is_empty() {
        return Ok(Exit::Drift);
    }
    if let Some(guard) = guard {
        write::write(session, options, tree, &work, guard)?;
    }
    write::advise(session, options, &chosen, &work, lock)?;
    Ok(Exit::Fine)
}
