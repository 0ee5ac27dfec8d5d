//! What a live database has, for people, for GitHub, and for programs.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::screen::Screen;
use super::style::{BAD, GOOD, NOTE, count};
use super::text::{Value, table};
use super::{github, json as writer};
use crate::escape::one_line;
use crate::findings::Severity;
use crate::live::{
    Deviation, Finding, Help, How, Own, Snapshot, Stamping, State, Surveyed, Versions,
};
use crate::report::prose::{labelled_at, paragraph};

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
    all: bool,
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
    let fine = rows.iter().filter(|row| row.rank == usize::MAX).count();
    let others = rows.len() - fine;
    writeln!(
        out,
        "{}: {fine} fine, {others} to look at",
        count(rows.len(), "schema")
    )?;
    if all {
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
        Some(_) => format!("that after {}{releases}", first.title()),
        None => {
            let ties = match others.len() {
                0 => String::new(),
                number => format!(", and {} as near", count(number, "other state")),
            };
            let differences = count(resolved.deviations.len(), "difference");
            format!(
                "nearest to that after {}{releases}, with {differences}{ties}",
                first.title()
            )
        }
    }
}

fn screens(
    out: &mut dyn Screen,
    databases: &[Database<'_>],
    context: &Context<'_>,
) -> io::Result<()> {
    let mut is_first = true;
    for database in databases {
        let Ok((snapshot, schemas)) = &database.read else {
            continue;
        };
        for surveyed in schemas {
            if !is_first {
                writeln!(out)?;
            }
            is_first = false;
            findings(out, surveyed, context)?;
            screen(out, database, snapshot, surveyed, context)?;
        }
    }
    Ok(())
}

fn findings(
    out: &mut dyn Screen,
    surveyed: &Surveyed<'_>,
    context: &Context<'_>,
) -> io::Result<()> {
    for finding in &surveyed.findings {
        let style = match finding.severity {
            Severity::Error => BAD,
            Severity::Warning | Severity::Note => NOTE,
        };
        let (severity, code) = (finding.severity.as_str(), finding.code);
        writeln!(out, "{style}{severity}[{code}]{style:#}")?;
        paragraph(out, 2, &finding.message)?;
        if let Some(help) = help(finding, context) {
            labelled_at(out, 2, GOOD, "help:", &help)?;
        }
    }
    if !surveyed.findings.is_empty() {
        writeln!(out)?;
    }
    Ok(())
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

fn screen(
    out: &mut dyn Screen,
    database: &Database<'_>,
    snapshot: &Snapshot,
    surveyed: &Surveyed<'_>,
    context: &Context<'_>,
) -> io::Result<()> {
    let Snapshot {
        database: name,
        role,
        server,
        recovery,
        ..
    } = snapshot;
    let standby = if *recovery { ", a standby" } else { "" };
    let (major, minor) = (server / 10_000, server % 10_000);
    let schema = surveyed
        .schema
        .as_ref()
        .map_or(String::new(), |schema| format!("{schema}: "));
    let mut rows: Vec<(&str, Value)> = vec![
        (
            "Database",
            format!(
                "{name}, PostgreSQL {major}.{minor}{standby}, as {role} ({})",
                database.source
            )
            .into(),
        ),
        ("Schema", (schema + &state(surveyed)).into()),
    ];
    if let Some(versions) = &surveyed.versions {
        rows.push(("Alembic", rows_of(versions).into()));
    }
    let sides = context.sides.iter();
    rows.extend(sides.map(|(label, text)| (*label, text.clone().into())));
    rows.push(("Next", next(surveyed, context)));
    table(out, &rows)
}

fn rows_of(versions: &Versions<'_>) -> String {
    match versions {
        Versions::None => "no version table of this project".to_owned(),
        Versions::Unreadable(table) => format!("{}.{} may not be read", table.schema, table.table),
        Versions::Read(applied) => {
            let ids = applied.table.ids.as_deref().unwrap_or_default();
            let ids = match ids {
                [] => "no row".to_owned(),
                ids => ids.join(", "),
            };
            format!("{ids} in {}.{}", applied.table.schema, applied.table.table)
        }
    }
}

/// The remedy of the gravest error.
fn next(surveyed: &Surveyed<'_>, context: &Context<'_>) -> Value {
    let mut errors = surveyed
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .peekable();
    if errors.peek().is_none() {
        return Value::Text("nothing".to_owned());
    }
    let mut remedies = errors.filter_map(|finding| finding.help.as_ref());
    match remedies.next() {
        Some(Help::Text(text)) => Value::Text(text.clone()),
        Some(help) => match (context.commands)(help) {
            Some(commands) => Value::Commands(commands.join(" &&\n")),
            None => Value::Text("see above".to_owned()),
        },
        None => Value::Text(
            "mend by hand what differs: the migration that is named has its definition".to_owned(),
        ),
    }
}

/// The text, and an annotation for each error and warning.
pub fn github(
    out: &mut dyn Screen,
    databases: &[Database<'_>],
    context: &Context<'_>,
    all: bool,
) -> io::Result<()> {
    text(out, databases, context, all)?;
    for database in databases {
        let Ok((_, schemas)) = &database.read else {
            continue;
        };
        let findings = schemas.iter().flat_map(|surveyed| &surveyed.findings);
        for finding in findings.filter(|finding| finding.severity != Severity::Note) {
            let help = help(finding, context).map_or(String::new(), |help| format!("\n{help}"));
            let text = format!("{}: {}{help}", database.source, finding.message);
            github::placeless(out, finding.severity, finding.code.as_str(), &text)?;
        }
    }
    Ok(())
}

/// For programs; documented in docs/reports.md.
pub fn json(
    out: &mut dyn Write,
    databases: &[Database<'_>],
    context: &Context<'_>,
) -> io::Result<()> {
    let databases = databases.iter().map(|database| match &database.read {
        Err(why) => json!({"source": database.source, "error": why}),
        Ok((snapshot, schemas)) => json!({
            "source": database.source,
            "error": null,
            "database": snapshot.database,
            "role": snapshot.role,
            "server": snapshot.server,
            "recovery": snapshot.recovery,
            "schemas": schemas.iter().map(|surveyed| schema(surveyed, context)).collect::<Json>(),
        }),
    });
    let report = json!({
        "version": writer::VERSION,
        "command": "database",
        "databases": databases.collect::<Json>(),
    });
    writer::write(out, &report)
}

fn schema(surveyed: &Surveyed<'_>, context: &Context<'_>) -> Json {
    let resolved = surveyed.resolved.as_ref();
    let states = resolved.iter().flat_map(|resolved| &resolved.states);
    let deviations = resolved.iter().flat_map(|resolved| &resolved.deviations);
    let own = resolved.iter().flat_map(|resolved| &resolved.own);
    let findings = surveyed.findings.iter().map(|finding| {
        json!({
            "code": finding.code.as_str(),
            "severity": finding.severity.as_str(),
            "message": finding.message,
            "help": help(finding, context),
        })
    });
    let versions = surveyed.versions.as_ref().map(|versions| match versions {
        Versions::None => Json::Null,
        Versions::Unreadable(table) => {
            json!({"schema": table.schema, "table": table.table, "revisions": null})
        }
        Versions::Read(applied) => {
            let table = applied.table;
            json!({"schema": table.schema, "table": table.table, "revisions": table.ids})
        }
    });
    let stamp = match &surveyed.stamping {
        Stamping::Needed(stamp) => (context.commands)(&Help::Stamp(stamp.clone())),
        Stamping::Agrees | Stamping::Impossible(_) => None,
    };
    json!({
        "schema": surveyed.schema,
        "status": status(surveyed, context),
        "exact": resolved.is_some_and(|resolved| resolved.exact().is_some()),
        "states": states.map(|state| self::place(state)).collect::<Json>(),
        "deviations": deviations.map(deviation).collect::<Json>(),
        "own": own.map(|Own { kind, name, .. }| json!({"kind": kind.word(), "name": name})).collect::<Json>(),
        "version_table": versions,
        "findings": findings.collect::<Json>(),
        "stamp": stamp,
    })
}

fn place(state: &State) -> Json {
    let position = state.position;
    let releases = state.releases.iter().map(|release| release.name);
    json!({
        "migration": position.migration.name,
        "statement": position.statement,
        "statements": position.statements,
        "releases": releases.collect::<Json>(),
    })
}

fn deviation(deviation: &Deviation) -> Json {
    let (how, detail) = match &deviation.how {
        How::Missing => ("missing", None),
        How::Different(words) => ("different", Some(words.as_str())),
        How::LeftOver => ("left-over", None),
        How::Added => ("added", None),
        How::Variant(migration) => ("variant", Some(*migration)),
    };
    json!({
        "kind": deviation.kind.word(),
        "name": deviation.name,
        "how": how,
        "detail": detail,
        "migration": deviation.by,
    })
}
