//! `database`: which migrations a live database has, and whether everything agrees.

mod known;
mod read;

use super::reporting;
use super::stamp::sequence;
use crate::cli::{Database, Global, ReportFormat};
use crate::client::Target;
use crate::failure::{Exit, Failure};
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
    let expect = known.expect(options.expect.as_ref())?;
    for text in &known.notes {
        session.output.note(text)?;
    }
    let inputs = inputs(&session, options)?;
    let mut results = read_all(&inputs, options.python.as_deref());
    if let [Err(_)] = results[..]
        && let Some(Err(failure)) = results.pop()
    {
        return Err(failure);
    }
    let sides = Sides {
        expect,
        before_deploy: options.phase.is_some(),
        ..known.sides(&session)
    };
    let unread = results.iter().filter(|read| read.is_err()).count();
    let databases: Vec<report::Database<'_>> = inputs
        .iter()
        .zip(&results)
        .map(|(input, read)| report::Database {
            source: input.source(),
            read: match read {
                Ok(snapshot) => Ok((
                    snapshot,
                    survey(snapshot, options.schema.as_deref(), &sides),
                )),
                Err(failure) => Err(failure.explained()),
            },
        })
        .collect();
    let commands = session.commands();
    let context = Context {
        sides: known.words(options.expect.as_ref()),
        commands: &|help| remedy(&commands, help),
        has_project: known.lock().is_some(),
    };
    let format = reporting::format(options.format.map(Into::into));
    let (out, all) = (&mut *session.output.out, global.verbose);
    match format {
        ReportFormat::Json => report::json(out, &databases, &context)?,
        ReportFormat::Github => report::github(out, &databases, &context, all)?,
        _ => report::text(out, &databases, &context, all)?,
    }
    if unread > 0 {
        return Err(Failure::Unread(count(unread, "database")));
    }
    let fails =
        |severity| severity == Severity::Error || options.strict && severity == Severity::Warning;
    let read = databases
        .iter()
        .filter_map(|database| database.read.as_ref().ok());
    let mut findings = read
        .flat_map(|(_, all)| all)
        .flat_map(|surveyed| &surveyed.findings);
    Ok(match findings.any(|finding| fails(finding.severity)) {
        true => Exit::Drift,
        false => Exit::Fine,
    })
}

/// The databases that the user named.
fn inputs(session: &Session<'_>, options: &Database) -> Result<Vec<Input>, Failure> {
    let urls = options.urls.iter();
    let mut inputs: Vec<Input> = urls
        .map(|url| Ok(Input::Url(Target::parse(url)?)))
        .collect::<Result<_, Failure>>()?;
    inputs.extend(options.from.iter().map(|path| Input::result(path)));
    if options.url_from_config {
        inputs.push(Input::Url(Target::parse(&configured(session)?)?));
    }
    Ok(inputs)
}

/// The URL in Alembic's configuration, where it is written there.
fn configured(session: &Session<'_>) -> Result<String, Failure> {
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
    Err(Failure::NoUrl(why))
}

/// The commands of a remedy.
pub(super) fn remedy(commands: &Commands, help: &Help) -> Option<Vec<String>> {
    match help {
        Help::Text(_) => None,
        Help::Stamp(stamp) => Some(sequence(commands, stamp)),
        Help::Upgrade => Some(vec![commands.upgrade()]),
        Help::Sync => Some(vec![commands.own("sync")]),
    }
}
