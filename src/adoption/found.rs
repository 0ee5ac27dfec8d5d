//! What was found in a part of the code, and in what it uses.

use super::{Sign, Unclear};

#[derive(Default)]
pub(super) struct Found {
    pub(super) signs: Vec<Sign>,
    pub(super) unclear: Vec<Unclear>,
    /// Whether it does something else to the database, too, or may: a call that is not known counts.
    pub(super) others: bool,
    /// Whether a text is changed before it runs: a part of it is taken, or words are replaced.
    pub(super) changed: bool,
    /// The strings that are a name of Procrastinate's and nothing else, with their lines.
    pub(super) names: Vec<(usize, String)>,
    /// Whether it makes, changes or drops an object whose name is known only when it runs.
    pub(super) dynamic: bool,
    /// Whether it creates or drops what Python calls so: `sa.Enum(name="…").drop(bind)`.
    pub(super) of_object: bool,
    /// Whether it has to do with what is not in this file: a value, a function, a file that cannot be read.
    pub(super) unknown: bool,
    /// Whether a function that it calls decides what runs.
    pub(super) conditional: bool,
    /// The texts that it has to do with, in upper case.
    pub(super) texts: Vec<String>,
}

impl Found {
    pub(super) fn merge(&mut self, other: Self) {
        let Self {
            signs,
            unclear,
            others,
            changed,
            names,
            dynamic,
            of_object,
            unknown,
            conditional,
            texts,
        } = other;
        signs.into_iter().for_each(|sign| self.sign(sign));
        self.unclear.extend(unclear);
        self.others |= others;
        self.changed |= changed;
        self.names.extend(names);
        self.dynamic |= dynamic;
        self.of_object |= of_object;
        self.unknown |= unknown;
        self.conditional |= conditional;
        self.texts.extend(texts);
    }

    /// Adds a sign that is not there yet.
    pub(super) fn sign(&mut self, sign: Sign) {
        if !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }

    /// Takes in what may do anything: it is not in this file.
    pub(super) fn unknown(&mut self) {
        self.unknown = true;
        self.others = true;
    }
}
