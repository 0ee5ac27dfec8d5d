//! `check` and `status` for people.

use std::io;

use anstyle::Style;

use super::prose::{fitted, labelled_at, paragraph};
use super::screen::Screen;
use super::style::{BAD, GOOD, NOTE, STRONG, count, patches};
use crate::escape::one_line;
use crate::findings::{Accepted, Finding, Severity};

/// The findings, each with its remedy and its diff, and a line that sums them up.
pub fn findings(
    out: &mut dyn Screen,
    (findings, accepted): (&[Finding], &[Accepted]),
    summary: &str,
) -> io::Result<()> {
    for finding in findings {
        let (style, word) = match finding.severity {
            Severity::Error => (BAD, "error"),
            Severity::Warning => (NOTE, "warning"),
        };
        let path = one_line(&finding.path);
        let line = finding
            .line
            .map_or(String::new(), |line| format!(":{line}"));
        writeln!(
            out,
            "{style}{word}[{}]{style:#} {STRONG}{path}{line}{STRONG:#}",
            finding.code
        )?;
        if let Some(migration) = &finding.migration {
            writeln!(out, "  {}", one_line(migration))?;
        }
        paragraph(out, 2, &finding.message)?;
        labelled_at(out, 2, GOOD, "help:", &finding.remedy)?;
        patches(out, &finding.diff)?;
        writeln!(out)?;
    }
    for Accepted { finding, reason } in accepted {
        let (path, reason) = (one_line(&finding.path), one_line(reason));
        writeln!(
            out,
            "{NOTE}accepted[{}]{NOTE:#} {path}: {reason}",
            finding.code
        )?;
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let style = if findings.is_empty() {
        GOOD
    } else {
        Style::new()
    };
    let summary = fitted(out, summary, 0, 2);
    writeln!(out, "{style}{summary}{style:#}")?;
    match (errors, findings.len() - errors) {
        (0, 0) => Ok(()),
        (0, warnings) => writeln!(out, "{}", count(warnings, "warning")),
        (errors, 0) => writeln!(out, "{}", count(errors, "error")),
        (errors, warnings) => {
            let (errors, warnings) = (count(errors, "error"), count(warnings, "warning"));
            writeln!(out, "{errors}, {warnings}")
        }
    }
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
