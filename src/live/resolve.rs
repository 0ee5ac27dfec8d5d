//! Which state of the migrations a database is in.

use super::states::{State, States, states};
use super::{Copy, Kind};

/// An object that is not as the state has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    pub kind: Kind,
    pub name: String,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Missing,
    Different,
    /// Another state has it.
    LeftOver,
    /// As a published text of this migration made it that a later release edited.
    Variant(&'static str),
}

/// The answer for one schema.
#[derive(Debug)]
pub struct Resolved {
    /// The states that the schema equals, or that are nearest; not empty.
    pub states: Vec<&'static State>,
    /// How it differs from the first of them. Only variants if it is exact.
    pub deviations: Vec<Deviation>,
    /// Objects that no migration makes: the user's own.
    pub own: Vec<(Kind, String)>,
}

impl Resolved {
    /// Whether the schema equals one state, but for published variants and objects of the user's own.
    pub fn is_exact(&self) -> bool {
        let is_variant = |deviation: &Deviation| matches!(deviation.how, How::Variant(_));
        self.states.len() == 1 && self.deviations.iter().all(is_variant)
    }
}

pub fn resolve(copy: &Copy) -> Resolved {
    let states = states();
    let objects = states.names.of_copy(copy);
    let faults = |state: &State| {
        let pairs = state.objects.iter().zip(&objects).enumerate();
        pairs
            .filter(|(number, (wanted, found))| {
                wanted != found && variant(states, state, *number, **found).is_none()
            })
            .count()
    };
    let numbers: Vec<usize> = states.all.iter().map(faults).collect();
    let least = numbers.iter().min().copied().unwrap_or_default();
    let nearest: Vec<&'static State> = states
        .all
        .iter()
        .zip(&numbers)
        .filter(|(_, number)| **number == least)
        .map(|(state, _)| state)
        .collect();
    let nearest = preferred(nearest, &objects);
    let deviations = nearest
        .first()
        .map_or_else(Vec::new, |state| deviations(states, state, &objects));
    let own = copy
        .iter()
        .filter(|((kind, name), _)| states.names.number(*kind, name).is_none());
    Resolved {
        states: nearest,
        deviations,
        own: own.map(|(name, _)| name.clone()).collect(),
    }
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

fn deviations(states: &States, state: &State, objects: &[u64]) -> Vec<Deviation> {
    let pairs = state.objects.iter().zip(objects).enumerate();
    let different = pairs.filter(|(_, (wanted, found))| wanted != found);
    different
        .map(|(number, (wanted, found))| {
            let (kind, name) = states.names.name(number);
            let how = match (wanted, found) {
                (_, 0) => How::Missing,
                (0, _) => How::LeftOver,
                _ => variant(states, state, number, *found).map_or(How::Different, How::Variant),
            };
            Deviation {
                kind,
                name: name.to_owned(),
                how,
            }
        })
        .collect()
}
