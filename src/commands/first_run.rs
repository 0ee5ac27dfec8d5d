//! A project that is new to this program: which commands lead to a `check` that passes.

use camino::Utf8Path;

use super::{Exit, Failure, Output, alembic_command, locate, open, shell_word, warning};
use crate::alembic::config::AlembicConfig;
use crate::catalog;
use crate::cli::{Cli, Global, Source};
use crate::pins;
use crate::plan::Plan;
use crate::project::{Project, ProjectError};
use crate::report::first_run::{Steps, steps};
use crate::settings::History;
use crate::upstream::{Processes, Upstream, UpstreamError};

/// No verb: the first steps in a project that is new, and the help everywhere else.
pub(super) fn overview(global: &Global, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let found = match open(global, output) {
        Ok(project) => first_steps(&project, global, &Source::default())?,
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
pub(super) fn advise(
    project: &Project,
    global: &Global,
    source: &Source,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if global.quiet {
        return Ok(());
    }
    match first_steps(project, global, source)? {
        Some(found) => {
            writeln!(output.err)?;
            Ok(steps(output.err, &found)?)
        }
        None => Ok(()),
    }
}

/// Upstream that was not found, in a project that is new: the hint then has the commands.
pub(super) fn explained(
    project: &Project,
    global: &Global,
    source: &Source,
    failure: Failure,
) -> Failure {
    let not_found = matches!(
        failure,
        Failure::OnlyPinned { .. } | Failure::Upstream(UpstreamError::NotFound(_))
    );
    match first_steps(project, global, source) {
        Ok(Some(Steps { commands, .. })) if not_found => Failure::FirstRun {
            failure: Box::new(failure),
            commands,
        },
        Ok(_) | Err(_) => failure,
    }
}

/// What is left to do before the first `check` that passes; none where that is not the question any more.
pub(super) fn first_steps(
    project: &Project,
    global: &Global,
    source: &Source,
) -> Result<Option<Steps>, ProjectError> {
    if project.alembic.is_none() {
        return Ok(None);
    }
    let (tree, lock) = project.load()?;
    let begun = tree.entries.keys().any(|name| name.ends_with(".py"));
    if lock.is_some() || begun || project.runs_upstreams_own() {
        return Ok(None);
    }
    let wired = unwired(project).is_none();
    let (found, release) = look(project, source);
    let mut from = given(source);
    if let Some(release) = &release {
        from.push_str(&format!(" --release {release}"));
    }
    let command = |verb: &str, more: &str| {
        format!(
            "vendor-migrations {verb}{more}{}",
            own_options(project, global)
        )
    };
    let mut commands = Vec::new();
    if !wired {
        commands.push(command("init", ""));
    }
    commands.push(command("sync", &from));
    commands.push(command("check", &from));
    let target = match project.settings.history {
        History::Branch => "heads",
        History::Linear => "head",
    };
    let mut database = format!("{} upgrade {target}", alembic_command(project, global));
    if global.project != "." {
        // Alembic has no option for the directory.
        let directory = shell_word(global.project.as_str());
        database = format!("(cd {directory} && {database})");
    }
    Ok(Some(Steps {
        found: found.as_ref().map(Upstream::title),
        release,
        commands,
        database,
    }))
}

/// Upstream where it is installed, or else the release to fetch: the one that is pinned, or the newest.
fn look(project: &Project, source: &Source) -> (Option<Upstream>, Option<String>) {
    match locate(project, source, Processes::Forbidden) {
        Ok(upstream) => (Some(upstream), None),
        Err(UpstreamError::NotFound(_)) => {
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
    let path = |option: &str, path: &Option<camino::Utf8PathBuf>| {
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

/// The options of every command that the user gave.
pub(super) fn own_options(project: &Project, global: &Global) -> String {
    let mut options = String::new();
    let mut add = |option: &str, value: &str| {
        options.push_str(&format!(" {option} {}", shell_word(value)));
    };
    if global.project != "." {
        add("-C", global.project.as_str());
    }
    if let Some(config) = global.config.as_deref().map(Utf8Path::as_str) {
        add("-c", config);
    }
    if global.name != "alembic" && project.alembic.is_some() {
        add("-n", &global.name);
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
    let Some(alembic) = unwired(project).filter(|_| !plan.lock.revisions.is_empty()) else {
        return Ok(());
    };
    let file = alembic
        .file
        .as_deref()
        .map_or("its configuration", Utf8Path::as_str);
    let text = format!(
        "Alembic does not look into {} yet, and would apply nothing of it: run `vendor-migrations init`, which adds it to \
         `version_locations` in {file}",
        project.directory
    );
    warning(output, &text)
}
