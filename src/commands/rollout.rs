//! `rollout`: the steps of an upgrade without service interruption.

use super::{Exit, Failure, Output, alembic_command, refused, say_where, shell_word};
use crate::catalog;
use crate::cli::{Global, Rollout, RolloutFormat};
use crate::project::Project;
use crate::report::rollout as report;
use crate::steps::{self, Refusal};

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Rollout,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let lock = project.lock()?;
    let from = catalog::known(&options.from)?;
    let Some(lock) = lock else {
        return refused(&Refusal::NothingVendored, output);
    };
    let to = catalog::known(options.to.as_ref().unwrap_or(&lock.upstream.release))?;
    if from.version() > to.version() {
        return Err(Failure::Backwards {
            from: from.name,
            to: to.name,
        });
    }
    let rollout = match steps::rollout(&lock, from, to) {
        Ok(rollout) => rollout,
        Err(refusal) => return refused(&refusal, output),
    };
    say_where(project, output)?;
    let alembic = alembic_command(project, global);
    let upgrade = |revision: &str| format!("{alembic} upgrade {}", shell_word(revision));
    match options.format {
        RolloutFormat::Text => report::text(output.out, &rollout, &upgrade)?,
        RolloutFormat::Markdown => report::markdown(output.out, &rollout, &upgrade)?,
        RolloutFormat::Json => report::json(output.out, &rollout, &upgrade)?,
    }
    Ok(Exit::Fine)
}
