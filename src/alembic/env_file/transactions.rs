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
mod state;
mod statements;
mod walk;

use ruff_python_ast::visitor::Visitor;

use self::state::State;
use self::walk::Walk;
use super::module::Module;
use crate::python_source::Place;

/// A reason for `autocommit_block()` to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub kind: TransactionKind,
    pub place: Place,
}

/// How a transaction comes to be the wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// The transactions in the order of the file, and whether everything could be followed.
pub(super) fn transactions(module: &Module) -> (Vec<Transaction>, bool) {
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
    let mut found: Vec<Transaction> = found.collect();
    found.sort_by_key(|transaction| (transaction.place.line, transaction.kind));
    (found, walk.is_complete())
}
