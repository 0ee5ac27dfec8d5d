//! `diff`: what `sync --force` would change, as one unified diff.

use camino::Utf8Path;

use super::own::OwnRevisions;
use super::pinned::or_pinned;
use super::{Exit, Failure, Output, note, reporting, say_what_is_odd, upstream, what_is_odd};
use crate::cli::{Diff, Global, ReportFormat};
use crate::escape::one_line;
use crate::findings::{self, Finding, sort};
use crate::patch::{self, Patch};
use crate::plan::{Change, ChangeKind, Input, Options, Plan, plan};
use crate::project::Project;
use crate::report::differences::{self, Side};
use crate::report::outcome::{Entry, Outcome};
use crate::report::style;
use crate::report::sync as report;
use crate::upstream::Processes;

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Diff,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let (tree, lock) = project.load()?;
    // A release that the user names may be downloaded; nothing else starts a process.
    let processes = if options.source.release.is_some() {
        Processes::Allowed
    } else {
        Processes::Forbidden
    };
    let upstream = upstream(project, &options.source, processes, (global, output))
        .map_err(|failure| or_pinned(project, failure))?;
    say_what_is_odd(&upstream, output)?;
    let wishes = Options {
        mode: options.mode.or(project.settings.mode),
        force: true,
        allow_downgrade: true,
        ..Options::default()
    };
    let own = OwnRevisions::readable(project)?;
    let plan = plan(Input {
        lock: lock.as_ref(),
        upstream: &upstream,
        tree: &tree,
        own: own.own(),
        options: wishes,
    })?;
    let directory = project.directory.as_str();
    let title = format!("{} against {}", one_line(directory), upstream.title());
    if !global.quiet {
        writeln!(output.err, "{title}")?;
    }
    let unseen = unseen(&plan);
    for text in &unseen {
        note(output, text)?;
    }
    let shown = |path: &str| project.shown(path);
    let patches = plan
        .files
        .iter()
        .map(|file| Patch::of(file, &shown))
        .collect();
    let differences = Differences {
        title,
        before: Side {
            release: lock.as_ref().map(|lock| lock.upstream.release.to_string()),
            source: directory.to_owned(),
        },
        after: Side::of(&upstream),
        entries: entries(project, &findings::differences(&plan, &upstream, &shown)),
        notes: [what_is_odd(&upstream), unseen].concat(),
        patches,
    };
    let exit = differences.report(options.format, &project.root, output)?;
    // What `sync` would stop at is no difference that can be shown.
    report::conflicts(output.err, &plan, &plan.conflicts, &shown)?;
    Ok(exit)
}

/// The changes that no file shows.
fn unseen(plan: &Plan) -> Vec<String> {
    let text = |change: &Change| match &change.kind {
        ChangeKind::Renamed { from } => Some(format!("{from} is now {}", change.name)),
        ChangeKind::Removed => {
            let name = &change.name;
            Some(format!("{name} is gone upstream; it stays vendored"))
        }
        ChangeKind::Added { .. }
        | ChangeKind::SqlChanged
        | ChangeKind::WrapperChanged
        | ChangeKind::Restored
        | ChangeKind::LineEnds
        | ChangeKind::Overwritten
        | ChangeKind::Rechained { .. }
        | ChangeKind::Rewritten => None,
    };
    plan.changes.iter().filter_map(text).collect()
}

/// Findings for the services.
pub(super) fn entries(project: &Project, findings: &[Finding]) -> Vec<Entry> {
    let repository = reporting::in_repository(&project.root);
    let mut findings = findings.to_vec();
    sort(&mut findings);
    let entry = |finding| Entry::of(finding, &repository);
    findings.iter().map(entry).collect()
}

/// Two states, and in what they differ.
pub(super) struct Differences {
    /// What is compared with what.
    pub(super) title: String,
    pub(super) before: Side,
    pub(super) after: Side,
    pub(super) entries: Vec<Entry>,
    pub(super) notes: Vec<String>,
    pub(super) patches: Vec<Patch>,
}

impl Differences {
    /// Writes them to standard output, and says whether there are any. `root` is the project's.
    pub(super) fn report(
        self,
        format: Option<ReportFormat>,
        root: &Utf8Path,
        output: &mut Output<'_>,
    ) -> Result<Exit, Failure> {
        let format = reporting::format(format);
        if matches!(format, ReportFormat::Text | ReportFormat::Github) {
            style::patches(output.out, &self.patches)?;
        }
        let outcome = Outcome {
            command: "diff",
            title: self.title,
            entries: self.entries,
            accepted: Vec::new(),
            notes: self.notes,
            patch: Some(patch::text(&self.patches)).filter(|patch| !patch.is_empty()),
            failure: None,
        };
        if format == ReportFormat::Json {
            let sides = (&self.before, &self.after);
            differences::write(output.out, sides, &outcome)?;
        }
        reporting::write(format, &outcome, root, output)?;
        Ok(if outcome.entries.is_empty() {
            Exit::Fine
        } else {
            Exit::Drift
        })
    }
}
