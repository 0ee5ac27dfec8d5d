//! The vendored directory against its lock.

use super::{Code, Finding, Severity};
use crate::lockfile::{LOCK_NAME, Lock, LockedFile};
use crate::patch::Patch;
use crate::plan::Plan;
use crate::plan::local::{State, foreign, states, to_lf};
use crate::python_source::{RevisionFile, RevisionFileError};
use crate::render::revision::is_rendered;
use crate::vendored::tree::{ATTRIBUTES_NAME, Tree};

/// All that is wrong in the directory itself. `plan` gives the bytes that should be there, where upstream was found;
/// `shown` makes a path in the directory one that the user knows.
pub fn local(
    tree: &Tree,
    lock: Option<&Lock>,
    plan: Option<&Plan>,
    shown: &dyn Fn(&str) -> String,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |code, path: &str, message: String, remedy: &str| {
        let severity = match code {
            Code::LineEndings | Code::LockFormat | Code::Gitattributes => Severity::Warning,
            _ => Severity::Error,
        };
        let diff = match code {
            Code::Edited => plan.and_then(|plan| plan.file(path)),
            _ => None,
        };
        let diff = diff.map(|file| Patch::of(file, shown));
        let finding = Finding::new(code, severity, shown(path), message, remedy);
        findings.push(Finding {
            diff: diff.into_iter().collect(),
            ..finding
        });
    };
    match lock {
        None if foreign(tree, None).next().is_some() => add(
            Code::LockMissing,
            LOCK_NAME,
            "the directory holds revisions, but its lock is gone".to_owned(),
            "restore it from version control",
        ),
        None => add(
            Code::NotVendored,
            "",
            "Procrastinate's migrations are not vendored yet".to_owned(),
            "run `vendor-migrations sync`",
        ),
        Some(lock) => {
            for (file, state) in states(tree, lock) {
                if let Some((code, message, remedy)) = describe(lock, &file, &state) {
                    add(code, &file.path, message, remedy);
                }
            }
            if let Some((code, message, remedy)) = rewritten_lock(tree, lock) {
                add(code, LOCK_NAME, message, remedy);
            }
            for path in foreign(tree, Some(lock)) {
                if let Some((message, remedy)) = tree.file(path).and_then(no_revision) {
                    add(Code::NotARevision, path, message, remedy);
                    continue;
                }
                let rendered = tree.file(path).is_some_and(is_rendered);
                let adopted = plan.is_some_and(|plan| {
                    let mut revisions = plan.lock.revisions.iter();
                    revisions.any(|revision| revision.file.as_str() == path)
                });
                let remedy = if adopted && rendered {
                    "a `sync` on another branch wrote it, and the merge kept the other lock: run `vendor-migrations sync`"
                } else if rendered {
                    "it was rendered by vendor-migrations, for another release (a merge?): delete it, then run \
                     `vendor-migrations sync`"
                } else {
                    "move it to the directory of your own revisions, where `alembic revision --version-path` makes them (unless the history \
                     is linear, its `down_revision` has to be one of yours), or delete it"
                };
                add(
                    Code::ForeignFile,
                    path,
                    "the lock does not know this file, and Alembic loads it as a revision"
                        .to_owned(),
                    remedy,
                );
            }
            if !tree.keeps_line_ends() {
                let message = if tree.entries.contains_key(ATTRIBUTES_NAME) {
                    "the line `* -text` is missing: a checkout may change the line ends of vendored files"
                } else {
                    "the file is gone: a checkout may change the line ends of vendored files"
                };
                add(
                    Code::Gitattributes,
                    ATTRIBUTES_NAME,
                    message.to_owned(),
                    "add the line `* -text`; `vendor-migrations sync` writes the file if there is none",
                );
            }
        }
    }
    findings
}

/// Whether Alembic would stumble over the file.
fn no_revision(bytes: &[u8]) -> Option<(String, &'static str)> {
    let error = RevisionFile::parse(&String::from_utf8_lossy(bytes)).err()?;
    let stops = match error {
        RevisionFileError::Syntax { .. } | RevisionFileError::NoRevision => true,
        RevisionFileError::Undecidable { .. } => false,
    };
    let message =
        format!("{error}, and Alembic loads every Python file here: all of its commands fail");
    stops.then_some((
        message,
        "move it out of the vendored directory, or delete it",
    ))
}

const LINE_ENDS_REMEDY: &str =
    "run `vendor-migrations sync`, and keep `.gitattributes` in the vendored directory";

/// A lock that says what it said, in other bytes: `sync` would write it anew.
fn rewritten_lock(tree: &Tree, lock: &Lock) -> Option<(Code, String, &'static str)> {
    let there = tree.file(LOCK_NAME)?;
    let text = lock.to_text().ok()?;
    if there == text.as_bytes() {
        None
    } else if to_lf(there) == text.as_bytes() {
        Some((
            Code::LineEndings,
            "its line ends were changed".to_owned(),
            LINE_ENDS_REMEDY,
        ))
    } else {
        let message = "it says the same in other bytes (was it formatted?)".to_owned();
        Some((
            Code::LockFormat,
            message,
            "run `vendor-migrations sync`, and keep formatters away from the directory",
        ))
    }
}

fn describe(lock: &Lock, file: &LockedFile, state: &State) -> Option<(Code, String, &'static str)> {
    let what = match lock
        .revisions
        .iter()
        .find(|revision| revision.file.as_str() == file.path)
    {
        Some(revision) => format!("revision `{}`", revision.id),
        None => "the SQL of a copied revision".to_owned(),
    };
    match state {
        State::Same => None,
        State::LineEnds(_) => Some((
            Code::LineEndings,
            format!("only the line ends of {what} differ from the lock"),
            LINE_ENDS_REMEDY,
        )),
        State::Edited => Some((
            Code::Edited,
            format!("{what} differs from the lock (`git diff` shows your changes)"),
            "take the changes back (`git checkout`), or overwrite them with `vendor-migrations sync --force`",
        )),
        State::Missing => Some((
            Code::Missing,
            format!("{what} is in the lock, but the file is gone"),
            "restore it from version control, or run `vendor-migrations sync`",
        )),
        State::NotAFile => Some((
            Code::NotAFile,
            format!(
                "{what} is in the lock, but its name belongs to something that is not a regular file"
            ),
            "move that away, then run `vendor-migrations sync`",
        )),
    }
}
