//! `sync`: brings the vendored directory and the lock to upstream; in place, the lock only.

mod load;
mod next;
mod page;
mod warnings;

use anstyle::Style;
use camino::Utf8PathBuf;

use super::first_run::{self, warn_unless_wired};
use super::{overwritten, recover};
use crate::cli::{ChangeFormat, Global, Sync};
use crate::escape::one_line;
use crate::failure::{Exit, Failure};
use crate::findings::{self, Code};
use crate::lockfile::{LOCK_NAME, Mode};
use crate::patch::FileChange;
use crate::plan::{Change, ChangeKind, Plan};
use crate::project::Project;
use crate::report::prose::{fitted, labelled};
use crate::report::screen::Screen;
use crate::report::style::{GOOD, count};
use crate::report::sync::{self as report, Next, Outcome, Shown};
use crate::session::{Output, Session};
use crate::settings::History;
use crate::state::{State, lock_file};
use crate::steps::Refusal;
use crate::upstream::Upstream;
use crate::vendored::tree::to_lf;
use crate::vendored::{Applied, Apply, Exclusive, apply, write_files};

use load::{Found, load};

pub(super) use load::accept;

/// How a run ended.
struct Ended {
    exit: Exit,
    outcome: Outcome,
    next: Next,
}

pub(super) fn run(
    global: &Global,
    options: &Sync,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    // Beside another format, which says the same, there is no text on standard output.
    let mut unseen = Vec::new();
    let out: &mut dyn Screen = match options.format {
        ChangeFormat::Text => &mut *output.out,
        ChangeFormat::Markdown | ChangeFormat::Json => &mut unseen,
    };
    let mut output_of_run = Output::new(out, &mut *output.err);
    let guard = match options.dry_run {
        true => None,
        false => Some(recover::begin(global, &options.wait, &mut output_of_run)?),
    };
    let mut session = Session::open_to_write(global, &mut output_of_run)?;
    let found = load(&mut session, options, guard.as_ref())
        .map_err(|failure| first_run::explained(&session, &options.source, failure))?;
    let ended = carry_out(&mut session, options, &found, guard.as_ref())?;
    let page = page::page(&session, options, &found, &ended)?;
    output.out.write_all(&page)?;
    Ok(ended.exit)
}

/// Reports the plan, and writes it if there is no conflict.
fn carry_out(
    session: &mut Session<'_>,
    options: &Sync,
    found: &Found,
    guard: Option<&Exclusive>,
) -> Result<Ended, Failure> {
    let Found {
        state,
        upstream,
        plan,
    } = found;
    introduce(session, state, upstream, plan)?;
    let ended = |exit, outcome| Ended {
        exit,
        outcome,
        next: Next::Nothing,
    };
    show(session, options, found)?;
    if !plan.conflicts.is_empty() {
        return Ok(ended(Exit::Drift, Outcome::Refused));
    }
    if is_done(state, plan)? {
        let outcome = say_up_to_date(session, found)?;
        warnings::of_ignored(session, state, plan)?;
        warn_unless_wired(&session.project, plan, &mut session.output)?;
        return Ok(ended(several_heads(session, state)?, outcome));
    }
    let own_tables = match plan.mode {
        Mode::InPlace => None,
        Mode::Copy | Mode::Render => warnings::of_own_schema(session, plan)?,
    };
    if let Some(refusal) = before_linear(session, state, own_tables.as_ref()) {
        session.output.refused(&refusal)?;
        return Ok(ended(Exit::Drift, Outcome::Refused));
    }
    let outcome = if let Some(guard) = guard {
        keep(session, options, state, plan)?;
        write(session, state, plan, guard)?
    } else {
        would_write(session, state, plan)?
    };
    Ok(Ended {
        exit: Exit::Fine,
        outcome,
        next: conclude(session, options, state, plan, own_tables.is_some())?,
    })
}

/// The changes, or the conflicts that they meet.
fn show(session: &mut Session<'_>, options: &Sync, found: &Found) -> Result<(), Failure> {
    let Found { state, plan, .. } = found;
    let directory = state.directory(&session.project);
    let output = &mut session.output;
    // In place, the changes explain the conflict.
    if plan.conflicts.is_empty() || plan.mode == Mode::InPlace {
        let shown = Shown {
            directory,
            describe: &|change| describe(change, found),
            most: match (session.global.verbose, state.lock()) {
                (true, _) => usize::MAX,
                (false, None) => 10,
                // There is more to say of them.
                (false, Some(_)) => 8,
            },
        };
        report::changes(output.out, plan, &shown)?;
    }
    if !plan.conflicts.is_empty() {
        report::conflicts(output.out, plan, directory)?;
        report::refused(output.err, plan, options.force)?;
    }
    Ok(())
}

/// Why a first `sync` must not end a linear history in which revisions of the project's own make the tables.
fn before_linear(
    session: &Session<'_>,
    state: &State,
    own_tables: Option<&String>,
) -> Option<Refusal> {
    let is_first = state.lock().is_none();
    let is_linear = session.project.settings.history == History::Linear;
    let own = own_tables.filter(|_| is_first && is_linear)?;
    Some(Refusal::OwnTablesBefore(own.clone()))
}

/// Warns of what the result asks of the project, and prints the commands to run next.
fn conclude(
    session: &mut Session<'_>,
    options: &Sync,
    state: &State,
    plan: &Plan,
    adopts: bool,
) -> Result<Next, Failure> {
    warnings::of_ignored(session, state, plan)?;
    if !options.dry_run {
        warnings::of_copies(session, plan)?;
    } else if plan.mode == Mode::InPlace {
        return Ok(Next::Nothing);
    }
    warn(session, state, plan)?;
    let next = next::next(session, state, plan, adopts);
    if !session.global.quiet {
        next.write(session.output.out, &plan.lock.upstream.release)?;
    }
    Ok(next)
}

fn say_up_to_date(session: &mut Session<'_>, found: &Found) -> Result<Outcome, Failure> {
    let total = count(found.plan.lock.revisions.len(), "revision");
    let release = &found.upstream.release;
    let what = format!("{total} of Procrastinate {release}");
    if !session.global.quiet {
        writeln!(session.output.out, "{GOOD}Up to date:{GOOD:#} {what}")?;
    }
    Ok(Outcome::UpToDate(what))
}

/// Says what is vendored where, and what is left alone.
fn introduce(
    session: &mut Session<'_>,
    state: &State,
    upstream: &Upstream,
    plan: &Plan,
) -> Result<(), Failure> {
    let (project, quiet) = (&session.project, session.global.quiet);
    let output = &mut session.output;
    if !quiet {
        let text = title(project, state, upstream, plan);
        writeln!(output.err, "{}", fitted(output.err, &text, 0, 2))?;
    }
    for text in &plan.warnings {
        output.warning(text)?;
    }
    let directory = state.directory(project);
    for path in &plan.left_alone {
        output.note(&format!(
            "{directory}/{path} stays as it is: it differs from the lock, which the settings accept, and Procrastinate {} did not \
             change its migration",
            upstream.release
        ))?;
    }
    Ok(())
}

/// What is brought where.
fn title(project: &Project, state: &State, upstream: &Upstream, plan: &Plan) -> String {
    let (title, target) = (upstream.title(), state.target(project));
    let schema = plan.lock.schema.as_ref();
    let schema = schema.map(|schema| format!(", schema {}", schema.name.quoted()));
    let schema = schema.unwrap_or_default();
    let mode = plan.mode;
    format!("{title} into {target}, mode {mode}{schema}")
}

/// Explains a change; empty if its name is enough.
fn describe(change: &Change, found: &Found) -> Vec<String> {
    match &found.state {
        State::Vendored { .. } => report::explain(change, &found.plan),
        State::InPlace { .. } if change.kind == (ChangeKind::Added { before: None }) => Vec::new(),
        State::InPlace { lock, .. } => vec![findings::described(change, lock, &found.upstream)],
    }
}

/// Whether there is nothing to write. In place, other line ends in the lock are no difference.
fn is_done(state: &State, plan: &Plan) -> Result<bool, Failure> {
    Ok(match state {
        State::Vendored { .. } => plan.is_empty(),
        State::InPlace { bytes, .. } => to_lf(bytes) == plan.lock.to_text()?.into_bytes(),
    })
}

/// Warns of what the result asks of the project.
fn warn(session: &mut Session<'_>, state: &State, plan: &Plan) -> Result<(), Failure> {
    let project = &session.project;
    let output = &mut session.output;
    let added = |kind: &ChangeKind| matches!(kind, ChangeKind::Added { .. });
    if project.settings.history == History::Linear
        && plan.changes.iter().any(|change| added(&change.kind))
    {
        output.note(&report::own_revisions(project.own_versions().as_str()))?;
    }
    let was_copy = state.lock().map(|lock| lock.upstream.mode) == Some(Mode::Copy);
    if plan.mode == Mode::Copy && !was_copy {
        output.note(
            "copied revisions read their SQL from the installed package when they run; `--mode render` makes them \
             self-contained",
        )?;
    }
    if state.lock().is_none() && project.runs_upstreams_own() {
        output.warning(
            "Alembic looks into Procrastinate's own revisions, too, and would run both: remove that entry from \
             `version_locations`; if databases have applied those revisions, `vendor-migrations init --in-place` keeps \
             them",
        )?;
    }
    warn_unless_wired(project, plan, output)
}

/// A linear history with several heads is not finished, and `sync` cannot finish it, because vendored revisions never move:
/// the user has to merge the heads.
fn several_heads(session: &mut Session<'_>, state: &State) -> Result<Exit, Failure> {
    if session.project.settings.history != History::Linear {
        return Ok(Exit::Fine);
    }
    let revisions = state.revisions(&session.project)?;
    let found = state
        .surroundings(&session.project, None, revisions)?
        .findings;
    let mut heads = found.iter();
    let Some(finding) = heads.find(|finding| finding.code == Code::SeveralHeads) else {
        return Ok(Exit::Fine);
    };
    session.output.warning(&finding.advice("; "))?;
    Ok(Exit::Drift)
}

/// Keeps what `--force` overwrites. In place that is the lock: it says what databases have applied.
fn keep(
    session: &mut Session<'_>,
    options: &Sync,
    state: &State,
    plan: &Plan,
) -> Result<(), Failure> {
    if !options.force {
        return Ok(());
    }
    let files = match state {
        State::Vendored { tree, lock } => {
            let directory = &session.project.directory;
            overwritten::somebodys(directory, tree, lock.as_ref(), &plan.files)
        }
        State::InPlace { bytes, .. } => vec![(LOCK_NAME.into(), bytes.as_slice())],
    };
    overwritten::keep(session, &files)
}

/// Prints what a dry run leaves unwritten.
fn would_write(session: &mut Session<'_>, state: &State, plan: &Plan) -> Result<Outcome, Failure> {
    let what = summary(session, state, plan);
    writeln!(session.output.out)?;
    let label = "Would write";
    labelled(session.output.out, Style::new(), label, &what)?;
    Ok(Outcome::WouldWrite(what))
}

fn summary(session: &Session<'_>, state: &State, plan: &Plan) -> String {
    let target = state.target(&session.project);
    let summary = match plan.mode {
        Mode::InPlace => count(plan.changes.len(), "change"),
        Mode::Copy | Mode::Render => report::summary(plan),
    };
    let total = count(plan.lock.revisions.len(), "revision");
    format!("{}: {summary}; {total} in all", one_line(&target))
}

/// Writes the plan, and prints a summary.
fn write(
    session: &mut Session<'_>,
    state: &State,
    plan: &Plan,
    guard: &Exclusive,
) -> Result<Outcome, Failure> {
    let what = summary(session, state, plan);
    let (how, kept) = apply_plan(&session.project, state, plan, guard)?;
    writeln!(session.output.out)?;
    labelled(session.output.out, GOOD, "Wrote", &what)?;
    recover::warn_of_kept(&kept, &mut session.output)?;
    if session.global.verbose {
        writeln!(session.output.err, "{how}")?;
    }
    Ok(Outcome::Wrote(what))
}

/// Returns how it was written, for people, and where that is what somebody wrote meanwhile.
fn apply_plan(
    project: &Project,
    state: &State,
    plan: &Plan,
    guard: &Exclusive,
) -> Result<(String, Vec<Utf8PathBuf>), Failure> {
    let tree = match state {
        State::Vendored { tree, .. } => tree,
        State::InPlace { bytes, .. } => {
            let file = lock_file(Some(bytes), &plan.lock)?;
            let kept = write_files(guard, &project.root, &[file])?;
            return Ok(("1 file written in one rename".to_owned(), kept));
        }
    };
    let mut files = plan.files.clone();
    if plan.writes_lock {
        files.push(FileChange {
            path: LOCK_NAME.to_owned(),
            before: tree.file(LOCK_NAME).map(<[u8]>::to_vec),
            after: Some(plan.lock.to_text()?.into_bytes()),
        });
    }
    let work = Apply {
        directory: &project.vendored(),
        tree,
        files: &files,
        own: None,
    };
    let done = apply(guard, &work)?;
    let how = match done.how {
        Applied::Exchanged => "in one rename",
        Applied::Journaled => "file by file, from a journal (directories cannot be exchanged here)",
    };
    let how = format!("{} written {how}", count(files.len(), "file"));
    Ok((how, done.kept))
}
