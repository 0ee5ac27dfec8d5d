//! One verb a file: load, plan, then apply or report.

mod catalogue;
mod check;
mod completions;
mod diff;
mod diff_releases;
mod failure;
mod first_run;
mod in_place;
mod init;
mod init_separate;
mod man;
mod own;
mod pinned;
mod pre_commit;
mod releases;
mod reporting;
mod rollout;
mod say;
mod stamp;
mod status;
mod surroundings;
mod sync;
mod verbose;

use std::ffi::OsString;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::{Cli, Command, Global, Source};
use crate::environment::Environments;
use crate::project::Project;
use crate::report::screen::Screen;
use crate::upstream::{Processes, Search, Upstream, UpstreamError, find};

use say::{note, refused, say_what_is_odd, say_where, warning, what_is_odd};

pub use failure::{Exit, Failure};

/// The two outputs: data and messages.
pub struct Output<'a> {
    pub out: &'a mut dyn Screen,
    pub err: &'a mut dyn Screen,
}

/// Runs the command. A service that reads the report gets to read of a failure, too.
pub fn run(cli: &Cli, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let result = dispatch(cli, output);
    let format = match &cli.command {
        Some(Command::Check(options)) => reporting::format(options.format),
        Some(Command::Diff(options)) => reporting::format(options.format),
        _ => return result,
    };
    if let Err(failure) = &result {
        reporting::failed(format, failure, output)?;
    }
    result
}

fn dispatch(cli: &Cli, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let global = &cli.global;
    let Some(command) = &cli.command else {
        return first_run::overview(global, output);
    };
    match command {
        Command::Init(options) if options.separate.is_some() => {
            let project = Project::unwired(&global.project, environments(&global.project))?;
            init_separate::run(&project, global, options, output)
        }
        Command::Init(options) => init::run(&open(global, output)?, global, options, output),
        Command::Sync(options) => {
            let project = open(global, output)?;
            match &project.root_lock()? {
                Some(there) => in_place::sync((&project, there), global, options, output),
                None => sync::run(&project, global, options, output).map_err(|failure| {
                    first_run::explained(&project, global, &options.source, failure)
                }),
            }
        }
        Command::Check(options) => {
            let project = open(global, output)?;
            match &project.root_lock()? {
                Some(there) => in_place::check((&project, there), global, options, output),
                None => {
                    let exit = check::run(&project, global, options, output)?;
                    first_run::advise(&project, global, &options.source, output)?;
                    Ok(exit)
                }
            }
        }
        Command::Diff(options) => match &options.a {
            Some(a) => diff_releases::run(global, options, (a, options.b.as_ref()), output),
            None => {
                let project = open(global, output)?;
                match &project.root_lock()? {
                    Some(there) => in_place::diff((&project, there), global, options, output),
                    None => diff::run(&project, global, options, output),
                }
            }
        },
        Command::Releases(options) => releases::run(global, options, output),
        Command::Completions(options) => completions::run(options, output),
        Command::Man(options) => man::run(options, output),
        Command::Catalogue(options) => catalogue::run(options, output),
        Command::Stamp(options) => stamp::run(&open(global, output)?, global, options, output),
        Command::Rollout(options) => rollout::run(&open(global, output)?, global, options, output),
        Command::Status(options) => {
            let project = open(global, output)?;
            match &project.root_lock()? {
                Some(there) => in_place::status((&project, there), global, options, output),
                None => status::run(&project, global, options, output),
            }
        }
    }
}

/// Opens the project, and says what its configuration leaves open.
fn open(global: &Global, output: &mut Output<'_>) -> Result<Project, Failure> {
    let project = Project::open(
        &global.project,
        global.config.as_deref(),
        &global.name,
        environments(&global.project),
    )?;
    let notes = project.alembic.iter().flat_map(|alembic| &alembic.notes);
    for text in project.settings.notes.iter().chain(notes) {
        note(output, text)?;
    }
    verbose::configuration(&project, global, output)?;
    Ok(project)
}

/// Reads upstream from the first source that has it; `-v` says where.
fn upstream(
    project: &Project,
    source: &Source,
    processes: Processes,
    (global, output): (&Global, &mut Output<'_>),
) -> Result<Upstream, Failure> {
    let upstream = locate(project, source, processes)?;
    verbose::found(&upstream, global, output)?;
    Ok(upstream)
}

fn locate(
    project: &Project,
    source: &Source,
    processes: Processes,
) -> Result<Upstream, UpstreamError> {
    let setting = project
        .settings
        .from
        .as_ref()
        .map(|path| project.root.join(path));
    find(&Search {
        project: &project.root,
        from: source.from.as_deref(),
        release: source.release.as_ref(),
        setting: setting.as_deref(),
        python: source.python.as_deref(),
        environments: &project.environments,
        cache: cache_directory(),
        processes,
    })
}

fn environments(project: &Utf8Path) -> Environments {
    Environments {
        project: project.to_owned(),
        virtual_env: environment_value("VIRTUAL_ENV"),
        conda_prefix: environment_value("CONDA_PREFIX"),
        path: environment_value("PATH"),
        alembic_config: environment_value("ALEMBIC_CONFIG"),
        program: std::env::current_exe()
            .ok()
            .and_then(|path| path.canonicalize().ok())
            .and_then(utf8),
    }
}

fn environment_value(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn environment_path(name: &str) -> Option<Utf8PathBuf> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .map(Utf8PathBuf::from)
}

fn utf8(path: std::path::PathBuf) -> Option<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(path).ok()
}

/// The user's cache directory for this program, by the system's own rules.
fn cache_directory() -> Option<Utf8PathBuf> {
    let home = || std::env::home_dir().and_then(utf8);
    let user = if let Some(directory) =
        environment_path("XDG_CACHE_HOME").filter(|path| path.is_absolute())
    {
        directory
    } else if cfg!(windows) {
        environment_path("LOCALAPPDATA")?
    } else if cfg!(target_vendor = "apple") {
        home()?.join("Library/Caches")
    } else {
        home()?.join(".cache")
    };
    Some(user.join("vendor-migrations"))
}

/// `alembic` with the options that the user gave to this program.
fn alembic_command(project: &Project, global: &Global) -> String {
    if by_flask(project) {
        return "flask db".to_owned();
    }
    let mut command = String::from("alembic");
    if let Some(config) = project.config.as_deref().or_else(|| found_below(project)) {
        command.push_str(&format!(" -c {}", shell_word(config.as_str())));
    }
    if global.name != "alembic" {
        command.push_str(&format!(" -n {}", shell_word(&global.name)));
    }
    command
}

/// Whether only `flask db` can run this configuration: Flask-Migrate's has no script location, and its `env.py` needs the
/// application.
fn by_flask(project: &Project) -> bool {
    let Some(alembic) = &project.alembic else {
        return false;
    };
    let env = alembic.root.join(alembic.script_directory()).join("env.py");
    alembic.setting("script_location").is_none()
        && alembic.sources.ini.is_some()
        && fs_err::read_to_string(env).is_ok_and(|text| text.contains("current_app"))
}

/// Alembic's configuration where it was found below the root, and `alembic` is run in the root: it has to be named there.
fn found_below(project: &Project) -> Option<&Utf8Path> {
    let alembic = project.alembic.as_ref()?;
    let file = alembic.file.as_deref()?;
    let below = file
        .parent()
        .is_some_and(|parent| !parent.as_str().is_empty());
    (below && alembic.working_directory == alembic.root).then_some(file)
}

/// A word as a POSIX shell reads it back.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@+:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
