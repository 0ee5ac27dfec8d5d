//! Ini files as Python's `configparser.ConfigParser` reads them. Pure.

mod parse;

use std::collections::BTreeMap;
use std::ops::Range;

pub(super) use parse::trim;

/// The section whose settings hold in every other.
pub const DEFAULT: &str = "DEFAULT";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ini {
    defaults: Settings,
    /// In the file's order.
    sections: Vec<(String, Settings)>,
}

type Settings = BTreeMap<String, Entry>;

/// One setting as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value without interpolation: its lines stripped, joined by line feeds, its trailing empty lines gone.
    pub raw: String,
    /// The lines from the key to the value's last, counted from 1. Comments between two of its lines are inside.
    pub lines: Range<usize>,
    /// The same as bytes of the text, without the last line's end.
    pub bytes: Range<usize>,
}

/// Why Python refuses the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A byte order mark is text to `configparser`.
    #[error("the file begins with a byte order mark, which Python takes for text")]
    ByteOrderMark,
    /// A setting before the first section.
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
        /// The key, in lower case.
        key: String,
        /// Counted from 1.
        first: usize,
    },
    #[error("`{0}` is neither a section nor a setting")]
    Neither(String),
}

/// A fault and its line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniError {
    /// Counted from 1.
    pub line: usize,
    pub fault: Fault,
}

impl Ini {
    /// Reads `text`; the error is the one that Python would raise.
    pub fn parse(text: &str) -> Result<Self, IniError> {
        parse::Parser::default().read(text)
    }

    /// Whether there is such a section. `DEFAULT` is none.
    pub fn has_section(&self, name: &str) -> bool {
        self.section(name).is_some()
    }

    /// The names of the sections in which `key` is set, in the file's order.
    pub fn sections_with(&self, key: &str) -> Vec<&str> {
        let has = |settings: &Settings| settings.contains_key(key);
        let sections = self.sections.iter();
        sections
            .filter(|(_, settings)| has(settings) || has(&self.defaults))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The names of all sections.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|(name, _)| name.as_str())
    }

    /// `has_option` and the raw `get`: the section's own setting, else the one of `[DEFAULT]`, which the flag tells.
    /// None if there is no such section.
    pub fn entry(&self, section: &str, key: &str) -> Option<(&Entry, bool)> {
        let own = match self.section(section) {
            Some(settings) => settings.get(key),
            None if section == DEFAULT => None,
            None => return None,
        };
        let default = || self.defaults.get(key).map(|entry| (entry, true));
        own.map(|entry| (entry, false)).or_else(default)
    }

    /// Every key that holds in `section`.
    pub fn keys(&self, section: &str) -> Vec<&str> {
        let own = self.section(section).into_iter().flat_map(BTreeMap::keys);
        let mut keys: Vec<&str> = own
            .chain(self.defaults.keys())
            .map(String::as_str)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn section(&self, name: &str) -> Option<&Settings> {
        let mut sections = self.sections.iter();
        sections
            .find(|(section, _)| section == name)
            .map(|(_, settings)| settings)
    }
}
