//! The report of `check` and `diff` for people, and tables.

use std::collections::BTreeMap;
use std::io;

use anstyle::Style;

use super::prose::{fitted, labelled_at, paragraph};
use super::screen::Screen;
use super::style::{self, BAD, GOOD, NOTE, STRONG, count};
use super::{Compared, Report};
use crate::escape::one_line;
use crate::findings::{Accepted, Finding, Severity};

pub(super) fn write(out: &mut dyn Screen, report: &Report<'_>) -> io::Result<()> {
    match report.compared {
        Compared::Lock { .. } => check(out, report),
        Compared::Sides { .. } => style::patches(out, &report.patches),
    }
}

/// The findings, each with its remedy and its diff, and a line that sums them up.
fn check(out: &mut dyn Screen, report: &Report<'_>) -> io::Result<()> {
    for finding in &report.findings {
        self::finding(out, finding)?;
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
    match totals(report.findings.iter(), Severity::as_str) {
        Some(totals) => writeln!(out, "{totals}"),
        None => Ok(()),
    }
}

fn finding(out: &mut dyn Screen, finding: &Finding) -> io::Result<()> {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning | Severity::Note => NOTE,
    };
    writeln!(
        out,
        "{style}{}[{}]{style:#} {STRONG}{}{STRONG:#}",
        finding.severity.as_str(),
        finding.code,
        one_line(&finding.place.to_string())
    )?;
    if let Some(migration) = &finding.migration {
        writeln!(out, "  {}", one_line(migration))?;
    }
    paragraph(out, 2, &finding.message)?;
    if let Some(remedy) = &finding.remedy {
        labelled_at(out, 2, GOOD, "help:", &remedy.to_string())?;
    }
    style::patches(out, &finding.patches)?;
    writeln!(out)
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
