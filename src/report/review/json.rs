//! For programs; documented in docs/reports.md.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Shown;
use crate::catalog::{Broken, Stopped};
use crate::patch;
use crate::report::json::{self, VERSION};
use crate::report::rollout;
use crate::review::{Change, Ends, Facts, Migration, Place, Run, Statement, Transaction};

pub fn json(out: &mut dyn Write, shown: &Shown<'_>) -> io::Result<()> {
    let review = shown.review;
    let number = |is_one: fn(&Change) -> bool| {
        review
            .migrations
            .iter()
            .filter(|one| is_one(&one.change))
            .count()
    };
    let strongest = review.strongest().map(|(mode, table, migration)| {
        json!({"mode": mode.name(), "table": table, "migration": migration.name})
    });
    let tables = |of: fn(&Statement) -> &Vec<&'static str>| {
        let all = review.running().flat_map(|one| &one.statements);
        let mut tables: Vec<&str> = all.flat_map(of).copied().collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    };
    let steps = shown
        .rollout()
        .map(|rollout| rollout::steps(rollout, shown.upgrade));
    let report = json!({
        "version": VERSION,
        "command": "review",
        "from": review.from.map(|from| from.name),
        "to": review.to.name,
        "summary": {
            "new": number(|change| *change == Change::Added),
            "changed": number(|change| *change == Change::Edited),
            "renamed": number(|change| matches!(change, Change::Renamed { .. })),
            "left": number(|change| *change == Change::Left),
            "statements": review.statements(),
            "unmeasured": review.unmeasured(),
            "strongest": strongest,
            "rewrites": tables(|statement| &statement.rewrites),
            "scans": tables(|statement| &statement.scans),
        },
        "migrations": review.migrations.iter().map(migration).collect::<Value>(),
        "runs": review.runs.iter().map(|run| self::run(shown, run)).collect::<Value>(),
        "steps": steps,
        "no_steps": review.rollout.as_ref().err(),
        "attention": review.attention,
        "notes": review.notes,
    });
    json::write(out, &report)
}

fn migration(migration: &Migration) -> Value {
    let facts = match migration.facts {
        Facts::Measured => "measured",
        Facts::Estimated => "estimated",
        Facts::Unknown => "unknown",
    };
    let change = match migration.change {
        Change::Added => "new",
        Change::Edited => "changed",
        Change::Renamed { .. } => "renamed",
        Change::Left => "left",
    };
    let was = match &migration.change {
        Change::Renamed { from } => Some(from),
        _ => None,
    };
    json!({
        "name": migration.name,
        "title": migration.title,
        "phase": migration.phase,
        "before_deploy": migration.is_before_deploy(),
        "release": migration.release,
        "sha256": migration.sha256,
        "change": change,
        "was": was,
        "facts": facts,
        "statements": migration.statements.iter().enumerate().map(statement).collect::<Value>(),
        "broken": broken(&migration.broken),
        "sql": migration.sql,
        "diff": (!migration.patches.is_empty()).then(|| patch::text(&migration.patches)),
    })
}

fn statement((place, statement): (usize, &Statement)) -> Value {
    let objects = statement.objects.iter().map(|object| {
        let (kind, name) = object.name.split_once(' ').unwrap_or(("", object.name));
        json!({"change": object.how.word(), "kind": kind, "name": name})
    });
    let locks = statement
        .locks
        .iter()
        .map(|(mode, table)| json!({"mode": mode.name(), "table": table}));
    let estimates = statement
        .estimates
        .iter()
        .map(|one| json!({"rule": one.rule, "message": one.message}));
    json!({
        "number": place + 1,
        "alone": statement.alone,
        "objects": objects.collect::<Value>(),
        "locks": locks.collect::<Value>(),
        "rewrites": statement.rewrites,
        "scans": statement.scans,
        "blocks": statement.stops.iter().copied().map(stopped).collect::<Value>(),
        "estimates": estimates.collect::<Value>(),
    })
}

fn stopped(stopped: Stopped<'_>) -> Value {
    match stopped {
        Stopped::Defer => json!({"what": "defer", "table": null}),
        Stopped::Fetch => json!({"what": "fetch", "table": null}),
        Stopped::Reads(table) => json!({"what": "read", "table": table}),
        Stopped::Writes(table) => json!({"what": "write", "table": table}),
    }
}

fn broken(all: &[&Broken]) -> Value {
    let entry = |broken: &&Broken| json!({"query": broken.query, "functions": broken.functions, "first": broken.first().name, "last": broken.last().name});
    all.iter().map(entry).collect()
}

fn run(shown: &Shown<'_>, run: &Run) -> Value {
    let names = run
        .migrations
        .iter()
        .map(|place| &shown.review.migrations[*place].name);
    json!({
        "step": run.step.map(|step| step + 1),
        "revision": (!run.revision.is_empty()).then_some(&run.revision),
        "command": (shown.upgrade)(&run.revision),
        "migrations": names.collect::<Vec<_>>(),
        "beside": run.beside.map(|release| release.name),
        "broken": broken(&run.broken),
        "transactions": run.transactions.iter().map(|one| transaction(shown, one)).collect::<Value>(),
    })
}

fn transaction(shown: &Shown<'_>, transaction: &Transaction) -> Value {
    let at = |place: Place| json!({"migration": shown.migration(place).name, "statement": place.statement + 1});
    let ends = match transaction.ends {
        Ends::Run => "run",
        Ends::Migration => "migration",
        Ends::Commit => "commit",
        Ends::Alone => "statement",
    };
    let locks = transaction.held.iter().map(
        |held| json!({"mode": held.mode.name(), "table": held.table, "since": at(held.since)}),
    );
    let blocks = transaction.stops.iter().map(|stop| {
        let mut entry = stopped(stop.what);
        entry["since"] = at(stop.since);
        entry
    });
    let grows = transaction.grows.iter().map(
        |growth| json!({"table": growth.table, "rewrites": growth.rewrites, "at": at(growth.at)}),
    );
    json!({
        "first": at(transaction.first),
        "last": at(transaction.last),
        "ends": ends,
        "locks": locks.collect::<Value>(),
        "blocks": blocks.collect::<Value>(),
        "grows": grows.collect::<Value>(),
    })
}
