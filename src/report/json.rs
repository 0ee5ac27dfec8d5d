//! `check --format json`. The shape is documented in docs/json.md; it only grows within a version.

use std::io::{self, Write};

use serde::Serialize;

use crate::findings::{Finding, Severity};
use crate::lockfile::{Layout, Lock, Mode};
use crate::upstream::Upstream;

const VERSION: u32 = 1;

/// What `check` found.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    version: u32,
    command: &'static str,
    vendored: Vendored<'a>,
    upstream: Option<UpstreamReport<'a>>,
    findings: &'a [Finding],
    notes: &'a [String],
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Vendored<'a> {
    directory: &'a str,
    release: Option<String>,
    layout: Option<Layout>,
    mode: Option<Mode>,
    head: Option<&'a str>,
    revisions: usize,
}

#[derive(Debug, Serialize)]
struct UpstreamReport<'a> {
    release: String,
    layout: Layout,
    source: &'a str,
    migrations: usize,
}

#[derive(Debug, Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
}

impl<'a> Report<'a> {
    /// Puts the report together.
    pub fn new(
        directory: &'a str,
        lock: Option<&'a Lock>,
        upstream: Option<&'a Upstream>,
        findings: &'a [Finding],
        notes: &'a [String],
    ) -> Self {
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count();
        Self {
            version: VERSION,
            command: "check",
            vendored: Vendored {
                directory,
                release: lock.map(|lock| lock.upstream.release.to_string()),
                layout: lock.map(|lock| lock.upstream.layout),
                mode: lock.map(|lock| lock.upstream.mode),
                head: lock.and_then(Lock::head),
                revisions: lock.map_or(0, |lock| lock.revisions.len()),
            },
            upstream: upstream.map(|upstream| UpstreamReport {
                release: upstream.release.to_string(),
                layout: upstream.layout,
                source: &upstream.source,
                migrations: upstream.migrations.len(),
            }),
            findings,
            notes,
            summary: Summary {
                errors,
                warnings: findings.len() - errors,
            },
        }
    }

    /// Writes it, indented, with a final line end.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}
