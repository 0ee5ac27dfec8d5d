//! The states that a database goes through when it runs Procrastinate's migrations, one statement at a time.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::LazyLock;

use super::{Kind, Object};
use crate::catalog::objects::short;
use crate::catalog::{self, Migration, Release, SqlEffects};
use crate::digest::Digest;

/// All objects that some migration sets, each with a number.
pub(super) struct Names {
    numbers: HashMap<(Kind, &'static str), usize>,
    names: Vec<(Kind, &'static str)>,
}

/// A place in the chain of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub migration: &'static Migration,
    /// How many of its statements have run; not 0.
    pub statement: usize,
    pub statements: usize,
}

impl Position {
    pub fn is_end(&self) -> bool {
        self.statement == self.statements
    }
}

/// Where a chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub position: Position,
    /// The migrations of a release up to there, that one included.
    pub chain: &'static [&'static Migration],
}

#[derive(Debug)]
pub struct State {
    /// The places after which a database is in this state: the first that is the end of a migration, if there is one.
    pub position: Position,
    /// The migrations of a release up to there, that one included.
    pub chain: &'static [&'static Migration],
    /// Other places in the same release's chain after which it is the same: a statement may undo what an earlier one did.
    pub others: Vec<Place>,
    /// The releases whose whole chain ends here.
    pub releases: Vec<&'static Release>,
    /// By number, the digest of each object; 0 where it is not there.
    pub(super) objects: Vec<u64>,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.migration.name)?;
        match self.is_end() {
            true => Ok(()),
            false => write!(f, ", statement {} of {}", self.statement, self.statements),
        }
    }
}

impl State {
    /// The chain comes here again. `stays` says that the last statement changed nothing.
    fn meet(&mut self, place: Place, stays: bool) {
        let is_same_chain = place.chain.starts_with(self.chain);
        let old = self.place();
        let new = match place.position.is_end() && !self.position.is_end() {
            true => {
                (self.position, self.chain) = (place.position, place.chain);
                old
            }
            false => place,
        };
        if is_same_chain && !stays && old != place {
            self.others.push(new);
        }
    }

    pub fn place(&self) -> Place {
        Place {
            position: self.position,
            chain: self.chain,
        }
    }

    /// The migration that it is after, and how far.
    pub fn title(&self) -> String {
        let Position {
            migration,
            statement,
            statements,
        } = self.position;
        match self.position.is_end() {
            true => migration.name.to_owned(),
            false => format!("{}, statement {statement} of {statements}", migration.name),
        }
    }

    /// The releases whose whole chain ends here, in words; none if there are none.
    pub fn as_releases(&self) -> Option<String> {
        let names: Vec<&str> = self.releases.iter().map(|release| release.name).collect();
        let all: Vec<&str> = catalog::releases().map(|one| one.name).collect();
        match names[..] {
            [] => None,
            [one] => Some(format!("Procrastinate {one}")),
            [first, .., last] if all.windows(names.len()).any(|part| part == names) => {
                Some(format!("Procrastinate {first} to {last}"))
            }
            _ => Some(format!("Procrastinate {}", names.join(", "))),
        }
    }

    /// The last of its migrations that sets or drops the object.
    pub(super) fn last_to_touch(&self, kind: Kind, name: &str) -> Option<&'static str> {
        let is_it = |object: &'static str| parse(object) == Some((kind, name));
        let touches = |migration: &&Migration| {
            let effects = catalog::effects_of(&migration.sha256);
            let mut statements = effects.iter().flat_map(|effects| effects.statements);
            statements.any(|statement| {
                statement.set.iter().any(|(_, object)| is_it(object))
                    || statement.drop.iter().any(|object| is_it(object))
            })
        };
        self.chain
            .iter()
            .copied()
            .rev()
            .find(touches)
            .map(|last| last.name)
    }

    /// Whether the SQL with this digest has run, in part or whole.
    pub(super) fn has(&self, sha256: &Digest) -> bool {
        self.chain.iter().any(|one| one.sha256 == *sha256)
    }
}

pub(super) struct States {
    pub names: Names,
    pub all: Vec<State>,
    /// By object and digest: the migrations that set it so.
    pub set_by: HashMap<(usize, u64), Vec<&'static SqlEffects>>,
}

pub(super) fn states() -> &'static States {
    static STATES: LazyLock<States> = LazyLock::new(States::of_catalog);
    &STATES
}

impl Names {
    fn of_catalog() -> Self {
        let mut names = Self {
            numbers: HashMap::new(),
            names: Vec::new(),
        };
        for effects in catalog::effects() {
            for effect in effects.statements {
                for (_, object) in effect.set {
                    names.add(object);
                }
            }
        }
        names
    }

    fn add(&mut self, object: &'static str) {
        if let Some(name) = parse(object) {
            let next = self.names.len();
            let number = *self.numbers.entry(name).or_insert(next);
            if number == next {
                self.names.push(name);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn name(&self, number: usize) -> (Kind, &'static str) {
        self.names[number]
    }

    pub fn number(&self, kind: Kind, name: &str) -> Option<usize> {
        self.numbers.get(&(kind, name)).copied()
    }

    /// By number, what a schema has.
    pub fn of_copy(&self, found: &[(&(Kind, String), &Object)]) -> Vec<u64> {
        let mut objects = vec![0; self.len()];
        for ((kind, name), object) in found {
            if let Some(number) = self.number(*kind, name) {
                objects[number] = short(&object.digest);
            }
        }
        objects
    }
}

fn parse(object: &'static str) -> Option<(Kind, &'static str)> {
    let (word, name) = object.split_once(' ')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    Some((kind, name))
}

impl States {
    /// Whether no migration behind the state makes the object: one that is there already would stop it.
    pub fn is_past(&self, state: &State, number: usize) -> bool {
        let newest = catalog::newest().map_or(&[][..], |newest| newest.migrations);
        let goes_on = |one: &Migration| {
            !state.position.is_end() && one.sha256 == state.position.migration.sha256
        };
        let rest = newest.iter();
        let rest = rest.filter(|one| !state.has(&one.sha256) || goes_on(one));
        let mut rest = rest.filter_map(|one| catalog::effects_of(&one.sha256));
        let kind_and_name = self.names.name(number);
        !rest.any(|effects| {
            let mut set = effects
                .statements
                .iter()
                .flat_map(|statement| statement.set);
            set.any(|(_, object)| parse(object) == Some(kind_and_name))
        })
    }

    /// Whether an object's name says that it belongs to a table that the migrations make.
    pub fn is_part_of_table(&self, name: &str) -> bool {
        let table = name.split_once('.').map(|(table, _)| table);
        table.is_some_and(|table| self.names.number(Kind::Table, table).is_some())
    }

    /// Whether the migrations make a function of this name, with whatever arguments.
    pub fn has_function(&self, name: &str) -> bool {
        let bare = |name: &str| name.split('(').next().map(str::to_owned);
        let functions = self.names.names.iter();
        let mut functions = functions.filter(|(kind, _)| *kind == Kind::Function);
        functions.any(|(_, known)| bare(known) == bare(name))
    }

    fn of_catalog() -> Self {
        let names = Names::of_catalog();
        let mut states = Self {
            all: Vec::new(),
            set_by: HashMap::new(),
            names,
        };
        for effects in catalog::effects() {
            for effect in effects.statements {
                for (digest, object) in effect.set {
                    if let Some(number) = states.number(object) {
                        let by = states.set_by.entry((number, *digest)).or_default();
                        by.push(effects);
                    }
                }
            }
        }
        let mut known: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
        // The newest first: its names are those that people see.
        for release in catalog::releases().rev() {
            states.walk(release, &mut known);
        }
        states.all.sort_by_key(|state| state.chain.len());
        states
    }

    fn number(&self, object: &'static str) -> Option<usize> {
        let name = parse(object)?;
        self.names.numbers.get(&name).copied()
    }

    fn walk(&mut self, release: &'static Release, known: &mut BTreeMap<Vec<u64>, usize>) {
        let mut objects = vec![0; self.names.len()];
        let mut last = None;
        for (place, migration) in release.migrations.iter().enumerate() {
            let Some(effects) = catalog::effects_of(&migration.sha256) else {
                return;
            };
            let chain = &release.migrations[..=place];
            for (index, effect) in effects.statements.iter().enumerate() {
                for (digest, object) in effect.set {
                    if let Some(number) = self.number(object) {
                        objects[number] = *digest;
                    }
                }
                for object in effect.drop {
                    if let Some(number) = self.number(object) {
                        objects[number] = 0;
                    }
                }
                // Before the first object, nothing is there.
                if objects.iter().all(|digest| *digest == 0) {
                    continue;
                }
                let position = Position {
                    migration,
                    statement: index + 1,
                    statements: effects.statements.len(),
                };
                let place = *known.entry(objects.clone()).or_insert(self.all.len());
                if place == self.all.len() {
                    self.all.push(State {
                        position,
                        chain,
                        others: Vec::new(),
                        releases: Vec::new(),
                        objects: objects.clone(),
                    });
                } else {
                    self.all[place].meet(Place { position, chain }, last == Some(place));
                }
                last = Some(place);
            }
        }
        if let Some(state) = last.and_then(|place| self.all.get_mut(place)) {
            state.releases.insert(0, release);
        }
    }
}
