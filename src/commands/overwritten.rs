//! What `--force` overwrites although it was somebody's is kept first.

use camino::{Utf8Path, Utf8PathBuf};

use crate::backup;
use crate::failure::Failure;
use crate::lockfile::{LOCK_NAME, Lock};
use crate::patch::FileChange;
use crate::place::joined;
use crate::plan::local::{State, states};
use crate::session::{Session, state_directory};
use crate::vendored::tree::Tree;

/// The vendored files, with the project's directory before their names, whose bytes are not what the lock says. The lock itself is none of them:
/// what overwrites it is made of it.
pub(super) fn somebodys<'a>(
    directory: &Utf8Path,
    tree: &Tree,
    lock: Option<&Lock>,
    files: &'a [FileChange],
) -> Vec<(Utf8PathBuf, &'a [u8])> {
    let states = lock.map_or(Vec::new(), |lock| states(tree, lock));
    let is_known = |path: &str| {
        path == LOCK_NAME
            || states.iter().any(|(file, state)| {
                file.path == path && matches!(state, State::Same | State::LineEnds(_))
            })
    };
    let files = files.iter().filter(|file| !is_known(&file.path));
    before(directory, files)
}

/// The files that are there, with their bytes.
pub(super) fn before<'a>(
    directory: &Utf8Path,
    files: impl IntoIterator<Item = &'a FileChange>,
) -> Vec<(Utf8PathBuf, &'a [u8])> {
    let files = files.into_iter();
    let files =
        files.filter_map(|file| Some((joined(directory, &file.path), file.before.as_deref()?)));
    files.collect()
}

/// Copies the files out of the project, and says where they are.
pub(super) fn keep(
    session: &mut Session<'_>,
    files: &[(Utf8PathBuf, &[u8])],
) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let state = state_directory();
    let kept = backup::keep(state.as_deref(), &session.project.root, files)?;
    Ok(session
        .output
        .note(&format!("copies of the overwritten files are in `{kept}`"))?)
}
