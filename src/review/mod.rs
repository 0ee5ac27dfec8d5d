//! What an upgrade of Procrastinate does to a database: one model, which every format shows. Pure.

mod attention;
mod chain;
mod estimate;
mod held;
mod model;
mod objects;
mod runs;

use std::collections::HashMap;

use crate::catalog::{self, File, Release};
use crate::digest::Digest;
use crate::lockfile::Lock;
use crate::patch::Patch;
use crate::procrastinate::{MigrationName, Phase};
use crate::sql::needs_autocommit;
use crate::sql::statements::split;
use crate::steps::{Rollout, rollout};

pub use chain::chain;
pub use held::{Ends, Place, Transaction};
pub use model::{Change, Estimate, Facts, Migration, Review, Statement};
pub use objects::{How, Object};
pub use runs::Run;

/// The table that every worker reads and writes.
const QUEUE: &str = "procrastinate_jobs";

/// All that a review depends on.
pub struct Input<'a> {
    /// What is deployed now; none where nothing is vendored yet.
    pub from: Option<&'static Release>,
    pub to: &'static Release,
    /// What databases have run, in order.
    pub before: Vec<File<'a>>,
    /// What they will have run.
    pub after: Vec<File<'a>>,
    /// The SQL that is at hand.
    pub sql: HashMap<Digest, String>,
    /// The changes of vendored files, by the migration's name.
    pub patches: HashMap<String, Vec<Patch>>,
    /// The chain as it will be.
    pub lock: &'a Lock,
    pub commits: Commits,
    /// What is to be said beside.
    pub notes: Vec<String>,
}

/// When Alembic commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commits {
    /// `env.py` says `transaction_per_migration=True`; none if that cannot be told.
    pub per_migration: Option<bool>,
    /// The SQL of revisions that leave Alembic's transaction themselves, by digest.
    pub leaving: Vec<Digest>,
}

/// Reviews the change from one side to the other.
pub fn review(input: Input<'_>) -> Review {
    let (mut migrations, moved) = migrations(&input);
    let rollout = steps(&input);
    let runs = runs::runs(&mut migrations, rollout.as_ref().ok(), &input);
    let of_rollout = rollout.iter().flat_map(|rollout| &rollout.notes);
    let notes = input
        .notes
        .iter()
        .chain(&moved)
        .chain(of_rollout)
        .cloned()
        .collect();
    let mut review = Review {
        from: input.from,
        to: input.to,
        migrations,
        runs,
        rollout,
        per_migration: input.commits.per_migration,
        attention: Vec::new(),
        notes,
    };
    review.attention = attention::attention(&review);
    review
}

fn steps(input: &Input<'_>) -> Result<Rollout, String> {
    let Some(from) = input.from else {
        return Err("a database that has nothing of Procrastinate yet needs no order: run all migrations before the first deploy".to_owned());
    };
    if from.version() > input.to.version() {
        return Err(format!(
            "{} is older than {}: Procrastinate has no migrations that lead back",
            input.to.name, from.name
        ));
    }
    rollout(input.lock, from, input.to).map_err(|refusal| refusal.to_string())
}

/// The first release with each SQL file, by its name and its bytes.
type Firsts = HashMap<(&'static str, Digest), &'static str>;

fn firsts() -> Firsts {
    let mut firsts = Firsts::new();
    for release in catalog::releases() {
        for migration in release.migrations {
            let file = (migration.name, migration.sha256);
            firsts.entry(file).or_insert(release.name);
        }
    }
    firsts
}

fn migrations(input: &Input<'_>) -> (Vec<Migration>, Vec<String>) {
    let mut made = objects::Made::by(&input.before);
    let firsts = firsts();
    let mut all = Vec::new();
    let mut notes = Vec::new();
    for change in catalog::compare(&input.before, &input.after) {
        let (file, change, old) = match change {
            catalog::Change::Added(file) => (file, Change::Added, None),
            catalog::Change::Changed { before, after } => {
                (after, Change::Edited, Some(before.sha256))
            }
            catalog::Change::Renamed { before, after } => {
                let from = before.name.to_owned();
                (after, Change::Renamed { from }, None)
            }
            catalog::Change::Removed(file) => (file, Change::Left, None),
            catalog::Change::Moved { file, behind } => {
                notes.push(match behind {
                    Some(behind) => format!(
                        "{} now runs after {behind}: on new databases only",
                        file.name
                    ),
                    None => format!("{} now runs first: on new databases only", file.name),
                });
                continue;
            }
        };
        let mut migration = migration(input, &firsts, file, change);
        objects::tell(&mut migration, &mut made);
        migration.before = old.and_then(|old| input.sql.get(&old).cloned());
        if migration.patches.is_empty()
            && let (Some(before), Some(after)) = (&migration.before, &migration.sql)
        {
            let name = &migration.name;
            migration.patches = vec![Patch::between(
                before,
                after,
                &format!("a/{name}"),
                &format!("b/{name}"),
            )];
        }
        all.push(migration);
    }
    (all, notes)
}

fn migration(input: &Input<'_>, firsts: &Firsts, file: File<'_>, change: Change) -> Migration {
    let name = MigrationName::new(file.name).ok();
    let effects = catalog::effects_of(&file.sha256);
    let sql = input.sql.get(&file.sha256).cloned();
    let (facts, statements) = match (effects, &sql) {
        (Some(effects), _) => (
            Facts::Measured,
            effects.statements.iter().map(measured).collect(),
        ),
        (None, Some(sql)) => estimated(sql),
        (None, None) => (Facts::Unknown, Vec::new()),
    };
    Migration {
        title: name
            .as_ref()
            .map_or_else(|| file.name.to_owned(), MigrationName::title),
        phase: name.as_ref().map_or(Phase::Post, MigrationName::phase),
        name: file.name.to_owned(),
        release: firsts.get(&(file.name, file.sha256)).copied(),
        sha256: file.sha256,
        facts,
        statements,
        broken: effects.map_or(Vec::new(), |effects| {
            runs::on_the_way(effects.breaks, input)
        }),
        sql,
        before: None,
        patches: input.patches.get(file.name).cloned().unwrap_or_default(),
        change,
    }
}

/// What a linter makes of SQL that the catalogue does not know.
fn estimated(sql: &str) -> (Facts, Vec<Statement>) {
    let statements = split(sql).unwrap_or_default();
    let Some(estimates) = estimate::estimate(sql, &statements) else {
        return (Facts::Unknown, Vec::new());
    };
    let pairs = statements.iter().zip(estimates);
    let statement = pairs.map(|(statement, estimates)| Statement {
        alone: needs_autocommit(statement),
        estimates,
        ..Statement::default()
    });
    (Facts::Estimated, statement.collect())
}

fn measured(known: &'static catalog::StatementEffects) -> Statement {
    Statement {
        alone: known.alone,
        objects: objects::of(known),
        locks: known.locks.to_vec(),
        rewrites: known.rewrites.to_vec(),
        scans: known.scans.to_vec(),
        stops: known.stops.to_vec(),
        estimates: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
