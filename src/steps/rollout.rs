//! An upgrade without service interruption. Upstream's rule: stop at every release that ships migrations; `pre` before
//! the deploy, `post` after it.

use std::collections::BTreeSet;

use super::position::{Refusal, name, position};
use super::stamp::own;
use crate::catalog::{self, Release};
use crate::lockfile::{Lock, LockedRevision, Mode};
use crate::plan::standing;
use crate::procrastinate::Phase;

/// The steps from one release to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// The release that is deployed now.
    pub from: &'static Release,
    /// The release to deploy in the end.
    pub to: &'static Release,
    /// The revision that a database of `from` is at.
    pub at: String,
    /// The steps; each ends with a release deployed everywhere.
    pub steps: Vec<Step>,
    /// What the reader should know before the first step.
    pub notes: Vec<String>,
}

/// One release to deploy, and what to run around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub release: &'static Release,
    pub actions: Vec<Action>,
    /// Why it is not possible without an interruption, where it is not.
    pub interruption: Option<String>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Upgrade {
        /// The revision to upgrade to.
        revision: String,
        /// The migrations that run.
        migrations: Vec<String>,
        /// The revisions of the project's own that the chain has among them, where the history is linear.
        own: Vec<String>,
    },
    /// Stop all that uses Procrastinate.
    Stop,
    /// Deploy the step's release.
    Deploy,
    /// Start again what was stopped.
    Start,
}

/// The steps from `from` to `to`, which is not older.
pub fn rollout(
    lock: &Lock,
    from: &'static Release,
    to: &'static Release,
) -> Result<Rollout, Refusal> {
    let at = position(lock, from)?;
    let target = standing(lock, to);
    let missing: Vec<String> = to
        .migrations
        .iter()
        .zip(&target.places)
        .filter(|(_, place)| place.is_none())
        .map(|(migration, _)| migration.name.to_owned())
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::NotVendored {
            release: to.name,
            missing,
            behind: lock.upstream.release < to.version(),
            instead: None,
        });
    }
    let mut way = Way {
        lock,
        chain: target.chain,
        done: at,
        steps: Vec::new(),
    };
    let between: Vec<&'static Release> = catalog::releases()
        .iter()
        .filter(|release| from.version() < release.version() && release.version() <= to.version())
        .collect();
    way.walk(&between);
    if from != to && way.steps.last().is_none_or(|step| step.release != to) {
        way.steps.push(Step {
            release: to,
            actions: vec![Action::Deploy],
            interruption: None,
        });
    }
    Ok(Rollout {
        from,
        to,
        at: way.last_id(at),
        notes: notes(lock, from, to),
        steps: way.steps,
    })
}

struct Way<'a> {
    lock: &'a Lock,
    chain: Vec<&'a [LockedRevision]>,
    /// The place in the chain that the database is at.
    done: usize,
    steps: Vec<Step>,
}

impl Way<'_> {
    fn walk(&mut self, releases: &[&'static Release]) {
        let places = |release: &&'static Release| -> BTreeSet<usize> {
            standing(self.lock, release)
                .places
                .into_iter()
                .flatten()
                .collect()
        };
        let all: Vec<(&'static Release, BTreeSet<usize>)> = releases
            .iter()
            .map(|release| (*release, places(release)))
            .collect();
        let mut rest = all.as_slice();
        while let Some(((release, places), later)) = rest.split_first() {
            rest = later;
            let Some(end) = places.last().copied().filter(|end| *end > self.done) else {
                continue;
            };
            if !(self.done + 1..=end).all(|place| places.contains(&place)) {
                rest = self.merge(release, end, later);
                continue;
            }
            self.step(release, end);
        }
    }

    /// The chain runs migrations of a later release before the last one of this release: the releases up to the one that
    /// has them all are one step. Returns the releases after that one.
    fn merge<'b>(
        &mut self,
        first: &'static Release,
        end: usize,
        later: &'b [(&'static Release, BTreeSet<usize>)],
    ) -> &'b [(&'static Release, BTreeSet<usize>)] {
        let has_all = |(_, places): &(&'static Release, BTreeSet<usize>)| {
            places.last().is_some_and(|last| {
                *last >= end && (self.done + 1..=*last).all(|place| places.contains(&place))
            })
        };
        let found = later.iter().position(has_all);
        let (merged, rest) = later.split_at(found.map_or(later.len(), |index| index + 1));
        let release = merged.last().map_or(first, |(release, _)| *release);
        let ends = merged
            .iter()
            .filter_map(|(_, places)| places.last().copied());
        let end = ends.fold(end, usize::max);
        let why = format!(
            "this project's chain runs migrations of later releases before the last one of {}, so those releases cannot be \
             deployed one by one",
            first.name
        );
        self.interrupted(release, end, why);
        rest
    }

    /// The migrations up to `end`, around the deploy of a release.
    fn step(&mut self, release: &'static Release, end: usize) {
        let phase = |place: &usize| self.phase(*place);
        let places: Vec<usize> = (self.done + 1..=end).collect();
        let leading = places
            .iter()
            .take_while(|place| phase(place) == Phase::Pre)
            .count();
        let late = places[leading..]
            .iter()
            .find(|place| phase(place) == Phase::Pre);
        if let Some(late) = late {
            let why = format!(
                "`{}` belongs before the deploy, and in the chain it follows migrations that belong after it",
                name(self.chain[*late])
            );
            return self.interrupted(release, end, why);
        }
        let mut actions = Vec::new();
        let middle = self.done + leading;
        actions.extend(self.upgrade(middle));
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

    /// Goes on to a place in the chain, unless the database is there.
    fn upgrade(&mut self, end: usize) -> Option<Action> {
        let groups = self
            .chain
            .get(self.done + 1..=end)
            .filter(|groups| !groups.is_empty())?;
        let revisions = groups.iter().copied().flatten();
        let action = Action::Upgrade {
            revision: self.last_id(end),
            migrations: groups.iter().map(|group| name(group)).collect(),
            own: revisions
                .filter_map(|revision| own(self.lock, revision))
                .map(str::to_owned)
                .collect(),
        };
        self.done = end;
        Some(action)
    }

    fn phase(&self, place: usize) -> Phase {
        self.chain[place]
            .last()
            .map_or(Phase::Post, |revision| revision.phase)
    }

    fn last_id(&self, place: usize) -> String {
        self.chain[place]
            .last()
            .map_or(String::new(), |revision| revision.id.clone())
    }
}

/// What a database of `from` keeps, and where the commands have to run.
fn notes(lock: &Lock, from: &'static Release, to: &'static Release) -> Vec<String> {
    let standing = standing(lock, from);
    let mut notes = Vec::new();
    for (migration, place) in from.migrations.iter().zip(&standing.places) {
        let Some(locked) = place.and_then(|place| standing.chain[place].first()) else {
            continue;
        };
        if locked.sql_sha256 != Some(migration.sha256) {
            notes.push(format!(
                "A database that ran the SQL that {} has for `{}` keeps what it did: a later release changed the file, and no step \
                 runs it again. `vendor-migrations diff {} {}` shows the change.",
                from.name, migration.name, from.name, to.name
            ));
        }
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
