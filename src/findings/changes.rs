//! A change of a migration upstream, as a finding. The SQL may be known, or only its digest.

use camino::Utf8Path;
use pep440_rs::Version;

use super::{Code, Finding, Remedy, Severity};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::place::Place;
use crate::plan::{Change, ChangeKind, Plan};
use crate::procrastinate::Phase;

/// What the lock was compared with.
pub(super) struct Source<'a> {
    pub(super) release: &'a Version,
    /// The lock that has the changed migrations.
    pub(super) lock: &'a Lock,
    /// The files, to show a diff; none where only digests are known.
    pub(super) plan: Option<&'a Plan>,
    /// How drift is mended.
    pub(super) remedy: Remedy,
    /// The vendored directory, relative to the project.
    pub(super) directory: &'a Utf8Path,
}

impl Source<'_> {
    /// The finding; none for what concerns the directory only.
    pub(super) fn finding(&self, change: &Change) -> Option<Finding> {
        let (code, message) = self.describe(change)?;
        let place = Place::below(self.directory, change.path());
        let finding = match (&change.kind, self.needs_package(change)) {
            (ChangeKind::Removed, true) => {
                Finding::warning(code, place, message, Remedy::render(""))
            }
            (ChangeKind::Removed, false) => {
                let remedy = Remedy::Nothing("nothing has to be done; the revision stays");
                Finding::warning(code, place, message, remedy)
            }
            _ => Finding::error(code, place, message, self.remedy.clone()),
        };
        let shows = matches!(
            change.kind,
            ChangeKind::SqlChanged | ChangeKind::WrapperChanged
        );
        let plan = self.plan.filter(|_| shows);
        Some(Finding {
            migration: Some(change.name.clone()),
            revisions: change.ids.clone(),
            patches: plan.map_or(Vec::new(), |plan| plan.patches_of(change, self.directory)),
            ..finding
        })
    }

    fn describe(&self, change: &Change) -> Option<(Code, String)> {
        let release = self.release;
        Some(match &change.kind {
            ChangeKind::Added { before: None } => {
                let when = match change.phase {
                    Phase::Pre => "before",
                    Phase::Post => "after",
                };
                (
                    Code::MigrationMissing,
                    format!(
                        "Procrastinate {release} has this migration, to be run {when} its deploy; it is not vendored"
                    ),
                )
            }
            ChangeKind::Added {
                before: Some(later),
            } => (
                Code::MigrationMissing,
                format!(
                    "Procrastinate {release} has this migration, and runs it before `{later}`, which is vendored already; here it would run last"
                ),
            ),
            ChangeKind::SqlChanged => (
                Code::MigrationChanged,
                format!(
                    "Procrastinate {release} has other SQL than the one vendored; databases that ran the old SQL won't run the new one"
                ),
            ),
            ChangeKind::WrapperChanged => (
                Code::WrapperChanged,
                format!(
                    "Procrastinate {release} has another revision file than the one vendored; its SQL is the same"
                ),
            ),
            ChangeKind::Renamed { from } => (
                Code::MigrationRenamed,
                format!(
                    "Procrastinate {release} calls this migration `{}`; it was `{from}`. Revision and file stay",
                    change.name
                ),
            ),
            ChangeKind::Removed => (Code::MigrationRemoved, self.removed(change)),
            ChangeKind::Restored
            | ChangeKind::LineEnds
            | ChangeKind::Rechained { .. }
            | ChangeKind::Overwritten
            | ChangeKind::Rewritten
            | ChangeKind::Replaced { .. }
            | ChangeKind::Renumbered { .. }
            | ChangeKind::Moved
            | ChangeKind::Gone { .. } => return None,
        })
    }

    /// Whether the revision is a copy that reads its SQL from the installed package.
    fn needs_package(&self, change: &Change) -> bool {
        let mut revisions = self.lock.revisions.iter();
        self.lock.upstream.mode == Mode::Copy
            && revisions.any(|revision| change.ids.contains(&revision.id) && revision.sql.is_some())
    }

    /// Explains that upstream removed a migration.
    fn removed(&self, change: &Change) -> String {
        let release = self.release;
        if self.needs_package(change) {
            format!(
                "Procrastinate {release} no longer ships this migration; its revision stays, but it reads its SQL from the installed \
                 package, so it fails on a new database"
            )
        } else {
            format!(
                "Procrastinate {release} no longer ships this migration; databases have applied it, so it stays"
            )
        }
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
