//! What each transaction locks, and how long: a lock is held from its statement to the commit.

use super::Migration;
use crate::catalog::{LockMode, Stopped};

/// A statement: the places of its migration in the review, and of itself in that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub migration: usize,
    pub statement: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub first: Place,
    pub last: Place,
    pub ends: Ends,
    /// In the order in which they are taken; of a table that is locked, only what is stronger.
    pub held: Vec<Held>,
    /// What waits, and from which statement on.
    pub stops: Vec<Stop>,
    pub grows: Vec<Growth>,
}

/// What ends a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// The end of the run, behind the application's own revisions if the run has some.
    Run,
    /// The end of its migration.
    Migration,
    /// A later statement that has to be committed on its own: Alembic commits before it.
    Commit,
    /// It is one such statement.
    Alone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub mode: LockMode,
    pub table: &'static str,
    pub since: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub what: Stopped<'static>,
    pub since: Place,
}

/// A statement whose time grows with the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    pub table: &'static str,
    /// It rewrites the table; otherwise it reads every row.
    pub rewrites: bool,
    pub at: Place,
}

/// How one migration is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// In the transaction of the run.
    Run,
    /// In one of its own.
    Migration,
}

/// The transactions of one `alembic upgrade` that runs these migrations.
pub(super) fn transactions(
    all: &[Migration],
    run: &[usize],
    within: impl Fn(&Migration) -> Within,
) -> Vec<Transaction> {
    let mut done: Vec<Transaction> = Vec::new();
    let mut open: Option<Transaction> = None;
    let mut close = |open: &mut Option<Transaction>, ends: Ends| {
        done.extend(open.take().map(|transaction| Transaction {
            ends,
            ..transaction
        }));
    };
    for &migration in run {
        let known = &all[migration];
        let own = within(known) == Within::Migration;
        if own {
            close(&mut open, Ends::Migration);
        }
        for (statement, facts) in known.statements.iter().enumerate() {
            let at = Place {
                migration,
                statement,
            };
            if facts.alone {
                close(&mut open, Ends::Commit);
            }
            open.get_or_insert_with(|| Transaction::begin(at))
                .add(all, at);
            if facts.alone {
                close(&mut open, Ends::Alone);
            }
        }
        if own {
            close(&mut open, Ends::Migration);
        }
    }
    close(&mut open, Ends::Run);
    done
}

impl Transaction {
    fn begin(at: Place) -> Self {
        Self {
            first: at,
            last: at,
            ends: Ends::Run,
            held: Vec::new(),
            stops: Vec::new(),
            grows: Vec::new(),
        }
    }

    fn add(&mut self, all: &[Migration], at: Place) {
        self.last = at;
        let facts = &all[at.migration].statements[at.statement];
        for &(mode, table) in &facts.locks {
            let mut of_table = self.held.iter().filter(|known| known.table == table);
            if of_table.all(|known| known.mode < mode) {
                self.held.push(Held {
                    mode,
                    table,
                    since: at,
                });
            }
        }
        for &what in &facts.stops {
            if self.stops.iter().all(|known| known.what != what) {
                self.stops.push(Stop { what, since: at });
            }
        }
        let grows = |rewrites: bool| {
            move |table: &&'static str| Growth {
                table,
                rewrites,
                at,
            }
        };
        self.grows.extend(facts.rewrites.iter().map(grows(true)));
        let scans = facts
            .scans
            .iter()
            .filter(|table| !facts.rewrites.contains(table));
        self.grows.extend(scans.map(grows(false)));
    }
}
