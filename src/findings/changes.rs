//! A change of a migration, as a finding. The SQL may be known, or only its digest.

use camino::Utf8Path;
use pep440_rs::Version;

use super::{Code, Finding, Remedy, Severity};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::place::Place;
use crate::plan::{Change, ChangeKind, Plan};

/// What the lock was compared with.
pub(super) struct Source<'a> {
    pub(super) release: &'a Version,
    /// The lock that has the changed migrations.
    pub(super) lock: &'a Lock,
    /// The files, to show a diff; none where only digests are known.
    pub(super) plan: Option<&'a Plan>,
    pub(super) remedy: Remedy,
    /// The vendored directory, relative to the project.
    pub(super) directory: &'a Utf8Path,
}

impl Source<'_> {
    /// The finding; none for what there is in place only.
    pub(super) fn finding(&self, change: &Change) -> Option<Finding> {
        let message = self.describe(change)?;
        let place = Place::below(self.directory, change.path());
        let (severity, remedy) = if change.kind == ChangeKind::Overwritten {
            let force = "run `vendor-migrations sync --force`, which overwrites it";
            (Severity::Error, force.into())
        } else if change.kind != ChangeKind::Removed {
            (Severity::Error, self.remedy.clone())
        } else if self.needs_package(change) {
            (Severity::Warning, Remedy::render(""))
        } else {
            let nothing = Remedy::Nothing("nothing has to be done; the revision stays");
            (Severity::Warning, nothing)
        };
        let shows = matches!(
            change.kind,
            ChangeKind::SqlChanged | ChangeKind::WrapperChanged
        );
        let plan = self.plan.filter(|_| shows);
        Some(Finding {
            severity,
            patches: plan.map_or(Vec::new(), |plan| plan.patches_of(change, self.directory)),
            ..of_change(change, place, message, remedy)
        })
    }

    fn describe(&self, change: &Change) -> Option<String> {
        let release = self.release;
        Some(match &change.kind {
            ChangeKind::Added { before: None } => format!(
                "Procrastinate {release} has this migration, to be run {} its deploy; it is not vendored",
                when(change)
            ),
            ChangeKind::Added { before: Some(next) } => format!(
                "Procrastinate {release} has this migration, and runs it before `{next}`, which is vendored already; here it \
                 would run last"
            ),
            ChangeKind::SqlChanged => format!(
                "in Procrastinate {release}, the SQL of this migration is different; databases that ran the old SQL won't run \
                 the new one"
            ),
            ChangeKind::WrapperChanged => format!(
                "in Procrastinate {release}, the revision file of this migration is different; its SQL is the same"
            ),
            ChangeKind::Renamed { from } => format!(
                "Procrastinate {release} calls this migration `{}`; it was `{from}`. The revision and its file stay as they are",
                change.name
            ),
            ChangeKind::Removed if self.needs_package(change) => format!(
                "Procrastinate {release} no longer ships this migration; its revision stays, but it reads its SQL from the \
                 installed package, so it fails on a new database"
            ),
            ChangeKind::Removed => format!(
                "Procrastinate {release} no longer ships this migration; databases have applied it, so it stays"
            ),
            ChangeKind::LineEnds => {
                "only the line ends of the file differ from the lock".to_owned()
            }
            ChangeKind::Overwritten => "the file differs from the lock".to_owned(),
            ChangeKind::Rechained { .. } => {
                "a `sync` on another branch gave the revision another place in the chain".to_owned()
            }
            ChangeKind::Rewritten => "the same SQL would be written in another form".to_owned(),
            ChangeKind::Restored => "the lock has this file, but the file is gone".to_owned(),
            ChangeKind::Replaced { .. }
            | ChangeKind::Renumbered { .. }
            | ChangeKind::Moved
            | ChangeKind::Gone { .. } => return None,
        })
    }

    /// Whether the revision is a copy that reads its SQL from the installed package.
    fn needs_package(&self, change: &Change) -> bool {
        let mut revisions = change.ids.iter().filter_map(|id| self.lock.revision(id));
        self.lock.upstream.mode == Mode::Copy && revisions.any(|revision| revision.sql.is_some())
    }
}

/// Whether it changes files in the vendored directory, and upstream changed nothing.
pub(super) fn is_local(change: &Change) -> bool {
    match change.kind {
        ChangeKind::Restored
        | ChangeKind::LineEnds
        | ChangeKind::Rechained { .. }
        | ChangeKind::Overwritten
        | ChangeKind::Rewritten => true,
        ChangeKind::Added { .. }
        | ChangeKind::SqlChanged
        | ChangeKind::WrapperChanged
        | ChangeKind::Renamed { .. }
        | ChangeKind::Removed
        | ChangeKind::Replaced { .. }
        | ChangeKind::Renumbered { .. }
        | ChangeKind::Moved
        | ChangeKind::Gone { .. } => false,
    }
}

/// An error about a change of a migration.
pub(super) fn of_change(
    change: &Change,
    place: Place,
    message: impl Into<String>,
    remedy: impl Into<Remedy>,
) -> Finding {
    let code = match change.kind {
        ChangeKind::Added { .. } => Code::MigrationMissing,
        ChangeKind::SqlChanged
        | ChangeKind::Replaced { .. }
        | ChangeKind::Renumbered { taken: true, .. } => Code::MigrationChanged,
        ChangeKind::Renumbered { taken: false, .. } | ChangeKind::Renamed { .. } => {
            Code::MigrationRenamed
        }
        ChangeKind::WrapperChanged | ChangeKind::Moved => Code::WrapperChanged,
        ChangeKind::Gone { .. } | ChangeKind::Removed => Code::MigrationRemoved,
        ChangeKind::Restored => Code::Missing,
        ChangeKind::LineEnds => Code::LineEndings,
        ChangeKind::Overwritten => Code::Edited,
        ChangeKind::Rechained { .. } => Code::ForeignFile,
        ChangeKind::Rewritten => Code::Mode,
    };
    Finding {
        migration: Some(change.name.clone()),
        ..Finding::error(code, place, message, remedy).about(change.ids.clone())
    }
}

/// Whether a new migration runs before or after the deploy.
pub(super) fn when(change: &Change) -> &'static str {
    if change.runs_before_deploy() {
        "before"
    } else {
        "after"
    }
}

/// If there is no error: the finding that the lock names another release.
pub(super) fn other_release(
    findings: &[Finding],
    vendored: &Version,
    source: &Source<'_>,
    remedy: Remedy,
) -> Option<Finding> {
    let release = source.release;
    let drifted = super::number(findings, Severity::Error) > 0;
    (!drifted && release != vendored).then(|| {
        let message = format!(
            "Procrastinate {vendored} is vendored, upstream is {release}; `sync` would change no revision"
        );
        let place = Place::below(source.directory, LOCK_NAME);
        Finding::warning(Code::Release, place, message, remedy)
    })
}
