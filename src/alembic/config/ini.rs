//! Ini files as Python's `configparser.ConfigParser` reads them. Pure.

mod parse;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

pub(super) use parse::trim;

/// The section whose settings hold in every other.
pub const DEFAULT: &str = "DEFAULT";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ini {
    /// `DEFAULT`, then the others in the file's order.
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    name: String,
    /// The line of its header, counted from 1.
    line: usize,
    settings: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value without interpolation: its lines stripped, joined by line feeds, its trailing empty lines gone.
    pub raw: String,
    /// The line of the key, counted from 1.
    pub line: usize,
    /// From the key to the value's end, without the last line's end. Comments between two of its lines are inside.
    pub bytes: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the file begins with a byte order mark, which Python takes for text")]
    ByteOrderMark,
    #[error("`{0}` comes before the first `[section]`")]
    NoSection(String),
    #[error("the section `[{name}]` is there a second time (the first begins in line {first})")]
    SectionTwice {
        name: String,
        /// Counted from 1.
        first: usize,
    },
    #[error("`{key}` is set a second time (it is in line {first}, too)")]
    KeyTwice {
        /// In lower case.
        key: String,
        /// Counted from 1.
        first: usize,
    },
    #[error("`{0}` is neither a section nor a setting")]
    Neither(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniError {
    /// Counted from 1.
    pub line: usize,
    pub fault: Fault,
}

impl Ini {
    /// Reads `text`; the error is the one that Python would raise.
    pub fn parse(text: &str) -> Result<Self, IniError> {
        parse::read(text)
    }

    /// Whether there is such a section. `DEFAULT` is none.
    pub fn has_section(&self, name: &str) -> bool {
        self.sections().any(|section| section == name)
    }

    /// The names of the sections in which `key` is set, in the file's order.
    pub fn sections_with(&self, key: &str) -> Vec<&str> {
        let has = |section: &&str| self.entry(section, key).is_some();
        self.sections().filter(has).collect()
    }

    /// The names of all sections but `DEFAULT`.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        let sections = self.sections.iter().skip(1);
        sections.map(|section| section.name.as_str())
    }

    /// `has_option` and the raw `get`: the section's own setting, else the one of `[DEFAULT]`; the flag tells whether it
    /// is the latter. None if there is no such section.
    pub fn entry(&self, section: &str, key: &str) -> Option<(&Entry, bool)> {
        self.layers(section)
            .find_map(|found| Some((found.settings.get(key)?, found.name == DEFAULT)))
    }

    /// Every key that holds in `section`.
    pub fn keys(&self, section: &str) -> BTreeSet<&str> {
        let settings = self.layers(section).chain(self.sections.first());
        settings
            .flat_map(|section| section.settings.keys().map(String::as_str))
            .collect()
    }

    /// The section and `DEFAULT`; nothing if there is no such section.
    fn layers(&self, name: &str) -> impl Iterator<Item = &Section> {
        let own = self.sections.iter().find(|section| section.name == name);
        own.into_iter().chain(own.and(self.sections.first()))
    }
}
