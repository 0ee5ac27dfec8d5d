//! Shows an adoption, and writes it.

use std::io;

use camino::Utf8Path;

use super::{Stop, Work};
use crate::adoption::{Chosen, Refused};
use crate::catalog;
use crate::cli::Adopt;
use crate::commands::first_run::unwired;
use crate::commands::{overwritten, recover};
use crate::failure::Failure;
use crate::findings::Code;
use crate::lockfile::{LOCK_NAME, Lock};
use crate::patch::{FileChange, Patch};
use crate::place::joined;
use crate::plan::Plan;
use crate::report::adopt as report;
use crate::report::init::next;
use crate::report::sync;
use crate::repository;
use crate::session::Session;
use crate::settings::History;
use crate::steps;
use crate::vendored::tree::Tree;
use crate::vendored::{Apply, Exclusive, OwnFiles, apply};

/// The edits as diffs, and what is vendored beside them.
pub(super) fn show(
    session: &mut Session<'_>,
    options: &Adopt,
    chosen: &[Chosen<'_>],
    work: &Work,
    lock: Option<&Lock>,
) -> Result<(), Failure> {
    let directory = &session.project.directory;
    if !work.plan.conflicts.is_empty() {
        sync::conflicts(session.output.out, &work.plan, directory)?;
        return Ok(sync::refused(session.output.err, &work.plan, false)?);
    }
    let own = work
        .own
        .iter()
        .map(|file| Patch::of(file, camino::Utf8Path::new("")));
    let vendored = work
        .plan
        .files
        .iter()
        .filter(|_| lock.is_some())
        .map(|file| Patch::of(file, directory));
    let patches: Vec<Patch> = own.chain(vendored).collect();
    crate::report::style::patches(session.output.out, &patches)?;
    let vendors = lock.is_none().then(|| report::Vendors {
        source: work.source.as_deref().unwrap_or_default(),
        directory: directory.as_str(),
        revisions: work.plan.lock.revisions.len(),
    });
    let releases: Vec<&str> = chosen.iter().map(|one| one.release.name).collect();
    report::order(
        session.output.out,
        &work.plan.lock,
        &releases,
        vendors.as_ref(),
    )?;
    if !options.write {
        report::not_written(session.output.out)?;
    }
    Ok(())
}

pub(super) fn write(
    session: &mut Session<'_>,
    options: &Adopt,
    tree: &Tree,
    work: &Work,
    guard: &Exclusive,
) -> Result<(), Stop> {
    if let Some(refused) = unclean(session, options, work) {
        return Err(refused.into());
    }
    if options.force {
        let own = overwritten::before(Utf8Path::new(""), &work.own);
        let vendored = overwritten::before(&session.project.directory, &work.plan.files);
        overwritten::keep(session, &[own, vendored].concat())?;
    }
    let project = &session.project;
    let mut files = work.plan.files.clone();
    files.push(lock_file(&work.plan, tree)?);
    let own = OwnFiles {
        root: &project.root,
        files: &work.own,
    };
    let writing = Apply {
        directory: &project.vendored(),
        tree,
        files: &files,
        own: Some(own),
    };
    let done = apply(guard, &writing).map_err(Failure::from)?;
    let names = work.own.iter().map(|file| file.path.clone());
    let names: Vec<String> = names.chain([format!("{}/", project.directory)]).collect();
    report::written(session.output.out, &names)?;
    recover::warn_of_kept(&done.kept, &mut session.output)?;
    Ok(())
}

/// A file whose edit could not be undone.
fn unclean(session: &Session<'_>, options: &Adopt, work: &Work) -> Option<Refused> {
    let project = &session.project;
    let root = project.root_of_alembic();
    let vendored = work.plan.files.iter().filter(|file| file.before.is_some());
    let vendored = vendored.map(|file| joined(&project.directory, &file.path));
    let own = work.own.iter().map(|file| file.path.clone().into());
    let mut paths = own.chain(vendored).filter(|_| !options.force);
    paths.find_map(|path| {
        let why = repository::unclean(root, &path)?;
        Some(Refused::Unclean { path, why })
    })
}

fn lock_file(plan: &Plan, tree: &Tree) -> Result<FileChange, Failure> {
    Ok(FileChange {
        path: LOCK_NAME.to_owned(),
        before: tree.file(LOCK_NAME).map(<[u8]>::to_vec),
        after: Some(plan.lock.to_text()?.into_bytes()),
    })
}

/// What is left to the user: other revisions, the rollout, databases that were stamped.
pub(super) fn advise(
    session: &mut Session<'_>,
    options: &Adopt,
    chosen: &[Chosen<'_>],
    work: &Work,
    lock: Option<&Lock>,
) -> Result<(), Failure> {
    let state = crate::state::State::read(&session.project)?;
    let revisions = state.revisions(&session.project)?;
    let found = state
        .surroundings(&session.project, None, revisions)?
        .findings;
    let ids: Vec<&String> = chosen.iter().map(|one| &one.candidate.node.id).collect();
    let others = found.iter().filter(|finding| {
        finding.code == Code::OwnSchema && !finding.revisions.iter().any(|id| ids.contains(&id))
    });
    for finding in others {
        let text = format!("{}: {}; it is not adopted", finding.place, finding.message);
        session.output.warning(&text)?;
    }
    if let Some(refused) = unclean(session, options, work).filter(|_| !options.write) {
        let text = format!("`--write` would refuse this: {refused}; {}", refused.hint());
        session.output.note(&text)?;
    }
    if session.global.quiet {
        return Ok(());
    }
    if !work.own.is_empty() {
        session.output.note("the imports of an edited revision stay: a linter may report those that nothing uses any more")?;
    }
    let linear = session.project.settings.history == History::Linear;
    let first = lock.is_none();
    let rows = lock.map(|_| report::Rows::of(&work.plan.lock));
    report::rollout(
        session.output.out,
        &report::Rollout {
            directory: session.project.directory.as_str(),
            needed: work
                .plan
                .lock
                .adopted
                .first()
                .map(|adopted| adopted.is.as_str()),
            heads: first && !linear,
            rows,
            before: chosen
                .first()
                .and_then(|one| one.candidate.node.down.first())
                .map(String::as_str),
        },
    )?;
    match options.write {
        true => Ok(next_steps(session, chosen, work)?),
        false => Ok(()),
    }
}

/// The commands to run after an adoption.
fn next_steps(session: &mut Session<'_>, chosen: &[Chosen<'_>], work: &Work) -> io::Result<()> {
    let commands = session.commands();
    let rollout = chosen
        .last()
        .and_then(|last| rollout(last, &work.plan.lock));
    let upgrade = rollout.map_or_else(|| commands.upgrade(), |verb| commands.own(&verb));
    let init = unwired(&session.project).map(|_| commands.own("init"));
    let steps = init.into_iter().chain([commands.own("check"), upgrade]);
    next(session.output.out, &steps.collect::<Vec<_>>())
}

/// The steps from the release that databases have; none if nothing later is vendored, or no steps are known.
fn rollout(last: &Chosen<'_>, lock: &Lock) -> Option<String> {
    let to = catalog::release(&lock.upstream.release)?;
    let found = steps::rollout(&lock.whole(), last.release, to).ok()?;
    let verb = || format!("rollout --from {}", last.release.name);
    (!found.steps.is_empty()).then(verb)
}
