//! `check`: reports drift. It writes nothing, starts no process that the user did not name, and needs no network.

use super::own::OwnRevisions;
use super::pinned::Pinned;
use super::surroundings::surroundings;
use super::{Exit, Failure, Output, note, reporting, upstream};
use crate::cli::{Check, Global, ReportFormat, Required};
use crate::findings::{self, Code, Finding, accept, drift, failures, local, modified_source};
use crate::lockfile::Lock;
use crate::plan::{Input, Options, Plan, plan};
use crate::project::Project;
use crate::report::json::{Compared, Found, Report};
use crate::report::outcome::{Entry, Outcome};
use crate::report::style::count;
use crate::report::text;
use crate::upstream::{Processes, Upstream, UpstreamError};
use crate::vendored::leftover;
use crate::vendored::tree::Tree;

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Check,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let (tree, lock) = project.load()?;
    let found = upstream(
        project,
        &options.source,
        Processes::Forbidden,
        (global, output),
    );
    let accepted = options.source.allow_modified_source;
    let compared = found
        .and_then(|upstream| Comparison::new(project, (&tree, lock.as_ref()), upstream, accepted));
    let (comparison, failure) = match compared {
        Ok(comparison) => (Some(comparison), None),
        Err(failure) => (None, Some(failure)),
    };
    let shown = |path: &str| project.shown(path);
    let plan = comparison
        .as_ref()
        .and_then(|comparison| comparison.plan.as_ref());
    let mut findings = local(&tree, lock.as_ref(), plan, &shown);
    findings
        .iter_mut()
        .for_each(|finding| in_place_unlocked(project, finding));
    let mut notes = Vec::new();
    if let Some(leftover) = leftover(&project.vendored()) {
        notes.push(format!(
            "{leftover} was left behind by a `sync` that was cut off; the next `sync` removes it"
        ));
    }
    let around = surroundings(project, &tree, lock.as_ref())?;
    findings.extend(around.findings);
    notes.extend(around.notes);
    if let Some(comparison) = &comparison {
        findings.extend(comparison.findings.iter().cloned());
        notes.extend(comparison.upstream.notes.iter().cloned());
    }
    let upstream = comparison.as_ref().map(|comparison| &comparison.upstream);
    let pinned = Pinned::look(project, lock.as_ref(), &options.source, upstream);
    findings.extend(pinned.beside(&findings));
    notes.extend(pinned.notes.iter().cloned());
    let checked = Checked {
        place: project.directory.as_str(),
        lock: lock.as_ref(),
        upstream,
        pinned: &pinned,
        findings,
        notes,
        failure,
    };
    conclude(project, (global, options), checked, output)
}

/// Nothing is vendored, and the package's own revisions run: what is missing is their lock.
fn in_place_unlocked(project: &Project, finding: &mut Finding) {
    if finding.code != Code::NotVendored || !project.runs_upstreams_own() {
        return;
    }
    "Alembic looks into Procrastinate's own revisions, and no lock says what they were"
        .clone_into(&mut finding.message);
    "restore the lock in the project's root from version control; if there never was one, run `vendor-migrations init \
     --in-place`"
        .clone_into(&mut finding.remedy);
}

/// What `check` came upon.
pub(super) struct Checked<'a> {
    /// Where the revisions are, in words for people.
    pub(super) place: &'a str,
    pub(super) lock: Option<&'a Lock>,
    pub(super) upstream: Option<&'a Upstream>,
    pub(super) pinned: &'a Pinned,
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<String>,
    /// Why there was no comparison with upstream.
    pub(super) failure: Option<Failure>,
}

/// Reports it, and decides the exit status.
pub(super) fn conclude(
    project: &Project,
    (global, options): (&Global, &Check),
    checked: Checked<'_>,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let Checked {
        place,
        lock,
        upstream,
        pinned,
        mut findings,
        mut notes,
        failure,
    } = checked;
    let missing = match failure {
        Some(Failure::Upstream(error @ UpstreamError::NotFound(_))) => {
            if pinned.compared.is_none() {
                notes.push(format!(
                    "the vendored migrations were not compared with upstream. {error}"
                ));
            }
            is_missing(options, pinned).then(|| Failure::Required(lower_first(&error.to_string())))
        }
        failure => failure,
    };
    let settings = &project.settings;
    let accepted = accept(
        &mut findings,
        &settings.accept,
        settings.file.unwrap_or_default(),
    );
    findings::sort(&mut findings);
    let report = Report::new(
        (place, lock),
        Compared {
            upstream,
            pins: &pinned.pins,
            pinned: pinned.compared,
        },
        Found {
            findings: &findings,
            accepted: &accepted,
            notes: &notes,
        },
    );
    for text in &notes {
        note(output, text)?;
    }
    let format = reporting::format(options.format);
    let title = summary((place, lock), upstream, pinned);
    let silent = global.quiet && findings.is_empty() && accepted.is_empty();
    match format {
        ReportFormat::Json => report.write(output.out)?,
        ReportFormat::Text | ReportFormat::Github if !silent => {
            text::findings(output.out, (&findings, &accepted), &title)?;
        }
        _ => {}
    }
    let repository = reporting::in_repository(&project.root);
    let entry = |finding| Entry::of(finding, &repository);
    let outcome = Outcome {
        command: "check",
        title,
        entries: findings.iter().map(entry).collect(),
        accepted: Entry::accepted(&accepted, &repository),
        notes,
        patch: None,
        failure: missing.as_ref().map(Failure::explained),
    };
    reporting::write(format, &outcome, &project.root, output)?;
    match missing {
        Some(failure) => Err(failure),
        None if failures(&findings, options.strict) > 0 => Ok(Exit::Drift),
        None => Ok(Exit::Fine),
    }
}

/// Whether upstream is required and was not found.
fn is_missing(options: &Check, pinned: &Pinned) -> bool {
    match options.require_upstream {
        None => false,
        Some(Required::Installed) => true,
        Some(Required::Pinned) => pinned.compared.is_none(),
    }
}

/// Upstream, and in what it differs from what is vendored.
pub(super) struct Comparison {
    pub(super) upstream: Upstream,
    /// None before the first `sync`.
    pub(super) plan: Option<Plan>,
    pub(super) findings: Vec<Finding>,
}

impl Comparison {
    pub(super) fn new(
        project: &Project,
        (tree, lock): (&Tree, Option<&Lock>),
        upstream: Upstream,
        accepted: bool,
    ) -> Result<Self, Failure> {
        let mut findings = modified_source(&upstream, accepted);
        // What a changed installation says of migrations is no news of upstream: `sync` would refuse it.
        let untrusted = !accepted && !upstream.modified.is_empty();
        let Some(lock) = lock.filter(|_| !untrusted) else {
            return Ok(Self {
                upstream,
                plan: None,
                findings,
            });
        };
        let options = Options {
            mode: project.settings.mode,
            force: true,
            ..Options::default()
        };
        let own = OwnRevisions::readable(project)?;
        let plan = plan(Input {
            lock: Some(lock),
            upstream: &upstream,
            tree,
            own: own.own(),
            options,
        })?;
        findings.extend(drift(&plan, lock, &upstream, &|path| project.shown(path)));
        Ok(Self {
            upstream,
            plan: Some(plan),
            findings,
        })
    }
}

fn summary(
    (place, lock): (&str, Option<&Lock>),
    upstream: Option<&Upstream>,
    pinned: &Pinned,
) -> String {
    let vendored = match lock {
        Some(lock) => format!(
            "{place}: {} of Procrastinate {}",
            count(lock.revisions.len(), "revision"),
            lock.upstream.release
        ),
        None => format!("{place}: nothing"),
    };
    let compared = match (upstream.map(Upstream::title), pinned.title()) {
        (Some(installed), Some(digests)) => format!("{installed} and {digests}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "the lock only".to_owned(),
    };
    format!("{vendored}, compared with {compared}")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
