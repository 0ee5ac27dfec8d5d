//! The JSON of `diff`. The shape is documented in docs/reports.md; it only grows within a version.

use std::io::{self, Write};

use serde::Serialize;

use super::json;
use super::outcome::{Entry, Level, Outcome, Place};
use crate::upstream::Upstream;

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The release; none before the first `sync`.
    pub release: Option<String>,
    /// Where it was found, for people.
    pub source: String,
}

impl Side {
    /// A release as it was found.
    pub fn of(upstream: &Upstream) -> Self {
        Self {
            release: Some(upstream.release.to_string()),
            source: upstream.source.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    version: u32,
    command: &'static str,
    before: &'a Side,
    after: &'a Side,
    differences: Vec<Difference<'a>>,
    patch: &'a str,
    notes: &'a [String],
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Difference<'a> {
    code: &'a str,
    severity: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    revisions: &'a [String],
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Summary {
    differences: usize,
}

impl<'a> Difference<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            code: entry.rule.id,
            severity: match entry.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "note",
            },
            path: &entry.path,
            base: (entry.place == Place::SitePackages).then_some("site-packages"),
            migration: entry.migration.as_deref(),
            revisions: &entry.revisions,
            message: &entry.message,
            remedy: entry.remedy.as_deref(),
        }
    }
}

pub fn write(
    out: &mut dyn Write,
    (before, after): (&Side, &Side),
    outcome: &Outcome,
) -> io::Result<()> {
    let report = Report {
        version: json::VERSION,
        command: outcome.command,
        before,
        after,
        differences: outcome.entries.iter().map(Difference::of).collect(),
        patch: outcome.patch.as_deref().unwrap_or_default(),
        notes: &outcome.notes,
        summary: Summary {
            differences: outcome.entries.len(),
        },
    };
    json::write(out, &report)
}
