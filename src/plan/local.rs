//! The vendored directory against its lock.

use crate::digest::Digest;
use crate::lockfile::{Lock, LockedFile};
use crate::vendored::tree::{Entry, Tree, with_line_ends};

/// How a file compares with what the lock says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Same,
    /// Only the line ends differ; these are the locked bytes.
    LineEnds(Vec<u8>),
    /// The user changed it.
    Edited,
    Missing,
    /// A directory, a link or something else has its name.
    NotAFile,
}

/// The state of `path`, whose bytes should have the digest `sha256`.
pub fn state(tree: &Tree, path: &str, sha256: Digest) -> State {
    match tree.entries.get(path) {
        None => State::Missing,
        Some(Entry::File(file)) if file.digest() == sha256 => State::Same,
        Some(Entry::File(_)) => [b"\n".as_slice(), b"\r\n"]
            .into_iter()
            .map(|end| with_line_ends(tree.file(path).unwrap_or_default(), end))
            .find(|other| Digest::of(other) == sha256)
            .map_or(State::Edited, State::LineEnds),
        Some(Entry::Foreign(_) | Entry::Directory) => State::NotAFile,
    }
}

/// The state of every file that the lock answers for, in the lock's order.
pub fn states(tree: &Tree, lock: &Lock) -> Vec<(LockedFile, State)> {
    lock.files()
        .into_iter()
        .map(|file| {
            let state = state(tree, &file.path, file.sha256);
            (file, state)
        })
        .collect()
}

/// The Python files in the vendored directory that the lock does not know; Alembic loads them all the same.
pub fn foreign<'a>(tree: &'a Tree, lock: Option<&'a Lock>) -> impl Iterator<Item = &'a str> {
    let known = move |path: &str| lock.is_some_and(|lock| lock.revisions.with_file(path).is_some());
    tree.python_files().filter(move |path| !known(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendored::tree::Identity;

    fn state_of(locked: &str, entry: Option<Entry>) -> State {
        let entries = entry
            .map(|entry| ("a.py".to_owned(), entry))
            .into_iter()
            .collect();
        state(
            &Tree {
                exists: true,
                entries,
                ..Tree::default()
            },
            "a.py",
            Digest::of(locked),
        )
    }

    #[test]
    fn line_ends_are_told_from_edits() {
        let file = |text: &str| Some(Entry::File(text.as_bytes().to_vec().into()));
        assert_eq!(state_of("a\nb\n", file("a\nb\n")), State::Same);
        assert_eq!(
            state_of("a\nb\n", file("a\r\nb\r\n")),
            State::LineEnds(b"a\nb\n".to_vec())
        );
        assert_eq!(
            state_of("a\r\nb\r\n", file("a\nb\n")),
            State::LineEnds(b"a\r\nb\r\n".to_vec())
        );
        assert_eq!(state_of("a\nb\n", file("a\r\nc\r\n")), State::Edited);
        assert_eq!(state_of("a\nb\n", file("a\nb")), State::Edited);
        assert_eq!(state_of("a", None), State::Missing);
        assert_eq!(
            state_of("a", Some(Entry::Foreign(Identity::default()))),
            State::NotAFile
        );
    }
}
