//! Reviews of published releases, by the catalogue.

use std::collections::HashMap;

use super::held::Held;
use super::*;
use crate::catalog::{LockMode, Stopped, releases};

fn release(name: &str) -> &'static Release {
    catalog::release(&name.parse().unwrap()).unwrap()
}

/// The releases that have other migrations than the one before them.
fn other() -> impl Iterator<Item = &'static Release> + Clone {
    let pairs = releases().zip(releases().skip(1));
    let changed = pairs.filter(|(one, next)| !one.has_migrations_of(next));
    releases().take(1).chain(changed.map(|(_, next)| next))
}

fn reviewed(from: Option<&'static Release>, to: &'static Release, commits: Commits) -> Review {
    let base = from.map(|from| chain(None, from));
    let lock = chain(base.as_ref(), to);
    review(Input {
        from,
        to,
        before: from.map_or_else(Vec::new, Release::sql_files),
        after: to.sql_files(),
        sql: HashMap::new(),
        patches: HashMap::new(),
        lock: &lock,
        commits,
        notes: Vec::new(),
    })
}

fn usual(from: &str, to: &str) -> Review {
    let per_migration = Some(false);
    let commits = Commits {
        per_migration,
        ..Commits::default()
    };
    reviewed(Some(release(from)), release(to), commits)
}

#[test]
fn every_new_migration_runs_once_and_in_order() {
    for from in other() {
        for to in other().filter(|to| from.version() <= to.version()) {
            let review = usual(from.name, to.name);
            let new: Vec<&str> = review.running().map(|one| one.name.as_str()).collect();
            let run = review.runs.iter().flat_map(|run| &run.migrations);
            let run: Vec<&str> = run
                .map(|place| review.migrations[*place].name.as_str())
                .collect();
            // `00.19.00_02` became `00.23.00_01` and stands behind `00.22.00_01`: those of 0.22.0 have no way.
            if review.rollout.is_ok() {
                assert_eq!(run, new, "{} to {}", from.name, to.name);
            }
            for transaction in review.runs.iter().flat_map(|run| &run.transactions) {
                for (place, held) in transaction.held.iter().enumerate() {
                    let mut before = transaction.held[..place].iter();
                    let is_weaker =
                        |known: &Held| known.table != held.table || known.mode < held.mode;
                    assert!(before.all(is_weaker), "{:?}", transaction.held);
                }
                let stops = &transaction.stops;
                let is_new = |(place, stop): (usize, &held::Stop)| {
                    stops[..place].iter().all(|known| known.what != stop.what)
                };
                assert!(stops.iter().enumerate().all(is_new), "{stops:?}");
                let since = transaction.held.iter().map(|held| held.since);
                let since = since.chain(transaction.stops.iter().map(|stop| stop.since));
                for place in since.chain(transaction.grows.iter().map(|growth| growth.at)) {
                    let key = |place: Place| (place.migration, place.statement);
                    assert!(
                        key(transaction.first) <= key(place) && key(place) <= key(transaction.last)
                    );
                }
            }
        }
    }
}

/// The names say what runs before a deploy and what after; the measured facts say what the code calls. They agree.
#[test]
fn no_step_takes_anything_from_the_release_that_runs() {
    for from in other() {
        for to in other().filter(|to| from.version() < to.version()) {
            for run in &usual(from.name, to.name).runs {
                let queries: Vec<&str> = run.broken.iter().map(|broken| broken.query).collect();
                assert!(
                    queries.is_empty(),
                    "{} to {}: {queries:?}",
                    from.name,
                    to.name
                );
            }
        }
    }
}

#[test]
fn a_post_migration_run_too_early_would_be_told() {
    let from = release("3.0.0");
    let mut review = usual("3.0.0", "3.1.0");
    let post = &review
        .migrations
        .iter()
        .find(|one| one.name.contains("_post_"))
        .unwrap();
    let query = post.broken.first().unwrap();
    assert_eq!(
        (query.query, query.functions),
        ("fetch_job", &["procrastinate_fetch_job_v1"][..])
    );
    assert!(query.is_of(&from.version()) && !query.is_of(&release("3.1.0").version()));
    // As if it ran before the deploy.
    let broken = post.broken.clone();
    review.runs[0].broken = broken;
    let attention = attention::attention(&review);
    assert!(
        attention[0].contains("some of its queries fail afterwards: fetch_job"),
        "{attention:?}"
    );
}

fn transactions(from: &str, to: &str, commits: Commits) -> Vec<(Ends, String, String)> {
    let review = reviewed(Some(release(from)), release(to), commits);
    let all = review.runs.iter().flat_map(|run| &run.transactions);
    let place = |place: Place| {
        format!(
            "{}:{}",
            &review.migrations[place.migration].name[..11],
            place.statement + 1
        )
    };
    all.map(|one| (one.ends, place(one.first), place(one.last)))
        .collect()
}

#[test]
fn a_lock_is_held_to_the_commit() {
    let run = |per_migration| {
        transactions(
            "2.6.0",
            "2.7.0",
            Commits {
                per_migration: Some(per_migration),
                ..Commits::default()
            },
        )
    };
    let statement = |ends, first: &str, last: &str| {
        (
            ends,
            format!("02.06.00_01:{first}"),
            format!("02.06.00_01:{last}"),
        )
    };
    // A weaker lock before the strongest is told, too.
    let review = usual("2.14.1", "2.15.0");
    let held = &review.runs[0].transactions[0].held;
    let held: Vec<(LockMode, usize)> = held
        .iter()
        .map(|held| (held.mode, held.since.statement + 1))
        .collect();
    assert_eq!(held, [(LockMode::Share, 1), (LockMode::AccessExclusive, 2)]);
    // The migration adds values to its enum types, each committed on its own, and goes on.
    let alone = [
        statement(Ends::Alone, "1", "1"),
        statement(Ends::Alone, "2", "2"),
    ];
    let found = run(false);
    assert!(found.starts_with(&alone), "{found:?}");
    assert_eq!(found.last().unwrap().0, Ends::Run);
    assert_eq!(run(true).last().unwrap().0, Ends::Migration);
}

#[test]
fn several_migrations_of_a_run_are_one_transaction() {
    let review = |commits| {
        let all = transactions("0.17.0", "0.18.2", commits);
        all.into_iter().map(|(ends, ..)| ends).collect::<Vec<_>>()
    };
    assert_eq!(review(Commits::default()), [Ends::Run]);
    let per_migration = Some(true);
    assert_eq!(
        review(Commits {
            per_migration,
            leaving: Vec::new()
        }),
        [Ends::Migration; 6]
    );
    // One revision that leaves the transaction parts what is before it from what is behind.
    let leaving = vec![
        release("0.18.2")
            .migrations
            .iter()
            .find(|one| one.name.starts_with("00.17.00_03"))
            .unwrap()
            .sha256,
    ];
    let found = review(Commits {
        per_migration: Some(false),
        leaving,
    });
    assert_eq!(found, [Ends::Migration, Ends::Migration, Ends::Run]);
}

#[test]
fn what_nobody_uses_yet_is_not_locked() {
    let review = reviewed(None, release("3.10.0"), Commits::default());
    assert!(review.strongest().is_none());
    assert!(
        review.runs[0]
            .transactions
            .iter()
            .all(|one| one.stops.is_empty() && one.grows.is_empty())
    );
    // Workers have a table of their own since 3.1.0.
    let review = usual("3.0.0", "3.1.0");
    let locks = review
        .running()
        .flat_map(|one| &one.statements)
        .flat_map(|one| &one.locks);
    let locks: Vec<&str> = locks.map(|(_, table)| *table).collect();
    assert!(!locks.is_empty() && locks.iter().all(|table| *table == QUEUE));
}

#[test]
fn a_table_that_an_earlier_run_made_is_in_use() {
    let mut review = usual("3.0.0", "3.1.0");
    let place = |name: &str| {
        let mut all = review.migrations.iter();
        all.position(|one| one.name.starts_with(name)).unwrap()
    };
    let (pre, post) = (place("03.01.00_01"), place("03.01.00_50"));
    let lock = (LockMode::AccessExclusive, "procrastinate_workers");
    review.migrations[post].statements[0].locks = vec![lock];
    objects::without_new_tables(&mut review.migrations, &[post]);
    assert_eq!(review.migrations[post].statements[0].locks, [lock]);
    objects::without_new_tables(&mut review.migrations, &[pre, post]);
    assert!(review.migrations[post].statements[0].locks.is_empty());
}

#[test]
fn the_way_back_is_none_and_what_fails_there_is_told() {
    let review = usual("3.10.0", "3.0.0");
    assert!(review.is_downgrade() && review.runs.is_empty() && review.rollout.is_err());
    assert!(
        review
            .migrations
            .iter()
            .any(|one| one.change == Change::Left)
    );
    let text = &review.attention[0];
    assert!(
        text.contains("defer_job, defer_periodic_job, fetch_job"),
        "{text}"
    );
}

#[test]
fn what_is_made_again_is_changed() {
    let review = usual("2.6.0", "2.7.0");
    let objects: Vec<&Object> = review.migrations[0]
        .statements
        .iter()
        .flat_map(|one| &one.objects)
        .collect();
    let how = |name: &str| {
        objects
            .iter()
            .find(|one| one.name.starts_with(name))
            .map(|one| one.how)
    };
    assert_eq!(how("type procrastinate_job_status"), Some(How::Changed));
    assert_eq!(how("function procrastinate_cancel_job"), Some(How::Made));
    assert_eq!(how("function procrastinate_fetch_job"), Some(How::Changed));
}

/// What the catalogue says of a statement fits together.
#[test]
fn facts_fit_together() {
    for effects in catalog::effects() {
        for (place, statement) in effects.statements.iter().enumerate() {
            let what = format!("{}, statement {}", effects.name, place + 1);
            let mode = |table: &str| {
                statement
                    .locks
                    .iter()
                    .find(|(_, known)| *known == table)
                    .map(|(mode, _)| *mode)
            };
            for table in statement.rewrites {
                assert_eq!(mode(table), Some(LockMode::AccessExclusive), "{what}");
            }
            for stop in statement.stops {
                match stop {
                    Stopped::Reads(table) => {
                        assert_eq!(mode(table), Some(LockMode::AccessExclusive), "{what}")
                    }
                    Stopped::Writes(table) => {
                        assert!(mode(table) >= Some(LockMode::RowExclusive), "{what}")
                    }
                    Stopped::Defer | Stopped::Fetch => {
                        assert!(mode(QUEUE) >= Some(LockMode::Share), "{what}")
                    }
                }
            }
        }
    }
}

#[test]
fn unknown_sql_is_estimated() {
    let file = |sql: &str| (Digest::of(sql), sql.to_owned());
    let sql = "ALTER TYPE procrastinate_job_status ADD VALUE 'x';\nCREATE INDEX i ON procrastinate_jobs (id);\n-- c\nDROP FUNCTION f();";
    let (sha256, text) = file(sql);
    let lock = chain(None, release("3.10.0"));
    let name = "03.11.00_01_pre_x.sql";
    let mut after = release("3.10.0").sql_files();
    after.push(File { name, sha256 });
    let to = Release::unlisted(
        &"3.11.0".parse().unwrap(),
        crate::procrastinate::Layout::Sql,
        after
            .iter()
            .map(|file| (MigrationName::new(file.name).unwrap(), file.sha256)),
    );
    let review = |sql: HashMap<Digest, String>| {
        review(Input {
            from: Some(release("3.10.0")),
            to,
            before: release("3.10.0").sql_files(),
            after: after.clone(),
            sql,
            patches: HashMap::new(),
            lock: &chain(Some(&lock), to),
            commits: Commits::default(),
            notes: Vec::new(),
        })
    };
    let found = review(HashMap::from([(sha256, text)]));
    let [one] = &found.migrations[..] else {
        panic!("{:?}", found.migrations)
    };
    assert_eq!((one.facts, one.release), (Facts::Estimated, None));
    let rules: Vec<Vec<&str>> = one
        .statements
        .iter()
        .map(|one| one.estimates.iter().map(|one| one.rule.as_str()).collect())
        .collect();
    assert_eq!(
        rules,
        [
            vec![],
            vec!["require-concurrent-index-creation"],
            vec!["ban-drop-function"]
        ]
    );
    assert!(one.statements[0].alone && !one.statements[1].alone);
    assert!(found.attention.iter().any(|text| text.contains("estimate")));
    let found = review(HashMap::new());
    assert_eq!(found.migrations[0].facts, Facts::Unknown);
    assert!(
        found
            .attention
            .iter()
            .any(|text| text.contains("it is not known what it locks"))
    );
}
