//! What a reader should look at.

use super::{Change, Ends, Facts, Place, QUEUE, Review, Run};
use crate::catalog::{LockMode, Stopped};

/// What stands out, the worst first.
pub(super) fn attention(review: &Review) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(review.runs.iter().filter_map(|run| broken(review, run)));
    if review.is_downgrade() {
        all.extend(left(review));
    }
    interruptions(review, &mut all);
    growing(review, &mut all);
    held(review, &mut all);
    let edited = names(review, |one| one.change == Change::Edited);
    if !edited.is_empty() {
        all.push(format!(
            "{edited} changed under the same name: databases that ran the old SQL keep what it did, and no step runs the new SQL"
        ));
    }
    let alone = names(review, |one| {
        one.runs() && one.statements.iter().any(|statement| statement.alone)
    });
    if !alone.is_empty() {
        all.push(format!(
            "{alone}: a statement is committed on its own, with everything before it in the run. A later failure does not undo that"
        ));
    }
    let estimated = names(review, |one| one.facts == Facts::Estimated);
    if !estimated.is_empty() {
        all.push(format!(
            "{estimated}: this program does not know the SQL, so nothing of it was measured. What this report says about \
             it is an estimate by the rules of a linter (squawk)"
        ));
    }
    let unknown = names(review, |one| one.facts == Facts::Unknown);
    if !unknown.is_empty() {
        all.push(format!(
            "{unknown}: it is not known what it locks: its SQL is not available (install the release, and run this again), \
             or its SQL cannot be estimated"
        ));
    }
    all
}

/// The names of these migrations; empty if there are none.
fn names(review: &Review, is_one: impl Fn(&super::Migration) -> bool) -> String {
    let names = review.migrations.iter().filter(|one| is_one(one));
    names
        .map(|one| format!("`{}`", one.name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What the running release cannot do any more.
fn broken(review: &Review, run: &Run) -> Option<String> {
    let beside = run.beside.filter(|_| !run.broken.is_empty())?;
    let mut queries: Vec<&str> = run.broken.iter().map(|broken| broken.query).collect();
    queries.sort_unstable();
    queries.dedup();
    let name = |place: &usize| format!("`{}`", review.migrations[*place].name);
    let names: Vec<String> = run.migrations.iter().map(name).collect();
    Some(format!(
        "while {} runs, Procrastinate {} is deployed, and some of its queries fail afterwards: {}",
        names.join(", "),
        beside.name,
        queries.join(", ")
    ))
}

/// What the older release cannot do on a database of the newer one.
fn left(review: &Review) -> Option<String> {
    let broken = review
        .migrations
        .iter()
        .filter(|one| one.change == Change::Left);
    let mut queries: Vec<&str> = broken
        .flat_map(|one| &one.broken)
        .map(|broken| broken.query)
        .collect();
    queries.sort_unstable();
    queries.dedup();
    (!queries.is_empty()).then(|| {
        format!(
            "Procrastinate {} cannot work on such a database: these of its queries fail there: {}",
            review.to.name,
            queries.join(", ")
        )
    })
}

fn interruptions(review: &Review, all: &mut Vec<String>) {
    let steps = review.rollout.iter().flat_map(|rollout| &rollout.steps);
    for step in steps {
        if let Some(why) = &step.interruption {
            all.push(format!(
                "Procrastinate {} needs an interruption of service: {why}",
                step.release.name
            ));
        }
    }
}

/// The statements that take longer the more rows there are.
fn growing(review: &Review, all: &mut Vec<String>) {
    let transactions = || review.runs.iter().flat_map(|run| &run.transactions);
    let grows = || transactions().flat_map(|transaction| &transaction.grows);
    let rewrites: Vec<String> = grows()
        .filter(|growth| growth.rewrites)
        .map(|growth| {
            format!(
                "{} of `{}` rewrites all of `{}`",
                statement(growth.at),
                review.migrations[growth.at.migration].name,
                growth.table
            )
        })
        .collect();
    if !rewrites.is_empty() {
        all.push(format!(
            "{}: nobody can read or write the table during that time, and it takes twice its space. Delete old jobs first",
            rewrites.join("; ")
        ));
    }
    let scans = grows().filter(|growth| !growth.rewrites).count();
    if scans > 0 {
        all.push(match scans {
            1 => "one statement reads every row of a table, so its time grows with the number of rows"
                .to_owned(),
            _ => format!(
                "{scans} statements read every row of a table, so their time grows with the number of rows"
            ),
        });
    }
}

/// Locks that stop workers until the commit.
fn held(review: &Review, all: &mut Vec<String>) {
    let mut places = Vec::new();
    let runs = review.runs.iter();
    for transaction in runs.flat_map(|run| &run.transactions) {
        let mut stops = transaction.stops.iter();
        let worker = stops.find(|stop| matches!(stop.what, Stopped::Defer | Stopped::Fetch));
        let goes_on =
            worker.filter(|stop| stop.since != transaction.last || transaction.ends == Ends::Run);
        places.extend(goes_on.map(|stop| {
            let name = &review.migrations[stop.since.migration].name;
            format!("{} of `{name}`", statement(stop.since))
        }));
    }
    if !places.is_empty() {
        all.push(format!(
            "jobs can neither be deferred nor fetched from these statements to the end of their transactions: {}. \
             Everything else that the same `alembic upgrade` runs in the transaction makes that longer, including the \
             project's own revisions",
            places.join(", ")
        ));
    }
    let takes = |review: &Review| {
        review.running().any(|one| {
            one.statements.iter().any(|statement| {
                statement
                    .locks
                    .contains(&(LockMode::AccessExclusive, QUEUE))
            })
        })
    };
    if takes(review) {
        all.push(format!(
            "an ACCESS EXCLUSIVE lock on `{QUEUE}` first waits for every open transaction that used the table, and every \
             later query waits for it: look for long transactions first, or set `lock_timeout` for the run"
        ));
    }
}

/// `statement 3`.
fn statement(place: Place) -> String {
    format!("statement {}", place.statement + 1)
}
