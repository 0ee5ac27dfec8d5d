//! What is open at a point of the program.

use std::collections::BTreeMap;

use ruff_text_size::TextRange;

use super::TransactionKind;

/// A connection, and all that stands for it: its transactions, a session on it.
pub(super) type Connection = usize;

/// A transaction, and where it begins, or should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) kind: TransactionKind,
    pub(super) range: TextRange,
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) open: BTreeMap<Connection, Opened>,
    /// What `context.configure` was given last; none if it was not called, or for `--sql`.
    pub(super) configured: Option<Connection>,
    /// Alembic's own transaction is open.
    pub(super) alembic: bool,
}

impl State {
    /// `connection.begin()`, or a statement, which begins a transaction only if none is open.
    pub(super) fn begin(
        &mut self,
        connection: Connection,
        kind: TransactionKind,
        range: TextRange,
    ) {
        let opened = Opened { kind, range };
        if kind == TransactionKind::Begun {
            self.open.insert(connection, opened);
        } else {
            self.open.entry(connection).or_insert(opened);
        }
    }

    /// What is wrong if migrations run in this state.
    pub(super) fn run_migrations(&self, range: TextRange) -> Option<Opened> {
        let opened = self.open.get(&self.configured?);
        let begun = opened.filter(|opened| opened.kind == TransactionKind::Begun);
        let kind = TransactionKind::NotBegun;
        let not_begun = (!self.alembic).then_some(Opened { kind, range });
        begun.copied().or(not_begun)
    }

    /// After two ways that began in this state: what either opened is open, what either ended is ended.
    pub(super) fn join(&self, one: Self, other: &Self) -> Self {
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
        }
    }
}
