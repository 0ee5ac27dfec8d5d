//! What has to change so that the vendored directory and the lock match upstream. Pure: same input, same plan.
//!
//! `sync` applies the plan; `check`, `diff`, `status` and `sync --dry-run` only report it.

mod adopt;
mod build;
mod chain;
mod change;
mod conflict;
mod contents;
mod digests;
mod error;
mod files;
mod in_place;
mod linear;
pub mod local;
mod matching;
mod names;
mod public;
mod report;
mod schema;
mod sql_files;

use camino::Utf8Path;

use crate::alembic::graph::{Node, heads, without};
use crate::lockfile::{Lock, LockedChain, LockedUpstream, Mode};
use crate::patch::{FileChange, Patch};
use crate::procrastinate::{Layout, PACKAGE};
use crate::sql::Schema;
use crate::upstream::Upstream;
use crate::vendored::tree::Tree;

pub use adopt::{Adoption, Taken, adopt_new, adopt_vendored, keep};
pub use build::plan;
pub use change::{Change, ChangeKind};
pub use conflict::{Conflict, ConflictKind};
pub use digests::{Digests, Standing, by_digests, standing};
pub use error::PlanError;
pub use in_place::{directory, location, plan as plan_in_place};
pub use public::{NamesPublic, names_public};
pub use schema::{differing, when_to_rerender};

/// All that a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The lock; none before the first `sync`.
    pub lock: Option<&'a Lock>,
    /// The release to bring the project to.
    pub upstream: &'a Upstream,
    pub tree: &'a Tree,
    pub own: Own<'a>,
    /// The schema that is asked for.
    pub schema: Option<&'a Schema>,
    pub options: Options,
}

/// The project's own revisions: those outside of the vendored directory.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// Those that can be read.
    pub nodes: &'a [Node],
    /// The vendored directory, relative to the project.
    pub directory: &'a Utf8Path,
    /// Whether new revisions go after the project's single head; otherwise they are a branch of their own.
    pub linear: bool,
    /// The vendored files whose edits the settings accept, relative to the vendored directory.
    pub edited: &'a [&'a str],
}

impl Own<'_> {
    pub fn none() -> Self {
        Self {
            nodes: &[],
            directory: Utf8Path::new(""),
            linear: false,
            edited: &[],
        }
    }

    /// The heads among the revisions that need none of the vendored ones.
    pub fn heads(&self, lock: &Lock) -> Vec<String> {
        let taken = |id: &str| lock.adopted.iter().any(|adopted| adopted.revision == id);
        let label = |id: &str| id == contents::LABEL;
        let mut nodes: Vec<Node> = self.nodes.to_vec();
        // An adopted revision needs what stands for it, and all that is behind it is the project's own still.
        for node in nodes.iter_mut().filter(|node| taken(&node.id)) {
            node.depends_on.retain(|id| lock.revision(id).is_none());
        }
        let own = without(&nodes, |id| lock.revision(id).is_some() || label(id));
        let own = own
            .iter()
            .map(|node| (node.id.as_str(), node.down.as_slice()));
        heads(own).into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn with_id(&self, id: &str) -> Option<&Utf8Path> {
        let node = self.nodes.iter().find(|node| node.id == id)?;
        Some(&node.path)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub id: String,
    /// Its file, relative to the project.
    pub path: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The mode; by default the lock's, else `copy` where upstream ships revision files.
    pub mode: Option<Mode>,
    /// Render every revision anew, although its SQL is the same.
    pub rerender: bool,
    /// Go through with conflicts: overwrite the user's files.
    pub force: bool,
    /// Take an older release than the one vendored.
    pub allow_downgrade: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub mode: Mode,
    /// The lock as it will be.
    pub lock: Lock,
    pub writes_lock: bool,
    /// What happens to each migration, in chain order.
    pub changes: Vec<Change>,
    /// The files to write and to delete, by path; the lockfile is not among them.
    pub files: Vec<FileChange>,
    /// What stands in the way. Nothing is written while there is one.
    pub conflicts: Vec<Conflict>,
    /// Files that differ from the lock and stay as they are: the settings accept the edit, and upstream changed nothing of theirs.
    pub left_alone: Vec<String>,
    pub warnings: Vec<String>,
    /// Mode `copy`: the SQL files that upstream ships without a revision file, so that nothing would run them.
    pub unwrapped: Vec<String>,
    /// Mode `render`: upstream's revision files that now do more than run the SQL that is vendored.
    pub beyond_sql: Vec<BeyondSql>,
}

/// A revision file of upstream's that does more than run its SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeyondSql {
    pub file: String,
    /// The vendored file, relative to the vendored directory.
    pub path: String,
    pub why: String,
}

impl Plan {
    /// A plan that changes nothing.
    fn of(lock: Lock) -> Self {
        Self {
            mode: lock.upstream.mode,
            lock,
            writes_lock: false,
            changes: Vec::new(),
            files: Vec::new(),
            conflicts: Vec::new(),
            left_alone: Vec::new(),
            warnings: Vec::new(),
            unwrapped: Vec::new(),
            beyond_sql: Vec::new(),
        }
    }

    /// A plan whose lock has no revision yet, and the rest of the lock's before.
    fn begin(upstream: &Upstream, mode: Mode, before: Option<&Lock>) -> Self {
        Self::of(Lock {
            upstream: LockedUpstream {
                package: PACKAGE.to_owned(),
                // `3.10` is 3.10.0, as the lock may have it already.
                release: before
                    .map(|lock| &lock.upstream.release)
                    .filter(|before| **before == upstream.release)
                    .unwrap_or(&upstream.release)
                    .clone(),
                layout: upstream.layout,
                mode,
            },
            schema: None,
            adopted: before.map_or(Vec::new(), |lock| lock.adopted.clone()),
            baseline: before.and_then(|lock| lock.baseline.clone()),
            revisions: LockedChain::default(),
        })
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && !self.writes_lock
    }

    /// The changes after which `alembic upgrade` has revisions to run on a database that has all the lock knew.
    pub fn added(&self) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(|change| change.effect(self.mode).runs)
    }

    /// Whether a migration runs a SQL file that is known; a copied revision file may do without.
    pub fn has_sql(&self, change: &Change) -> bool {
        let mut revisions = change.ids.iter().filter_map(|id| self.lock.revision(id));
        revisions.any(|revision| revision.sql.is_some())
    }

    /// The changes of all files that a migration's change touches; `directory` is the vendored one.
    pub fn patches_of(&self, change: &Change, directory: &Utf8Path) -> Vec<Patch> {
        let files = change.paths.iter().filter_map(|path| self.file(path));
        files.map(|file| Patch::of(file, directory)).collect()
    }

    /// What would be lost of a file that somebody wrote.
    pub fn overwriting(&self, conflict: &Conflict, directory: &Utf8Path) -> Vec<Patch> {
        let is_written = matches!(conflict.kind, ConflictKind::Edited | ConflictKind::Foreign);
        let file = self.file(&conflict.path).filter(|_| is_written);
        file.map(|file| Patch::of(file, directory))
            .into_iter()
            .collect()
    }

    pub fn file(&self, path: &str) -> Option<&FileChange> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// The mode that holds: what the user says, else what the lock says, else the layout's own.
pub fn mode(options: Options, lock: Option<&Lock>, layout: Layout) -> Mode {
    options
        .mode
        .or(lock.map(|lock| lock.upstream.mode))
        .unwrap_or(match layout {
            Layout::Sql => Mode::Render,
            Layout::Alembic => Mode::Copy,
        })
}
