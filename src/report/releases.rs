//! What each release changed, for `releases`.

use std::io::{self, Write};

use anstyle::Style;
use serde_json::{Value, json};

use super::json;
use super::prose::fitted;
use super::screen::Screen;
use super::style::{BAD, GOOD, NOTE, STRONG, count};
use crate::catalog::{Change, Step};
use crate::escape::one_line;

/// A line beside a release.
#[derive(Clone)]
struct Line {
    word: Option<(Style, &'static str)>,
    text: String,
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self { word: None, text }
    }
}

/// For people: a line for each change; releases in a row that changed nothing share one, unless `all`.
pub fn text(out: &mut dyn Screen, steps: &[Step], all: bool) -> io::Result<()> {
    let mut rows: Vec<(String, Vec<Line>)> = Vec::new();
    let mut rest = steps;
    while let Some((step, later)) = rest.split_first() {
        let is_quiet = |step: &&Step| step.is_empty() && !step.release.yanked;
        let quiet = later.iter().take_while(is_quiet).count();
        if step.is_empty() && !step.release.yanked && quiet > 0 && !all {
            let label = format!("{} to {}", step.release.name, later[quiet - 1].release.name);
            let text = format!("no change in {} releases", quiet + 1);
            rows.push((label, vec![text.into()]));
            rest = &later[quiet..];
            continue;
        }
        rows.push((step.release.name.to_owned(), lines(step, all)));
        rest = later;
    }
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    for (label, lines) in &rows {
        for (index, Line { word, text }) in lines.iter().enumerate() {
            let label = if index == 0 { label.as_str() } else { "" };
            write!(out, "{STRONG}{label:width$}{STRONG:#}  ")?;
            let mut used = width + 2;
            if let Some((style, word)) = word {
                write!(out, "{style}{word:7}{style:#}  ")?;
                used += 9;
            }
            let text = fitted(out, text, used, used);
            writeln!(out, "{text}")?;
        }
    }
    Ok(())
}

fn lines(step: &Step, all: bool) -> Vec<Line> {
    if !step.release.yanked {
        return changes(step, all);
    }
    let mark = Line {
        word: Some((BAD, "Yanked")),
        text: "withdrawn from the package index".to_owned(),
    };
    // The release that took its place says the same.
    let changes = if all { changes(step, all) } else { Vec::new() };
    [vec![mark], changes].concat()
}

fn changes(step: &Step, all: bool) -> Vec<Line> {
    if step.is_empty() {
        return vec!["no change".to_owned().into()];
    }
    if step.before.is_none() && !all {
        let migrations = count(step.release.migrations.len(), "migration");
        return vec![format!("{migrations}; the catalogue begins here").into()];
    }
    step.changes().flat_map(change).collect()
}

fn change(change: &Change<'_>) -> Vec<Line> {
    let line = |style: Style, word: &'static str, name: &str| Line {
        word: Some((style, word)),
        text: one_line(name).into_owned(),
    };
    let below = |text: String| line(Style::new(), "", &text);
    match change {
        Change::Added(file) => vec![line(GOOD, "Added", file.name)],
        Change::Changed { after, .. } => vec![line(NOTE, "Changed", after.name)],
        Change::Renamed { before, after } => vec![
            line(NOTE, "Renamed", after.name),
            below(format!("it was {}", before.name)),
        ],
        Change::Moved { file, behind } => {
            let place = match behind {
                Some(behind) => format!("it runs after {behind}"),
                None => "it runs first".to_owned(),
            };
            vec![line(NOTE, "Moved", file.name), below(place)]
        }
        Change::Removed(file) => vec![line(BAD, "Removed", file.name)],
    }
}

/// For programs; the shape is documented in docs/reports.md.
pub fn json(out: &mut dyn Write, steps: &[Step]) -> io::Result<()> {
    let releases: Vec<Value> = steps.iter().map(release).collect();
    let report = json!({"version": json::VERSION, "command": "releases", "releases": releases});
    json::write(out, &report)
}

fn release(step: &Step) -> Value {
    let release = step.release;
    let migrations = release.migrations.iter().map(|migration| {
        json!({
            "name": migration.name,
            "size": migration.size,
            "sha256": migration.sha256,
            "phase": migration.phase,
            "first": migration.first().map(|first| first.name),
        })
    });
    json!({
        "release": release.name,
        "yanked": release.yanked,
        "layout": release.layout,
        "wheel": release.wheel,
        "sdist": release.sdist,
        "migrations": migrations.collect::<Value>(),
        "changes": step.changes().map(change_report).collect::<Value>(),
    })
}

fn change_report(change: &Change<'_>) -> Value {
    let (word, after, old_name, old_sha256, behind) = match change {
        Change::Added(file) => ("added", Some(file), None, None, None),
        Change::Changed { before, after } => {
            ("changed", Some(after), None, Some(before.sha256), None)
        }
        Change::Renamed { before, after } => {
            ("renamed", Some(after), Some(before.name), None, None)
        }
        Change::Moved { file, behind } => ("moved", Some(file), None, None, *behind),
        Change::Removed(file) => ("removed", None, None, Some(file.sha256), None),
    };
    json::without_nulls(json!({
        "change": word,
        "name": change.name(),
        "sha256": after.map(|file| file.sha256),
        "old_name": old_name,
        "old_sha256": old_sha256,
        "behind": behind,
    }))
}
