//! `check`, `diff` and `status` in place. They write nothing.

use super::surroundings::surroundings;
use super::{InPlaceError, lock_file};
use crate::cli::{Check, Diff, Global, Source, Status};
use crate::commands::check::{Checked, conclude};
use crate::commands::diff::{Differences, entries};
use crate::commands::pinned::Pinned;
use crate::commands::{Exit, Failure, Output, note, say_what_is_odd, upstream, what_is_odd};
use crate::findings::{Code, Finding, Severity, in_place, modified_source};
use crate::lockfile::LOCK_NAME;
use crate::patch::{FileChange, Patch};
use crate::plan::in_place::{ChangeKind, InPlace, location, plan};
use crate::plan::local::to_lf;
use crate::project::{Project, RootLock};
use crate::report::differences::Side;
use crate::report::style::count;
use crate::report::text::table;
use crate::upstream::{Processes, Upstream, UpstreamError};

/// `check`: the lock against the installed package, and all around it.
pub(in crate::commands) fn check(
    (project, there): (&Project, &RootLock),
    global: &Global,
    options: &Check,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let compared = compare((project, there), &options.source, global, output);
    let (comparison, failure) = match compared {
        Ok(comparison) => (Some(comparison), None),
        Err(failure) => (None, Some(failure)),
    };
    let upstream = comparison.as_ref().map(|comparison| &comparison.upstream);
    let around = surroundings(project, &there.lock, upstream)?;
    let (mut findings, mut notes) = (around.findings, around.notes);
    findings.extend(about_lock(project, there)?);
    match &comparison {
        Some(comparison) => {
            findings.extend(comparison.findings.iter().cloned());
            notes.extend(comparison.upstream.notes.iter().cloned());
            notes.extend(not_installed(&comparison.upstream));
        }
        None => notes.push(
            "what the package's own revisions need of `env.py` was not checked, because the package was not read".to_owned(),
        ),
    }
    // Only what is installed runs; what is pinned is compared with that.
    let pinned = Pinned::look(project, None, &options.source, upstream);
    findings.extend(pinned.beside(&findings));
    notes.extend(pinned.notes.iter().cloned());
    let place = place(project, upstream);
    let checked = Checked {
        place: &place,
        lock: Some(&there.lock),
        upstream,
        pinned: &pinned,
        findings,
        notes,
        failure,
    };
    conclude(project, (global, options), checked, output)
}

/// `diff`: the lock as it is against the lock that the installed package gives. The lock holds names and digests.
pub(in crate::commands) fn diff(
    (project, there): (&Project, &RootLock),
    global: &Global,
    options: &Diff,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    if options.mode.is_some() {
        return Err(InPlaceError::NoFiles("`--mode`").into());
    }
    let processes = match options.source.release {
        Some(_) => Processes::Allowed,
        None => Processes::Forbidden,
    };
    let upstream = upstream(project, &options.source, processes, (global, output))?;
    say_what_is_odd(&upstream, output)?;
    let plan = plan(Some(&there.lock), &upstream)?;
    let title = format!("{LOCK_NAME} against {}", upstream.title());
    if !global.quiet {
        writeln!(output.err, "{title}")?;
    }
    let before = to_lf(&there.bytes);
    let file = lock_file(Some(&before), &plan.lock)?;
    let differs = before != file.after;
    let change = FileChange {
        path: file.path.into_string(),
        before: file.before,
        after: Some(file.after),
    };
    let patch = differs.then(|| Patch::of(&change, &str::to_owned));
    let (old, new) = (&there.lock.upstream.release, &upstream.release);
    let no_sql = (differs && changes_sql(&plan) && old != new).then(|| {
        format!(
            "the lock keeps digests, no SQL; `vendor-migrations diff {old} {new}` shows the SQL of the two releases"
        )
    });
    let mut found = in_place(&plan, &there.lock, &upstream);
    // No `sync` changes that: it is a matter of `check`.
    found.retain(|finding| finding.code != Code::MigrationUnwrapped);
    if found.is_empty() && differs {
        let message = "the lock is not as `sync` writes it".to_owned();
        let remedy = "run `vendor-migrations sync`";
        let path = LOCK_NAME.to_owned();
        let severity = Severity::Warning;
        found.push(Finding::new(
            Code::LockFormat,
            severity,
            path,
            message,
            remedy,
        ));
    }
    let differences = Differences {
        title,
        before: Side {
            release: Some(there.lock.upstream.release.to_string()),
            source: LOCK_NAME.to_owned(),
        },
        after: Side::of(&upstream),
        entries: entries(project, &found),
        notes: what_is_odd(&upstream)
            .into_iter()
            .chain(no_sql.clone())
            .collect(),
        patches: patch.into_iter().collect(),
    };
    let exit = differences.report(options.format, &project.root, output)?;
    if let Some(text) = no_sql {
        note(output, &text)?;
    }
    Ok(exit)
}

fn changes_sql(plan: &InPlace) -> bool {
    let of_sql =
        |kind: &ChangeKind| matches!(kind, ChangeKind::SqlChanged | ChangeKind::Replaced { .. });
    plan.changes.iter().any(|change| of_sql(&change.kind))
}

pub(in crate::commands) fn status(
    (project, there): (&Project, &RootLock),
    global: &Global,
    options: &Status,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let comparison = match compare((project, there), &options.source, global, output) {
        Ok(comparison) => Some(comparison),
        Err(Failure::Upstream(error @ UpstreamError::NotFound(_))) => {
            note(output, &error.to_string())?;
            None
        }
        Err(failure) => return Err(failure),
    };
    let found = comparison.as_ref().map(|comparison| &comparison.upstream);
    for text in found.iter().flat_map(|upstream| &upstream.notes) {
        note(output, text)?;
    }
    let mut findings = about_lock(project, there)?;
    findings.extend(
        comparison
            .iter()
            .flat_map(|comparison| comparison.findings.clone()),
    );
    let lock = &there.lock;
    let rows = [
        (
            "In place",
            format!(
                "Procrastinate {}, recorded in {LOCK_NAME}\n{}, head {}",
                lock.upstream.release,
                count(lock.revisions.len(), "revision"),
                lock.head().unwrap_or("none")
            )
            .into(),
        ),
        (
            "Installed",
            found
                .map_or("not found".to_owned(), |upstream| {
                    let number = count(upstream.migrations.len(), "migration");
                    format!("{}, {number}, layout {}", upstream.title(), upstream.layout)
                })
                .into(),
        ),
        ("Drift", drift(&findings, found.is_some()).into()),
        ("Next", next(&findings, found.is_some()).to_owned().into()),
    ];
    table(output.out, &rows)?;
    let errors = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Ok(if errors { Exit::Drift } else { Exit::Fine })
}

fn drift(findings: &[Finding], compared: bool) -> String {
    match (compared, findings) {
        (false, _) => "unknown".to_owned(),
        (true, []) => "none".to_owned(),
        (true, findings) => crate::commands::status::by_code(findings),
    }
}

fn next(findings: &[Finding], compared: bool) -> &'static str {
    let mended_by_sync = |finding: &Finding| {
        matches!(
            finding.code,
            Code::Release
                | Code::LockFormat
                | Code::MigrationMissing
                | Code::WrapperChanged
                | Code::MigrationRenamed
        ) && !finding.remedy.contains("--force")
    };
    if !compared {
        "install Procrastinate, or name it with `--from PATH` or `--python EXE`"
    } else if findings.is_empty() {
        "nothing"
    } else if findings.iter().all(mended_by_sync) {
        "vendor-migrations sync"
    } else {
        "vendor-migrations check"
    }
}

struct Comparison {
    upstream: Upstream,
    findings: Vec<Finding>,
}

/// A changed installation is compared, too: it is what runs.
fn compare(
    (project, there): (&Project, &RootLock),
    source: &Source,
    global: &Global,
    output: &mut Output<'_>,
) -> Result<Comparison, Failure> {
    let upstream = upstream(project, source, Processes::Forbidden, (global, output))?;
    let plan = plan(Some(&there.lock), &upstream)?;
    let mut findings = modified_source(&upstream, source.allow_modified_source);
    findings.extend(in_place(&plan, &there.lock, &upstream));
    Ok(Comparison { upstream, findings })
}

/// What is wrong with the lock and the settings beside it.
fn about_lock(project: &Project, there: &RootLock) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    if to_lf(&there.bytes) != there.lock.to_text()?.into_bytes() {
        findings.push(Finding::new(
            Code::LockFormat,
            Severity::Warning,
            LOCK_NAME.to_owned(),
            "it says the same in other bytes (was it formatted?)".to_owned(),
            "run `vendor-migrations sync`, and keep formatters away from it",
        ));
    }
    if let Some(mode) = project.settings.mode {
        findings.push(Finding::new(
            Code::Mode,
            Severity::Error,
            LOCK_NAME.to_owned(),
            format!("the settings ask for mode `{mode}`, and the package's own revisions run (mode `in-place`)"),
            "take `mode` out of the settings; or vendor copies (docs/guide.md, \"In place\")",
        ));
    }
    Ok(findings)
}

fn not_installed(upstream: &Upstream) -> Option<String> {
    upstream.root.is_none().then(|| {
        format!(
            "{} is not installed: this tells what would run if it were",
            upstream.title()
        )
    })
}

/// Where the revisions come from: as Alembic's configuration has it, or else as upstream gives it.
fn place(project: &Project, upstream: Option<&Upstream>) -> String {
    let alembic = project.alembic.iter();
    let mut locations = alembic.flat_map(|alembic| alembic.versions.locations());
    let listed = locations.find(|location| location.is_upstreams());
    let listed = listed.map(|location| location.written.clone());
    listed
        .or_else(|| upstream.and_then(location))
        .unwrap_or_else(|| "procrastinate".to_owned())
}
