//! What happened to a migration upstream, as a finding: whether its SQL is at hand, or only the digest of it.

use pep440_rs::Version;

use super::{Base, Code, Finding, Severity};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
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
    pub(super) remedy: &'a str,
}

impl Source<'_> {
    /// The finding; none for what concerns the directory only.
    pub(super) fn finding(
        &self,
        change: &Change,
        shown: &dyn Fn(&str) -> String,
    ) -> Option<Finding> {
        let (code, message) = self.describe(change)?;
        let removed = change.kind == ChangeKind::Removed;
        let shows = matches!(
            change.kind,
            ChangeKind::SqlChanged | ChangeKind::WrapperChanged
        );
        Some(Finding {
            code,
            severity: if removed {
                Severity::Warning
            } else {
                Severity::Error
            },
            path: shown(change.paths.first().map_or("", String::as_str)),
            base: Base::Project,
            line: None,
            migration: Some(change.name.clone()),
            revisions: change.ids.clone(),
            message,
            remedy: match (removed, self.needs_package(change)) {
                (false, _) => self.remedy.to_owned(),
                (true, false) => "nothing has to be done; the revision stays".to_owned(),
                (true, true) => "run `vendor-migrations sync --mode render`".to_owned(),
            },
            diff: match self.plan {
                Some(plan) if shows => plan.diff_of(change, shown),
                _ => Vec::new(),
            },
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
            | ChangeKind::Rewritten => return None,
        })
    }

    /// Whether the revision is a copy that reads its SQL from the installed package.
    fn needs_package(&self, change: &Change) -> bool {
        let mut revisions = self.lock.revisions.iter();
        self.lock.upstream.mode == Mode::Copy
            && revisions.any(|revision| change.ids.contains(&revision.id) && revision.sql.is_some())
    }

    /// What an upstream removal means.
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

/// Where nothing failed: whether the lock names another release.
pub(super) fn other_release(
    findings: &[Finding],
    (lock, release): (&Lock, &Version),
    remedy: &str,
    shown: &dyn Fn(&str) -> String,
) -> Option<Finding> {
    let vendored = &lock.upstream.release;
    let drifted = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    (!drifted && release != vendored).then(|| {
        let message = format!(
            "Procrastinate {vendored} is vendored, upstream is {release}; `sync` would change no revision"
        );
        let path = shown(LOCK_NAME);
        Finding::new(Code::Release, Severity::Warning, path, message, remedy)
    })
}
