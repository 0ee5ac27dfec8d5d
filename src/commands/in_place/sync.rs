//! `sync` in place: records in the lock what the installed package runs.

use super::{Import, InPlaceError, imported, lock_file, shipped};
use crate::cli::{Global, Sync};
use crate::commands::sync::accept;
use crate::commands::{Exit, Failure, Output, alembic_command, note, upstream, warning};
use crate::escape::one_line;
use crate::findings::described;
use crate::lockfile::LOCK_NAME;
use crate::plan::in_place::{Change, ChangeKind, InPlace, plan};
use crate::plan::local::to_lf;
use crate::procrastinate::Layout;
use crate::project::{Project, RootLock};
use crate::report::deploys::{Step, deploys};
use crate::report::style::{BAD, GOOD, NOTE, count};

use crate::upstream::{Processes, Upstream};
use crate::vendored::replace;

/// Brings the lock to the installed package.
pub(in crate::commands) fn sync(
    (project, there): (&Project, &RootLock),
    global: &Global,
    options: &Sync,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    refuse_wishes(project, options)?;
    let upstream = upstream(
        project,
        &options.source,
        Processes::Allowed,
        (global, output),
    )?;
    accept(&upstream, options.source.allow_modified_source, output)?;
    check_import(project, &upstream, output)?;
    let plan = plan(Some(&there.lock), &upstream)?;
    if !global.quiet {
        writeln!(
            output.err,
            "{} into {LOCK_NAME}, mode in-place",
            upstream.title()
        )?;
    }
    for name in &plan.unwrapped {
        let text = format!("no revision file of the release runs `{name}`: Alembic leaves it out");
        warning(output, &text)?;
    }
    show(&plan, (there, &upstream), output)?;
    if refused(&plan, there, options, output)? {
        return Ok(Exit::Drift);
    }
    let file = lock_file(Some(&there.bytes), &plan.lock)?;
    let total = count(plan.lock.revisions.len(), "revision");
    if to_lf(&there.bytes) == file.after {
        if !global.quiet {
            let release = &upstream.release;
            writeln!(
                output.out,
                "{GOOD}Up to date:{GOOD:#} {total} of Procrastinate {release}"
            )?;
        }
        return Ok(Exit::Fine);
    }
    let changes = count(plan.changes.len(), "change");
    if options.dry_run {
        writeln!(
            output.out,
            "\nWould write {LOCK_NAME}: {changes}; {total} in all"
        )?;
        return Ok(Exit::Fine);
    }
    replace(&project.root, &file)?;
    writeln!(
        output.out,
        "\n{GOOD}Wrote{GOOD:#} {LOCK_NAME}: {changes}; {total} in all"
    )?;
    let steps: Vec<Step<'_>> = plan.added().map(Change::step).collect();
    deploys(
        output.out,
        &steps,
        &upstream.release,
        &alembic_command(project, global),
    )?;
    Ok(Exit::Fine)
}

impl Change {
    fn step(&self) -> Step<'_> {
        Step {
            id: &self.id,
            name: &self.name,
            phase: self.phase,
        }
    }
}

fn refuse_wishes(project: &Project, options: &Sync) -> Result<(), Failure> {
    let wish = if options.mode.is_some() {
        "`--mode`"
    } else if project.settings.mode.is_some() {
        "the setting `mode`"
    } else if options.rerender {
        "`--rerender`"
    } else if let Some(release) = &options.source.release {
        let title = format!("release {release} of the package index");
        return Err(InPlaceError::NotInstalled(title).into());
    } else {
        return Ok(());
    };
    Err(InPlaceError::NoFiles(wish).into())
}

fn check_import(
    project: &Project,
    upstream: &Upstream,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if upstream.layout == Layout::Sql {
        let title = upstream.title();
        return Err(InPlaceError::NoRevisions { title }.into());
    }
    let Some(alembic) = &project.alembic else {
        return Ok(());
    };
    match imported(alembic, &project.environments, upstream)? {
        Import::Same => {}
        Import::Unknown(why) => note(output, &why)?,
    }
    let unwired = |directory: camino::Utf8PathBuf| alembic.looks_into(&directory) == Some(false);
    if shipped(upstream).is_some_and(unwired) {
        let text = "Alembic does not look into the package's revisions, and applies nothing of them; run \
                    `vendor-migrations init --in-place`";
        warning(output, text)?;
    }
    Ok(())
}

fn show(
    plan: &InPlace,
    (there, upstream): (&RootLock, &Upstream),
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    for change in &plan.changes {
        let (style, word) = match &change.kind {
            ChangeKind::Added { .. } => (GOOD, "Added"),
            ChangeKind::SqlChanged | ChangeKind::WrapperChanged => (NOTE, "Changed"),
            ChangeKind::Replaced { .. } => (BAD, "Replaced"),
            ChangeKind::Renumbered { .. } => (BAD, "Renumbered"),
            ChangeKind::Renamed { .. } => (NOTE, "Renamed"),
            ChangeKind::Moved => (BAD, "Moved"),
            ChangeKind::Gone { .. } => (BAD, "Gone"),
        };
        let (id, name) = (one_line(&change.id), one_line(&change.name));
        writeln!(output.out, "{style}{word:11}{style:#} {id}  {name}")?;
        if change.kind != (ChangeKind::Added { before: None }) {
            let text = described(change, &there.lock, upstream);
            writeln!(output.out, "            {}", one_line(&text))?;
        }
    }
    Ok(())
}

/// What the user has to accept in so many words.
fn refused(
    plan: &InPlace,
    there: &RootLock,
    options: &Sync,
    output: &mut Output<'_>,
) -> Result<bool, Failure> {
    let (old, new) = (&there.lock.upstream.release, &plan.lock.upstream.release);
    if plan.downgrade && !options.allow_downgrade {
        writeln!(
            output.err,
            "{BAD}refused:{BAD:#} the lock records Procrastinate {old}, and {new} is older; nothing was written\n\
             {GOOD}help:{GOOD:#} install {old} or newer; `--allow-downgrade` records the older one"
        )?;
        return Ok(true);
    }
    let breaking = |change: &&Change| change.leaves_databases_behind();
    let behind = plan.changes.iter().filter(breaking).count();
    if behind == 0 || options.force {
        return Ok(false);
    }
    let changes = count(behind, "change");
    writeln!(
        output.err,
        "{BAD}refused:{BAD:#} {changes} of what databases have applied; nothing was written\n{GOOD}help:{GOOD:#} install \
         Procrastinate {old} again; or bring every database to {new} by hand, and accept the change with `--force`"
    )?;
    Ok(true)
}
