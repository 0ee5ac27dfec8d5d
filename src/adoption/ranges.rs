//! Ranges of a file's syntax.

use std::collections::BTreeMap;

use crate::effort;
use crate::python_source::{TextRange, TextSize};

/// Ranges of a file, of which none reaches over the end of another: those that lie in no other.
#[derive(Default)]
pub(super) struct Ranges(BTreeMap<TextSize, TextRange>);

impl Ranges {
    pub(super) fn of(all: impl Iterator<Item = TextRange>) -> Self {
        let mut ranges = Self::default();
        all.for_each(|range| ranges.insert(range));
        ranges
    }

    /// Whether one of them has all of a range.
    pub(super) fn contains(&self, range: TextRange) -> bool {
        effort::count(1);
        let mut before = self.0.range(..=range.start());
        let last = before.next_back();
        last.is_some_and(|(_, known)| known.contains_range(range))
    }

    pub(super) fn insert(&mut self, range: TextRange) {
        if self.contains(range) {
            return;
        }
        let inside = self.0.range(range.start()..range.end());
        let inside: Vec<TextSize> = inside.map(|(start, _)| *start).collect();
        for start in inside {
            self.0.remove(&start);
        }
        self.0.insert(range.start(), range);
    }
}
