//! The beginning of a command that writes: it waits for its turn, and sees to what an earlier run left that was cut off.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::{Global, Wait};
use crate::failure::Failure;
use crate::project::Project;
use crate::session::Output;
use crate::vendored::{
    Exclusive, Recovered, Tidied, finish_interrupted, leftovers, tidy, tidy_root,
};

/// Waits for other runs in the project, and finishes one that was cut off while it wrote the project's own files. The configuration is to be
/// read after that.
pub(super) fn begin(
    global: &Global,
    wait: &Wait,
    output: &mut Output<'_>,
) -> Result<Exclusive, Failure> {
    let (root, seconds) = (global.root(), wait.seconds);
    let guard = Exclusive::of(root, Duration::from_secs(seconds.into()), || {
        if seconds == 0 {
            return Ok(());
        }
        Ok::<(), Failure>(output.note(&format!(
            "another `vendor-migrations` is running in this project: waiting for it, at most {seconds} s (`--wait`)"
        ))?)
    })?;
    finish(&guard, root, root, "the project's files", output)?;
    say_tidied(tidy_root(&guard, root)?, output)?;
    Ok(guard)
}

/// Finishes an interrupted run on the vendored directory, and removes what others left. Returns whether it finished one.
pub(super) fn run(
    guard: &Exclusive,
    project: &Project,
    output: &mut Output<'_>,
) -> Result<bool, Failure> {
    let directory = project.vendored();
    let root = &project.root;
    let finished = finish(guard, &directory, root, project.directory.as_str(), output)?;
    say_tidied(tidy(guard, &directory)?, output)?;
    Ok(finished)
}

fn say_tidied(tidied: Vec<Tidied>, output: &mut Output<'_>) -> Result<(), Failure> {
    for Tidied { leftover, kept } in tidied {
        let path = &leftover.path;
        match &leftover.fault {
            None => output.note(&format!(
                "removed {path}, which an interrupted earlier run left behind"
            ))?,
            Some(why) => output.warning(&format!(
                "{path}, which an interrupted earlier run left behind, stays: {why}; copy what you need from it, and delete it"
            ))?,
        }
        warn_of_kept(&kept, output)?;
    }
    Ok(())
}

/// Finishes the interrupted run whose journal lies in `directory`. Returns whether there was one that it could finish.
fn finish(
    guard: &Exclusive,
    directory: &Utf8Path,
    root: &Utf8Path,
    shown: &str,
    output: &mut Output<'_>,
) -> Result<bool, Failure> {
    let (kept, finished) = match finish_interrupted(guard, directory, root)? {
        None => return Ok(false),
        Some(Recovered::Finished(kept)) => {
            output.note(&format!("finished an interrupted earlier run on {shown}"))?;
            (kept, true)
        }
        Some(Recovered::TakenBack(kept)) => {
            output.note(&format!(
                "undid an interrupted earlier run on {shown}: it had failed, or somebody had changed files in the meantime"
            ))?;
            (kept, false)
        }
    };
    warn_of_kept(&kept, output)?;
    Ok(finished)
}

/// What an interrupted run left, for a run that changes nothing.
pub(super) fn say(project: &Project, output: &mut Output<'_>) -> Result<(), Failure> {
    for leftover in leftovers(&project.root, &project.vendored())? {
        let path = leftover.path;
        output.note(&format!("{path} was left behind by an interrupted run"))?;
    }
    Ok(())
}

/// Names the places of what somebody wrote while a run was at work.
pub(super) fn warn_of_kept(kept: &[Utf8PathBuf], output: &mut Output<'_>) -> Result<(), Failure> {
    for path in kept {
        output.warning(&format!(
            "somebody wrote `{path}` while a `sync` was running, and the file is kept: check whether you need it"
        ))?;
    }
    Ok(())
}
