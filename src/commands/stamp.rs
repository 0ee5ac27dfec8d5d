//! `stamp`: the commands that tell Alembic which revision a database made by `procrastinate schema --apply` is at.

use pep440_rs::Version;

use super::database::{Input, Known};
use crate::alembic::revisions::{Revisions, Unreadable};
use crate::cli::Stamp;
use crate::escape::one_line;
use crate::failure::{DatabaseError, Exit, Failure};
use crate::inspect::{own_revision, to_adopt};
use crate::live::{Resolved, Sides, Stamping, State, survey};
use crate::lockfile::Lock;
use crate::report::style::count;
use crate::session::Session;
use crate::settings::History;
use crate::state::State as ProjectState;
use crate::steps::{self, Refusal};

pub(super) fn run(session: &mut Session<'_>, options: &Stamp) -> Result<Exit, Failure> {
    match (&options.release, &options.database) {
        (Some(release), _) => of_release(session, release),
        (None, Some(database)) => of_database(session, options, database),
        (None, None) => Ok(Exit::Usage),
    }
}

/// For a database that a release made.
fn of_release(session: &mut Session<'_>, release: &Version) -> Result<Exit, Failure> {
    let state = ProjectState::read(&session.project)?;
    let release = session.release(release, state.lock())?;
    if let Some(refusal) = nothing_to_stamp(session, state.lock()) {
        session.output.refused(&refusal)?;
        return Ok(Exit::Drift);
    }
    let project = &session.project;
    let revisions = project.revisions(|location| !location.is_upstreams())?;
    let linear = project.settings.history == History::Linear;
    let whole = state.lock().map(Lock::whole);
    let lock = whole.as_deref().ok_or(Refusal::NothingVendored);
    let found =
        lock.and_then(|lock| Ok((lock, steps::stamp(lock, release, &revisions.nodes, linear)?)));
    let (lock, stamp) = match found {
        Ok(found) => found,
        Err(refusal) => {
            session.output.refused(&refusal)?;
            return Ok(Exit::Drift);
        }
    };
    if let Some(refusal) = skipped(session, lock, &revisions, &stamp) {
        session.output.refused(&refusal)?;
        return Ok(Exit::Drift);
    }
    let title = format!(
        "a database made by `procrastinate schema --apply` of Procrastinate {}",
        release.name
    );
    print_commands(session, &stamp, lock.is_linear(), &title)?;
    print_notes(session, &stamp, &revisions)?;
    if release.yanked {
        let text = format!(
            "Procrastinate {} was yanked from the package index",
            release.name
        );
        session.output.warning(&text)?;
    }
    for name in &stamp.differing {
        let text = format!(
            "the SQL of `{name}` in {release} differs from the vendored SQL: such a database holds what the old SQL made. \
             If that matters, write a revision of your own; `vendor-migrations diff {release} {}` shows the difference",
            lock.upstream.release,
            release = release.name,
        );
        session.output.note(&text)?;
    }
    Ok(Exit::Fine)
}

/// For what a database has.
fn of_database(
    session: &mut Session<'_>,
    options: &Stamp,
    database: &str,
) -> Result<Exit, Failure> {
    let known = Known::read(session, None)?;
    if let Some(refusal) = nothing_to_stamp(session, known.lock()) {
        session.output.refused(&refusal)?;
        return Ok(Exit::Drift);
    }
    for text in &known.notes {
        session.output.note(text)?;
    }
    let snapshot = Input::any(database)?.read(options.python.as_deref())?;
    let sides = Sides {
        code: None,
        ..known.sides(session)
    };
    if let Some(text) = known.unseen(&snapshot, options.schema.as_deref()) {
        session.output.note(&text)?;
    }
    let found = survey(&snapshot, known.schema(options.schema.as_deref()), &sides);
    let [surveyed] = &found[..] else {
        let schemas = found.iter().filter_map(|one| one.schema.as_deref());
        return Err(DatabaseError::SeveralSchemas(schemas.map(str::to_owned).collect()).into());
    };
    let place = surveyed.schema.as_deref().unwrap_or_default();
    let state = surveyed.resolved.as_ref().and_then(Resolved::exact);
    let state = state.map_or(String::new(), State::title);
    match &surveyed.stamping {
        Stamping::Needed(stamp) => {
            let skipped = known
                .lock()
                .and_then(|lock| skipped(session, lock, known.revisions(), stamp));
            if let Some(refusal) = skipped {
                session.output.refused(&refusal)?;
                return Ok(Exit::Drift);
            }
            let title = format!(
                "the database `{}`, whose schema `{place}` is in the state after `{state}`",
                snapshot.database
            );
            let is_linear = known.lock().is_some_and(Lock::is_linear);
            print_commands(session, stamp, is_linear, &title)?;
            print_notes(session, stamp, known.revisions())?;
            Ok(Exit::Fine)
        }
        Stamping::Agrees => {
            let text =
                "there is nothing to stamp: the version table already says what the schema is";
            session.output.note(text)?;
            Ok(Exit::Fine)
        }
        Stamping::Impossible(why) => {
            session.output.refused(&Refusal::OfSchema(why.clone()))?;
            Ok(Exit::Drift)
        }
    }
}

/// Revisions of the project's own make the tables, and nothing has taken their place; or nothing is vendored.
fn nothing_to_stamp(session: &Session<'_>, lock: Option<&Lock>) -> Option<Refusal> {
    let own = session.project.own_revisions().ok();
    let own = own.and_then(|own| to_adopt(&session.project, &own, lock));
    let nothing = lock.is_none().then_some(Refusal::NothingVendored);
    own.map(Refusal::OwnTables).or(nothing)
}

/// Why a baseline's revision must not be stamped, if it is to be: it does something else, too.
fn skipped(
    session: &Session<'_>,
    lock: &Lock,
    revisions: &Revisions,
    stamp: &steps::Stamp,
) -> Option<Refusal> {
    let baseline = &lock.baseline.as_ref()?.revision;
    let node = revisions.nodes.iter().find(|node| node.id == *baseline)?;
    stamp.runs.iter().find(|run| run.last == *baseline)?;
    let (_, own) = own_revision(&session.project, revisions, &node.path)?;
    own.does_more().then(|| Refusal::BaselineDoesMore {
        revision: baseline.clone(),
        path: node.path.to_string(),
    })
}

/// The sequence on standard output, and what comes after it.
fn print_commands(
    session: &mut Session<'_>,
    stamp: &steps::Stamp,
    is_linear: bool,
    title: &str,
) -> Result<(), Failure> {
    if !session.global.quiet {
        let title = one_line(title);
        writeln!(session.output.err, "For {title}:")?;
    }
    let commands = session.commands();
    let sequence = commands.stamp(stamp);
    let sequence: Vec<_> = sequence.iter().map(|command| one_line(command)).collect();
    // One chain: a shell runs nothing after a command that fails.
    writeln!(session.output.out, "{}", sequence.join(" &&\n"))?;
    if session.global.quiet {
        return Ok(());
    }
    // The lock decides: the setting may have changed since.
    let history = if is_linear {
        History::Linear
    } else {
        History::Branch
    };
    let rest = match stamp.remaining {
        0 => "It is then at the last vendored revision.".to_owned(),
        number => format!(
            "`{}` then runs the {} after it.",
            commands.with_history(Some(history)).upgrade(),
            count(number, "vendored revision")
        ),
    };
    Ok(writeln!(session.output.err, "{rest}")?)
}

/// Which databases are not to be stamped, as far as the project's own revisions tell.
fn print_notes(
    session: &mut Session<'_>,
    stamp: &steps::Stamp,
    revisions: &Revisions,
) -> Result<(), Failure> {
    if !stamp.followers.is_empty() {
        let text = format!(
            "this is for a database that has run none of {}: if one of them has run, a stamp removes its row from the \
             version table",
            stamp.followers.join(", ")
        );
        session.output.note(&text)?;
    }
    let alembic = session.project.alembic.as_ref();
    let unknown = alembic.and_then(|alembic| alembic.versions.unknown().map(str::to_owned));
    let unread = revisions.unreadable.iter();
    let unread = unread.map(|Unreadable { path, error, .. }| format!("{path}: {error}"));
    for what in unknown.into_iter().chain(unread) {
        let text = format!(
            "not looked at: {what}. A database that has run a revision which builds on a vendored one must not be stamped"
        );
        session.output.note(&text)?;
    }
    Ok(())
}
