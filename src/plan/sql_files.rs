//! The SQL of copied wrappers, kept beside the lock. A wrapper does not contain its SQL, so without the
//! old text a change could be reported but not shown.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Build;
use super::chain::Link;
use super::local::{State, state};
use super::report::change;
use super::{ChangeKind, ConflictKind};
use crate::digest::Digest;
use crate::lockfile::{Mode, SQL_DIRECTORY, sql_path};
use crate::vendored::tree::Entry;

/// Plans the files below `sql/`.
pub(super) fn keep_sql(build: &mut Build<'_>, links: &[Link<'_>]) {
    let before: BTreeMap<String, Digest> = build
        .input
        .lock
        .iter()
        .flat_map(|lock| lock.files())
        .filter(|file| file.path.contains('/'))
        .map(|file| (file.path, file.sha256))
        .collect();
    let mut wanted = BTreeSet::new();
    if build.plan.mode == Mode::Copy {
        if let Some(Entry::File(_) | Entry::Foreign(_)) =
            build.input.tree.entries.get(SQL_DIRECTORY)
        {
            let kind = ConflictKind::NotADirectory;
            build.files.conflict(SQL_DIRECTORY, kind);
        }
        for link in links {
            let Some(place) = link.places.first().filter(|_| link.sql_name().is_some()) else {
                continue;
            };
            let path = sql_path(&place.file);
            keep_one(build, link, &path, before.get(&path).copied());
            wanted.insert(path);
        }
    }
    for (path, digest) in before {
        if wanted.contains(&path) {
            continue;
        }
        match state(build.input.tree, &path, digest) {
            State::Same | State::LineEnds(_) => build.files.delete(&path),
            State::Missing => {}
            State::Edited => {
                if build.files.overwrite(&path, ConflictKind::Edited).is_some() {
                    build.files.delete(&path);
                }
            }
            // `--force` does not overrule it.
            State::NotAFile => build.files.conflict(&path, ConflictKind::NotAFile),
        }
    }
}

fn keep_one(build: &mut Build<'_>, link: &Link<'_>, path: &str, locked: Option<Digest>) {
    let text = link.sql().map(|sql| sql.text.as_bytes().to_vec());
    let Some(locked) = locked else {
        match text {
            Some(text) => {
                if let Some(overwritten) = build.files.write_new(path, text) {
                    change(build, overwritten, link);
                }
            }
            None => build.files.conflict(path, ConflictKind::Lost),
        }
        return;
    };
    let kind = match state(build.input.tree, path, locked) {
        State::Same => None,
        State::LineEnds(bytes) => {
            if text.is_none() {
                build.files.write(path, bytes);
            }
            Some(ChangeKind::LineEnds)
        }
        State::Missing => Some(ChangeKind::Restored),
        State::Edited if build.input.tree.file(path) == text.as_deref() => None,
        State::Edited if !link.sql_changed() && build.files.leaves_alone(path) => return,
        State::Edited => build.files.overwrite(path, ConflictKind::Edited),
        State::NotAFile => build.files.overwrite(path, ConflictKind::NotAFile),
    };
    match (text, &kind) {
        (Some(text), _) => build.files.write(path, text),
        (None, Some(ChangeKind::Restored | ChangeKind::Overwritten)) => {
            build.files.conflict(path, ConflictKind::Lost)
        }
        (None, _) => {}
    }
    if let Some(kind) = kind
        && !link.sql_changed()
    {
        change(build, kind, link);
    }
}
