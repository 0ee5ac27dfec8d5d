//! The vendored directory against its lock.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::{Code, Finding, Remedy};
use crate::alembic::graph::Node;
use crate::lockfile::{LOCK_NAME, Lock, LockedFile, is_as_written};
use crate::patch::Patch;
use crate::place::Place;
use crate::plan::Plan;
use crate::plan::local::{State, foreign, states};
use crate::python_source::RevisionFileError;
use crate::render::revision::is_rendered;
use crate::vendored::Leftover;
use crate::vendored::tree::{ATTRIBUTES_NAME, Tree, to_lf};

const LINE_ENDS: Remedy = Remedy::sync(", and keep `.gitattributes` in the vendored directory");
const FORMATTED: &str =
    "its content is the same, but its bytes differ (did a formatter change it?)";

/// All that is wrong in the directory itself. `plan` gives the bytes that should be there, where upstream was found;
/// `directory` is relative to the project. `runs_upstreams` says that Alembic looks into the installed package.
pub fn local(
    tree: &Tree,
    lock: Option<&Lock>,
    plan: Option<&Plan>,
    directory: &Utf8Path,
    runs_upstreams: bool,
) -> Vec<Finding> {
    let Some(lock) = lock else {
        return vec![unlocked(tree, directory, runs_upstreams)];
    };
    let mut findings = Vec::new();
    for (file, state) in states(tree, lock) {
        let plan = plan.filter(|_| state == State::Edited);
        let change = plan.and_then(|plan| plan.file(&file.path)).into_iter();
        let patches = change.map(|change| Patch::of(change, directory)).collect();
        let finding = locked_file(lock, &file, &state, directory);
        findings.extend(finding.map(|finding| Finding { patches, ..finding }));
    }
    findings.extend(rewritten_lock(tree, lock, directory));
    findings
        .extend(foreign(tree, Some(lock)).map(|path| foreign_file(tree, plan, directory, path)));
    findings.extend(attributes(tree, directory));
    findings
}

fn unlocked(tree: &Tree, directory: &Utf8Path, runs_upstreams: bool) -> Finding {
    if foreign(tree, None).next().is_some() {
        let message = "the directory holds revisions, but its lock is gone";
        let remedy = Remedy::Restore("restore it from version control");
        let place = Place::below(directory, LOCK_NAME);
        return Finding::error(Code::LockMissing, place, message, remedy);
    }
    let (message, remedy) = match runs_upstreams {
        false => (
            "Procrastinate's migrations are not vendored yet",
            Remedy::SYNC,
        ),
        // What is missing is the lock of an `init --in-place`.
        true => (
            "Alembic looks into Procrastinate's own revisions, and no lock says what they were",
            Remedy::Restore(
                "restore the lock in the project's root from version control; if there never was one, run \
                 `vendor-migrations init --in-place`",
            ),
        ),
    };
    let place = Place::below(directory, "");
    Finding::error(Code::NotVendored, place, message, remedy)
}

fn locked_file(
    lock: &Lock,
    file: &LockedFile,
    state: &State,
    directory: &Utf8Path,
) -> Option<Finding> {
    if *state == State::Same {
        return None;
    }
    let what = match lock.revisions.with_file(&file.path) {
        Some(revision) => format!("revision `{}`", revision.id),
        None => "the SQL of a copied revision".to_owned(),
    };
    let place = Place::below(directory, &file.path);
    Some(match state {
        State::Same => return None,
        State::LineEnds(_) => Finding::warning(
            Code::LineEndings,
            place,
            format!("only the line ends of {what} differ from the lock"),
            LINE_ENDS,
        ),
        State::Edited => Finding::error(
            Code::Edited,
            place,
            format!("{what} differs from the lock (`git diff` shows your changes)"),
            "undo the changes (`git checkout`), or overwrite them with `vendor-migrations sync --force`",
        ),
        State::Missing => Finding::error(
            Code::Missing,
            place,
            format!("{what} is in the lock, but the file is gone"),
            Remedy::or_sync("restore it from version control, or run "),
        ),
        State::NotAFile => Finding::error(
            Code::NotAFile,
            place,
            format!(
                "{what} is in the lock, but its name belongs to something that is not a regular file"
            ),
            "move that away, then run `vendor-migrations sync`",
        ),
    })
}

/// A lock that says what it said, in other bytes: `sync` would write it anew.
fn rewritten_lock(tree: &Tree, lock: &Lock, directory: &Utf8Path) -> Option<Finding> {
    let there = tree.file(LOCK_NAME)?;
    if is_as_written(there) {
        return None;
    }
    let text = lock.to_text().ok()?;
    let place = Place::below(directory, LOCK_NAME);
    if there == text.as_bytes() {
        None
    } else if to_lf(there) == text.as_bytes() {
        let (code, message) = (Code::LineEndings, "its line ends were changed");
        Some(Finding::warning(code, place, message, LINE_ENDS))
    } else {
        let remedy = Remedy::sync(", and keep formatters away from the directory");
        Some(Finding::warning(Code::LockFormat, place, FORMATTED, remedy))
    }
}

/// The lock in the project's root, in place; `bytes` are those of its file.
pub fn root_lock(lock: &Lock, bytes: &[u8]) -> Option<Finding> {
    if is_as_written(bytes) {
        return None;
    }
    let text = lock.to_text().ok()?;
    let remedy = Remedy::sync(", and keep formatters away from it");
    let place = Place::new(LOCK_NAME);
    (to_lf(bytes) != text.as_bytes())
        .then(|| Finding::warning(Code::LockFormat, place, FORMATTED, remedy))
}

/// The files that are only in what an earlier run left beside the vendored `directory`.
pub fn stranded(leftover: &Leftover, directory: &Utf8Path) -> Vec<Finding> {
    let path = leftover.path.file_name().unwrap_or_default();
    let path = directory.with_file_name(path);
    let stray = |file: &String| {
        Finding::error(
            Code::StrandedFile,
            Place::below(&path, file),
            "somebody wrote it during a `sync` that was interrupted, and it exists only here",
            Remedy::sync(", which puts it into the vendored directory"),
        )
    };
    let fault = |why: &String| {
        Finding::error(
            Code::StrandedFile,
            Place::new(path.as_str()),
            format!("an interrupted `sync` left it behind, and it could not be read: {why}"),
            Remedy::ByHand(format!("copy what you need from it, and delete `{path}`")),
        )
    };
    let strays = leftover.strays.iter().map(stray);
    strays.chain(leftover.fault.iter().map(fault)).collect()
}

/// A Python file in the directory that the lock does not know.
fn foreign_file(tree: &Tree, plan: Option<&Plan>, directory: &Utf8Path, path: &str) -> Finding {
    let place = Place::below(directory, path);
    let bytes = tree.file(path);
    if let Some(message) = bytes.and_then(|bytes| no_revision(path, bytes)) {
        let remedy = "move it out of the vendored directory, or delete it";
        return Finding::error(Code::NotARevision, place, message, remedy);
    }
    let adopted = plan.is_some_and(|plan| plan.lock.revisions.with_file(path).is_some());
    let remedy = match bytes.is_some_and(is_rendered) {
        true if adopted => Remedy::or_sync(
            "a `sync` on another branch wrote it, but the merge kept a lock without it: run ",
        ),
        true => "it was rendered by vendor-migrations, for another release (a merge?): delete it, then run \
             `vendor-migrations sync`".into(),
        false => "move it to the directory of your own revisions (`alembic revision --version-path` makes new ones there), \
                  or delete it; unless the history is linear, its `down_revision` has to be one of yours".into(),
    };
    let message = "the lock does not know this file, and Alembic loads it as a revision";
    Finding::error(Code::ForeignFile, place, message, remedy)
}

/// Whether Alembic would stop at the file.
fn no_revision(path: &str, bytes: &[u8]) -> Option<String> {
    let error = Node::read(path.into(), bytes).err()?;
    let stops = match error {
        RevisionFileError::Syntax(_)
        | RevisionFileError::NoRevision
        | RevisionFileError::Stops { .. } => true,
        RevisionFileError::Undecidable { .. } => false,
    };
    stops.then(|| {
        format!("{error}, but Alembic loads every Python file here: all commands of Alembic fail")
    })
}

fn attributes(tree: &Tree, directory: &Utf8Path) -> Option<Finding> {
    let message = if tree.entries.contains_key(ATTRIBUTES_NAME) {
        "the line `* -text` is missing: a checkout may change the line ends of vendored files"
    } else {
        "the file is gone: a checkout may change the line ends of vendored files"
    };
    let remedy =
        "add the line `* -text`; `vendor-migrations sync` writes the file if there is none";
    let place = Place::below(directory, ATTRIBUTES_NAME);
    (!tree.keeps_line_ends()).then(|| Finding::warning(Code::Gitattributes, place, message, remedy))
}

/// Files that git does not take into the repository. `place` is the pattern's, and each of `lines` takes back what it ignores.
pub fn git_ignored(
    place: Place,
    files: &[String],
    pattern: &str,
    lines: &BTreeSet<String>,
) -> Finding {
    let others = match files.len() {
        0 | 1 => String::new(),
        more => format!(" and {} more", more - 1),
    };
    let message = format!(
        "git ignores {}{others} (`{pattern}`): a clone does not have it, and `check` fails there",
        files.first().map_or("", String::as_str)
    );
    let lines: Vec<String> = lines.iter().map(|line| format!("`{line}`")).collect();
    let remedy = Remedy::ByHand(format!(
        "write {} below that line, and commit",
        lines.join(" and ")
    ));
    Finding::warning(Code::GitIgnored, place, message, remedy)
}
