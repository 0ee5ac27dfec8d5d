//! What happens to each file, and what stands in its way.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::chain::Place;
use super::linear::is_elsewhere_in_the_chain;
use super::local::State;
use super::{ChangeKind, Conflict, ConflictKind, FileChange, Input};
use crate::digest::Digest;
use crate::python_source::RevisionFile;
use crate::vendored::tree::{Entry, Tree};

pub(super) struct Files<'a> {
    tree: &'a Tree,
    force: bool,
    /// The files whose edits are accepted.
    accepted: &'a [&'a str],
    /// What is there, by its name in small letters; made when it is first needed.
    in_small_letters: OnceCell<Vec<(String, &'a String)>>,
    /// By path.
    pub(super) changes: BTreeMap<String, FileChange>,
    pub(super) conflicts: Vec<Conflict>,
    /// The accepted edits that stay.
    pub(super) left_alone: Vec<String>,
}

impl<'a> Files<'a> {
    pub(super) fn new(input: &Input<'a>) -> Self {
        Self {
            tree: input.tree,
            force: input.options.force,
            accepted: input.own.edited,
            in_small_letters: OnceCell::new(),
            changes: BTreeMap::new(),
            conflicts: Vec::new(),
            left_alone: Vec::new(),
        }
    }

    /// Whether a file that upstream left as it was keeps the user's edit.
    pub(super) fn leaves_alone(&mut self, path: &str) -> bool {
        let stays = !self.force && self.accepted.contains(&path);
        self.left_alone.extend(stays.then(|| path.to_owned()));
        stays
    }

    /// The file gets new contents. Returns their digest.
    pub(super) fn replace(
        &mut self,
        place: &Place,
        state: &State,
        bytes: &[u8],
    ) -> (Digest, Option<ChangeKind>) {
        let path = place.file.as_str();
        let digest = Digest::of(bytes);
        let there = self.tree.digest(path) == Some(digest);
        let kind = match state {
            State::Edited if !there => self.overwrite(path, ConflictKind::Edited),
            State::NotAFile => self.overwrite(path, ConflictKind::NotAFile),
            State::Edited | State::Same | State::LineEnds(_) | State::Missing => None,
        };
        self.write(path, bytes.to_vec());
        (digest, kind)
    }

    /// The file should be what the lock says; `fresh` is what to make of it if those bytes are gone.
    pub(super) fn repair(
        &mut self,
        place: &Place,
        locked: Digest,
        state: &State,
        fresh: Option<&Vec<u8>>,
    ) -> (Digest, Option<ChangeKind>) {
        let path = place.file.as_str();
        let kind = match state {
            State::Same => return (locked, None),
            State::LineEnds(bytes) => {
                self.write(path, bytes.clone());
                return (locked, Some(ChangeKind::LineEnds));
            }
            State::Missing => Some(ChangeKind::Restored),
            State::Edited if self.leaves_alone(path) => return (locked, None),
            State::Edited => self.overwrite(path, ConflictKind::Edited),
            State::NotAFile => self.overwrite(path, ConflictKind::NotAFile),
        };
        match fresh {
            Some(bytes) => {
                self.write(path, bytes.clone());
                (Digest::of(bytes), kind)
            }
            None => {
                self.conflict(path, ConflictKind::Lost);
                (locked, None)
            }
        }
    }

    /// A conflict, or with `--force` the change that goes through it.
    pub(super) fn overwrite(&mut self, path: &str, kind: ConflictKind) -> Option<ChangeKind> {
        if self.force && kind.yields_to_force() {
            return Some(ChangeKind::Overwritten);
        }
        self.conflict(path, kind);
        None
    }

    /// Writes a file that the lock does not know yet.
    pub(super) fn write_new(&mut self, path: &str, bytes: Vec<u8>) -> Option<ChangeKind> {
        let clash = self.in_other_case(path);
        let overwritten = match (clash, self.tree.entries.get(path)) {
            (Some(existing), _) => self.overwrite(path, ConflictKind::CaseClash { existing }),
            (None, None) => None,
            (None, Some(Entry::File(there))) if there.digest() == Digest::of(&bytes) => None,
            (None, Some(Entry::File(_))) if self.is_elsewhere(path, &bytes) => {
                let there = self.tree.file(path).unwrap_or_default();
                let file = RevisionFile::parse(&String::from_utf8_lossy(there));
                let from = file.ok().and_then(|file| file.down.into_iter().next());
                Some(ChangeKind::Rechained { from })
            }
            (None, Some(Entry::File(_))) => self.overwrite(path, ConflictKind::Foreign),
            (None, Some(Entry::Foreign(_) | Entry::Directory)) => {
                self.overwrite(path, ConflictKind::NotAFile)
            }
        };
        self.write(path, bytes);
        overwritten
    }

    fn is_elsewhere(&self, path: &str, fresh: &[u8]) -> bool {
        let there = self.tree.file(path);
        there.is_some_and(|there| is_elsewhere_in_the_chain(there, fresh))
    }

    /// What is there under a name that differs in case only.
    fn in_other_case(&self, path: &str) -> Option<String> {
        let names = self.in_small_letters.get_or_init(|| {
            let names = self.tree.entries.keys();
            let mut names: Vec<(String, &String)> = names
                .map(|name| (name.to_ascii_lowercase(), name))
                .collect();
            names.sort_unstable();
            names
        });
        let small = path.to_ascii_lowercase();
        let first = names.partition_point(|(name, _)| *name < small);
        let same = names[first..].iter().take_while(|(name, _)| *name == small);
        let mut others = same.filter(|(_, name)| *name != path);
        others.next().map(|(_, name)| (*name).clone())
    }

    pub(super) fn write(&mut self, path: &str, bytes: Vec<u8>) {
        if self.tree.digest(path) != Some(Digest::of(&bytes)) {
            self.change(path, Some(bytes));
        }
    }

    pub(super) fn delete(&mut self, path: &str) {
        self.change(path, None);
    }

    fn change(&mut self, path: &str, after: Option<Vec<u8>>) {
        let change = FileChange {
            path: path.to_owned(),
            before: self.tree.file(path).map(<[u8]>::to_vec),
            after,
        };
        self.changes.insert(change.path.clone(), change);
    }

    pub(super) fn conflict(&mut self, path: &str, kind: ConflictKind) {
        self.conflicts.push(Conflict {
            path: path.to_owned(),
            kind,
        });
    }
}
