//! What `sync` has to do.

use crate::cli::{Source, Sync};
use crate::commands::recover;
use crate::failure::{Failure, InPlaceError};
use crate::inspect::{OwnRevisions, or_pinned};
use crate::plan::{Options, Plan};
use crate::project::Project;
use crate::session::Session;
use crate::state::{State, imported, installed_location, shipped};
use crate::upstream::{Processes, Upstream};
use crate::vendored::Exclusive;

use super::warnings;

/// What a run has to do.
pub(super) struct Found {
    pub(super) state: State,
    pub(super) upstream: Upstream,
    pub(super) plan: Plan,
}

/// Reads everything, and plans.
pub(super) fn load(
    session: &mut Session<'_>,
    options: &Sync,
    guard: Option<&Exclusive>,
) -> Result<Found, Failure> {
    match guard {
        Some(guard) => drop(recover::run(guard, &session.project, &mut session.output)?),
        None => recover::say(&session.project, &mut session.output)?,
    }
    let state = State::read(&session.project)?;
    if matches!(state, State::InPlace { .. }) {
        refuse_wishes(&session.project, options)?;
    }
    let upstream = session
        .upstream(&options.source, Processes::Allowed)
        .map_err(|failure| match state {
            State::Vendored { .. } => or_pinned(&session.project, failure),
            State::InPlace { .. } => failure,
        })?;
    accept(session, &upstream, &options.source)?;
    match state {
        State::Vendored { .. } => warnings::of_other_pin(session, options, &upstream)?,
        State::InPlace { .. } => check_import(session, &upstream)?,
    }
    let wishes = Options {
        mode: options.mode.or(session.project.settings.mode),
        rerender: options.rerender,
        force: options.force,
        allow_downgrade: options.allow_downgrade,
    };
    let schema = session.project.settings.target();
    let own = match state {
        State::Vendored { .. } => OwnRevisions::all(&session.project)?,
        // Nothing new goes among them.
        State::InPlace { .. } => OwnRevisions::none(&session.project),
    };
    let plan = state.plan(&upstream, &own, schema.as_ref(), wishes)?;
    Ok(Found {
        state,
        upstream,
        plan,
    })
}

/// In place, options about vendored files are refused.
fn refuse_wishes(project: &Project, options: &Sync) -> Result<(), Failure> {
    let wish = if options.mode.is_some() {
        "`--mode`"
    } else if project.settings.mode.is_some() {
        "the setting `mode`"
    } else if project.settings.schema.is_some() {
        "the setting `schema`"
    } else if options.rerender {
        "`--rerender`"
    } else if let Some(release) = &options.source.release {
        let title = format!("release {release} of the package index");
        return Err(InPlaceError::NotInstalled(title).into());
    } else {
        return Ok(());
    };
    Err(InPlaceError::NoFiles(wish).into())
}

/// In place: checks that Alembic imports this installation and looks into it.
fn check_import(session: &mut Session<'_>, upstream: &Upstream) -> Result<(), Failure> {
    installed_location(upstream)?;
    let Some(alembic) = &session.project.alembic else {
        return Ok(());
    };
    if let Some(why) = imported(alembic, &session.project.environments, upstream)? {
        session.output.note(&why)?;
    }
    if shipped(upstream).is_some_and(|directory| alembic.looks_into(&directory) == Some(false)) {
        session.output.warning(
            "Alembic does not look into the package's revisions, and applies none of them; run `vendor-migrations init \
             --in-place`",
        )?;
    }
    Ok(())
}

/// A changed installation is refused unless the user accepts it.
pub(in crate::commands) fn accept(
    session: &mut Session<'_>,
    upstream: &Upstream,
    source: &Source,
) -> Result<(), Failure> {
    if upstream.modified.is_empty() || source.allow_modified_source {
        return Ok(session.output.doubts(upstream)?);
    }
    Err(Failure::Modified {
        title: upstream.title(),
        modified: upstream.modified.clone(),
    })
}
