//! What statements make, change and drop.

use std::collections::HashSet;

use super::{Migration, QUEUE, Statement};
use crate::catalog::{self, File, StatementEffects};

/// An object of the database, as `KIND NAME`, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub how: How,
    pub name: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    Made,
    Changed,
    Dropped,
}

impl How {
    pub fn word(self) -> &'static str {
        match self {
            Self::Made => "makes",
            Self::Changed => "changes",
            Self::Dropped => "drops",
        }
    }
}

/// What a statement makes or changes, and what it drops. Which of the two is told by [`tell`].
pub(super) fn of(effects: &'static StatementEffects) -> Vec<Object> {
    let set = effects.set.iter().map(|(_, name)| Object {
        how: How::Made,
        name,
    });
    let dropped = effects.drop.iter().map(|name| Object {
        how: How::Dropped,
        name,
    });
    set.chain(dropped).collect()
}

/// The objects that a database has.
#[derive(Debug, Default)]
pub(super) struct Made {
    objects: HashSet<&'static str>,
}

impl Made {
    /// Those that these migrations leave.
    pub(super) fn by(files: &[File<'_>]) -> Self {
        let mut made = Self::default();
        for effects in files
            .iter()
            .filter_map(|file| catalog::effects_of(&file.sha256))
        {
            for statement in effects.statements {
                made.objects
                    .extend(statement.set.iter().map(|(_, name)| *name));
                for name in statement.drop {
                    made.objects.remove(name);
                }
            }
        }
        made
    }
}

/// Tells what is made from what is changed.
pub(super) fn tell(migration: &mut Migration, made: &mut Made) {
    if !migration.runs() {
        return;
    }
    for object in migration
        .statements
        .iter_mut()
        .flat_map(|one| &mut one.objects)
    {
        match object.how {
            How::Dropped => {
                made.objects.remove(object.name);
            }
            How::Made | How::Changed if !made.objects.insert(object.name) => {
                object.how = How::Changed;
            }
            How::Made | How::Changed => {}
        }
    }
}

/// Takes out the locks of tables that the same run made: nobody uses them before it has ended and the release is deployed.
pub(super) fn without_new_tables(all: &mut [Migration], run: &[usize]) {
    let mut new: HashSet<&'static str> = HashSet::new();
    for place in run {
        for statement in &mut all[*place].statements {
            unused(statement, &new);
            let made = statement
                .objects
                .iter()
                .filter(|object| object.how == How::Made);
            new.extend(made.filter_map(|object| object.name.strip_prefix("table ")));
        }
    }
}

/// Without what is said of tables that nobody uses yet.
fn unused(statement: &mut Statement, new: &HashSet<&'static str>) {
    use crate::catalog::Stopped::{Defer, Fetch, Reads, Writes};
    statement.locks.retain(|(_, table)| !new.contains(table));
    statement.rewrites.retain(|table| !new.contains(table));
    statement.scans.retain(|table| !new.contains(table));
    statement.stops.retain(|stopped| match stopped {
        Reads(table) | Writes(table) => !new.contains(table),
        Defer | Fetch => !new.contains(QUEUE),
    });
}

impl Statement {
    /// Its objects without those that are parts of a table that it makes or drops.
    pub fn outline(&self) -> impl Iterator<Item = &Object> {
        let tables: HashSet<(How, &str)> = self
            .objects
            .iter()
            .filter_map(|object| Some((object.how, object.name.strip_prefix("table ")?)))
            .collect();
        self.objects.iter().filter(move |object| {
            let (kind, name) = object.name.split_once(' ').unwrap_or(("", object.name));
            let of = |table: &str| match kind {
                "column" | "constraint" | "trigger" => name
                    .strip_prefix(table)
                    .is_some_and(|rest| rest.starts_with('.')),
                "index" | "sequence" => name
                    .strip_prefix(table)
                    .is_some_and(|rest| rest.starts_with('_')),
                _ => false,
            };
            !tables
                .iter()
                .any(|(how, table)| *how == object.how && of(table))
        })
    }
}
