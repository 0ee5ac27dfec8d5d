//! A project that is new to this program: which commands lead to a `check` that passes.

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::AlembicConfig;
use crate::catalog;
use crate::cli::{Cli, Global, Source};
use crate::failure::{Exit, Failure};
use crate::lockfile::Mode;
use crate::pins;
use crate::plan::Plan;
use crate::project::{Project, ProjectError};
use crate::report::first_run::{Steps, steps};
use crate::session::{Output, Session, shell_word};
use crate::state::State;
use crate::upstream::{Processes, Upstream, UpstreamError};

/// No verb: the first steps in a project that is new, and the help everywhere else.
pub(super) fn overview(global: &Global, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let found = match Session::open(global, output) {
        Ok(session) => first_steps(&session, &Source::default())?,
        // Whoever names a project or a configuration wants to hear what is wrong with it.
        Err(failure) if is_named(global) => return Err(failure),
        Err(_) => None,
    };
    match found {
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

fn is_named(global: &Global) -> bool {
    global.project != "." || global.config.is_some() || global.name != "alembic"
}

/// Says the first steps, if there are some to be taken.
pub(super) fn advise(session: &mut Session<'_>, source: &Source) -> Result<(), Failure> {
    if session.global.quiet {
        return Ok(());
    }
    if let Some(found) = first_steps(session, source)? {
        writeln!(session.output.err)?;
        steps(session.output.err, &found)?;
    }
    Ok(())
}

/// Upstream that was not found, in a project that is new: the hint then has the commands.
pub(super) fn explained(session: &Session<'_>, source: &Source, failure: Failure) -> Failure {
    let not_found = matches!(
        failure,
        Failure::OnlyPinned { .. } | Failure::Upstream(UpstreamError::NotFound(_))
    );
    match first_steps(session, source) {
        Ok(Some(Steps { commands, .. })) if not_found => Failure::FirstRun {
            failure: Box::new(failure),
            commands,
        },
        Ok(_) | Err(_) => failure,
    }
}

/// What is left to do before the first `check` that passes; none where that is not the question any more.
pub(super) fn first_steps(
    session: &Session<'_>,
    source: &Source,
) -> Result<Option<Steps>, ProjectError> {
    let project = &session.project;
    if project.alembic.is_none() {
        return Ok(None);
    }
    let State::Vendored { tree, lock: None } = State::read(project)? else {
        return Ok(None);
    };
    let begun = tree.entries.keys().any(|name| name.ends_with(".py"));
    if begun || project.runs_upstreams_own() {
        return Ok(None);
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
    Ok(Some(Steps {
        found: found.as_ref().map(Upstream::title),
        release,
        commands,
        database: user.upgrade(),
    }))
}

/// Upstream where it is installed, or else the release to fetch: the one that is pinned, or the newest.
fn look(session: &Session<'_>, source: &Source) -> (Option<Upstream>, Option<String>) {
    match session.locate(source, Processes::Forbidden) {
        Ok(upstream) => (Some(upstream), None),
        Err(UpstreamError::NotFound(_)) => {
            let project = &session.project;
            let pins = pins::find(&project.root, project.below());
            let pin = pins.newest().map(|pin| &pin.release);
            let pin = pin.filter(|release| catalog::release(release).is_some());
            let pinned = pin.map(ToString::to_string);
            let newest = || catalog::newest().map(|release| release.name.to_owned());
            (None, pinned.or_else(newest))
        }
        // What is wrong with it, the command itself says.
        Err(_) => (None, None),
    }
}

/// What the user said of upstream.
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
        "Alembic does not look into {} yet, and would apply nothing of it: run `vendor-migrations init`, which adds it to \
         `version_locations` in {file}",
        project.directory
    );
    Ok(output.warning(&text)?)
}
