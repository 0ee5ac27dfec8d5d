//! What each release changed, for `releases`.

use std::io::{self, Write};

use anstyle::Style;
use serde::Serialize;

use super::json;
use super::prose::fitted;
use super::screen::Screen;
use super::style::{BAD, GOOD, NOTE, STRONG, count};
use crate::catalog::{Artifact, Change, Step};
use crate::digest::Digest;
use crate::escape::one_line;
use crate::procrastinate::Layout;
use crate::procrastinate::Phase;

/// A line beside a release.
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
        let quiet = later.iter().take_while(|step| step.is_empty()).count();
        if step.is_empty() && quiet > 0 && !all {
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

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    command: &'static str,
    releases: Vec<ReleaseReport<'a>>,
}

#[derive(Serialize)]
struct ReleaseReport<'a> {
    release: &'static str,
    layout: Layout,
    wheel: &'a Artifact,
    sdist: Option<&'a Artifact>,
    migrations: Vec<MigrationReport>,
    changes: Vec<ChangeReport<'a>>,
}

#[derive(Serialize)]
struct MigrationReport {
    name: &'static str,
    size: u64,
    sha256: Digest,
    phase: Phase,
    first: &'static str,
}

#[derive(Serialize)]
struct ChangeReport<'a> {
    change: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_sha256: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    behind: Option<&'a str>,
}

/// For programs; the shape is documented in docs/reports.md.
pub fn json(out: &mut dyn Write, steps: &[Step]) -> io::Result<()> {
    let report = Report {
        version: json::VERSION,
        command: "releases",
        releases: steps.iter().map(release).collect(),
    };
    json::write(out, &report)
}

fn release(step: &Step) -> ReleaseReport<'_> {
    let release = step.release;
    let migrations = release.migrations.iter().map(|migration| MigrationReport {
        name: migration.name,
        size: migration.size,
        sha256: migration.sha256,
        phase: migration.phase,
        first: migration.first().name,
    });
    ReleaseReport {
        release: release.name,
        layout: release.layout,
        wheel: &release.wheel,
        sdist: release.sdist.as_ref(),
        migrations: migrations.collect(),
        changes: step.changes().map(change_report).collect(),
    }
}

fn change_report<'a>(change: &Change<'a>) -> ChangeReport<'a> {
    let (word, before, after, behind) = match *change {
        Change::Added(file) => ("added", None, Some(file), None),
        Change::Changed { before, after } => ("changed", Some(before), Some(after), None),
        Change::Renamed { before, after } => ("renamed", Some(before), Some(after), None),
        Change::Moved { file, behind } => ("moved", None, Some(file), behind),
        Change::Removed(file) => ("removed", Some(file), None, None),
    };
    let old_name = before.map(|file| file.name);
    ChangeReport {
        change: word,
        name: after.map(|file| file.name).or(old_name).unwrap_or_default(),
        sha256: after.map(|file| file.sha256),
        old_name: old_name.filter(|_| word == "renamed"),
        old_sha256: before.map(|file| file.sha256).filter(|_| word != "renamed"),
        behind,
    }
}
