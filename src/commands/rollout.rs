//! `rollout`: the steps of an upgrade without service interruption.

use crate::cli::{Rollout, RolloutFormat};
use crate::failure::{Exit, Failure};
use crate::lockfile::Lock;
use crate::procrastinate::is_numbered;
use crate::report::rollout as report;
use crate::session::Session;
use crate::state::State;
use crate::steps::{self, Refusal};

pub(super) fn run(session: &mut Session<'_>, options: &Rollout) -> Result<Exit, Failure> {
    let state = State::read(&session.project)?;
    let from = session.release(&options.from, state.lock())?;
    let Some(lock) = state.lock().map(Lock::whole) else {
        session.output.refused(&Refusal::NothingVendored)?;
        return Ok(Exit::Drift);
    };
    let to = session.release(
        options.to.as_ref().unwrap_or(&lock.upstream.release),
        state.lock(),
    )?;
    if let Some(unnumbered) = [from, to]
        .into_iter()
        .find(|one| !is_numbered(&one.version()))
    {
        return Err(Failure::NoOrder(unnumbered.name));
    }
    if from.version() > to.version() {
        return Err(Failure::Backwards {
            from: from.name,
            to: to.name,
        });
    }
    let commands = session.commands();
    if options.to.is_none() && from.version() == to.version() {
        session.output.note(&format!(
            "Procrastinate {} is the release that is vendored; if a newer one is installed, run `{}` first",
            to.name,
            commands.own("sync")
        ))?;
    }
    let rollout = match steps::rollout(&lock, from, to) {
        Ok(rollout) => rollout,
        Err(refusal) => {
            session.output.refused(&refusal)?;
            return Ok(Exit::Drift);
        }
    };
    let upgrade = |revision: &str| commands.upgrade_to(revision);
    let out = &mut *session.output.out;
    match options.format {
        RolloutFormat::Text => report::text(out, &rollout, &upgrade)?,
        RolloutFormat::Markdown => report::markdown(out, &rollout, &upgrade)?,
        RolloutFormat::Json => report::json(out, &rollout, &upgrade)?,
    }
    Ok(Exit::Fine)
}
