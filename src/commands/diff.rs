//! `diff`: what `sync --force` would change, as one unified diff.

use super::own::OwnRevisions;
use super::pinned::or_pinned;
use super::{Exit, Failure, Output, note, say_what_is_odd, upstream};
use crate::cli::{Diff, Global};
use crate::plan::{Change, ChangeKind, Input, Options, plan};
use crate::project::Project;
use crate::report::escape::one_line;
use crate::report::sync as report;
use crate::report::{diff, style};
use crate::upstream::Processes;

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Diff,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let (tree, lock) = project.load()?;
    // A release that the user names may be downloaded; nothing else starts a process.
    let processes = if options.source.release.is_some() {
        Processes::Allowed
    } else {
        Processes::Forbidden
    };
    let upstream =
        upstream(project, &options.source, processes).map_err(|error| or_pinned(project, error))?;
    say_what_is_odd(&upstream, output)?;
    let wishes = Options {
        mode: options.mode.or(project.settings.mode),
        force: true,
        allow_downgrade: true,
        ..Options::default()
    };
    let own = OwnRevisions::readable(project)?;
    let plan = plan(Input {
        lock: lock.as_ref(),
        upstream: &upstream,
        tree: &tree,
        own: own.own(),
        options: wishes,
    })?;
    if !global.quiet {
        writeln!(
            output.err,
            "{} against {}",
            one_line(project.directory.as_str()),
            upstream.title()
        )?;
    }
    let shown = |path: &str| project.shown(path);
    for change in &plan.changes {
        match &change.kind {
            ChangeKind::Renamed { from } => {
                note(output, &format!("{from} is now {}", change.name))?
            }
            ChangeKind::Removed => note(
                output,
                &format!("{} is gone upstream; it stays vendored", change.name),
            )?,
            ChangeKind::Added { .. }
            | ChangeKind::SqlChanged
            | ChangeKind::WrapperChanged
            | ChangeKind::Restored
            | ChangeKind::LineEnds
            | ChangeKind::Overwritten
            | ChangeKind::Rechained { .. }
            | ChangeKind::Rewritten => {}
        }
    }
    for file in &plan.files {
        style::diff(output.out, &diff::of(file, &shown))?;
    }
    // What `sync` would stop at is no difference that can be shown.
    report::conflicts(output.err, &plan, &plan.conflicts, &shown)?;
    // A rename changes no file, and is a difference all the same.
    let renamed = |change: &Change| matches!(change.kind, ChangeKind::Renamed { .. });
    Ok(
        if plan.files.is_empty() && !plan.changes.iter().any(renamed) {
            Exit::Fine
        } else {
            Exit::Drift
        },
    )
}
