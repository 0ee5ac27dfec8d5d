//! What one schema has, for people.

use std::io;

use super::{Context, Database, help, state};
use crate::findings::Severity;
use crate::live::{Help, Snapshot, Surveyed, Versions};
use crate::report::prose::{labelled_at, paragraph};
use crate::report::screen::Screen;
use crate::report::style::{BAD, GOOD, NOTE};
use crate::report::text::{Value, table};

pub(super) fn screens(
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
        Versions::Several(tables) => {
            let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
            format!("one of {}", tables.join(", "))
        }
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
        let first = context.first.clone().map(Value::Commands);
        return first.unwrap_or_else(|| Value::Text("nothing".to_owned()));
    }
    let mut remedies = errors.filter_map(|finding| finding.help.as_ref());
    match remedies.next() {
        Some(Help::Text(text)) => Value::Text(text.clone()),
        Some(help) => match (context.commands)(help) {
            Some(commands) => Value::Commands(commands.join(" &&\n")),
            None => Value::Text("see above".to_owned()),
        },
        None => Value::Text(
            "fix the differences by hand: the named migration has the right definition".to_owned(),
        ),
    }
}
