//! GitLab's code quality report: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::io::{self, Write};

use serde::Serialize;

use super::json;
use super::outcome::{Level, Outcome, fingerprints};
use crate::escape::lines;

#[derive(Debug, Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Debug, Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: usize,
}

/// An array with an object an entry. Paths are relative to the repository's root. What lies elsewhere has no place there: its
/// path stands in the description as well.
pub fn write(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let fingerprints = fingerprints(&outcome.entries);
    let issues: Vec<Issue<'_>> = outcome
        .entries
        .iter()
        .zip(fingerprints)
        .map(|(entry, fingerprint)| Issue {
            description: lines(&entry.located()).into_owned(),
            check_name: entry.rule.id,
            fingerprint: fingerprint.to_string(),
            severity: match entry.level {
                Level::Error => "major",
                Level::Warning => "minor",
                Level::Note => "info",
            },
            location: Location {
                path: relative(entry.path_in_repository()),
                // GitLab wants a line; what concerns a whole file stands at its first.
                lines: Lines {
                    begin: entry.line.unwrap_or(1),
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
