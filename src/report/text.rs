//! `check` and `status` for people.

use std::io::{self, Write};

use super::escape::{lines, one_line};
use super::style::{BAD, GOOD, NOTE, STRONG, count, diff};
use crate::findings::{Accepted, Finding, Severity};

/// The findings, each with its remedy and its diff, and a line that sums them up.
pub fn findings(
    out: &mut dyn Write,
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
        writeln!(out, "  {}", lines(&finding.message))?;
        writeln!(out, "  {GOOD}help:{GOOD:#} {}", lines(&finding.remedy))?;
        if let Some(text) = &finding.diff {
            diff(out, text)?;
        }
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
    let summary = lines(summary);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    match (errors, findings.len() - errors) {
        (0, 0) => writeln!(out, "{GOOD}{summary}{GOOD:#}"),
        (0, warnings) => writeln!(out, "{summary}\n{}", count(warnings, "warning")),
        (errors, 0) => writeln!(out, "{summary}\n{}", count(errors, "error")),
        (errors, warnings) => {
            writeln!(
                out,
                "{summary}\n{}, {}",
                count(errors, "error"),
                count(warnings, "warning")
            )
        }
    }
}

/// Lines of the form `Label    value`, the labels in one column.
pub fn table(out: &mut dyn Write, rows: &[(&str, String)]) -> io::Result<()> {
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    for (label, value) in rows {
        for (index, line) in value.lines().enumerate() {
            let label = if index == 0 { *label } else { "" };
            writeln!(out, "{STRONG}{label:width$}{STRONG:#}  {}", one_line(line))?;
        }
    }
    Ok(())
}
