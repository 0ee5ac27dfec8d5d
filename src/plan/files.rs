//! What happens to each file, and what stands in its way.

use super::build::Build;
use super::chain::Place;
use super::linear::is_elsewhere_in_the_chain;
use super::local::{State, foreign};
use super::{ChangeKind, Conflict, ConflictKind, FileChange};
use crate::digest::Digest;
use crate::python_source::RevisionFile;
use crate::vendored::tree::{ATTRIBUTES, ATTRIBUTES_NAME, Tree};

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
    pub(super) fn write_new(&mut self, path: &str, bytes: Vec<u8>) -> Option<ChangeKind> {
        let tree = self.input.tree;
        let mut overwritten = None;
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
        } else if let Some(there) = tree.file(path)
            && is_elsewhere_in_the_chain(there, &bytes)
            && there != bytes
        {
            let from = RevisionFile::parse(&String::from_utf8_lossy(there))
                .ok()
                .and_then(|file| file.down.into_iter().next());
            overwritten = Some(ChangeKind::Rechained { from });
        } else if tree.entries.contains_key(path) && tree.file(path) != Some(&bytes) {
            let kind = if tree.file(path).is_some() {
                ConflictKind::Foreign
            } else {
                ConflictKind::NotAFile
            };
            overwritten = self.overwrite(path, kind);
        }
        self.write(path, bytes);
        overwritten
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

    /// Without the lock nobody knows which revisions databases have applied, and in which order: a fresh start would give
    /// them other ids, or run them twice.
    pub(super) fn refuse_unlocked(&mut self) {
        let tree = self.input.tree;
        if self.input.lock.is_none()
            && foreign(tree, None).any(|path| revision_id(tree, path).is_some())
        {
            self.conflicts.clear();
            self.conflict("", ConflictKind::Unlocked);
        }
    }

    /// Alembic loads every Python file in the directory. Of two that have one id it runs only one, and says so in a
    /// warning at best.
    pub(super) fn look_at_foreign(&mut self) {
        let tree = self.input.tree;
        let written = |path: &str| self.revisions.iter().any(|r| r.file.as_str() == path);
        let paths: Vec<String> = foreign(tree, self.input.lock)
            .filter(|path| !written(path))
            .map(str::to_owned)
            .collect();
        for path in paths {
            let vendored = |id: &String| self.revisions.iter().any(|revision| revision.id == *id);
            match revision_id(tree, &path).filter(vendored) {
                Some(id) => self.conflict(&path, ConflictKind::SameId { id }),
                None => self.warnings.push(format!(
                    "`{path}` is not vendored, and Alembic loads it as a revision: move it to the directory of your own"
                )),
            }
        }
    }
}

/// The id of the revision in a file, if it is one and can be read.
fn revision_id(tree: &Tree, path: &str) -> Option<String> {
    let text = String::from_utf8_lossy(tree.file(path)?);
    Some(RevisionFile::parse(&text).ok()?.id)
}
