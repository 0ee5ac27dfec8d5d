//! `init --in-place`.

use super::edits::Edits;
use super::{advise, configured, pre_commit, refuse_several_databases, with_own};
use crate::alembic::config::AlembicConfig;
use crate::cli::Init;
use crate::commands::sync::accept;
use crate::failure::{Failure, InPlaceError};
use crate::lockfile::{LOCK_NAME, Lock};
use crate::patch::FileChange;
use crate::plan::{Options, plan_in_place};
use crate::project::Project;
use crate::report::init::Done;
use crate::report::style::count;
use crate::session::Session;
use crate::settings::History;
use crate::state::{State, imported, installed_location, lock_file, needs, shipped};
use crate::upstream::{Processes, Upstream};
use crate::vendored::Exclusive;
use crate::wiring::New;

const LOCKED: &str = "vendor-migrations.lock:";

/// Wires the project to the installed package's own revisions, and locks what they are.
pub(super) fn run(
    session: &mut Session<'_>,
    options: &Init,
    guard: Option<&Exclusive>,
) -> Result<Done, Failure> {
    configured(&session.project)?;
    let state = State::read(&session.project)?;
    refuse(&session.project, &state, options)?;
    refuse_several_databases(&session.project)?;
    let upstream = session.upstream(&options.source, Processes::Allowed)?;
    accept(session, &upstream, &options.source)?;
    let project = &session.project;
    let alembic = configured(project)?;
    let location = installed_location(&upstream)?;
    if let Some(why) = imported(alembic, &project.environments, &upstream)? {
        session.output.note(&why)?;
    }
    let planned = plan_in_place(state.lock(), &upstream, Options::default())?;
    let hook = pre_commit::look(project, None, &pre_commit::options(session.global))?;
    let mut edits = Edits::default();
    edits.add(located(alembic, &upstream, &location)?);
    edits.add(hook.iter().filter_map(|hook| hook.file.clone()));
    edits.show(options.dry_run, &mut session.output)?;
    if state.lock().is_none() {
        // The lock first: a project that is wired and has none would be taken for one that is not in place.
        edits.add_first(lock_file(None, &planned.lock)?);
    }
    let wired = format!("Alembic looks into {location}");
    let mut done = edits.write(project, guard, &wired, &mut session.output)?;
    say_what_is_locked(session, &mut done, state.lock(), &planned.lock, &upstream)?;
    advise(session, &mut done, Some(needs(Some(&upstream))))?;
    if let Some(hook) = &hook {
        hook.advise(&mut done, &mut session.output)?;
    }
    let commands = session.commands();
    done.next = vec![commands.own("check"), commands.upgrade()];
    Ok(done)
}

/// Refuses options and settings that do not fit `--in-place`.
fn refuse(project: &Project, state: &State, options: &Init) -> Result<(), Failure> {
    if options.history.unwrap_or(project.settings.history) == History::Linear {
        return Err(InPlaceError::Linear.into());
    }
    if project.settings.mode.is_some() {
        return Err(InPlaceError::NoFiles("the setting `mode`").into());
    }
    if project.settings.schema.is_some() {
        return Err(InPlaceError::NoFiles("the setting `schema`").into());
    }
    if let Some(release) = &options.source.release {
        let title = format!("release {release} of the package index");
        return Err(InPlaceError::NotInstalled(title).into());
    }
    match state {
        State::Vendored { tree, lock }
            if lock.is_some() || tree.python_files().next().is_some() =>
        {
            Err(InPlaceError::Vendored(project.directory.clone()).into())
        }
        State::Vendored { .. } | State::InPlace { .. } => Ok(()),
    }
}

/// The configuration with the package's location in it; none if it is there.
fn located(
    alembic: &AlembicConfig,
    upstream: &Upstream,
    location: &str,
) -> Result<Option<FileChange>, Failure> {
    let mut listed = alembic.versions.locations().iter();
    let is_listed = listed.any(|found| found.written == location)
        || shipped(upstream).is_some_and(|shipped| alembic.looks_into(&shipped) == Some(true));
    with_own(
        alembic,
        (!is_listed).then(|| New::Package(location.to_owned())),
    )
}

fn say_what_is_locked(
    session: &mut Session<'_>,
    done: &mut Done,
    before: Option<&Lock>,
    lock: &Lock,
    upstream: &Upstream,
) -> Result<(), Failure> {
    let release = &upstream.release;
    match before.map(|lock| &lock.upstream.release) {
        None => {
            let revisions = count(lock.revisions.len(), "revision");
            let what = format!(
                "{revisions} of Procrastinate {release}, which run from the installed package; nothing is copied"
            );
            writeln!(session.output.out, "{LOCK_NAME}: {what}")?;
            done.result.push((LOCKED, what));
        }
        Some(old) if old != release => session.output.note(&format!(
            "{LOCK_NAME} records Procrastinate {old}, but {release} is installed: `vendor-migrations check` shows what changed"
        ))?,
        Some(_) => {}
    }
    Ok(())
}
