//! `status`: one screen.

use super::check::Comparison;
use super::{Exit, Failure, Output, note, upstream};
use crate::cli::Status;
use crate::findings::{Code, Finding, local};
use crate::lockfile::Lock;
use crate::project::Project;
use crate::report::style::count;
use crate::report::text::table;
use crate::upstream::{Processes, UpstreamError};

pub(super) fn run(
    project: &Project,
    options: &Status,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let (tree, lock) = project.load()?;
    let accepted = options.source.allow_modified_source;
    let comparison = match upstream(project, &options.source, Processes::Forbidden) {
        Ok(upstream) => Some(Comparison::new(
            project,
            (&tree, lock.as_ref()),
            upstream,
            accepted,
        )?),
        Err(error @ UpstreamError::NotFound(_)) => {
            note(output, &error.to_string())?;
            None
        }
        Err(error) => return Err(error.into()),
    };
    let own = local(&tree, lock.as_ref(), None, &|path| project.shown(path));
    let drift = comparison
        .as_ref()
        .map(|comparison| comparison.findings.as_slice())
        .unwrap_or_default();
    if let Some(comparison) = &comparison {
        for text in &comparison.upstream.notes {
            note(output, text)?;
        }
    }
    let upstream = match &comparison {
        Some(comparison) => {
            let number = count(comparison.upstream.migrations.len(), "migration");
            format!(
                "{}, {number}, layout {}",
                comparison.upstream.title(),
                comparison.upstream.layout
            )
        }
        None => "not found".to_owned(),
    };
    let rows = [
        ("Vendored", vendored(project, lock.as_ref())),
        ("Directory", directory(&own)),
        ("Upstream", upstream),
        ("Drift", summary(drift, comparison.is_some())),
        ("Next", next(lock.as_ref(), &own, drift)),
    ];
    table(output.out, &rows)?;
    let clean = own
        .iter()
        .chain(drift)
        .all(|finding| finding.severity == crate::findings::Severity::Warning);
    Ok(if clean { Exit::Fine } else { Exit::Drift })
}

fn vendored(project: &Project, lock: Option<&Lock>) -> String {
    match lock {
        None => format!("nothing in {}", project.directory),
        Some(lock) => format!(
            "Procrastinate {} in {}\n{}, mode {}, head {}",
            lock.upstream.release,
            project.directory,
            count(lock.revisions.len(), "revision"),
            lock.upstream.mode,
            lock.head().unwrap_or("none"),
        ),
    }
}

fn directory(own: &[Finding]) -> String {
    if own.is_empty() {
        return "as locked".to_owned();
    }
    own.iter()
        .map(|finding| format!("{}: {}", finding.code, finding.path))
        .collect::<Vec<_>>()
        .join("\n")
}

fn summary(drift: &[Finding], compared: bool) -> String {
    if !compared {
        return "unknown".to_owned();
    }
    if drift.is_empty() {
        return "none".to_owned();
    }
    let line = |finding: &Finding| {
        let what = finding.migration.as_ref().unwrap_or(&finding.path);
        format!("{}: {what}", finding.code)
    };
    drift.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The one command that helps most.
fn next(lock: Option<&Lock>, own: &[Finding], drift: &[Finding]) -> String {
    let has = |code| own.iter().chain(drift).any(|finding| finding.code == code);
    if has(Code::LockMissing) {
        "restore the lock from version control".to_owned()
    } else if has(Code::Edited)
        || has(Code::ForeignFile)
        || has(Code::ModifiedSource)
        || has(Code::OlderUpstream)
    {
        "vendor-migrations check".to_owned()
    } else if lock.is_none() || own.iter().chain(drift).any(mended_by_sync) {
        "vendor-migrations sync".to_owned()
    } else {
        "nothing".to_owned()
    }
}

fn mended_by_sync(finding: &Finding) -> bool {
    !matches!(finding.code, Code::MigrationRemoved | Code::Gitattributes)
}
