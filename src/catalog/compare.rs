//! What changed from one set of migrations to another. Pure.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::digest::Digest;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct File<'a> {
    pub name: &'a str,
    pub sha256: Digest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    Added(File<'a>),
    /// The same name, other bytes.
    Changed {
        before: File<'a>,
        after: File<'a>,
    },
    /// The same bytes, another name.
    Renamed {
        before: File<'a>,
        after: File<'a>,
    },
    /// It runs at another place in the order.
    Moved {
        file: File<'a>,
        /// The file that it follows now; none if it is the first.
        behind: Option<&'a str>,
    },
    Removed(File<'a>),
}

impl Change<'_> {
    /// The name by which the later side knows the file; of a removed file, the one that it had.
    pub fn name(&self) -> &str {
        match self {
            Self::Added(file) | Self::Removed(file) | Self::Moved { file, .. } => file.name,
            Self::Changed { after, .. } | Self::Renamed { after, .. } => after.name,
        }
    }
}

/// What changed from `before` to `after`, both in the order in which they run. A renamed file that also moves gives
/// two changes. The result follows the order of `after`; removed files come last.
pub fn compare<'a>(before: &[File<'a>], after: &[File<'a>]) -> Vec<Change<'a>> {
    let mut matches = Matches::new(after.len(), before.len());
    matches.by(|new| Some(after[new]), |old| Some(before[old]));
    matches.by(
        |new| Some(after[new].sha256),
        |old| Some(before[old].sha256),
    );
    matches.by(|new| Some(after[new].name), |old| Some(before[old].name));
    let Matches { matched, free } = matches;
    let moved = moved(before, after, &matched);
    let mut changes = Vec::new();
    for (index, file) in after.iter().copied().enumerate() {
        let Some(before) = matched[index].map(|old| before[old]) else {
            changes.push(Change::Added(file));
            continue;
        };
        if before.name != file.name {
            changes.push(Change::Renamed {
                before,
                after: file,
            });
        } else if before.sha256 != file.sha256 {
            changes.push(Change::Changed {
                before,
                after: file,
            });
        }
        if moved[index] {
            let behind = index.checked_sub(1).map(|index| after[index].name);
            changes.push(Change::Moved { file, behind });
        }
    }
    let gone = before.iter().zip(free).filter(|(_, free)| *free);
    changes.extend(gone.map(|(file, _)| Change::Removed(*file)));
    changes
}

/// Which of one list is which of another, by signs that both may have: the surest first.
pub struct Matches {
    /// For each of these the index of its match among those. None is matched twice.
    pub matched: Vec<Option<usize>>,
    /// Whether one of those is no match of any.
    pub free: Vec<bool>,
}

impl Matches {
    pub fn new(these: usize, those: usize) -> Self {
        Self {
            matched: vec![None; these],
            free: vec![true; those],
        }
    }

    /// Matches what is not matched yet, and has the same sign: in the order of both lists. Each sign is looked at once.
    pub fn by<K: Eq + Hash>(
        &mut self,
        this: impl Fn(usize) -> Option<K>,
        that: impl Fn(usize) -> Option<K>,
    ) {
        let open = |index: &usize| self.matched[*index].is_none();
        let open: Vec<usize> = (0..self.matched.len()).filter(open).collect();
        if open.is_empty() {
            return;
        }
        let mut by_sign: HashMap<K, VecDeque<usize>> = HashMap::new();
        for index in (0..self.free.len()).filter(|index| self.free[*index]) {
            if let Some(sign) = that(index) {
                by_sign.entry(sign).or_default().push_back(index);
            }
        }
        for index in open {
            let twins = this(index).and_then(|sign| by_sign.get_mut(&sign));
            if let Some(found) = twins.and_then(VecDeque::pop_front) {
                self.matched[index] = Some(found);
                self.free[found] = false;
            }
        }
    }
}

/// Which files of `after` run at another place relative to the rest: those outside of the longest run of files that kept
/// their order. Among equally long runs the one with fewer renamed files is chosen, because a rename is what moves a file.
fn moved(before: &[File<'_>], after: &[File<'_>], matched: &[Option<usize>]) -> Vec<bool> {
    // For each file the weight of the best run that ends with it, and the file before it in that run.
    let mut best: Vec<(usize, Option<usize>)> = vec![(0, None); after.len()];
    let known = matched.iter().enumerate();
    let known: Vec<(usize, usize)> = known
        .filter_map(|(index, old)| Some((index, (*old)?)))
        .collect();
    for (place, &(index, old)) in known.iter().enumerate() {
        let renamed = usize::from(before[old].name != after[index].name);
        let kept_order = |(earlier, other): &(usize, usize)| (*other < old).then_some(*earlier);
        let earlier = known[..place].iter().filter_map(kept_order);
        let previous = earlier.max_by_key(|earlier| best[*earlier].0);
        let weight = previous.map_or(0, |previous| best[previous].0);
        best[index] = (weight + 2 * after.len() - renamed, previous);
    }
    let mut moved: Vec<bool> = matched.iter().map(Option::is_some).collect();
    let mut kept = (0..after.len()).max_by_key(|index| best[*index].0);
    while let Some(index) = kept {
        moved[index] = false;
        kept = best[index].1;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_is_looked_at_once() {
        let looked_at = |number: usize| {
            let looks = std::cell::Cell::new(0);
            let mut matches = Matches::new(number, number);
            // The one list is the other's reverse, and a half of it has no match.
            let sign = |index: usize| {
                looks.set(looks.get() + 1);
                Some(index)
            };
            matches.by(sign, |index| sign(number - index - 1 + number / 2));
            assert_eq!(
                matches.free.iter().filter(|free| **free).count(),
                number / 2
            );
            looks.get()
        };
        assert_eq!(looked_at(4_000), 8_000);
        assert_eq!(looked_at(16_000), 32_000);
    }

    /// `name=bytes name=bytes`, in order.
    fn files(text: &str) -> Vec<File<'_>> {
        let parts = text.split(' ').filter_map(|part| part.split_once('='));
        parts
            .map(|(name, bytes)| File {
                name,
                sha256: Digest::of(bytes),
            })
            .collect()
    }

    fn words(before: &str, after: &str) -> String {
        let (before, after) = (files(before), files(after));
        let word = |change: &Change<'_>| match change {
            Change::Added(file) => format!("+{}", file.name),
            Change::Removed(file) => format!("-{}", file.name),
            Change::Changed { after, .. } => format!("~{}", after.name),
            Change::Renamed { before, after } => format!("{}>{}", before.name, after.name),
            Change::Moved { file, behind } => format!("{}@{}", file.name, behind.unwrap_or("")),
        };
        compare(&before, &after)
            .iter()
            .map(word)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn every_kind_of_change_is_told_apart() {
        for (before, after, expected) in [
            ("", "", ""),
            ("a=1", "a=1", ""),
            ("", "a=1 b=2", "+a +b"),
            ("a=1 b=2", "b=2", "-a"),
            ("a=1 b=2", "a=1 b=3", "~b"),
            ("a=1 b=2", "a=1 c=2", "b>c"),
            ("a=1 b=2 c=3", "a=1 c=3 d=2", "b>d d@c"),
            ("a=1 b=2 c=3", "b=2 c=3 a=1", "a@c"),
            ("a=1 b=2", "b=2 a=1", "b@"),
            // A rename and an edit at once are two files.
            ("a=1", "b=2", "+b -a"),
            // The old name is reused for something new.
            ("a=1", "a=2 b=1", "+a a>b"),
            // Two files with the same bytes.
            ("a=1 b=1", "a=1 c=1", "b>c"),
            ("a=1", "a=1 b=1", "+b"),
            // Contents that change places.
            ("a=1 b=2", "a=2 b=1", "b>a a@ a>b"),
        ] {
            assert_eq!(words(before, after), expected, "{before} to {after}");
        }
    }
}
