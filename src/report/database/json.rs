//! What a live database has, for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Context, Database, help, status};
use crate::live::{Deviation, Help, How, Own, Stamping, State, Surveyed, Versions};
use crate::report::json as writer;

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
            "schemas": schemas.iter().map(|surveyed| schema(surveyed, context)).collect::<Value>(),
        }),
    });
    let report = json!({
        "version": writer::VERSION,
        "command": "database",
        "databases": databases.collect::<Value>(),
    });
    writer::write(out, &report)
}

fn schema(surveyed: &Surveyed<'_>, context: &Context<'_>) -> Value {
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
        Versions::None | Versions::Several(_) => Value::Null,
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
        "states": states.map(|state| self::place(state)).collect::<Value>(),
        "deviations": deviations.map(deviation).collect::<Value>(),
        "own": own.map(|Own { kind, name, .. }| json!({"kind": kind.word(), "name": name})).collect::<Value>(),
        "version_table": versions,
        "findings": findings.collect::<Value>(),
        "stamp": stamp,
    })
}

fn place(state: &State) -> Value {
    let position = state.position;
    let releases = state.releases.iter().map(|release| release.name);
    json!({
        "migration": position.migration.name,
        "statement": position.statement,
        "statements": position.statements,
        "releases": releases.collect::<Value>(),
    })
}

fn deviation(deviation: &Deviation) -> Value {
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
