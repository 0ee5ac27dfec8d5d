//! `init`: wires a project once.

use std::io;

use camino::Utf8Path;

use super::first_run::own_options;
use super::in_place::{self, InPlaceError};
use super::pre_commit::{self, PreCommit};
use super::surroundings::{env_file, old_sqlalchemy, own_versions};
use super::{Exit, Failure, Output, alembic_command, warning};
use crate::alembic::config::AlembicConfig;
use crate::cli::{Global, Init};
use crate::escape::one_line;
use crate::findings::wiring::{Vendored, Wiring, wiring};
use crate::findings::{Code, Finding};
use crate::patch::{FileChange, Patch};
use crate::project::Project;
use crate::report::init as report;
use crate::report::style::{self, GOOD};
use crate::settings::{History, OWN, PYPROJECT};
use crate::vendored::tree::{ATTRIBUTES, ATTRIBUTES_NAME, Tree};
use crate::vendored::{Apply, Replacement, apply, replace, scan};
use crate::wiring::{WiringError, file, settings, with_directory};

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Init,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    if options.in_place {
        return in_place::init(project, global, options, output);
    }
    if project.root_lock()?.is_some() {
        return Err(InPlaceError::Already.into());
    }
    if options.source.is_given() {
        return Err(InPlaceError::NoSource.into());
    }
    let Some(alembic) = &project.alembic else {
        let why = "Alembic's configuration was not found".to_owned();
        return Err(WiringError::Undecidable(why).into());
    };
    let mut files = Vec::new();
    files.extend(located(project, alembic)?);
    set(project, options, &mut files)?;
    let hook = pre_commit::look(
        project,
        Some(&project.directory),
        &pre_commit::options(global),
    )?;
    files.extend(hook.as_ref().and_then(|hook| hook.file.clone()));
    let directory = scan(&project.vendored())?;
    show(&files, options.dry_run, output)?;
    if files.is_empty() && directory.exists {
        writeln!(
            output.out,
            "{GOOD}Wired already:{GOOD:#} {}",
            wired(project, alembic)
        )?;
    } else if options.dry_run {
        writeln!(
            output.out,
            "\nWould write {}",
            written(project, &files, &directory)
        )?;
    } else {
        // The directory first: a configuration that names it is then never wrong.
        if !directory.exists {
            make_directory(&project.vendored(), &directory)?;
        }
        for file in &files {
            replace(&alembic.root, file)?;
        }
        writeln!(
            output.out,
            "\n{GOOD}Wrote{GOOD:#} {}",
            written(project, &files, &directory)
        )?;
    }
    advise(project, (alembic, None), output)?;
    formatters(project, &project.directory, hook.as_ref(), output)?;
    let linear = options.history.unwrap_or(project.settings.history) == History::Linear;
    let target = if linear { "head" } else { "heads" };
    if !global.quiet {
        let options = own_options(project, global);
        report::next(
            output.out,
            &options,
            &alembic_command(project, global),
            target,
        )?;
    }
    Ok(Exit::Fine)
}

/// The configuration with the vendored directory in it; none if it is there.
fn located(project: &Project, alembic: &AlembicConfig) -> Result<Option<Replacement>, Failure> {
    let directory = alembic.root.join(&project.directory);
    let directory = match alembic.looks_into(&directory) {
        Some(true) if own_versions(alembic) => alembic
            .root
            .join(alembic.script_directory())
            .join("versions"),
        Some(true) => return Ok(None),
        Some(false) | None => directory,
    };
    let before = text(&alembic.root, file(alembic)?)?.unwrap_or_default();
    let edit = with_directory(alembic, &before, &directory)?;
    Ok(Some(Replacement {
        path: edit.file,
        before: Some(before.into_bytes()),
        after: edit.text.into_bytes(),
    }))
}

/// This program's settings, where the options ask for some.
fn set(project: &Project, options: &Init, files: &mut Vec<Replacement>) -> Result<(), Failure> {
    match options.history {
        Some(history) if history != project.settings.history => {
            set_all(project, &[("history", history.as_str().to_owned())], files)
        }
        _ => Ok(()),
    }
}

/// Adds settings to the file that holds them, or should.
pub(super) fn set_all(
    project: &Project,
    wanted: &[(&'static str, String)],
    files: &mut Vec<Replacement>,
) -> Result<(), Failure> {
    let own = project.settings.file == Some(OWN) || !project.root.join(PYPROJECT).is_file();
    let path = if own { OWN } else { PYPROJECT };
    // Alembic's configuration may be in the same file.
    if let Some(file) = files.iter_mut().find(|file| file.path == path) {
        let text = String::from_utf8_lossy(&file.after);
        file.after = settings::with(&text, !own, wanted)?.into_bytes();
        return Ok(());
    }
    let before = text(&project.root, Utf8Path::new(path))?;
    let after = settings::with(before.as_deref().unwrap_or_default(), !own, wanted)?;
    if before.as_deref() != Some(after.as_str()) {
        files.push(Replacement {
            path: path.into(),
            before: before.map(String::into_bytes),
            after: after.into_bytes(),
        });
    }
    Ok(())
}

pub(super) fn text(root: &Utf8Path, path: &Utf8Path) -> Result<Option<String>, Failure> {
    match fs_err::read_to_string(root.join(path)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Read(error)),
    }
}

pub(super) fn make_directory(directory: &Utf8Path, tree: &Tree) -> Result<(), Failure> {
    let attributes = FileChange {
        path: ATTRIBUTES_NAME.to_owned(),
        before: None,
        after: Some(ATTRIBUTES.as_bytes().to_vec()),
    };
    apply(&Apply {
        directory,
        tree,
        files: &[attributes],
    })?;
    Ok(())
}

/// The changes; a new file is shown whole only where that is all that happens.
pub(super) fn show(
    files: &[Replacement],
    dry_run: bool,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    for file in files.iter().filter(|file| dry_run || file.before.is_some()) {
        let change = FileChange {
            path: file.path.to_string(),
            before: file.before.clone(),
            after: Some(file.after.clone()),
        };
        style::patches(output.out, &[Patch::of(&change, &str::to_owned)])?;
    }
    Ok(())
}

fn written(project: &Project, files: &[Replacement], directory: &Tree) -> String {
    let mut names: Vec<String> = files
        .iter()
        .map(|file| one_line(file.path.as_str()).into_owned())
        .collect();
    if !directory.exists {
        names.push(format!("{}/", one_line(project.directory.as_str())));
    }
    names.join(", ")
}

fn wired(project: &Project, alembic: &AlembicConfig) -> String {
    let file = alembic
        .file
        .as_deref()
        .unwrap_or(Utf8Path::new("Alembic's configuration"));
    let (file, directory) = (
        one_line(file.as_str()),
        one_line(project.directory.as_str()),
    );
    format!("{file} names {directory}")
}

/// What `init` does not edit, and the user may have to.
pub(super) fn advise(
    project: &Project,
    (alembic, vendored): (&AlembicConfig, Option<Vendored>),
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let env = env_file(project)?;
    let findings = wiring(&Wiring {
        alembic,
        directory: Some(&project.directory),
        env: env.as_ref().map(|(path, env)| (path.as_path(), env)),
        old_sqlalchemy: old_sqlalchemy(project),
        vendored,
    })
    .findings;
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
    for finding in findings.iter().filter(concerns) {
        let line = finding
            .line
            .map_or(String::new(), |line| format!(":{line}"));
        warning(
            output,
            &format!(
                "{}{line}: {}; {}",
                finding.path, finding.message, finding.remedy
            ),
        )?;
    }
    if let Some((path, Ok(env))) = &env {
        report::filter(output.out, path, env, report::FILTER)?;
    }
    Ok(())
}

/// What is left to do about pre-commit, and how to keep formatters away from the vendored directory.
pub(super) fn formatters(
    project: &Project,
    directory: &Utf8Path,
    hook: Option<&PreCommit>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if let Some(hook) = hook {
        hook.advise(output)?;
    }
    // What cannot be read names nothing.
    let text = |name| {
        let bytes = fs_err::read(project.root.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let files = [PYPROJECT, "ruff.toml", ".ruff.toml"].map(|name| (name, text(name)));
    let exclude = hook.and_then(|hook| hook.exclude(directory));
    report::formatters(output.out, directory.as_str(), &files, exclude.as_ref())?;
    Ok(())
}
