//! `init --separate`: a separate Alembic environment for Procrastinate, beside the application's.

use camino::{Utf8Path, Utf8PathBuf};

use super::edits::{Edits, text};
use super::{formatters, next, pre_commit, refuse};
use crate::alembic::config::find::{Wanted, find};
use crate::alembic::config::{AlembicConfig, ConfigError};
use crate::alembic::env_file::{EnvFile, Word};
use crate::cli::{Global, Init};
use crate::failure::{Failure, InitError};
use crate::inspect::env_of;
use crate::lockfile::LOCK_NAME;
use crate::patch::FileChange;
use crate::place::joined;
use crate::project::{Project, ProjectError};
use crate::read;
use crate::report::init::{self as report, Done};
use crate::session::{Commands, Output, Session};
use crate::state::State;
use crate::upstream::{Processes, Upstream};
use crate::vendored::Exclusive;
use crate::wiring::Edit;
use crate::wiring::separate::{Separate, Url};

const DIRECTORY: &str = "alembic_procrastinate";

pub(super) fn run(
    session: &mut Session<'_>,
    options: &Init,
    guard: Option<&Exclusive>,
) -> Result<Done, Failure> {
    refuse(&session.project, &State::read(&session.project)?, options)?;
    let directory = options.separate.as_deref();
    let directory = directory.unwrap_or(Utf8Path::new(DIRECTORY));
    let application = application(&session.project, session.global)?;
    let ini = Utf8PathBuf::from(format!(
        "{}.ini",
        directory.file_name().unwrap_or(DIRECTORY)
    ));
    let separate = Separate {
        directory,
        ini: &ini,
        section: "alembic",
        url: url(options, application.as_ref()),
        upstreams_env: options.upstream_templates,
    };
    refuse_two_places(&session.project, application.as_ref(), &separate)?;
    let mut wanted = separate.files().map_err(InitError::from)?;
    if options.upstream_templates {
        let upstream = session.upstream(&options.source, Processes::Allowed)?;
        take_templates(&mut wanted, &upstream)?;
        refuse_shared_table(&wanted, &upstream, application.as_ref())?;
    }
    let project = &session.project;
    let mut edits = Edits::default();
    let vendored = separate.vendored();
    for file in wanted {
        edits.add(new(project, file, &mut session.output)?);
    }
    edits.add_directory(project, &vendored)?;
    let settings = [
        ("config", ini.to_string()),
        ("directory", vendored.to_string()),
    ];
    edits.add_settings(project, &settings)?;
    edits.add_schema(project, options)?;
    // The hook finds the rest in the settings.
    let hook = pre_commit::look(project, Some(&vendored), &[])?;
    edits.add(hook.iter().filter_map(|hook| hook.file.clone()));
    edits.show(options.dry_run, &mut session.output)?;
    let wired = format!("{ini} and {directory}");
    let mut done = edits.write(project, guard, &wired, &mut session.output)?;
    say_where_the_url_is(&separate, options, &mut session.output)?;
    let env = application.as_ref().map_or(Ok(None), env_of)?;
    let filter = report::filter(env.as_ref(), report::FILTER_WITH_VERSIONS);
    done.leave(session.output.out, filter)?;
    formatters(session, &mut done, &vendored, hook.as_ref())?;
    let global = Global {
        config: None,
        ..session.global.clone()
    };
    let commands = Commands::of(&session.project, &global).with_config(&ini);
    done.next = next(&commands);
    Ok(done)
}

/// The application's own configuration; the settings may name the separate one already. None if there is none, or several; one that cannot be read
/// is an error: the URL may be in it.
fn application(project: &Project, global: &Global) -> Result<Option<AlembicConfig>, Failure> {
    let found = find(&Wanted {
        root: &project.root,
        config: global.config.as_deref(),
        script_location: None,
        section: &global.name,
        environments: &project.environments,
    });
    match found {
        Ok(found) => Ok(Some(found)),
        Err(
            error @ (ConfigError::Io(_)
            | ConfigError::NoFile { .. }
            | ConfigError::Syntax { .. }
            | ConfigError::Toml { .. }),
        ) => Err(ProjectError::Config(error).into()),
        Err(_) => Ok(None),
    }
}

fn url<'a>(options: &'a Init, application: Option<&'a AlembicConfig>) -> Url<'a> {
    let ini = application.and_then(|alembic| {
        Some((
            alembic.sources.ini.as_ref()?.file.as_path(),
            alembic.sources.section.as_str(),
        ))
    });
    let variable = options.url_env.as_deref();
    Url {
        variable: variable.or_else(|| ini.is_none().then_some("DATABASE_URL")),
        application: ini,
    }
}

fn say_where_the_url_is(
    separate: &Separate<'_>,
    options: &Init,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if options.upstream_templates {
        output.note(&format!(
            "`env.py` is Procrastinate's, and takes the database's URL from `sqlalchemy.url` in {}: that is empty, so fill \
             it in; until then `check` fails",
            separate.ini
        ))?;
        return Ok(());
    }
    let place = match (separate.url.variable, separate.url.application) {
        (Some(name), Some((file, _))) => {
            format!("the environment variable {name}, else `sqlalchemy.url` of {file}")
        }
        (Some(name), None) => format!("the environment variable {name}"),
        (None, Some((file, section))) => format!(
            "`sqlalchemy.url` in section [{section}] of {file}; `--url-env` names a variable instead"
        ),
        (None, None) => return Ok(()),
    };
    Ok(output.note(&format!("the database's URL is {place}"))?)
}

/// A second copy, with other ids or in another version table, would be applied a second time.
fn refuse_two_places(
    project: &Project,
    application: Option<&AlembicConfig>,
    separate: &Separate<'_>,
) -> Result<(), Failure> {
    let beside =
        application.map(|alembic| joined(alembic.script_directory(), "versions_procrastinate"));
    for directory in beside.into_iter().chain(project.settings.directory.clone()) {
        if directory != separate.vendored()
            && read::metadata(project.root.join(&directory).join(LOCK_NAME))
                .map_err(Failure::Read)?
                .is_some()
        {
            return Err(InitError::VendoredElsewhere(directory).into());
        }
    }
    Ok(())
}

fn take_templates(files: &mut [Edit], upstream: &Upstream) -> Result<(), Failure> {
    for file in files {
        let template = match file.path.file_name() {
            Some("env.py") => "env.py.template",
            Some("script.py.mako") => "script.py.mako",
            _ => continue,
        };
        let text = upstream.templates.get(template);
        let none = || InitError::NoTemplates(upstream.title());
        file.text.clone_from(text.ok_or_else(none)?);
    }
    Ok(())
}

/// Refuses an `env.py` that keeps its revisions where the application keeps its own.
fn refuse_shared_table(
    files: &[Edit],
    upstream: &Upstream,
    application: Option<&AlembicConfig>,
) -> Result<(), Failure> {
    let mut envs = files
        .iter()
        .filter(|file| file.path.file_name() == Some("env.py"));
    let file = envs.find_map(|file| EnvFile::parse(&file.text).ok());
    let table = file.map(|file| file.version_table().table);
    let is_own = matches!(&table, Some(Word::Text(name)) if name != "alembic_version");
    match application {
        Some(_) if !is_own => Err(InitError::SharedVersionTable(upstream.title()).into()),
        _ => Ok(()),
    }
}

/// A file that does not exist yet. An existing one is the user's, and stays.
fn new(
    project: &Project,
    file: Edit,
    output: &mut Output<'_>,
) -> Result<Option<FileChange>, Failure> {
    match text(&project.root, &file.path)? {
        Some(there) if there == file.text => Ok(None),
        Some(_) => {
            output.note(&format!(
                "{} is there already, and stays as it is",
                file.path
            ))?;
            Ok(None)
        }
        None => Ok(Some(FileChange::of_text(&file.path, None, file.text))),
    }
}
