//! What happens to each file, and what stands in its way.

use super::build::Build;
use super::chain::Place;
use super::local::{State, foreign};
use super::{ChangeKind, Conflict, ConflictKind, FileChange};
use crate::digest::Digest;
use crate::lockfile::LockedRevision;
use crate::vendored::tree::{ATTRIBUTES, ATTRIBUTES_NAME};

/// A line of every rendered file, by which it is known without its lock.
const RENDERED: &str = "\nRendered by vendor-migrations. ";

impl Build<'_> {
    /// The file gets new contents. Returns their digest.
    pub(super) fn replace(
        &mut self,
        place: &Place,
        state: &State,
        bytes: &[u8],
    ) -> (Digest, Option<ChangeKind>) {
        let path = place.file.as_str();
        let there = self.input.tree.file(path) == Some(bytes);
        let kind = match state {
            State::Edited if !there => self.overwrite(path, ConflictKind::Edited),
            State::NotAFile => self.overwrite(path, ConflictKind::NotAFile),
            State::Edited | State::Same | State::LineEnds(_) | State::Missing => None,
        };
        self.write(path, bytes.to_vec());
        (Digest::of(bytes), kind)
    }

    /// The file should be what the lock says; `fresh` is what to make of it if those bytes are gone.
    pub(super) fn repair(
        &mut self,
        place: &Place,
        (locked, state): (Digest, &State),
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
        if self.input.options.force && kind.yields_to_force() {
            return Some(ChangeKind::Overwritten);
        }
        self.conflict(path, kind);
        None
    }

    /// Writes a file that the lock does not know yet.
    pub(super) fn write_new(&mut self, path: &str, bytes: Vec<u8>) {
        let tree = self.input.tree;
        let clash = tree
            .entries
            .keys()
            .find(|name| *name != path && name.eq_ignore_ascii_case(path));
        if let Some(existing) = clash {
            self.conflict(
                path,
                ConflictKind::CaseClash {
                    existing: existing.clone(),
                },
            );
        } else if tree.entries.contains_key(path) && tree.file(path) != Some(&bytes) {
            let kind = if tree.file(path).is_some() {
                ConflictKind::Foreign
            } else {
                ConflictKind::NotAFile
            };
            self.overwrite(path, kind);
        }
        self.write(path, bytes);
    }

    pub(super) fn write(&mut self, path: &str, bytes: Vec<u8>) {
        let before = self.input.tree.file(path).map(<[u8]>::to_vec);
        if before.as_ref() != Some(&bytes) {
            self.files.insert(
                path.to_owned(),
                FileChange {
                    path: path.to_owned(),
                    before,
                    after: Some(bytes),
                },
            );
        }
    }

    pub(super) fn delete(&mut self, path: &str) {
        let before = self.input.tree.file(path).map(<[u8]>::to_vec);
        self.files.insert(
            path.to_owned(),
            FileChange {
                path: path.to_owned(),
                before,
                after: None,
            },
        );
    }

    pub(super) fn conflict(&mut self, path: &str, kind: ConflictKind) {
        self.conflicts.push(Conflict {
            path: path.to_owned(),
            kind,
        });
    }

    /// The file that keeps every checkout from changing line ends.
    pub(super) fn attributes(&mut self) {
        if !self.input.tree.entries.contains_key(ATTRIBUTES_NAME) {
            self.write(ATTRIBUTES_NAME, ATTRIBUTES.as_bytes().to_vec());
        } else if !self.input.tree.keeps_line_ends() {
            self.warnings.push(format!(
                "`{ATTRIBUTES_NAME}` lacks the line `* -text`: a checkout may change line ends"
            ));
        }
    }

    /// Without its lock, nobody knows what a vendored revision was before: a fresh start could give it a second id.
    pub(super) fn refuse_unlocked(&mut self) {
        if self.input.lock.is_some() || self.input.options.force {
            return;
        }
        let tree = self.input.tree;
        let as_planned = |path: &str| {
            let own = |revision: &LockedRevision| revision.file.as_str() == path;
            self.revisions.iter().any(own) && !self.files.contains_key(path)
        };
        let rendered = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(RENDERED);
        let orphans: Vec<String> = foreign(tree, None)
            .filter(|path| as_planned(path) || tree.file(path).is_some_and(rendered))
            .map(str::to_owned)
            .collect();
        for path in orphans {
            self.conflicts.retain(|conflict| conflict.path != path);
            self.conflict(&path, ConflictKind::Unlocked);
        }
    }
}
