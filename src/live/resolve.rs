//! Which state of the migrations a schema is in.

use std::collections::BTreeSet;

use serde_json::Value;

use super::explain::difference;
use super::states::{State, States, states};
use super::{Copy, Kind, Object, VersionTable};

/// An object that is not as the state has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    pub kind: Kind,
    pub name: String,
    pub how: How,
    /// The migration of the state that made the object last, or dropped it.
    pub by: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    Missing,
    /// In words, in what.
    Different(String),
    /// Another state has it.
    LeftOver,
    /// No state has it, and it changes what Procrastinate's own objects do.
    Added,
    /// As a published text of this migration made it that a later release edited.
    Variant(&'static str),
}

/// An object that no migration makes: the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub kind: Kind,
    pub name: String,
    pub effect: Effect,
}

/// What an object of the user's own does to Procrastinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    None,
    /// It takes part in what Procrastinate writes.
    TakesPart,
    /// No job can be deferred: a column that needs a value, and gets none.
    Breaks,
}

/// The answer for one schema.
#[derive(Debug)]
pub struct Resolved {
    /// The states that the schema equals, or that are nearest; not empty.
    pub states: Vec<&'static State>,
    /// How it differs from the first of them. Only variants if it is exact.
    pub deviations: Vec<Deviation>,
    pub own: Vec<Own>,
}

impl Resolved {
    /// The state that the schema equals, but for published variants and objects of the user's own.
    pub fn exact(&self) -> Option<&'static State> {
        let is_variant = |deviation: &Deviation| matches!(deviation.how, How::Variant(_));
        match self.states[..] {
            [state] if self.deviations.iter().all(is_variant) => Some(state),
            _ => None,
        }
    }
}

/// Whether a schema has an object that some migration makes.
pub fn is_procrastinates(schema: &str, copy: &Copy, versions: &[VersionTable]) -> bool {
    let copy = without_versions(schema, copy, versions);
    states()
        .names
        .of_copy(&copy)
        .iter()
        .any(|found| *found != 0)
}

/// What belongs to a table of `versions` is Alembic's, whatever it is called.
fn without_versions<'a>(
    schema: &str,
    copy: &'a Copy,
    versions: &[VersionTable],
) -> Vec<(&'a (Kind, String), &'a Object)> {
    let tables = versions.iter().filter(|table| table.schema == schema);
    let tables: Vec<&str> = tables.map(|table| table.table.as_str()).collect();
    let is_alembics = |name: &str, object: &Object| {
        let mut tables = tables.iter();
        tables.any(|table| belongs(name, object, table))
    };
    let objects = copy.iter();
    objects
        .filter(|((_, name), object)| !is_alembics(name, object))
        .collect()
}

/// Compares the objects in a schema with all states. What belongs to a table of `versions` is left out.
pub fn resolve(schema: &str, copy: &Copy, versions: &[VersionTable]) -> Resolved {
    let states = states();
    let found = without_versions(schema, copy, versions);
    let objects = states.names.of_copy(&found);
    let equal = states.all.iter().find(|state| state.objects == objects);
    let spare = spare(states, &found);
    let nearest = equal.map_or_else(|| nearest(states, &objects, &spare), |equal| vec![equal]);
    let mut resolved = Resolved {
        deviations: nearest.first().map_or_else(Vec::new, |state| {
            deviations(states, state, &objects, |kind, name, wanted| {
                let object = copy.get(&(kind, name.to_owned()));
                object.map_or(String::new(), |object| {
                    difference(kind, object, schema, wanted)
                })
            })
        }),
        states: nearest,
        own: Vec::new(),
    };
    resolved.take_spare(states, &spare);
    for ((kind, name), object) in found {
        if states.names.number(*kind, name).is_none() {
            resolved.add(*kind, name, object);
        }
    }
    resolved
}

/// The numbers of indexes that change nothing but the speed. One that is too many is the user's own: PostgreSQL may have given it
/// the name that an old migration's has.
fn spare(states: &States, found: &[(&(Kind, String), &Object)]) -> BTreeSet<usize> {
    let indexes = found
        .iter()
        .filter(|((kind, _), object)| *kind == Kind::Index && !is_unique(object));
    indexes
        .filter_map(|((kind, name), _)| states.names.number(*kind, name))
        .collect()
}

fn is_unique(index: &Object) -> bool {
    let definition = index.facts.get("definition").and_then(Value::as_str);
    definition.is_some_and(|text| text.starts_with("CREATE UNIQUE INDEX "))
}

/// Whether an object is a table, or belongs to it.
fn belongs(name: &str, object: &Object, table: &str) -> bool {
    let rest = name.strip_prefix(table);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        || object.notes.get("table").and_then(Value::as_str) == Some(table)
}

impl Resolved {
    /// Indexes that are too many are no deviations.
    fn take_spare(&mut self, states: &States, spare: &BTreeSet<usize>) {
        let state = self.states.first().copied();
        let is_spare = |one: &Deviation| {
            let number = states.names.number(one.kind, &one.name);
            let is_past =
                |number: &usize| state.is_some_and(|state| states.is_past(state, *number));
            one.how == How::LeftOver
                && number
                    .filter(is_past)
                    .is_some_and(|number| spare.contains(&number))
        };
        let deviations = std::mem::take(&mut self.deviations);
        let (own, others): (Vec<_>, Vec<_>) = deviations.into_iter().partition(is_spare);
        self.deviations = others;
        self.own
            .extend(own.into_iter().map(|Deviation { kind, name, .. }| Own {
                kind,
                name,
                effect: Effect::None,
            }));
    }

    /// Adds what no migration makes.
    fn add(&mut self, kind: Kind, name: &str, object: &Object) {
        let is_true = |key: &str| object.facts.get(key) == Some(&Value::Bool(true));
        let has = |key: &str| object.facts.contains_key(key);
        let table = object.notes.get("table").and_then(Value::as_str);
        let of_procrastinate = match table {
            Some(table) => states().names.number(Kind::Table, table).is_some(),
            None => states().is_part_of_table(name),
        };
        let effect = match kind {
            Kind::Rule | Kind::Policy if of_procrastinate => None,
            Kind::Function if states().has_function(name) => None,
            Kind::Column
                if of_procrastinate && (is_true("not_null") || is_true("type_not_null")) =>
            {
                match has("default") || has("identity") || has("generated") {
                    true => Some(Effect::None),
                    false => Some(Effect::Breaks),
                }
            }
            Kind::Constraint => Some(Effect::TakesPart),
            Kind::Trigger if of_procrastinate => Some(Effect::TakesPart),
            Kind::Index if is_unique(object) && of_procrastinate => Some(Effect::TakesPart),
            _ => Some(Effect::None),
        };
        let name = name.to_owned();
        match effect {
            Some(effect) => self.own.push(Own { kind, name, effect }),
            None => self.deviations.push(Deviation {
                kind,
                name,
                how: How::Added,
                by: None,
            }),
        }
    }
}

/// The states from which the fewest objects differ, published variants aside.
fn nearest(
    states: &'static States,
    objects: &[u64],
    spare: &BTreeSet<usize>,
) -> Vec<&'static State> {
    let faults = |state: &State| {
        let pairs = state.objects.iter().zip(objects).enumerate();
        let differs = |number, wanted: &u64, found: &u64| {
            wanted != found
                && !(*wanted == 0 && spare.contains(&number) && states.is_past(state, number))
                && variant(states, state, number, *found).is_none()
        };
        pairs
            .filter(|(number, (wanted, found))| differs(*number, wanted, found))
            .count()
    };
    let numbers: Vec<usize> = states.all.iter().map(faults).collect();
    let least = numbers.iter().min().copied().unwrap_or_default();
    let nearest = states.all.iter().zip(&numbers);
    let nearest = nearest.filter(|(_, number)| **number == least);
    preferred(nearest.map(|(state, _)| state).collect(), objects)
}

/// Of states that differ in variants only, the one with the fewest.
fn preferred(states: Vec<&'static State>, objects: &[u64]) -> Vec<&'static State> {
    let different = |state: &State| {
        let pairs = state.objects.iter().zip(objects);
        pairs.filter(|(wanted, found)| wanted != found).count()
    };
    let least = states.iter().map(|state| different(state)).min();
    states
        .into_iter()
        .filter(|state| Some(different(state)) == least)
        .collect()
}

/// The name of the migration whose other published text made the object as it is, if the state's own text of that
/// migration made the one that it should be.
fn variant(states: &States, state: &State, number: usize, found: u64) -> Option<&'static str> {
    let wanted = *state.objects.get(number)?;
    if found == 0 || wanted == 0 {
        return None;
    }
    let setters = states.set_by.get(&(number, found))?;
    let wanted = states.set_by.get(&(number, wanted))?;
    let of_state = wanted.iter().filter(|effects| state.has(&effects.sha256));
    let mut names = of_state.map(|effects| effects.name);
    names.find(|name| {
        setters
            .iter()
            .any(|other| other.name == *name && !state.has(&other.sha256))
    })
}

fn deviations(
    states: &States,
    state: &State,
    objects: &[u64],
    difference: impl Fn(Kind, &str, u64) -> String,
) -> Vec<Deviation> {
    let pairs = state.objects.iter().zip(objects).enumerate();
    let different = pairs.filter(|(_, (wanted, found))| wanted != found);
    different
        .map(|(number, (wanted, found))| {
            let (kind, name) = states.names.name(number);
            let how = match (*wanted, *found) {
                (_, 0) => How::Missing,
                (0, _) => How::LeftOver,
                (wanted, found) => variant(states, state, number, found).map_or_else(
                    || How::Different(difference(kind, name, wanted)),
                    How::Variant,
                ),
            };
            Deviation {
                kind,
                name: name.to_owned(),
                how,
                by: state.last_to_touch(kind, name),
            }
        })
        .collect()
}
