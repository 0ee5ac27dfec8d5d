//! `init --separate`: an Alembic environment of Procrastinate's own, beside the application's.

use camino::{Utf8Path, Utf8PathBuf};

use super::first_run::own_options;
use super::in_place::InPlaceError;
use super::init::{formatters, make_directory, set_all, show, text};
use super::surroundings::env_at;
use super::{Exit, Failure, Output, note, pre_commit, upstream};
use crate::alembic::config::AlembicConfig;
use crate::alembic::config::find::{Wanted, find};
use crate::cli::{Global, Init};
use crate::escape::one_line;
use crate::lockfile::LOCK_NAME;
use crate::project::Project;
use crate::report::init as report;
use crate::report::style::GOOD;
use crate::upstream::{Processes, Upstream};
use crate::vendored::{Replacement, replace, scan};
use crate::wiring::separate::{Separate, SeparateFile, Url};

/// Where it is made, unless the user says otherwise.
const DIRECTORY: &str = "alembic_procrastinate";

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Init,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    if project.root_lock()?.is_some() {
        return Err(InPlaceError::Already.into());
    }
    let directory = options
        .separate
        .as_deref()
        .unwrap_or(Utf8Path::new(DIRECTORY));
    let application = application(project, global);
    let ini = Utf8PathBuf::from(format!(
        "{}.ini",
        directory.file_name().unwrap_or("alembic_procrastinate")
    ));
    let separate = Separate {
        directory,
        ini: &ini,
        section: "alembic",
        url: url(options, application.as_ref()),
    };
    refuse_two_places(project, application.as_ref(), &separate)?;
    let mut wanted = separate.files()?;
    if options.upstream_templates {
        let upstream = upstream(
            project,
            &options.source,
            Processes::Allowed,
            (global, output),
        )?;
        take_templates(&mut wanted, &upstream, directory)?;
    }
    let mut files = Vec::new();
    for file in wanted {
        files.extend(new(project, file, output)?);
    }
    let vendored = separate.vendored();
    let settings = [
        ("config", ini.to_string()),
        ("directory", vendored.to_string()),
    ];
    set_all(project, &settings, &mut files)?;
    // The hook finds the rest in the settings.
    let hook = pre_commit::look(project, Some(&vendored), &[])?;
    files.extend(hook.as_ref().and_then(|hook| hook.file.clone()));
    show(&files, options.dry_run, output)?;
    let place = project.root.join(&vendored);
    let tree = scan(&place)?;
    let mut names: Vec<String> = files
        .iter()
        .map(|file| one_line(file.path.as_str()).into_owned())
        .collect();
    if !tree.exists {
        names.push(format!("{}/", one_line(vendored.as_str())));
    }
    if names.is_empty() {
        writeln!(
            output.out,
            "{GOOD}Wired already:{GOOD:#} {} and {}",
            one_line(ini.as_str()),
            one_line(directory.as_str())
        )?;
    } else if options.dry_run {
        writeln!(output.out, "\nWould write {}", names.join(", "))?;
    } else {
        for file in &files {
            replace(&camino::absolute_utf8(&project.root)?, file)?;
        }
        if !tree.exists {
            make_directory(&place, &tree)?;
        }
        writeln!(output.out, "\n{GOOD}Wrote{GOOD:#} {}", names.join(", "))?;
    }
    say_where_the_url_is(&separate, options, output)?;
    let env = application
        .as_ref()
        .map(|alembic| env_at(&alembic.root, alembic.script_directory()))
        .transpose()?;
    if let Some((path, Ok(env))) = env.flatten().as_ref() {
        report::filter(output.out, path, env, report::FILTER_WITH_VERSIONS)?;
    }
    formatters(project, &vendored, hook.as_ref(), output)?;
    if !global.quiet {
        let options = Global {
            config: None,
            ..global.clone()
        };
        let options = own_options(project, &options);
        report::next(output.out, &options, &format!("alembic -c {ini}"), "head")?;
    }
    Ok(Exit::Fine)
}

/// The application's own configuration; the settings may name the separate one already.
fn application(project: &Project, global: &Global) -> Option<AlembicConfig> {
    find(&Wanted {
        root: &project.root,
        config: global.config.as_deref(),
        section: &global.name,
        environments: &project.environments,
    })
    .ok()
}

fn url<'a>(options: &'a Init, application: Option<&'a AlembicConfig>) -> Url<'a> {
    let ini = application.and_then(|alembic| {
        Some((
            alembic.sources.ini.as_ref()?.file.as_path(),
            alembic.section.as_str(),
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
        return note(
            output,
            "`env.py` is Procrastinate's: look where it takes the database's URL from",
        );
    }
    let text = match separate.url {
        Url {
            variable: Some(name),
            application: Some((file, _)),
        } => {
            format!(
                "the database's URL is the environment variable {name}, else `sqlalchemy.url` of {file}"
            )
        }
        Url {
            variable: Some(name),
            application: None,
        } => {
            format!("the database's URL is the environment variable {name}")
        }
        Url {
            variable: None,
            application: Some((file, section)),
        } => {
            format!(
                "the database's URL is `sqlalchemy.url` in section [{section}] of {file}; `--url-env` names a variable instead"
            )
        }
        Url {
            variable: None,
            application: None,
        } => return Ok(()),
    };
    note(output, &text)
}

/// A second copy, with other ids or in another version table, would be applied a second time.
fn refuse_two_places(
    project: &Project,
    application: Option<&AlembicConfig>,
    separate: &Separate<'_>,
) -> Result<(), Failure> {
    let beside =
        application.map(|alembic| alembic.script_directory().join("versions_procrastinate"));
    for directory in beside.into_iter().chain(project.settings.directory.clone()) {
        if directory != separate.vendored()
            && project.root.join(&directory).join(LOCK_NAME).exists()
        {
            return Err(Failure::VendoredElsewhere(directory));
        }
    }
    Ok(())
}

fn take_templates(
    files: &mut [SeparateFile],
    upstream: &Upstream,
    directory: &Utf8Path,
) -> Result<(), Failure> {
    let none = || Failure::NoTemplates(upstream.title());
    for (name, template) in [
        ("env.py", "env.py.template"),
        ("script.py.mako", "script.py.mako"),
    ] {
        let text = upstream.templates.get(template).ok_or_else(none)?;
        if let Some(file) = files
            .iter_mut()
            .find(|file| file.path == directory.join(name))
        {
            file.text.clone_from(text);
        }
    }
    Ok(())
}

/// A file that is not there yet. One that is there is the user's.
fn new(
    project: &Project,
    file: SeparateFile,
    output: &mut Output<'_>,
) -> Result<Option<Replacement>, Failure> {
    match text(&project.root, &file.path)? {
        Some(there) if there == file.text => Ok(None),
        Some(_) => {
            note(
                output,
                &format!("{} is there already, and stays as it is", file.path),
            )?;
            Ok(None)
        }
        None => Ok(Some(Replacement {
            path: file.path,
            before: None,
            after: file.text.into_bytes(),
        })),
    }
}
