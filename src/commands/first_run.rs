//! The first steps in a new project: the commands that lead to a `check` that passes.

use camino::{Utf8Path, Utf8PathBuf};

use super::checked::Checked;
use crate::alembic::config::{AlembicConfig, ConfigError};
use crate::catalog::{self, Release};
use crate::cli::{Cli, Global, Source};
use crate::failure::{Exit, Failure};
use crate::inspect::pins_of;
use crate::lockfile::Mode;
use crate::plan::Plan;
use crate::project::{Project, ProjectError};
use crate::report::first_run::{Steps, outside, steps};
use crate::session::{Output, Session, options, shell_word};
use crate::state::State;
use crate::upstream::{Processes, Upstream, UpstreamError};

/// Without a verb: prints the first steps in a new project, the help in one that is not new, and elsewhere why it finds none.
pub(super) fn overview(global: &Global, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let source = Source::default();
    let (found, is_plain) = match Session::open(global, output) {
        Ok(mut session) => {
            let state = match session.project.alembic {
                Some(_) => Some(State::read(&session.project)?),
                None => None,
            };
            match state.and_then(|state| first_steps(&session, &source, &state)) {
                Some(found) => {
                    let checked = Checked::of(&mut session, &source)?;
                    (Some(found), checked.is_mended_by_commands())
                }
                None => (None, true),
            }
        }
        Err(Failure::Project(ProjectError::Config(error @ ConfigError::NotFound { .. })))
            if !global.names_project() =>
        {
            outside(output.err, &error.to_string())?;
            return Ok(Exit::Usage);
        }
        Err(failure) => return Err(failure),
    };
    match found {
        Some(_) if !is_plain => {
            let commands = options(global);
            writeln!(
                output.err,
                "Procrastinate's migrations are not vendored yet, and something else has to be done first. This command shows what:\n\n  \
                 vendor-migrations check{commands}\n\n`vendor-migrations --help` lists all commands."
            )?;
        }
        Some(found) => {
            steps(output.err, &found)?;
            writeln!(
                output.err,
                "\n`vendor-migrations --help` lists all commands."
            )?;
        }
        None => write!(output.err, "{}", Cli::help().ansi())?,
    }
    Ok(Exit::Usage)
}

/// Prints the first steps.
pub(super) fn advise(session: &mut Session<'_>, found: &Steps) -> Result<(), Failure> {
    if session.global.quiet {
        return Ok(());
    }
    writeln!(session.output.err)?;
    Ok(steps(session.output.err, found)?)
}

/// Adds the first steps to the hint of a failure, if upstream was not found and the project is new.
pub(super) fn explained(session: &Session<'_>, source: &Source, failure: Failure) -> Failure {
    let not_found = matches!(
        failure,
        Failure::OnlyPinned { .. } | Failure::Upstream(UpstreamError::NotFound(_))
    );
    let state = State::read(&session.project).ok();
    match state.and_then(|state| first_steps(session, source, &state)) {
        Some(Steps { commands, .. }) if not_found => Failure::FirstRun {
            failure: Box::new(failure),
            commands,
        },
        _ => failure,
    }
}

/// The steps before the first `check` that passes; none if the project is not new.
pub(super) fn first_steps(session: &Session<'_>, source: &Source, state: &State) -> Option<Steps> {
    let project = &session.project;
    let State::Vendored { tree, lock: None } = state else {
        return None;
    };
    let begun = tree.entries.keys().any(|name| name.ends_with(".py"));
    if begun || project.runs_upstreams_own() || project.alembic.is_none() {
        return None;
    }
    let (found, release) = look(session, source);
    let mut from = given(source);
    if let Some(release) = &release {
        from.push_str(&format!(" --release {release}"));
    }
    let user = session.commands();
    let mut commands = Vec::new();
    if unwired(project).is_some() {
        commands.push(user.own("init"));
    }
    commands.push(user.own(&format!("sync{from}")));
    commands.push(user.own(&format!("check{from}")));
    Some(Steps {
        found: found.as_ref().map(Upstream::title),
        release,
        commands,
        database: user.upgrade(),
    })
}

/// The installed release, or else the name of the release to fetch: the pinned one, or the newest.
fn look(session: &Session<'_>, source: &Source) -> (Option<Upstream>, Option<String>) {
    match session.locate(source, Processes::Forbidden) {
        Ok(upstream) => (Some(upstream), None),
        Err(UpstreamError::NotFound(_)) => {
            let pins = pins_of(&session.project);
            let pin = pins.newest().map(|pin| &pin.release);
            let pin =
                pin.filter(|release| catalog::release(release).is_some_and(Release::is_offered));
            let pinned = pin.map(ToString::to_string);
            let newest = || catalog::newest().map(|release| release.name.to_owned());
            (None, pinned.or_else(newest))
        }
        // The command itself reports this error.
        Err(_) => (None, None),
    }
}

/// The options that name upstream, as the user gave them; each after a space.
fn given(source: &Source) -> String {
    let path = |option: &str, path: &Option<Utf8PathBuf>| {
        let path = path.as_deref().map(|path| shell_word(path.as_str()));
        path.map_or(String::new(), |path| format!(" {option} {path}"))
    };
    let mut options = path("--from", &source.from) + &path("--python", &source.python);
    if let Some(release) = &source.release {
        options.push_str(&format!(" --release {release}"));
    }
    if source.allow_modified_source {
        options.push_str(" --allow-modified-source");
    }
    options
}

/// Alembic's configuration, if it does not name the vendored directory.
pub(super) fn unwired(project: &Project) -> Option<&AlembicConfig> {
    let alembic = project.alembic.as_ref()?;
    let directory = alembic.root.join(&project.directory);
    (alembic.looks_into(&directory) == Some(false)).then_some(alembic)
}

/// Alembic exits 0 and applies nothing when it does not know the directory.
pub(super) fn warn_unless_wired(
    project: &Project,
    plan: &Plan,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let concerns = plan.mode != Mode::InPlace && !plan.lock.revisions.is_empty();
    let Some(alembic) = unwired(project).filter(|_| concerns) else {
        return Ok(());
    };
    let file = alembic.file.as_deref();
    let file = file.map_or("its configuration", Utf8Path::as_str);
    let text = format!(
        "Alembic does not look into {} yet, and would apply none of the revisions there: run `vendor-migrations init`, \
         which adds it to `version_locations` in {file}",
        project.directory
    );
    Ok(output.warning(&text)?)
}
