//! `sync`: brings the vendored directory and the lock to upstream.

use super::first_run::{own_options, unwired, warn_unless_wired};
use super::own::OwnRevisions;
use super::pinned::or_pinned;
use super::surroundings::surroundings;
use super::{Exit, Failure, Output, alembic_command, note, say_what_is_odd, upstream, warning};
use crate::cli::{Global, Sync};
use crate::escape::one_line;
use crate::findings::{self, Code};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::patch::FileChange;
use crate::pins;
use crate::plan::{ChangeKind, ConflictKind, Input, Options, Plan, plan};
use crate::project::Project;
use crate::report::style::{BAD, GOOD, count};
use crate::report::sync as report;
use crate::settings::History;
use crate::upstream::{Processes, Upstream};
use crate::vendored::tree::Tree;
use crate::vendored::{Applied, Apply, apply, finish_interrupted, tidy};

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Sync,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    if !options.dry_run {
        recover(project, output)?;
    }
    let (tree, lock) = project.load()?;
    let upstream = upstream(
        project,
        &options.source,
        Processes::Allowed,
        (global, output),
    )
    .map_err(|failure| or_pinned(project, failure))?;
    accept(&upstream, options.source.allow_modified_source, output)?;
    say_what_is_pinned(project, options, &upstream, output)?;
    let options_of_plan = Options {
        mode: options.mode.or(project.settings.mode),
        rerender: options.rerender,
        force: options.force,
        allow_downgrade: options.allow_downgrade,
    };
    let own = OwnRevisions::all(project)?;
    let input = Input {
        lock: lock.as_ref(),
        upstream: &upstream,
        tree: &tree,
        own: own.own(),
        options: options_of_plan,
    };
    let plan = plan(input)?;
    if !global.quiet {
        let (title, directory, mode) = (
            upstream.title(),
            one_line(project.directory.as_str()),
            plan.mode,
        );
        writeln!(output.err, "{title} into {directory}, mode {mode}")?;
    }
    for text in &plan.warnings {
        warning(output, text)?;
    }
    let shown = |path: &str| project.shown(path);
    if !plan.conflicts.is_empty() {
        return refuse(&plan, options, &shown, output);
    }
    report::changes(output.out, &plan, &shown)?;
    if plan.is_empty() {
        let revisions = count(plan.lock.revisions.len(), "revision");
        if !global.quiet {
            writeln!(
                output.out,
                "{GOOD}Up to date:{GOOD:#} {revisions} of Procrastinate {}",
                upstream.release
            )?;
        }
        warn_unless_wired(project, &plan, output)?;
        return several_heads(project, (&tree, lock.as_ref()), output);
    }
    write(project, options, (&tree, &plan), output, global)?;
    let target = match project.settings.history {
        History::Branch => "heads",
        History::Linear => "head",
    };
    let before = unwired(project).map_or(Vec::new(), |_| {
        let own = own_options(project, global);
        ["init", "check"]
            .map(|verb| format!("vendor-migrations {verb}{own}"))
            .to_vec()
    });
    let first = lock.is_none().then_some(report::FirstUpgrade {
        before: &before,
        target,
    });
    report::next_steps(output.out, &plan, &alembic_command(project, global), first)?;
    if project.settings.history == History::Linear
        && plan
            .changes
            .iter()
            .any(|change| matches!(change.kind, ChangeKind::Added { .. }))
    {
        note(
            output,
            &report::own_revisions(project.own_versions().as_str()),
        )?;
    }
    warn_about_copies(lock.as_ref(), &plan, output)?;
    if lock.is_none() && project.runs_upstreams_own() {
        let text = "Alembic looks into Procrastinate's own revisions, too, and would run both: take that entry out of \
                    `version_locations`; if databases have applied those, `vendor-migrations init --in-place` keeps them";
        warning(output, text)?;
    }
    warn_unless_wired(project, &plan, output)?;
    Ok(Exit::Fine)
}

/// In a linear history there is work left as long as there are several heads, and none that `sync` may do: what is vendored
/// never moves.
fn several_heads(
    project: &Project,
    (tree, lock): (&Tree, Option<&Lock>),
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let findings = surroundings(project, tree, lock)?.findings;
    let Some(finding) = findings
        .iter()
        .find(|finding| finding.code == Code::SeveralHeads)
    else {
        return Ok(Exit::Fine);
    };
    warning(output, &format!("{}. {}", finding.message, finding.remedy))?;
    Ok(Exit::Drift)
}

/// Finishes or clears away what a run that was cut off left.
fn recover(project: &Project, output: &mut Output<'_>) -> Result<(), Failure> {
    let directory = project.vendored();
    if finish_interrupted(&directory)? {
        let text = format!(
            "finished an earlier `sync` of {} that was cut off",
            project.directory
        );
        note(output, &text)?;
    }
    if let Some(leftover) = tidy(&directory)? {
        let text =
            format!("removed {leftover}, which an earlier `sync` that was cut off left behind");
        note(output, &text)?;
    }
    Ok(())
}

/// An environment that lags behind the project's lock file, or the other way round.
fn say_what_is_pinned(
    project: &Project,
    options: &Sync,
    upstream: &Upstream,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if options.source.release.is_some() {
        return Ok(());
    }
    let differs = findings::differs(&pins::find(&project.root, project.below()), upstream);
    match differs {
        Some(finding) => warning(output, &format!("{}; {}", finding.message, finding.remedy)),
        None => Ok(()),
    }
}

/// A changed installation is refused unless the user accepts it.
pub(super) fn accept(
    upstream: &Upstream,
    allowed: bool,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if upstream.modified.is_empty() || allowed {
        return say_what_is_odd(upstream, output);
    }
    Err(Failure::Modified {
        title: upstream.title(),
        modified: upstream.modified.clone(),
    })
}

fn refuse(
    plan: &Plan,
    options: &Sync,
    shown: report::Shown<'_>,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    report::conflicts(output.out, plan, &plan.conflicts, shown)?;
    let conflicts = count(plan.conflicts.len(), "conflict");
    writeln!(
        output.err,
        "{BAD}refused:{BAD:#} {conflicts}; nothing was written"
    )?;
    let forceable = plan
        .conflicts
        .iter()
        .all(|conflict| conflict.kind.yields_to_force());
    let edited = plan
        .conflicts
        .iter()
        .any(|conflict| conflict.kind == ConflictKind::Edited);
    if forceable && !options.force {
        let first = if edited {
            "take your changes back (`git checkout`), or keep them outside; "
        } else {
            ""
        };
        writeln!(
            output.err,
            "{GOOD}help:{GOOD:#} {first}`--force` overwrites these files"
        )?;
    }
    Ok(Exit::Drift)
}

fn write(
    project: &Project,
    options: &Sync,
    (tree, plan): (&Tree, &Plan),
    output: &mut Output<'_>,
    global: &Global,
) -> Result<(), Failure> {
    let text = plan.lock.to_text()?;
    let mut files = plan.files.clone();
    if plan.writes_lock {
        files.push(FileChange {
            path: LOCK_NAME.to_owned(),
            before: tree.file(LOCK_NAME).map(<[u8]>::to_vec),
            after: Some(text.into_bytes()),
        });
    }
    let summary = report::summary(plan);
    let total = count(plan.lock.revisions.len(), "revision");
    if options.dry_run {
        writeln!(
            output.out,
            "\nWould write {}: {summary}; {total} in all",
            one_line(project.directory.as_str())
        )?;
        return Ok(());
    }
    let applied = apply(&Apply {
        directory: &project.vendored(),
        tree,
        files: &files,
    })?;
    writeln!(
        output.out,
        "\n{GOOD}Wrote{GOOD:#} {}: {summary}; {total} in all",
        one_line(project.directory.as_str())
    )?;
    if global.verbose {
        let how = match applied {
            Applied::Exchanged => "in one rename",
            Applied::Journaled => {
                "file by file, from a journal (directories cannot be exchanged here)"
            }
        };
        writeln!(output.err, "{} written {how}", count(files.len(), "file"))?;
    }
    Ok(())
}

fn warn_about_copies(
    lock: Option<&Lock>,
    plan: &Plan,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let was_copy = lock.is_some_and(|lock| lock.upstream.mode == Mode::Copy);
    if plan.mode == Mode::Copy && !was_copy {
        note(
            output,
            "copied revisions read their SQL from the installed package when they run; `--mode render` makes them \
             self-contained",
        )?;
    }
    Ok(())
}
