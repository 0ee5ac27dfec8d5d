//! How a database that `procrastinate schema --apply` made comes under Alembic.

use super::position::{Refusal, before_baseline, differing, name, position};
use std::collections::BTreeSet;

use crate::alembic::graph::Node;
use crate::catalog::Release;
use crate::lockfile::{Lock, LockedRevision};
use crate::plan::standing;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The revisions of the release, by runs: where the history is linear, revisions of the project's own lie between.
    pub runs: Vec<Run>,
    /// The migrations whose SQL differs between the release and the vendored files: the database has the release's.
    pub differing: Vec<String>,
    /// The number of vendored revisions behind the last one that is stamped.
    pub remaining: usize,
    /// In a linear history: the revisions of the project's own, each in backticks, that follow what is stamped, or a later
    /// vendored one. A database that has run one is not to be stamped.
    pub followers: Vec<String>,
}

/// Vendored revisions in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The revisions of the project's own that they come after: the database has to have them first.
    pub after: Vec<String>,
    /// The last of them.
    pub last: String,
}

/// What to stamp for a database of this release. `nodes` are the project's revisions, the vendored ones may be among them;
/// `linear` says that new vendored revisions go after its own.
pub fn stamp(
    lock: &Lock,
    release: &'static Release,
    nodes: &[Node],
    linear: bool,
) -> Result<Stamp, Refusal> {
    let place = position(lock, release)?;
    let differing = differing(lock, release);
    let differing = differing.map(|(_, group)| name(group)).collect();
    let stamp = stamp_migrations(lock, place + 1, nodes, linear, None)?;
    Ok(Stamp { differing, ..stamp })
}

/// What to stamp for a database that has the first `number` migrations of the chain. `applied` are the revisions that its version
/// table stands for, where that is known: then only the project's own revisions among them are in the way.
pub fn stamp_migrations(
    lock: &Lock,
    number: usize,
    nodes: &[Node],
    linear: bool,
    applied: Option<&BTreeSet<&str>>,
) -> Result<Stamp, Refusal> {
    before_baseline(lock, number)?;
    let chain = standing(lock, &[]).chain;
    let number = chain[..number].iter().map(|group| group.len()).sum();
    let (stamped, remaining) = lock.revisions.split_at(number);
    let mut runs = runs(lock, stamped);
    let before = runs.clone();
    let has_run = |id: &str| applied.is_none_or(|applied| applied.contains(id));
    let linear = linear || lock.is_linear();
    let later = &lock.revisions[number.saturating_sub(1)..];
    let is_later = |id: &String| later.iter().any(|one| one.id == *id);
    let own = nodes
        .iter()
        .filter(|node| lock.revision(&node.id).is_none() && has_run(&node.id));
    let (mut depend, follow): (Vec<&Node>, Vec<&Node>) = own
        .filter(|node| node.depends_on.iter().chain(&node.down).any(is_later))
        .partition(|node| node.depends_on.iter().any(is_later) || !linear);
    if let Some(applied) = applied {
        // Those that follow have run, too.
        depend.extend(&follow);
        let last = runs.len().saturating_sub(1);
        let mut index = 0;
        runs.retain(|run| {
            index += 1;
            index > last || !applied.contains(run.last.as_str())
        });
    }
    // Where such a revision has run, the version table has only its row, which stands for the vendored ones too: `alembic
    // stamp` would take it out.
    if !depend.is_empty() {
        let upon = |node: &Node| {
            let mut names = node.depends_on.iter().chain(&node.down);
            let upon = names.find(|id| is_later(id)).map_or("", String::as_str);
            format!("`{}` (on `{upon}`)", node.id)
        };
        return Err(Refusal::BuiltUpon {
            own: depend.into_iter().map(upon).collect(),
            last: later.first().map_or(String::new(), |last| last.id.clone()),
            before: before
                .iter()
                .flat_map(|run| &run.after)
                .map(|id| format!("`{id}`"))
                .collect(),
        });
    }
    let followers = follow.into_iter().map(|node| format!("`{}`", node.id));
    Ok(Stamp {
        runs,
        differing: Vec::new(),
        remaining: remaining.len(),
        followers: followers.collect(),
    })
}

/// Cuts the chain where it follows a revision that the lock does not hold.
fn runs(lock: &Lock, revisions: &[LockedRevision]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for revision in revisions {
        let mut after: Vec<String> = own_before(lock, revision).map(str::to_owned).collect();
        after.retain(|id| lock.revision(id).is_none());
        match runs.last_mut().filter(|_| after.is_empty()) {
            Some(run) => run.last.clone_from(&revision.id),
            None => runs.push(Run {
                after,
                last: revision.id.clone(),
            }),
        }
    }
    runs
}

/// The revisions of the project's own that a vendored one follows or depends on.
pub(super) fn own_before<'a>(
    lock: &'a Lock,
    revision: &'a LockedRevision,
) -> impl Iterator<Item = &'a str> {
    let all = revision.down.iter().chain(&revision.depends_on);
    all.map(String::as_str)
        .filter(|id| lock.revision(id).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::lockfile::tests_support::of_release;

    fn release(name: &str) -> &'static Release {
        catalog::release(&name.parse().unwrap()).unwrap()
    }

    fn runs_of(stamp: &Stamp) -> Vec<(Option<&str>, &str)> {
        let runs = stamp.runs.iter();
        runs.map(|run| (run.after.first().map(String::as_str), run.last.as_str()))
            .collect()
    }

    #[test]
    fn the_last_revision_of_the_release_is_stamped() {
        let lock = of_release(release("3.10.0"));
        let stamped = stamp(&lock, release("3.0.0"), &[], false).unwrap();
        assert_eq!(runs_of(&stamped), [(None, "procrastinate_03_00_00_50")]);
        assert_eq!(
            stamped.differing,
            ["03.00.00_01_pre_cancel_notification.sql"]
        );
        let stamped = stamp(&lock, release("3.10.0"), &[], false).unwrap();
        assert_eq!((stamped.remaining, stamped.differing.len()), (0, 0));
    }

    #[test]
    fn a_migration_of_two_revisions_counts_as_one() {
        let mut lock = of_release(release("3.10.0"));
        let last = lock.revisions.len() - 1;
        let mut part = lock.revisions[last].clone();
        part.id = "procrastinate_part1".to_owned();
        lock.revisions[last].down = Some(part.id.clone());
        lock.revisions.insert(last, part);
        let stamped = stamp(&lock, release("3.10.0"), &[], false).unwrap();
        assert_eq!(runs_of(&stamped), [(None, "procrastinate_03_04_00_50")]);
        assert_eq!(
            stamp(&lock, release("3.3.0"), &[], false)
                .unwrap()
                .remaining,
            3
        );
    }

    #[test]
    fn a_linear_history_is_stamped_run_by_run() {
        let mut lock = of_release(release("3.10.0"));
        let end = lock.revisions.len();
        lock.revisions[0].down = Some("app1".to_owned());
        lock.revisions[end - 2].down = Some("app2".to_owned());
        let all = stamp(&lock, release("3.10.0"), &[], false).unwrap();
        assert_eq!(
            runs_of(&all),
            [
                (Some("app1"), "procrastinate_03_03_00_01"),
                (Some("app2"), "procrastinate_03_04_00_50"),
            ]
        );
        let some = stamp(&lock, release("3.0.2"), &[], false).unwrap();
        assert_eq!(
            runs_of(&some),
            [(Some("app1"), "procrastinate_03_00_00_50")]
        );
    }
}
