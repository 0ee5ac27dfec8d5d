//! The runs of `alembic upgrade` on the way, and what runs beside them.

use super::held::{Transaction, Within, transactions};
use super::{Input, Migration, objects};
use crate::catalog::{Broken, Release};
use crate::procrastinate::runs_before_deploy;
use crate::steps::{Action, Rollout, Target};

/// One `alembic upgrade`.
#[derive(Debug)]
pub struct Run {
    /// The place of its step; none where the steps are not known.
    pub step: Option<usize>,
    /// What it upgrades to; empty where that is not known.
    pub revision: String,
    /// The places of its migrations.
    pub migrations: Vec<usize>,
    pub transactions: Vec<Transaction>,
    /// The release whose workers run meanwhile; none where nothing runs.
    pub beside: Option<&'static Release>,
    /// What that release runs, and cannot run any more after this.
    pub broken: Vec<&'static Broken>,
}

/// Every run, with the locks of its transactions.
pub(super) fn runs(
    all: &mut [Migration],
    rollout: Option<&Rollout>,
    input: &Input<'_>,
) -> Vec<Run> {
    let Some(rollout) = rollout else {
        let migrations: Vec<usize> = (0..all.len()).filter(|place| all[*place].runs()).collect();
        let is_empty = migrations.is_empty();
        let run = run(all, input, migrations, None);
        return if is_empty { Vec::new() } else { vec![run] };
    };
    let mut runs = Vec::new();
    let mut deployed = rollout.from;
    for (step, stop) in rollout.steps.iter().enumerate() {
        for action in &stop.actions {
            match action {
                Action::Upgrade(target) => {
                    let beside = stop.interruption.is_none().then_some(deployed);
                    let migrations = places(all, target);
                    runs.push(Run {
                        step: Some(step),
                        revision: target.revision.clone(),
                        ..run(all, input, migrations, beside)
                    });
                }
                Action::Deploy => deployed = stop.release,
                Action::Stop | Action::Start => {}
            }
        }
    }
    runs
}

fn run(
    all: &mut [Migration],
    input: &Input<'_>,
    migrations: Vec<usize>,
    beside: Option<&'static Release>,
) -> Run {
    objects::without_new_tables(all, &migrations);
    let commits = &input.commits;
    let within = |migration: &Migration| {
        let own =
            commits.per_migration == Some(true) || commits.leaving.contains(&migration.sha256);
        if own { Within::Migration } else { Within::Run }
    };
    let broken = migrations
        .iter()
        .flat_map(|place| &all[*place].broken)
        .copied();
    let broken =
        broken.filter(|broken| beside.is_some_and(|beside| broken.is_of(&beside.version())));
    Run {
        step: None,
        revision: String::new(),
        transactions: transactions(all, &migrations, within),
        beside,
        broken: broken.collect(),
        migrations,
    }
}

fn places(all: &[Migration], target: &Target) -> Vec<usize> {
    let place = |name: &String| all.iter().position(|one| one.runs() && one.name == *name);
    target.migrations.iter().filter_map(place).collect()
}

/// The queries of the releases from one side to the other; of a downgrade, those of the release that will run.
pub(super) fn on_the_way(breaks: &'static [Broken], input: &Input<'_>) -> Vec<&'static Broken> {
    let to = input.to.version();
    let from = input.from.map(Release::version);
    let (first, last) = match from {
        Some(from) if from > to => (to.clone(), to),
        Some(from) => (from, to),
        None => return Vec::new(),
    };
    let overlaps =
        |broken: &&Broken| broken.first().version() <= last && first <= broken.last().version();
    breaks.iter().filter(overlaps).collect()
}

impl Migration {
    /// Whether it belongs before the deploy of its release.
    pub fn is_before_deploy(&self) -> bool {
        runs_before_deploy(&self.name, self.phase)
    }
}
