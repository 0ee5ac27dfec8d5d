//! The directory in which a command runs, as far as its file says.

use std::sync::Arc;

use camino::Utf8Path;

use super::commands::{bare, prints};
use super::words::Word;
use crate::place::slashed;

/// A directory that many commands run in; none if it is not known.
pub(super) type Directory = Option<Arc<str>>;

/// What the command makes the working directory: none if it changes none, `Some(None)` if it is not plain which one.
pub(super) fn entered(command: &[Word<'_>]) -> Option<Directory> {
    let is_cd = |word: &Word<'_>| matches!(bare(&word.text), "cd" | "pushd" | "popd");
    // A label, a key or a shell's keyword may stand before it.
    let at = command.iter().take(3).position(is_cd)?;
    let mut before = command[..at].iter().enumerate();
    if before.any(|(at, word)| prints(word, at)) {
        return None;
    }
    let mut arguments = command[at + 1..].iter().map(|word| &*word.text);
    let directory = arguments.find(|word| !matches!(*word, "-P" | "-L" | "--"));
    Some(directory.and_then(plain))
}

/// The directory that the wrapper around a program is told: `uv --directory app run …`, `poetry -C app run …`, `env --chdir=app …`.
pub(super) fn option(before: &[Word<'_>]) -> Directory {
    let mut words = before.iter().map(|word| &*word.text);
    while let Some(word) = words.next() {
        let glued = ["--directory=", "--chdir="];
        let value = match word {
            "-C" | "--directory" | "--chdir" => words.next(),
            _ => glued.iter().find_map(|option| word.strip_prefix(option)),
        };
        if let Some(value) = value {
            return plain(value);
        }
    }
    None
}

/// As long as a path may be on Linux, in bytes.
const LONGEST: usize = 4_096;

/// `inner` as it is seen from where `outer` is.
pub(super) fn joined(outer: Directory, inner: Directory) -> Directory {
    match (outer, inner) {
        (Some(outer), Some(inner)) => {
            let joined = slashed(Utf8Path::new(&*outer).join(&*inner));
            Some(joined)
                .filter(|path| path.len() <= LONGEST)
                .map(Into::into)
        }
        (outer, inner) => inner.or(outer),
    }
}

/// A path without what is only known when the command runs. A variable in front is taken for the root of the checkout:
/// `$ROOT/app`, `${{ github.workspace }}/app`.
pub(super) fn plain(path: &str) -> Directory {
    let behind = match path.rsplit_once("}}/") {
        Some((_, behind)) => behind,
        None if path.starts_with('$') => path.split_once('/')?.1,
        None => path,
    };
    let is_open = behind.contains(['$', '`', '{', '*', '?', '(', ')', '~']) || behind == "-";
    (!is_open).then(|| behind.into())
}
