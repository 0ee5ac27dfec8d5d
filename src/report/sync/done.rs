//! A run of `sync`, for the formats that are written when it is over.

use camino::Utf8Path;

use super::Next;
use crate::lockfile::Lock;
use crate::plan::{Change, Plan};
use crate::report::Said;
use crate::report::addressed::addressed;
use crate::upstream::Upstream;

pub struct Done<'a> {
    pub plan: &'a Plan,
    pub upstream: &'a Upstream,
    /// The lock before; none before the first `sync`.
    pub before: Option<&'a Lock>,
    /// What is brought where, in one line.
    pub title: String,
    /// Where the revisions are, in words for people.
    pub place: String,
    /// The vendored directory.
    pub directory: &'a Utf8Path,
    /// Says what a change means.
    pub describe: &'a dyn Fn(&Change) -> Vec<String>,
    pub dry_run: bool,
    pub force: bool,
    pub outcome: &'a Outcome,
    pub next: &'a Next,
    pub notes: &'a [Said],
    /// The options that the user gave to every command, each after a space.
    pub options: String,
}

/// How a run ended: each with what the text says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// For conflicts; nothing was written.
    Refused,
    UpToDate(String),
    WouldWrite(String),
    Wrote(String),
}

impl Done<'_> {
    /// A sentence, with every command in it for this project.
    pub(super) fn addressed(&self, text: &str) -> String {
        addressed(text, &self.options).into_owned()
    }
}
