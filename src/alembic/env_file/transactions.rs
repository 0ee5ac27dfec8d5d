//! Which transactions are open while migrations run.
//!
//! Alembic's `autocommit_block()`, which rendered revisions need for new enum values, ends the transaction that Alembic
//! began and begins a new one after it. It fails if the transaction is somebody else's. Measured on Alembic 1.8.1 and 1.20.1 with
//! SQLAlchemy 1.4 and 2: what counts is whether a transaction is open on the connection when `context.configure` is given it,
//! or is begun on it between that and `context.run_migrations`.
//!
//! So the file is followed as Python would run it: statements in their order, functions where they are called, with their
//! parameters bound. Branches are all taken. A transaction that ends in one branch counts as ended, so that what is reported is
//! plainly there.

mod evaluate;
mod lost;
mod walk;

use std::collections::BTreeMap;

use ruff_python_ast::visitor::Visitor;
use ruff_text_size::TextRange;

use self::walk::Walk;
use super::module::Module;
use crate::python_source::Place;

pub use self::lost::Lost;

/// A reason for `autocommit_block()` to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub kind: TransactionKind,
    pub place: Place,
}

/// How a transaction comes to be the wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionKind {
    /// `engine.begin()`, `connection.begin()`, `begin_nested()` or `begin_twophase()`, open while migrations run. It fails on
    /// every SQLAlchemy.
    Begun,
    /// A statement that runs on the connection before `context.configure`, without a `commit()` after it. SQLAlchemy 2
    /// begins a transaction for it; 1.4 without `future=True` does not.
    Implicit,
    /// `context.run_migrations()` outside of `with context.begin_transaction():`. It fails on SQLAlchemy 2.
    NotBegun,
}

/// What was found of transactions, each list in the order of the file.
pub(in crate::alembic) struct Followed {
    pub(in crate::alembic) transactions: Vec<Transaction>,
    pub(super) lost: Vec<(Lost, Place)>,
    /// Everything could be followed.
    pub(in crate::alembic) is_complete: bool,
}

impl Default for Followed {
    fn default() -> Self {
        Self {
            transactions: Vec::new(),
            lost: Vec::new(),
            is_complete: true,
        }
    }
}

pub(super) fn transactions(module: &Module) -> Followed {
    let mut walk = Walk::new(module);
    walk.visit_body(module.suite);
    // Something outside of the file calls what nothing in it calls.
    for function in &module.names.functions {
        if !walk.visited.contains(function.name.as_str()) {
            walk.state = State::default();
            walk.function(function, &[]);
        }
    }
    let found = walk.found.iter().map(|opened| Transaction {
        kind: opened.kind,
        place: module.place(&opened.range),
    });
    let mut transactions: Vec<Transaction> = found.collect();
    transactions.sort_by_key(|transaction| (transaction.place.line, transaction.kind));
    let lost = walk
        .lost
        .iter()
        .map(|(lost, range)| (*lost, module.place(range)));
    let mut lost: Vec<_> = lost.collect();
    lost.sort_by_key(|(lost, place)| (place.line, *lost));
    Followed {
        transactions,
        lost,
        is_complete: walk.is_complete(),
    }
}

/// A connection, and all that stands for it: its transactions, a session on it.
type Connection = usize;

/// A transaction, and where it begins, or should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Opened {
    kind: TransactionKind,
    range: TextRange,
}

#[derive(Debug, Clone, Default)]
struct State {
    open: BTreeMap<Connection, Opened>,
    /// What `context.configure` was given last; none if it was not called, or for `--sql`.
    configured: Option<Connection>,
    /// Alembic's own transaction is open.
    alembic: bool,
    /// Migrations have run.
    ran: bool,
}

impl State {
    /// `connection.begin()`, or a statement, which begins a transaction only if none is open.
    fn begin(&mut self, connection: Connection, kind: TransactionKind, range: TextRange) {
        let opened = Opened { kind, range };
        if kind == TransactionKind::Begun {
            self.open.insert(connection, opened);
        } else {
            self.open.entry(connection).or_insert(opened);
        }
    }

    /// Runs migrations; what is wrong with that in this state.
    fn run_migrations(&mut self, range: TextRange) -> Option<Opened> {
        self.ran = true;
        let opened = self.open.get(&self.configured?);
        let begun = opened.filter(|opened| opened.kind == TransactionKind::Begun);
        let kind = TransactionKind::NotBegun;
        let not_begun = (!self.alembic).then_some(Opened { kind, range });
        begun.copied().or(not_begun)
    }

    /// After two ways that began in this state: what either opened is open, what either ended is ended.
    fn join(&self, one: Self, other: &Self) -> Self {
        let mut open = one.open.clone();
        open.extend(&other.open);
        open.retain(|id, _| {
            let in_both = one.open.contains_key(id) && other.open.contains_key(id);
            in_both || !self.open.contains_key(id)
        });
        let changed = one.configured != self.configured;
        Self {
            open,
            configured: if changed {
                one.configured
            } else {
                other.configured
            },
            alembic: one.alembic || other.alembic,
            ran: one.ran || other.ran,
        }
    }
}
