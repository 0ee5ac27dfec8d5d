//! What an earlier `sync` left that was cut off.

use camino::Utf8PathBuf;

use crate::failure::Failure;
use crate::project::Project;
use crate::session::Output;
use crate::vendored::{Recovered, Tidied, finish_interrupted, leftovers, tidy};

/// Finishes an interrupted run, or removes what it left.
/// Returns whether it finished one.
pub(super) fn run(project: &Project, output: &mut Output<'_>) -> Result<bool, Failure> {
    let directory = project.vendored();
    let shown = &project.directory;
    let mut finished = false;
    let kept = match finish_interrupted(&directory, &project.root)? {
        None => Vec::new(),
        Some(Recovered::Finished(kept)) => {
            finished = true;
            output.note(&format!(
                "finished an earlier run on {shown} that was cut off"
            ))?;
            kept
        }
        Some(Recovered::TakenBack(kept)) => {
            output.note(&format!(
                "took back an earlier run on {shown} that was cut off: somebody had changed files meanwhile"
            ))?;
            kept
        }
    };
    warn_of_kept(&kept, output)?;
    for Tidied { leftover, kept } in tidy(&directory)? {
        let path = &leftover.path;
        match &leftover.fault {
            None => output.note(&format!(
                "removed {path}, which an earlier `sync` that was cut off left behind"
            ))?,
            Some(why) => output.warning(&format!(
                "{path}, which an earlier `sync` that was cut off left behind, stays: {why}; take over what you need of it, and delete it"
            ))?,
        }
        warn_of_kept(&kept, output)?;
    }
    Ok(finished)
}

/// What an interrupted run left, for a run that changes nothing.
pub(super) fn say(project: &Project, output: &mut Output<'_>) -> Result<(), Failure> {
    for leftover in leftovers(&project.vendored())? {
        let path = leftover.path;
        output.note(&format!(
            "{path} was left behind by a `sync` that was cut off"
        ))?;
    }
    Ok(())
}

/// Names the places of what somebody wrote while a run was at work.
pub(super) fn warn_of_kept(kept: &[Utf8PathBuf], output: &mut Output<'_>) -> Result<(), Failure> {
    for path in kept {
        output.warning(&format!(
            "`{path}` was written by somebody while a `sync` was at work, and is kept: look whether you need it"
        ))?;
    }
    Ok(())
}
