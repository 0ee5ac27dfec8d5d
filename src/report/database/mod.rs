//! What a live database has, for people, for GitHub, and for programs.

mod json;
mod screen;

use std::io;

use super::github::placeless;
use super::prose::labelled;
use super::screen::Screen;
use super::style::{BAD, GOOD, count};
use crate::escape::one_line;
use crate::findings::Severity;
use crate::live::{Finding, Help, Snapshot, Surveyed};

pub use json::json;
use screen::screens;

/// One database that was asked for.
pub struct Database<'a> {
    /// Where it was read from, in words for people.
    pub source: String,
    /// The error says why it was not read.
    pub read: Result<(&'a Snapshot, Vec<Surveyed<'a>>), String>,
}

/// What all databases are compared with, and how a command is written.
pub struct Context<'a> {
    /// In words: what is vendored, what is installed, what is expected.
    pub sides: Vec<(&'static str, String)>,
    /// The commands of a remedy; none if it is words.
    pub commands: &'a dyn Fn(&Help) -> Option<Vec<String>>,
    /// Whether there is a project to agree with.
    pub has_project: bool,
    /// The command that comes first, where a project has nothing vendored yet.
    pub first: Option<String>,
    /// Many databases are told one by one, too.
    pub all: bool,
}

/// One schema of one database, as a row.
struct Row<'a> {
    status: &'static str,
    /// What needs work comes first.
    rank: usize,
    source: &'a str,
    database: &'a str,
    surveyed: Option<&'a Surveyed<'a>>,
    state: String,
}

/// The state of a database that was not read.
pub const UNREAD: &str = "unread";

fn status(surveyed: &Surveyed<'_>, context: &Context<'_>) -> &'static str {
    match surveyed.gravest() {
        Some(code) => code.as_str(),
        None if surveyed.resolved.is_none() => "missing",
        None if context.has_project => "agrees",
        None => "exact",
    }
}

/// One screen for one schema; a line each for many, with `all` the screens below.
pub fn text(
    out: &mut dyn Screen,
    databases: &[Database<'_>],
    context: &Context<'_>,
) -> io::Result<()> {
    let rows = rows(databases, context);
    if let [row] = &rows[..]
        && row.surveyed.is_some()
    {
        return screens(out, databases, context);
    }
    let width = |of: fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (status, place) = (
        width(|row| row.status.len()),
        width(|row| row.place().len()),
    );
    for row in &rows {
        let style = match row.rank {
            usize::MAX => GOOD,
            _ => BAD,
        };
        writeln!(
            out,
            "{style}{:status$}{style:#}  {:place$}  {}",
            row.status,
            row.place(),
            one_line(&row.state)
        )?;
    }
    for (source, why) in unread(databases) {
        labelled(out, BAD, "unread:", &format!("{source}: {why}"))?;
    }
    let fine = rows.iter().filter(|row| row.rank == usize::MAX).count();
    let others = rows.len() - fine;
    writeln!(
        out,
        "{}: {fine} fine, {others} to look at",
        count(rows.len(), "schema")
    )?;
    if context.all {
        writeln!(out)?;
        screens(out, databases, context)?;
    }
    Ok(())
}

impl Row<'_> {
    fn place(&self) -> String {
        let schema = self
            .surveyed
            .and_then(|surveyed| surveyed.schema.as_deref());
        let schema = schema.map_or(String::new(), |schema| format!(".{schema}"));
        let place = match self.database {
            "" => self.source.to_owned(),
            database => format!("{}: {database}{schema}", self.source),
        };
        one_line(&place).into_owned()
    }
}

fn rows<'a>(databases: &'a [Database<'a>], context: &Context<'_>) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for database in databases {
        let source = database.source.as_str();
        let (snapshot, schemas) = match &database.read {
            Ok(read) => read,
            Err(why) => {
                let state = why.lines().next().unwrap_or_default().to_owned();
                rows.push(Row {
                    status: UNREAD,
                    rank: 0,
                    source,
                    database: "",
                    surveyed: None,
                    state,
                });
                continue;
            }
        };
        rows.extend(schemas.iter().map(|surveyed| {
            Row {
                status: status(surveyed, context),
                rank: surveyed
                    .gravest()
                    .map_or(usize::MAX, |code| 1 + code as usize),
                source,
                database: &snapshot.database,
                surveyed: Some(surveyed),
                state: state(surveyed),
            }
        }));
    }
    rows.sort_by(|a, b| (a.rank, a.source, &a.database).cmp(&(b.rank, b.source, &b.database)));
    rows
}

/// The databases that were not read, and why.
fn unread<'a>(databases: &'a [Database<'a>]) -> impl Iterator<Item = (&'a str, &'a str)> {
    databases.iter().filter_map(|database| {
        let why = database.read.as_ref().err()?;
        Some((database.source.as_str(), why.as_str()))
    })
}

/// `after X, as Procrastinate 3.4.0 to 3.10.0`.
fn state(surveyed: &Surveyed<'_>) -> String {
    let Some(resolved) = &surveyed.resolved else {
        return "nothing of Procrastinate".to_owned();
    };
    let [first, others @ ..] = &resolved.states[..] else {
        return "no known state".to_owned();
    };
    let releases = first
        .as_releases()
        .map_or(String::new(), |releases| format!(", as {releases}"));
    match resolved.exact() {
        Some(_) => format!("state after {}{releases}", first.title()),
        None => {
            let ties = match others.len() {
                0 => String::new(),
                number => format!(", and {} as near", count(number, "other state")),
            };
            let differences = count(resolved.deviations.len(), "difference");
            format!(
                "nearest to the state after {}{releases}, with {differences}{ties}",
                first.title()
            )
        }
    }
}

/// The remedy in one text.
fn help(finding: &Finding, context: &Context<'_>) -> Option<String> {
    match finding.help.as_ref()? {
        Help::Text(text) => Some(text.clone()),
        help => {
            let commands = (context.commands)(help)?;
            Some(format!("`{}`", commands.join(" && ")))
        }
    }
}

/// The text, and an annotation for each error and warning.
pub fn github(
    out: &mut dyn Screen,
    databases: &[Database<'_>],
    context: &Context<'_>,
) -> io::Result<()> {
    text(out, databases, context)?;
    for (source, why) in unread(databases) {
        placeless(out, Severity::Error, UNREAD, &format!("{source}: {why}"))?;
    }
    for database in databases {
        let Ok((_, schemas)) = &database.read else {
            continue;
        };
        let findings = schemas.iter().flat_map(|surveyed| &surveyed.findings);
        for finding in findings.filter(|finding| finding.severity != Severity::Note) {
            let help = help(finding, context).map_or(String::new(), |help| format!("\n{help}"));
            let text = format!("{}: {}{help}", database.source, finding.message);
            placeless(out, finding.severity, finding.code.as_str(), &text)?;
        }
    }
    Ok(())
}
