//! The revisions of a lock in chain order, found by their id and by their file without a search through all.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize, Serializer};

use super::LockedRevision;
use crate::effort;

/// The vendored revisions in chain order, the base first.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Vec<LockedRevision>")]
pub struct LockedChain {
    revisions: Vec<LockedRevision>,
    /// Made when it is first needed, and dropped by every change.
    places: OnceLock<Places>,
}

/// Places in the chain.
#[derive(Debug, Clone)]
struct Places {
    by_id: Vec<u32>,
    by_file: Vec<u32>,
}

impl LockedChain {
    /// Where a revision is; where several have the id, the first.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.find(id, |places| &places.by_id, id_of)
    }

    pub fn with_id(&self, id: &str) -> Option<&LockedRevision> {
        self.revisions.get(self.position(id)?)
    }

    /// The revision whose file has this name.
    pub fn with_file(&self, name: &str) -> Option<&LockedRevision> {
        let found = self.find(name, |places| &places.by_file, file_of)?;
        self.revisions.get(found)
    }

    fn find(
        &self,
        wanted: &str,
        sorted: impl Fn(&Places) -> &Vec<u32>,
        key: fn(&LockedRevision) -> &str,
    ) -> Option<usize> {
        let places = self.places.get_or_init(|| self.sorted());
        let key = |place: &u32| key(&self.revisions[*place as usize]);
        let sorted = sorted(places);
        let first = sorted.partition_point(|place| key(place) < wanted);
        let place = sorted.get(first).filter(|place| key(place) == wanted)?;
        Some(*place as usize)
    }

    fn sorted(&self) -> Places {
        let by = |key: fn(&LockedRevision) -> &str| {
            // A lock has some 40,000 revisions at most.
            let mut places: Vec<u32> = (0..).take(self.revisions.len()).collect();
            places.sort_by_key(|place| key(&self.revisions[*place as usize]));
            places
        };
        Places {
            by_id: by(id_of),
            by_file: by(file_of),
        }
    }
}

fn id_of(revision: &LockedRevision) -> &str {
    effort::count(1);
    &revision.id
}

fn file_of(revision: &LockedRevision) -> &str {
    effort::count(1);
    revision.file.as_str()
}

impl Deref for LockedChain {
    type Target = Vec<LockedRevision>;

    fn deref(&self) -> &Self::Target {
        &self.revisions
    }
}

impl DerefMut for LockedChain {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.places = OnceLock::new();
        &mut self.revisions
    }
}

impl PartialEq for LockedChain {
    fn eq(&self, other: &Self) -> bool {
        self.revisions == other.revisions
    }
}

impl Eq for LockedChain {}

impl From<Vec<LockedRevision>> for LockedChain {
    fn from(revisions: Vec<LockedRevision>) -> Self {
        Self {
            revisions,
            places: OnceLock::new(),
        }
    }
}

impl Serialize for LockedChain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.revisions.serialize(serializer)
    }
}

impl FromIterator<LockedRevision> for LockedChain {
    fn from_iter<I: IntoIterator<Item = LockedRevision>>(revisions: I) -> Self {
        Vec::from_iter(revisions).into()
    }
}

impl<'a> IntoIterator for &'a LockedChain {
    type Item = &'a LockedRevision;
    type IntoIter = std::slice::Iter<'a, LockedRevision>;

    fn into_iter(self) -> Self::IntoIter {
        self.revisions.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Lock;
    use super::super::tests_support::lock;
    use crate::effort;
    use crate::file_name::FileName;

    /// Four times as many are looked at less than five times as often: each is found in a sorted list.
    #[test]
    fn no_revision_is_looked_for_among_all() {
        let reads = |number: usize| {
            let mut long = lock();
            let first = long.revisions[0].clone();
            long.revisions = (0..number)
                .map(|at| {
                    let mut revision = first.clone();
                    revision.id = format!("r{at}");
                    revision.down = at.checked_sub(1).map(|before| format!("r{before}"));
                    revision.file = FileName::new(format!("r{at}.py")).unwrap();
                    revision
                })
                .collect();
            let text = long.to_text().unwrap();
            let read = Lock::parse(text.as_bytes()).unwrap();
            for revision in &long.revisions {
                assert_eq!(read.revision(&revision.id), Some(revision));
                assert!(read.has_file(revision.file.as_str()));
            }
        };
        assert_eq!(effort::linear(reads, 500), Ok(()));
    }

    #[test]
    fn what_is_found_follows_every_change() {
        let mut chain = lock().revisions;
        assert_eq!(chain.position("procrastinate_2"), Some(1));
        assert_eq!(chain.with_id("procrastinate_3"), None);
        let mut third = chain[0].clone();
        third.id = "procrastinate_3".to_owned();
        chain.push(third);
        assert_eq!(chain.position("procrastinate_3"), Some(2));
        // Two have that file, as no valid lock has: the first counts.
        let file = chain[0].file.to_string();
        assert_eq!(chain.with_file(&file), Some(&chain[0]));
        chain.swap(0, 2);
        assert_eq!(chain.with_file(&file).unwrap().id, "procrastinate_3");
    }
}
