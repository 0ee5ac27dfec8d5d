//! The report of `check` and `diff` for people, and tables.

use std::collections::BTreeMap;
use std::io;

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use super::prose::{fitted, labelled_at, paragraph};
use super::screen::Screen;
use super::style::{self, BAD, GOOD, NOTE, STRONG, count};
use super::{Compared, Detail, Report, Step};
use crate::escape::one_line;
use crate::findings::{Accepted, Finding, Remedy, Section, Severity};

/// More findings of one code than this are put together.
const MOST: usize = 3;
/// More names than this are the first, a number, and the last.
const MOST_NAMES: usize = 8;

pub(super) fn write(out: &mut dyn Screen, report: &Report<'_>, detail: Detail) -> io::Result<()> {
    let is_clean = report.findings.is_empty() && report.accepted.is_empty();
    match report.compared {
        Compared::Lock { .. } if detail == Detail::Quiet && is_clean => Ok(()),
        Compared::Lock { .. } => check(out, report, detail),
        Compared::Sides { .. } => style::patches(out, &report.patches),
    }
}

/// The findings by remedy, a line that sums them up, and what comes next.
fn check(out: &mut dyn Screen, report: &Report<'_>, detail: Detail) -> io::Result<()> {
    for group in groups(&report.findings) {
        self::group(out, &group, detail)?;
    }
    for Accepted { finding, reason } in &report.accepted {
        let (path, reason) = (one_line(&finding.place.path), one_line(reason));
        writeln!(
            out,
            "{NOTE}accepted[{}]{NOTE:#} {path}: {reason}",
            finding.code
        )?;
    }
    let style = match report.findings.is_empty() {
        true => GOOD,
        false => Style::new(),
    };
    write!(out, "{style}")?;
    let title = fitted(out, &report.title, 0, 2);
    writeln!(out, "{title}")?;
    write!(out, "{style:#}")?;
    if let Some(totals) = totals(report.findings.iter(), Severity::as_str) {
        writeln!(out, "{totals}")?;
    }
    match detail {
        Detail::Quiet => Ok(()),
        Detail::Usual | Detail::All => next(out, &report.next),
    }
}

/// Findings that one remedy mends; the gravest first.
struct Group<'a> {
    remedy: Option<String>,
    findings: Vec<&'a Finding>,
}

fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in findings {
        let remedy = finding.remedy.as_ref().map(ToString::to_string);
        let mut others = groups.iter_mut();
        match others.find(|group| remedy.is_some() && group.remedy == remedy) {
            Some(group) => group.findings.push(finding),
            None => groups.push(Group {
                remedy,
                findings: vec![finding],
            }),
        }
    }
    for group in &mut groups {
        // What has a diff comes first: the end is what a terminal shows.
        let key = |finding: &&Finding| (finding.severity, finding.patches.is_empty(), finding.code);
        group.findings.sort_by_key(key);
    }
    groups.sort_by_key(|group| group.findings.first().map(|finding| finding.severity));
    groups
}

fn group(out: &mut dyn Screen, group: &Group<'_>, detail: Detail) -> io::Result<()> {
    let alike =
        |one: &&Finding, other: &&Finding| (one.severity, one.code) == (other.severity, other.code);
    for alike in group.findings.chunk_by(alike) {
        match alike {
            [first, ..] if alike.len() > MOST && detail != Detail::All => {
                together(out, first, alike)?;
            }
            _ => alike
                .iter()
                .try_for_each(|finding| self::finding(out, finding, detail))?,
        }
    }
    if let Some(remedy) = &group.remedy {
        labelled_at(out, 2, GOOD, "help:", remedy)?;
    }
    writeln!(out)
}

/// Many findings of one code: what they are, and where.
fn together(out: &mut dyn Screen, first: &Finding, alike: &[&Finding]) -> io::Result<()> {
    // What is mended by hand is mended in each place.
    let is_by_hand = matches!(first.remedy, Some(Remedy::ByHand(_) | Remedy::Adopt(_)));
    let of_migrations = !is_by_hand && alike.iter().all(|finding| finding.migration.is_some());
    let what = match of_migrations {
        true => "migrations",
        false => "findings",
    };
    heading(out, first, &format!("{} {what}", alike.len()))?;
    paragraph(out, 2, &format!("{} `-v` shows each.", first.code.about()))?;
    let names: Vec<String> = alike
        .iter()
        .map(|finding| match &finding.migration {
            Some(migration) if of_migrations => migration.clone(),
            _ => finding.place.to_string(),
        })
        .collect();
    let name = |name: &String| format!("  {}", one_line(name));
    let lines: Vec<String> = match names.as_slice() {
        [first, second, between @ .., last] if names.len() > MOST_NAMES && !is_by_hand => {
            let between = format!("  … {} more …", between.len());
            vec![name(first), name(second), between, name(last)]
        }
        names => names.iter().map(name).collect(),
    };
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// `error[code] what`. The code is a link to the page that explains it, where the output has links.
fn heading(out: &mut dyn Screen, finding: &Finding, what: &str) -> io::Result<()> {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning | Severity::Note => NOTE,
    };
    let (severity, code) = (finding.severity.as_str(), finding.code);
    let (begin, end) = match out.links() {
        true => (format!("\x1b]8;;{}\x1b\\", code.page()), "\x1b]8;;\x1b\\"),
        false => (String::new(), ""),
    };
    let what = one_line(what);
    let wide = severity.len() + code.as_str().len() + 3 + what.width();
    let gap = match out.width() {
        Some(width) if wide > width => "\n  ",
        _ => " ",
    };
    writeln!(
        out,
        "{style}{severity}[{begin}{code}{end}]{style:#}{gap}{STRONG}{what}{STRONG:#}"
    )
}

fn finding(out: &mut dyn Screen, finding: &Finding, detail: Detail) -> io::Result<()> {
    let place = finding.place.to_string();
    match &finding.migration {
        // The file's own name says the same, and is too long for many terminals.
        Some(migration) if finding.code.section() == Section::Drift && detail != Detail::All => {
            heading(out, finding, migration)?;
        }
        migration => {
            heading(out, finding, &place)?;
            if let Some(migration) = migration {
                writeln!(out, "  {}", one_line(migration))?;
            }
        }
    }
    paragraph(out, 2, &finding.message)?;
    if finding.patches.is_empty() {
        return Ok(());
    }
    style::patches(out, &finding.patches)?;
    writeln!(out)
}

/// What comes next, one step a line.
fn next(out: &mut dyn Screen, steps: &[Step]) -> io::Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}Next{STRONG:#}")?;
    steps.iter().try_for_each(|step| match step {
        Step::Command(command) => writeln!(out, "  {}", one_line(command)),
        Step::Text(text) => paragraph(out, 2, text),
    })
}

/// `2 errors, 1 warning`; none if there are no findings. `name` gives what the format calls a severity.
pub(super) fn totals<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    name: fn(Severity) -> &'static str,
) -> Option<String> {
    let mut numbers: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in findings {
        *numbers.entry(finding.severity).or_default() += 1;
    }
    let parts = numbers.into_iter();
    let parts: Vec<String> = parts
        .map(|(severity, number)| count(number, name(severity)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What stands in a table behind its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words, which may be wrapped.
    Text(String),
    /// Commands, a line each, which are there to be copied.
    Commands(String),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Lines of the form `Label    value`, the labels in one column.
pub fn table(out: &mut dyn Screen, rows: &[(&str, Value)]) -> io::Result<()> {
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    for (label, value) in rows {
        let (Value::Text(text) | Value::Commands(text)) = value;
        for (index, line) in text.lines().enumerate() {
            let label = if index == 0 { *label } else { "" };
            let line = match value {
                Value::Text(_) => fitted(out, &one_line(line), width + 2, width + 2),
                Value::Commands(_) => one_line(line).into_owned(),
            };
            writeln!(out, "{STRONG}{label:width$}{STRONG:#}  {line}")?;
        }
    }
    Ok(())
}
