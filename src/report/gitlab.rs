//! GitLab's code quality report: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Report, json};
use crate::escape::lines;
use crate::findings::Severity;

/// An array with an object a finding. Paths are relative to the repository's root. What lies elsewhere has no place there: its
/// path stands in the description as well.
pub(super) fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let fingerprints = report.fingerprints(report.findings.iter());
    let findings = report.findings.iter().zip(fingerprints);
    let issues = findings.map(|(finding, fingerprint)| {
        let severity = match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        };
        json!({
            "description": lines(&report.located(finding)),
            "check_name": finding.code.as_str(),
            "fingerprint": fingerprint.to_string(),
            "severity": severity,
            "location": {
                "path": relative(&report.path(finding)),
                // GitLab wants a line; what concerns a whole file stands at its first.
                "lines": {"begin": finding.place.line.unwrap_or(1)},
            },
        })
    });
    json::write(out, &issues.collect::<Value>())
}

/// GitLab takes relative paths only.
fn relative(mut path: &str) -> &str {
    while let Some(rest) = path.strip_prefix("../").or(path.strip_prefix('/')) {
        path = rest;
    }
    path
}
