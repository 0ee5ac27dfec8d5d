//! `init --in-place`.

use super::{Import, InPlaceError, imported, installed_location, lock_file, shipped};
use crate::alembic::config::AlembicConfig;
use crate::cli::{Global, Init};
use crate::commands::init::{advise, show, text};
use crate::commands::sync::accept;
use crate::commands::{Exit, Failure, Output, alembic_command, note, pre_commit, upstream};
use crate::escape::one_line;
use crate::findings::wiring::Vendored;
use crate::lockfile::LOCK_NAME;
use crate::plan::in_place::plan;
use crate::project::{Project, RootLock};
use crate::report::style::{GOOD, STRONG, count};
use crate::settings::History;
use crate::upstream::{Processes, Upstream};
use crate::vendored::{Replacement, replace};
use crate::wiring::{WiringError, file, with_package};

/// Wires the project to the installed package's own revisions, and locks what they are.
pub(in crate::commands) fn init(
    project: &Project,
    global: &Global,
    options: &Init,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let Some(alembic) = &project.alembic else {
        let why = "Alembic's configuration was not found".to_owned();
        return Err(WiringError::Undecidable(why).into());
    };
    let there = project.root_lock()?;
    refuse(project, options)?;
    let upstream = upstream(
        project,
        &options.source,
        Processes::Allowed,
        (global, output),
    )?;
    accept(&upstream, options.source.allow_modified_source, output)?;
    let location = installed_location(&upstream)?;
    if let Import::Unknown(why) = imported(alembic, &project.environments, &upstream)? {
        note(output, &why)?;
    }
    let edit = located(alembic, &upstream, &location)?;
    let planned = plan(there.as_ref().map(|there| &there.lock), &upstream)?;
    let mut files = Vec::new();
    if there.is_none() {
        // The lock first: a project that is wired and has none would be taken for one that is not in place.
        files.push((&project.root, lock_file(None, &planned.lock)?));
    }
    let hook = pre_commit::look(project, None, &pre_commit::options(global))?;
    let edits: Vec<Replacement> = edit
        .into_iter()
        .chain(hook.as_ref().and_then(|hook| hook.file.clone()))
        .collect();
    show(&edits, options.dry_run, output)?;
    files.extend(edits.into_iter().map(|edit| (&alembic.root, edit)));
    write(&files, options, output)?;
    if files.is_empty() {
        writeln!(
            output.out,
            "{GOOD}Wired already:{GOOD:#} Alembic looks into {}",
            one_line(&location)
        )?;
    }
    say_what_is_locked(
        there.as_ref(),
        &planned.lock.revisions.len(),
        &upstream,
        output,
    )?;
    advise(
        project,
        (alembic, Some(Vendored::in_place(Some(&upstream)))),
        output,
    )?;
    if let Some(hook) = &hook {
        hook.advise(output)?;
    }
    if !global.quiet {
        let alembic = alembic_command(project, global);
        writeln!(
            output.out,
            "\n{STRONG}Next{STRONG:#}\n  vendor-migrations check\n  {alembic} upgrade heads"
        )?;
    }
    Ok(Exit::Fine)
}

/// What does not go together.
fn refuse(project: &Project, options: &Init) -> Result<(), Failure> {
    if options.history.unwrap_or(project.settings.history) == History::Linear {
        return Err(InPlaceError::Linear.into());
    }
    if project.settings.mode.is_some() {
        return Err(InPlaceError::NoFiles("the setting `mode`").into());
    }
    if let Some(release) = &options.source.release {
        let title = format!("release {release} of the package index");
        return Err(InPlaceError::NotInstalled(title).into());
    }
    let (tree, lock) = project.load()?;
    if lock.is_some() || tree.python_files().next().is_some() {
        return Err(InPlaceError::Vendored(project.directory.clone()).into());
    }
    Ok(())
}

/// The configuration with the package's location in it; none if it is there.
fn located(
    alembic: &AlembicConfig,
    upstream: &Upstream,
    location: &str,
) -> Result<Option<Replacement>, Failure> {
    let mut listed = alembic.versions.locations().iter();
    if listed.any(|found| found.written == location)
        || shipped(upstream).is_some_and(|shipped| alembic.looks_into(&shipped) == Some(true))
    {
        return Ok(None);
    }
    let before = text(&alembic.root, file(alembic)?)?.unwrap_or_default();
    let edit = with_package(alembic, &before, location)?;
    Ok(Some(Replacement {
        path: edit.file,
        before: Some(before.into_bytes()),
        after: edit.text.into_bytes(),
    }))
}

fn write(
    files: &[(&camino::Utf8PathBuf, Replacement)],
    options: &Init,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let names: Vec<String> = files
        .iter()
        .map(|(_, file)| one_line(file.path.as_str()).into_owned())
        .collect();
    let names = names.join(", ");
    if files.is_empty() {
        return Ok(());
    }
    if options.dry_run {
        writeln!(output.out, "\nWould write {names}")?;
        return Ok(());
    }
    for (root, file) in files {
        replace(root, file)?;
    }
    writeln!(output.out, "\n{GOOD}Wrote{GOOD:#} {names}")?;
    Ok(())
}

fn say_what_is_locked(
    there: Option<&RootLock>,
    revisions: &usize,
    upstream: &Upstream,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let release = &upstream.release;
    match there {
        None => writeln!(
            output.out,
            "{LOCK_NAME}: {} of Procrastinate {release}, which run from the installed package; nothing is copied",
            count(*revisions, "revision")
        )?,
        Some(there) if there.lock.upstream.release != *release => note(
            output,
            &format!(
                "{LOCK_NAME} is about Procrastinate {}, and {release} is installed: `vendor-migrations check` tells what \
                 changed",
                there.lock.upstream.release
            ),
        )?,
        Some(_) => {}
    }
    Ok(())
}
