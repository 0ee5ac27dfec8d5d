//! The report of `sync` in another format than text.

use super::{Ended, describe, title};
use crate::cli::{ChangeFormat, Sync};
use crate::commands::sync::load::Found;
use crate::failure::Failure;
use crate::report::sync as report;
use crate::session::{Session, options as given};

/// The report; empty in text, which is printed meanwhile.
pub(super) fn page(
    session: &Session<'_>,
    options: &Sync,
    found: &Found,
    ended: &Ended,
) -> Result<Vec<u8>, Failure> {
    let (project, state) = (&session.project, &found.state);
    let (upstream, plan) = (&found.upstream, &found.plan);
    let done = report::Done {
        plan,
        upstream,
        before: state.lock(),
        title: title(project, state, upstream, plan),
        place: state.place(project, Some(upstream)),
        directory: state.directory(project),
        describe: &|change| describe(change, found),
        dry_run: options.dry_run,
        force: options.force,
        outcome: &ended.outcome,
        next: &ended.next,
        notes: &session.output.said,
        options: given(session.global),
    };
    let mut page = Vec::new();
    match options.format {
        ChangeFormat::Text => {}
        ChangeFormat::Markdown => report::markdown(&mut page, &done)?,
        ChangeFormat::Json => report::json(&mut page, &done)?,
    }
    Ok(page)
}
