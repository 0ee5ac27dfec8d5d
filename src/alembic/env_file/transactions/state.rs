//! What is open at a point of the program.

use std::collections::BTreeMap;

use ruff_text_size::TextRange;

use super::TransactionKind;

/// A connection, and all that stands for it: its transactions, a session on it.
pub(super) type Connection = usize;

/// What `context.configure` was given last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Configured {
    /// It was not called, or for `--sql`.
    Offline,
    /// It was given this one.
    On(Connection),
}

/// The state between two statements.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The open transactions, and what began them.
    pub(super) open: BTreeMap<Connection, (TransactionKind, TextRange)>,
    pub(super) configured: Configured,
    /// Alembic's own transaction is open.
    pub(super) alembic: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            open: BTreeMap::new(),
            configured: Configured::Offline,
            alembic: false,
        }
    }

    /// `connection.begin()`, or a statement that has one begun.
    pub(super) fn begin(&mut self, connection: Connection, kind: TransactionKind, at: TextRange) {
        match kind {
            TransactionKind::Begun => {
                self.open.insert(connection, (kind, at));
            }
            _ => {
                self.open.entry(connection).or_insert((kind, at));
            }
        }
    }

    /// After two ways that began in this state: what either opened is open, what either ended is ended.
    pub(super) fn join(&mut self, one: Self, other: Self) {
        let before = std::mem::take(&mut self.open);
        let ended = |id: &Connection| {
            before.contains_key(id) && !(one.open.contains_key(id) && other.open.contains_key(id))
        };
        let mut open = one.open.clone();
        open.extend(&other.open);
        open.retain(|id, _| !ended(id));
        self.open = open;
        if one.configured != self.configured {
            self.configured = one.configured;
        } else {
            self.configured = other.configured;
        }
        self.alembic = one.alembic || other.alembic;
    }
}
