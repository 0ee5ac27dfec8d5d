//! The commands to run after `sync`.

use crate::catalog;
use crate::commands::first_run::unwired;
use crate::lockfile::Lock;
use crate::plan::Plan;
use crate::report::sync::{Advice, Next, Steps};
use crate::session::{Commands, Session};
use crate::state::State;
use crate::steps;

/// The commands to run next. `adopts` says that `adopt` comes first.
pub(super) fn next(session: &Session<'_>, state: &State, plan: &Plan, adopts: bool) -> Next {
    let project = &session.project;
    let commands = session.commands();
    if adopts {
        return Next::Adopt(commands.own("check"));
    }
    let first = || {
        let before = unwired(project).map_or(&[][..], |_| &["init", "check"]);
        let own = before.iter().map(|verb| commands.own(verb));
        own.chain([commands.upgrade()]).collect()
    };
    let advice = Advice {
        first: state.lock().is_none().then(first),
        upgrade: &|revision| commands.upgrade_to(revision),
        from: state.lock().map(|before| &before.upstream.release),
        rollout: state
            .lock()
            .and_then(|before| rollout(before, plan, &commands)),
    };
    Next::of(plan, advice)
}

/// The steps from the release that was vendored, if there are such steps.
fn rollout(before: &Lock, plan: &Plan, commands: &Commands) -> Option<Steps> {
    let [from, to] = [before, &plan.lock].map(|lock| catalog::release(&lock.upstream.release));
    let from = from?;
    let found = steps::rollout(&plan.lock.whole(), from, to?).ok()?;
    Some(Steps {
        command: commands.own(&format!("rollout --from {}", from.name)),
        interrupted: found.steps.iter().any(|step| step.interruption.is_some()),
    })
}
