//! GitLab's code quality report: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::io::{self, Write};

use serde::Serialize;

use super::{Report, json};
use crate::escape::lines;
use crate::findings::Severity;

#[derive(Debug, Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: usize,
}

/// An array with an object a finding. Paths are relative to the repository's root. What lies elsewhere has no place there: its
/// path stands in the description as well.
pub(super) fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let fingerprints = report.fingerprints(report.findings.iter());
    let findings = report.findings.iter().zip(fingerprints);
    let issues: Vec<Issue<'_>> = findings
        .map(|(finding, fingerprint)| Issue {
            description: lines(&report.located(finding)).into_owned(),
            check_name: finding.code.as_str(),
            fingerprint: fingerprint.to_string(),
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            location: Location {
                path: relative(&report.path(finding)).to_owned(),
                // GitLab wants a line; what concerns a whole file stands at its first.
                lines: Lines {
                    begin: finding.place.line.unwrap_or(1),
                },
            },
        })
        .collect();
    json::write(out, &issues)
}

/// GitLab takes relative paths only.
fn relative(mut path: &str) -> &str {
    while let Some(rest) = path.strip_prefix("../").or(path.strip_prefix('/')) {
        path = rest;
    }
    path
}
