//! `init`: wires a project once.

mod edits;
mod in_place;
mod pre_commit;
mod separate;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::AlembicConfig;
use crate::alembic::config::packages::normal;
use crate::cli::{ChangeFormat, Global, Init, Source};
use crate::commands::recover;
use crate::failure::{Exit, Failure, InPlaceError, InitError};
use crate::findings::wiring::{Env, Needs};
use crate::findings::{Code, Finding, Remedy};
use crate::inspect::{env_file, has_unlisted_versions, to_adopt, wired};
use crate::lockfile::Mode;
use crate::patch::FileChange;
use crate::place::Place;
use crate::plan::{differing, when_to_rerender};
use crate::project::Project;
use crate::read;
use crate::report::init::{self as report, Done};
use crate::report::screen::Screen;
use crate::session::{Commands, Output, Session, options as given};
use crate::settings::{PYPROJECT, Settings};
use crate::state::State;
use crate::vendored::Exclusive;
use crate::wiring::{New, WiringError, file, with_locations};

use edits::{Edits, text};
use pre_commit::PreCommit;

pub(super) fn run(
    global: &Global,
    options: &Init,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    // Beside another format, which says the same, there is no text on standard output.
    let mut unseen = Vec::new();
    let out: &mut dyn Screen = match options.format {
        ChangeFormat::Text => &mut *output.out,
        ChangeFormat::Markdown | ChangeFormat::Json => &mut unseen,
    };
    let done = wire(global, options, &mut Output::new(out, &mut *output.err))?;
    match options.format {
        ChangeFormat::Text if global.quiet => {}
        ChangeFormat::Text => report::next(output.out, &done.next)?,
        ChangeFormat::Markdown => report::markdown(output.out, &done)?,
        ChangeFormat::Json => report::json(output.out, &done)?,
    }
    Ok(Exit::Fine)
}

/// Wires the project, and prints everything but the next commands.
fn wire(global: &Global, options: &Init, output: &mut Output<'_>) -> Result<Done, Failure> {
    let guard = match options.dry_run {
        true => None,
        false => Some(recover::begin(global, &options.wait, output)?),
    };
    let guard = guard.as_ref();
    let mut session = match options.separate {
        Some(_) => Session::unwired(global, output)?,
        None => Session::open(global, output)?,
    };
    if let Some(guard) = guard.filter(|_| options.separate.is_none()) {
        recover::run(guard, &session.project, &mut session.output)?;
    }
    let done = if options.separate.is_some() {
        separate::run(&mut session, options, guard)?
    } else if options.in_place {
        in_place::run(&mut session, options, guard)?
    } else {
        beside(&mut session, options, guard)?
    };
    Ok(Done {
        dry_run: options.dry_run,
        notes: session.output.said,
        options: given(global),
        ..done
    })
}

/// Wires the vendored directory into the application's own history.
fn beside(
    session: &mut Session<'_>,
    options: &Init,
    guard: Option<&Exclusive>,
) -> Result<Done, Failure> {
    let project = &session.project;
    let state = State::read(project)?;
    refuse(project, &state, options)?;
    if options.source != Source::default() {
        return Err(InPlaceError::NoSource.into());
    }
    let alembic = configured(project)?;
    refuse_several_databases(project)?;
    let mut edits = Edits::default();
    edits.add_directory(project, &project.directory)?;
    edits.add(located(project, alembic)?);
    if let Some(history) = options.history
        && history != project.settings.history
    {
        edits.add_settings(project, &[("history", history.as_str().to_owned())])?;
    }
    edits.add_schema(project, options)?;
    let hook = pre_commit::look(
        project,
        Some(&project.directory),
        &pre_commit::options(session.global),
    )?;
    edits.add(hook.iter().filter_map(|hook| hook.file.clone()));
    let file = alembic.file.as_deref();
    let file = file.map_or("Alembic's configuration", Utf8Path::as_str);
    let wired = format!("{file} names {}", project.directory);
    edits.show(options.dry_run, &mut session.output)?;
    let mut done = edits.write(project, guard, &wired, &mut session.output)?;
    warn_of_schema(session, &state, options)?;
    advise(session, &mut done, None)?;
    let directory = session.project.directory.clone();
    formatters(session, &mut done, &directory, hook.as_ref())?;
    let own = session.project.own_revisions();
    let adopts = own.is_ok_and(|own| to_adopt(&session.project, &own, state.lock()).is_some());
    // What cannot be read is left to `check`.
    done.next = match adopts {
        // It names the revision, and the `adopt` that has to come first.
        true => vec![session.commands().own("check")],
        false => next(&session.commands().with_history(options.history)),
    };
    Ok(done)
}

/// Refuses a project that is in place, and a schema for copies.
fn refuse(project: &Project, state: &State, options: &Init) -> Result<(), Failure> {
    if let State::InPlace { .. } = state {
        return Err(InPlaceError::Already.into());
    }
    let locked = state.lock().map(|lock| lock.upstream.mode);
    let is_asked = options.schema.is_some() || project.settings.schema.is_some();
    if is_asked && project.settings.mode.or(locked) == Some(Mode::Copy) {
        return Err(InitError::SchemaOfCopies.into());
    }
    Ok(())
}

/// Refuses an `env.py` that no vendored revision can run under.
fn refuse_several_databases(project: &Project) -> Result<(), Failure> {
    let Some(Env {
        path,
        file: Ok(file),
        ..
    }) = env_file(project)?
    else {
        return Ok(());
    };
    match file.run_arguments {
        Some(found) => {
            let place = Place::new(path.as_str()).at(found.line);
            let text = found.text;
            Err(InitError::SeveralDatabases { place, text }.into())
        }
        None => Ok(()),
    }
}

/// Warns if what is vendored is rendered for another schema.
fn warn_of_schema(session: &mut Session<'_>, state: &State, options: &Init) -> Result<(), Failure> {
    let settings = Settings {
        schema: options.schema.clone(),
        ..session.project.settings.clone()
    };
    let (vendored, wanted) = (
        state.lock().map(|lock| lock.schema.as_ref()),
        settings.target(),
    );
    let (Some(vendored), Some(wanted)) = (vendored, wanted) else {
        return Ok(());
    };
    if options.schema.is_some() && vendored != Some(&wanted) {
        session.output.warning(&format!(
            "{}. `vendor-migrations sync --rerender` {}",
            differing(vendored, Some(&wanted)),
            when_to_rerender(vendored, Some(&wanted))
        ))?;
    }
    Ok(())
}

fn next(commands: &Commands) -> Vec<String> {
    vec![
        commands.own("sync"),
        commands.own("check"),
        commands.upgrade(),
    ]
}

fn configured(project: &Project) -> Result<&AlembicConfig, Failure> {
    let why = || WiringError::Undecidable("Alembic's configuration was not found".to_owned());
    Ok(project.alembic.as_ref().ok_or_else(why)?)
}

/// The configuration with the vendored directory in it; none if it is there.
fn located(project: &Project, alembic: &AlembicConfig) -> Result<Option<FileChange>, Failure> {
    let directory = alembic.root.join(&project.directory);
    let is_there = alembic.looks_into(&directory) == Some(true);
    with_own(alembic, (!is_there).then_some(New::Directory(directory)))
}

/// Alembic's configuration with one more location, and with the default directory of the project's own revisions, where that is missing; none if
/// there is nothing to add.
fn with_own(alembic: &AlembicConfig, added: Option<New>) -> Result<Option<FileChange>, Failure> {
    let own = alembic.root.join(alembic.own_versions());
    let is_missing = has_unlisted_versions(alembic) && !is_written(alembic, &own);
    let own = is_missing.then_some(own);
    let new: Vec<New> = own.map(New::Directory).into_iter().chain(added).collect();
    if new.is_empty() {
        return Ok(None);
    }
    let before = text(&alembic.root, file(alembic)?)?.unwrap_or_default();
    let edit = with_locations(alembic, &before, &new)?;
    let is_new = edit.text != before;
    Ok(is_new.then(|| FileChange::of_text(&edit.path, Some(before), edit.text)))
}

/// Whether the list names the directory, by whatever separator: an edit may mend that.
fn is_written(alembic: &AlembicConfig, directory: &Utf8Path) -> bool {
    let Some(setting) = alembic.setting("version_locations") else {
        return false;
    };
    let here = alembic.sources.ini.as_ref().map(|ini| ini.here.as_str());
    let text = setting.raw.replace("%(here)s", here.unwrap_or_default());
    let mut entries = text.split(['\n', ' ', ',', ':', ';']);
    entries.any(|entry| !entry.is_empty() && normal(&alembic.working_directory, entry) == directory)
}

/// Warns of what `init` does not edit. `needs` is what existing revisions need of `env.py`.
fn advise(session: &mut Session<'_>, done: &mut Done, needs: Option<Needs>) -> Result<(), Failure> {
    let project = &session.project;
    let env = env_file(project)?;
    let found = wired(project, Some(&project.directory), env.as_ref(), needs);
    let concerns = |finding: &&Finding| {
        matches!(
            finding.code,
            Code::EnvTransaction
                | Code::LocationsInEnv
                | Code::PrependSysPath
                | Code::LocationMissing
                | Code::SingleTransaction
                | Code::AsyncpgCopies
        )
    };
    let found = found.iter().flat_map(|found| &found.findings);
    // What `init` mends is mended by now.
    let is_left = |finding: &&Finding| !matches!(finding.remedy, Some(Remedy::Init(_)));
    for finding in found.filter(concerns).filter(is_left) {
        let text = format!("{}: {}", finding.place, finding.advice("; "));
        session.output.warning(&text)?;
    }
    let filter = report::filter(env.as_ref(), report::FILTER);
    Ok(done.leave(session.output.out, filter)?)
}

/// Prints what the user has to add for pre-commit and for formatters.
fn formatters(
    session: &mut Session<'_>,
    done: &mut Done,
    directory: &Utf8Path,
    hook: Option<&PreCommit>,
) -> Result<(), Failure> {
    if let Some(hook) = hook {
        hook.advise(done, &mut session.output)?;
    }
    let root: &Utf8PathBuf = &session.project.root;
    // A file that cannot be read excludes nothing.
    let text = |name| {
        let bytes = read::bytes(root.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let files = [PYPROJECT, "ruff.toml", ".ruff.toml"].map(|name| (name, text(name)));
    let exclude = hook.and_then(|hook| hook.exclude(directory));
    let step = report::formatters(directory.as_str(), &files, exclude.as_ref());
    Ok(done.leave(session.output.out, step)?)
}
