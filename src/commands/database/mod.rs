//! `database`: which migrations a live database has, and whether everything agrees.

mod known;
mod read;

use super::reporting;
use crate::cli::{Database, Global, ReportFormat};
use crate::client::Target;
use crate::failure::{DatabaseError, Exit, Failure};
use crate::findings::Severity;
use crate::live::{Help, QUERY, Sides, survey};
use crate::report::database::{self as report, Context};
use crate::report::style::count;
use crate::session::{Commands, Output, Session};

pub(super) use known::Known;
pub(super) use read::Input;
use read::read_all;

pub(super) fn run(
    global: &Global,
    options: &Database,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    if options.query {
        write!(output.out, "{QUERY}")?;
        return Ok(Exit::Fine);
    }
    let mut session = Session::anywhere(global, output)?;
    let known = Known::read(&session, options.python.as_deref())?;
    let sides = Sides {
        expect: known.expect(options.expect.as_ref())?,
        before_deploy: options.phase.is_some(),
        ..known.sides(&session)
    };
    for text in &known.notes {
        session.output.note(text)?;
    }
    let inputs = inputs(&session, options)?;
    let mut results = read_all(&inputs, options.python.as_deref());
    if let [Err(_)] = results[..]
        && let Some(Err(error)) = results.pop()
    {
        return Err(error.into());
    }
    let schema = known.schema(options.schema.as_deref());
    let databases: Vec<report::Database<'_>> = inputs
        .iter()
        .zip(&results)
        .map(|(input, read)| report::Database {
            source: input.source(),
            read: match read {
                Ok(snapshot) => Ok((snapshot, survey(snapshot, schema, &sides))),
                Err(error) => Err(error.to_string()),
            },
        })
        .collect();
    for snapshot in results.iter().flatten() {
        if let Some(text) = known.unseen(snapshot, options.schema.as_deref()) {
            session.output.note(&text)?;
        }
    }
    write(&mut session, options, &known, &databases)?;
    match results.iter().filter(|read| read.is_err()).count() {
        0 => Ok(status(&databases, options.strict)),
        unread => Err(DatabaseError::Unread(count(unread, "database")).into()),
    }
}

fn write(
    session: &mut Session<'_>,
    options: &Database,
    known: &Known,
    databases: &[report::Database<'_>],
) -> Result<(), Failure> {
    let commands = session.commands();
    let context = Context {
        sides: known.words(options.expect.as_ref()),
        commands: &|help| remedy(&commands, help),
        has_project: known.lock().is_some(),
        first: known.is_not_vendored().then(|| commands.own("check")),
        all: session.global.verbose,
    };
    let out = &mut *session.output.out;
    let written = match reporting::format(options.format.map(Into::into)) {
        ReportFormat::Json => report::json(out, databases, &context),
        ReportFormat::Github => report::github(out, databases, &context),
        _ => report::text(out, databases, &context),
    };
    Ok(written?)
}

fn status(databases: &[report::Database<'_>], strict: bool) -> Exit {
    let read = databases.iter().flat_map(|database| &database.read);
    let findings = read.flat_map(|(_, all)| all).flat_map(|one| &one.findings);
    let fails = |severity| severity == Severity::Error || strict && severity == Severity::Warning;
    match findings.map(|finding| finding.severity).any(fails) {
        true => Exit::Drift,
        false => Exit::Fine,
    }
}

/// The databases that the user named.
fn inputs(session: &Session<'_>, options: &Database) -> Result<Vec<Input>, DatabaseError> {
    let mut urls = options.urls.clone();
    if options.url_from_config {
        urls.push(configured(session)?);
    }
    let results = options
        .from
        .iter()
        .map(|path| match path.as_str().contains("://") {
            // It may have a password, and is not shown.
            true => Err(DatabaseError::UrlAsFile),
            false => Ok(Input::result(path)),
        });
    let urls = urls.iter().map(|url| Ok(Input::Url(Target::parse(url)?)));
    results.chain(urls).collect()
}

/// The URL in Alembic's configuration, where it is written there.
fn configured(session: &Session<'_>) -> Result<String, DatabaseError> {
    const KEY: &str = "sqlalchemy.url";
    // What `alembic init` writes.
    const PLACEHOLDER: &str = "driver://";
    let alembic = session.project.alembic.as_ref();
    let setting = alembic.and_then(|alembic| alembic.setting(KEY));
    let why = match setting {
        None => "has none",
        Some(setting) => match setting.text() {
            None => "does not write it as one text",
            Some(url) if url.starts_with(PLACEHOLDER) => "has the placeholder of `alembic init`",
            Some(url) => return Ok(url.to_owned()),
        },
    };
    Err(DatabaseError::NoUrl(why))
}

/// The commands of a remedy.
fn remedy(commands: &Commands, help: &Help) -> Option<Vec<String>> {
    match help {
        Help::Text(_) => None,
        Help::Stamp(stamp) => Some(commands.stamp(stamp)),
        Help::Upgrade => Some(vec![commands.upgrade()]),
        Help::UpgradeTo(revision) => Some(vec![commands.upgrade_to(revision)]),
        Help::Rollout(from) => Some(vec![commands.own(&format!("rollout --from {from}"))]),
        Help::Sync => Some(vec![commands.own("sync")]),
    }
}
