//! An upgrade without service interruption. Upstream's rule: stop at every release that ships migrations; `pre` before
//! the deploy, `post` after it. What older names belong to, [`runs_before_deploy`] says.

use std::collections::BTreeSet;

use super::position::{Refusal, differing, name, position, vendored};
use super::stamp::own_before;
use crate::catalog::{self, Release};
use crate::lockfile::{Lock, LockedRevision, Mode};
use crate::plan::standing;
use crate::procrastinate::runs_before_deploy;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    pub from: &'static Release,
    pub to: &'static Release,
    /// The revision that a database of `from` is at.
    pub at: String,
    /// Each ends with a release deployed everywhere.
    pub steps: Vec<Step>,
    /// What the reader should know before the first step.
    pub notes: Vec<String>,
}

/// One release to deploy, and what to run around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub release: &'static Release,
    pub actions: Vec<Action>,
    /// Why the step needs an interruption of service, if it does.
    pub interruption: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Upgrade(Target),
    /// Stop all that uses Procrastinate.
    Stop,
    Deploy,
    Start,
}

/// How far an upgrade goes, and what it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub revision: String,
    pub migrations: Vec<String>,
    /// The revisions of the project's own that the chain has among them, where the history is linear.
    pub own: Vec<String>,
}

/// The steps from `from` to `to`, which is not older.
pub fn rollout(
    lock: &Lock,
    from: &'static Release,
    to: &'static Release,
) -> Result<Rollout, Refusal> {
    let at = position(lock, from)?;
    let mut planner = Planner {
        lock,
        chain: vendored(lock, to)?.chain,
        done: at,
        steps: Vec::new(),
    };
    planner.walk(from, to);
    Ok(Rollout {
        from,
        to,
        at: planner.last_id(at),
        notes: notes(lock, from, to),
        steps: planner.steps,
    })
}

struct Planner<'a> {
    lock: &'a Lock,
    chain: Vec<&'a [LockedRevision]>,
    /// The place in the chain that the database is at.
    done: usize,
    steps: Vec<Step>,
}

/// A release on the way, and the places of its migrations in the chain.
struct Stop {
    release: &'static Release,
    places: BTreeSet<usize>,
}

impl Planner<'_> {
    fn walk(&mut self, from: &'static Release, to: &'static Release) {
        let lock = self.lock;
        // One that is yanked or unknown is where it ends, and no stop on the way.
        let mut stops = catalog::releases()
            .chain((!to.is_offered()).then_some(to))
            .filter(|one| from.version() < one.version() && one.version() <= to.version())
            .map(|release| Stop {
                release,
                places: standing(lock, release.migrations)
                    .places
                    .into_iter()
                    .flatten()
                    .collect(),
            });
        while let Some(stop) = stops.next() {
            let Some(end) = self.end(&stop) else {
                continue;
            };
            if self.has_all(&stop, end) {
                self.step(stop.release, end);
                continue;
            }
            // The chain runs migrations of a later release before the last one of this release: the releases up to the
            // one that has them all are one step.
            let why = format!(
                "this project's chain runs migrations of later releases before the last one of {}, so those releases cannot \
                 be deployed one by one",
                stop.release.name
            );
            let (mut release, mut furthest) = (stop.release, end);
            for later in stops.by_ref() {
                release = later.release;
                let last = later.places.last().copied().unwrap_or_default();
                furthest = furthest.max(last);
                if last >= end && self.has_all(&later, last) {
                    break;
                }
            }
            self.interrupted(release, furthest, why);
        }
        if from != to && self.steps.last().is_none_or(|step| step.release != to) {
            self.steps.push(Step {
                release: to,
                actions: vec![Action::Deploy],
                interruption: None,
            });
        }
    }

    /// The place of a release's last migration, unless the database has it.
    fn end(&self, stop: &Stop) -> Option<usize> {
        stop.places.last().copied().filter(|end| *end > self.done)
    }

    /// Whether the release has all migrations of the chain up to `end` that the database lacks.
    fn has_all(&self, stop: &Stop, end: usize) -> bool {
        (self.done + 1..=end).all(|place| stop.places.contains(&place))
    }

    /// The migrations up to `end`, around the deploy of a release.
    fn step(&mut self, release: &'static Release, end: usize) {
        let mut places = self.done + 1..=end;
        let first_post = places.find(|place| !self.runs_before_deploy(*place));
        // Continues after the first `post`.
        if let Some(late) = places.find(|place| self.runs_before_deploy(*place)) {
            let why = format!(
                "`{}` belongs before the deploy, but in the chain it follows migrations that belong after it",
                name(self.chain[late])
            );
            return self.interrupted(release, end, why);
        }
        let before_deploy = first_post.map_or(end, |place| place - 1);
        let mut actions = Vec::new();
        actions.extend(self.upgrade(before_deploy));
        actions.push(Action::Deploy);
        actions.extend(self.upgrade(end));
        self.steps.push(Step {
            release,
            actions,
            interruption: None,
        });
    }

    fn interrupted(&mut self, release: &'static Release, end: usize, why: String) {
        let mut actions = vec![Action::Stop];
        actions.extend(self.upgrade(end));
        actions.extend([Action::Deploy, Action::Start]);
        self.steps.push(Step {
            release,
            actions,
            interruption: Some(why),
        });
    }

    /// Runs the chain up to `end`, unless the database is there.
    fn upgrade(&mut self, end: usize) -> Option<Action> {
        let groups = self.chain.get(self.done + 1..=end)?;
        if groups.is_empty() {
            return None;
        }
        let revisions = groups.iter().copied().flatten();
        let own = revisions.flat_map(|revision| own_before(self.lock, revision));
        let target = Target {
            revision: self.last_id(end),
            migrations: groups.iter().map(|group| name(group)).collect(),
            own: own.map(str::to_owned).collect(),
        };
        self.done = end;
        Some(Action::Upgrade(target))
    }

    fn runs_before_deploy(&self, place: usize) -> bool {
        let group = self.chain[place];
        let last = group.last();
        last.is_some_and(|last| runs_before_deploy(&name(group), last.phase))
    }

    fn last_id(&self, place: usize) -> String {
        let last = self.chain[place].last();
        last.map_or(String::new(), |revision| revision.id.clone())
    }
}

/// What a database of `from` keeps, and where the commands have to run.
fn notes(lock: &Lock, from: &'static Release, to: &'static Release) -> Vec<String> {
    let mut notes: Vec<String> = differing(lock, from)
        .map(|(migration, _)| {
            format!(
                "A release after {from} changed `{name}`: a database that ran the old SQL keeps what it did, and no step \
                 runs the file again. `vendor-migrations diff {from} {to}` shows the change.",
                name = migration.name,
                from = from.name,
                to = to.name
            )
        })
        .collect();
    if to.yanked {
        notes.push(format!(
            "Procrastinate {} was yanked from the package index: `vendor-migrations releases` lists those that were not.",
            to.name
        ));
    }
    if lock.upstream.mode == Mode::Copy {
        notes.push(format!(
            "The vendored revisions read their SQL from the installed package: run every `alembic upgrade` where Procrastinate {} is \
             installed, whichever release the services run.",
            lock.upstream.release
        ));
    }
    notes
}

#[cfg(test)]
mod tests;
