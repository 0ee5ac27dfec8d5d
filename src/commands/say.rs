//! What every command may have to say beside its result.

use super::{Exit, Failure, Output};
use crate::project::Project;
use crate::report::prose::labelled;
use crate::report::style::{BAD, GOOD, NOTE};
use crate::steps::Refusal;
use crate::upstream::Upstream;

/// A note on standard error. `-q` does not hide it: what could not be checked is always said.
pub(super) fn note(output: &mut Output<'_>, text: &str) -> Result<(), Failure> {
    Ok(labelled(output.err, NOTE, "note:", text)?)
}

pub(super) fn warning(output: &mut Output<'_>, text: &str) -> Result<(), Failure> {
    Ok(labelled(output.err, NOTE, "warning:", text)?)
}

/// What could not be verified in a release, and what is not what it published.
pub(super) fn say_what_is_odd(upstream: &Upstream, output: &mut Output<'_>) -> Result<(), Failure> {
    for text in &upstream.notes {
        note(output, text)?;
    }
    for text in modified(upstream) {
        warning(output, &text)?;
    }
    Ok(())
}

/// The same as a list.
pub(super) fn what_is_odd(upstream: &Upstream) -> Vec<String> {
    let notes = upstream.notes.iter().cloned();
    notes.chain(modified(upstream)).collect()
}

pub(super) fn modified(upstream: &Upstream) -> impl Iterator<Item = String> {
    let title = upstream.title();
    upstream
        .modified
        .iter()
        .map(move |modified| format!("{} of {title}: {}", modified.path, modified.why))
}

/// Says where printed commands have to be run, if that is not the project's root.
pub(super) fn say_where(project: &Project, output: &mut Output<'_>) -> Result<(), Failure> {
    let Some(alembic) = &project.alembic else {
        return Ok(());
    };
    match alembic.working_directory.strip_prefix(&alembic.root) {
        Ok(directory) if !directory.as_str().is_empty() => {
            let text = format!(
                "run this in `{directory}`: Alembic takes the relative paths of its configuration from there"
            );
            note(output, &text)
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// What was asked for is not possible with what is vendored: why, and what to do.
pub(super) fn refused(refusal: &Refusal, output: &mut Output<'_>) -> Result<Exit, Failure> {
    labelled(output.err, BAD, "refused:", &refusal.to_string())?;
    labelled(output.err, GOOD, "help:", &refusal.hint())?;
    Ok(Exit::Drift)
}
