//! `stamp`: the commands that tell Alembic which revision a database made by `procrastinate schema --apply` is at.

use crate::alembic::revisions::{Revisions, Unreadable};
use crate::catalog;
use crate::cli::Stamp;
use crate::escape::one_line;
use crate::failure::{Exit, Failure};
use crate::report::style::count;
use crate::session::{Commands, Session, shell_word};
use crate::settings::History;
use crate::state::State;
use crate::steps::{self, Refusal, Run};

pub(super) fn run(session: &mut Session<'_>, options: &Stamp) -> Result<Exit, Failure> {
    let state = State::read(&session.project)?;
    let release = catalog::known(&options.release)?;
    let project = &session.project;
    let revisions = project.revisions(|location| !location.is_upstreams())?;
    let linear = project.settings.history == History::Linear;
    let lock = state.lock().ok_or(Refusal::NothingVendored);
    let found =
        lock.and_then(|lock| Ok((lock, steps::stamp(lock, release, &revisions.nodes, linear)?)));
    let (lock, stamp) = match found {
        Ok(found) => found,
        Err(refusal) => {
            session.output.refused(&refusal)?;
            return Ok(Exit::Drift);
        }
    };
    if !session.global.quiet {
        writeln!(
            session.output.err,
            "For a database made by `procrastinate schema --apply` of Procrastinate {}:",
            release.name
        )?;
    }
    print_commands(session, &stamp)?;
    print_notes(session, &stamp, &revisions)?;
    for name in &stamp.differing {
        let text = format!(
            "`{name}` had other SQL in {release} than is vendored: such a database holds what the old SQL made. Where that matters, \
             write a revision of your own; `vendor-migrations diff {release} {}` shows the difference",
            lock.upstream.release,
            release = release.name,
        );
        session.output.note(&text)?;
    }
    Ok(Exit::Fine)
}

/// The commands that stamp, one after the other.
pub(super) fn sequence(commands: &Commands, stamp: &steps::Stamp) -> Vec<String> {
    let run = |Run { after, last }: &Run| {
        let upgrade = after.as_ref().map(|after| commands.upgrade_to(after));
        let stamp = commands.alembic(&format!("stamp {}", shell_word(last)));
        upgrade.into_iter().chain([stamp])
    };
    stamp.runs.iter().flat_map(run).collect()
}

/// The sequence on standard output, and what comes after it.
fn print_commands(session: &mut Session<'_>, stamp: &steps::Stamp) -> Result<(), Failure> {
    let commands = session.commands();
    let sequence = sequence(&commands, stamp);
    let sequence: Vec<_> = sequence.iter().map(|command| one_line(command)).collect();
    // One chain: a shell runs nothing after a command that fails.
    writeln!(session.output.out, "{}", sequence.join(" &&\n"))?;
    if session.global.quiet {
        return Ok(());
    }
    // The lock decides: the setting may have changed since.
    let is_linear = stamp.runs.iter().any(|run| run.after.is_some());
    let history = if is_linear {
        History::Linear
    } else {
        History::Branch
    };
    let rest = match stamp.remaining {
        0 => "It is then at the last vendored revision.".to_owned(),
        number => format!(
            "`{}` then runs the {} behind it.",
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
            "this is for a database that has run none of {}: if one of them has run, a stamp takes its row out of the version table",
            stamp.followers.join(", ")
        );
        session.output.note(&text)?;
    }
    let alembic = session.project.alembic.as_ref();
    let unknown = alembic.and_then(|alembic| alembic.versions.unknown().map(str::to_owned));
    let unread = revisions.unreadable.iter();
    let unread = unread.map(|Unreadable { path, error }| format!("{path}: {error}"));
    for what in unknown.into_iter().chain(unread) {
        let text = format!(
            "not looked at: {what}. A database that has run a revision which builds upon a vendored one must not be stamped"
        );
        session.output.note(&text)?;
    }
    Ok(())
}
