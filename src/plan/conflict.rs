//! What stands in the way of a plan.

use super::{Head, differing, when_to_rerender};
use crate::escape::one_line;
use crate::sql::Schema;

/// What stands in the way of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Relative to the vendored directory; empty for the directory as a whole.
    pub path: String,
    pub kind: ConflictKind,
}

/// Why a plan cannot be carried out as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictKind {
    /// The file differs from the lock: it is the user's.
    Edited,
    /// Something that is not a file has the name.
    NotAFile,
    /// Something that is not a directory has the name of the one for copied SQL.
    NotADirectory,
    /// A file that the lock does not know has the name of one to be written, and other contents.
    Foreign,
    /// As before, but the names differ in case only, which some file systems cannot tell apart.
    CaseClash { existing: String },
    /// The file is gone or edited, and this release does not ship what it was made from.
    Lost,
    /// There is no lock, but there are revisions.
    Unlocked,
    /// A file that the lock does not know has the id of a vendored revision.
    SameId { id: String },
    /// New revisions would have to follow the project's single head, and it has several.
    SeveralHeads { heads: Vec<Head> },
    /// In place: so many changes leave databases behind that have applied what `release` had.
    LeftBehind { changes: usize, release: String },
    /// A schema is set, and copied revisions say themselves where they run.
    SchemaOfCopies,
    /// The settings ask for a schema that the revisions are not rendered for.
    OtherSchema {
        /// In the lock.
        vendored: Option<Schema>,
        wanted: Option<Schema>,
    },
    /// The schema changes, and this release does not ship what the file was made from.
    KeepsSchema,
    /// The release is older than the one vendored.
    Downgrade {
        /// The release in the lock.
        vendored: String,
        upstream: String,
    },
}

impl ConflictKind {
    /// Whether `--force` overrules it.
    pub fn yields_to_force(&self) -> bool {
        match self {
            Self::Edited | Self::Foreign | Self::LeftBehind { .. } => true,
            Self::Unlocked
            | Self::SameId { .. }
            | Self::NotAFile
            | Self::NotADirectory
            | Self::CaseClash { .. }
            | Self::Lost
            | Self::SeveralHeads { .. }
            | Self::SchemaOfCopies
            | Self::OtherSchema { .. }
            | Self::KeepsSchema
            | Self::Downgrade { .. } => false,
        }
    }

    /// What stands in the way, and what to do.
    pub fn describe(&self) -> String {
        match self {
            Self::Edited => {
                "It differs from the lock, so it is yours. `sync` would change it as follows:".to_owned()
            }
            Self::NotAFile => {
                "It has the name of a vendored file, but is not a regular file. Move it away."
                    .to_owned()
            }
            Self::NotADirectory => {
                "It has the name of the directory for copied SQL. Move it away.".to_owned()
            }
            Self::Foreign => {
                "The lock does not know it, but `sync` has to write a file with that name:".to_owned()
            }
            Self::CaseClash { existing } => {
                format!(
                    "Its name differs from `{}` in case only. Rename that file.",
                    one_line(existing)
                )
            }
            Self::Lost => {
                "It differs from the lock, and this release does not ship what it was made from. \
                Restore it from version control."
                    .to_owned()
            }
            Self::Unlocked => {
                "It holds revisions, but its lock is gone, so it is not known which of them databases have applied. \
                 Restore the lock from version control; if there never was one, move the files away."
                    .to_owned()
            }
            Self::SameId { id } => format!(
                "It has the revision id `{}`, which is vendored: Alembic would run only one of the two. Delete it, or give \
                 it another id.",
                one_line(id)
            ),
            Self::SeveralHeads { heads } => several_heads(heads),
            Self::LeftBehind { changes, release } => left_behind(*changes, release),
            Self::SchemaOfCopies => {
                "The setting `schema` names a schema, but it cannot be applied to copies of upstream's revision files. \
                 `--mode render` makes revisions for that schema (where copies are vendored already: `--mode render \
                 --rerender`)."
                    .to_owned()
            }
            Self::OtherSchema { vendored, wanted } => {
                other_schema(vendored.as_ref(), wanted.as_ref())
            }
            Self::KeepsSchema => {
                "The schema changes, but this release does not ship the SQL that this file was made from. Take a release \
                 that does (`--release`)."
                    .to_owned()
            }
            Self::Downgrade { vendored, upstream } => format!(
                "Procrastinate {vendored} is vendored, and upstream is {upstream}, which is older. `--allow-downgrade` takes \
                 it; no revision is removed."
            ),
        }
    }
}

fn several_heads(heads: &[Head]) -> String {
    let list: Vec<String> = heads
        .iter()
        .map(|head| {
            format!(
                "              {}  {}",
                one_line(&head.id),
                one_line(&head.path)
            )
        })
        .collect();
    format!(
        "New revisions have to follow the project's head, but the project has {}:\n{}\n            \
         Merge them (`alembic merge heads`); or take one that no database has applied, and make the other its `down_revision`.",
        heads.len(),
        list.join("\n")
    )
}

fn left_behind(changes: usize, release: &str) -> String {
    format!(
        "{changes} {} of what databases have applied. Install Procrastinate {release} again; or bring every database to \
         the new revisions by hand, and accept the change with `--force`.",
        if changes == 1 { "change" } else { "changes" }
    )
}

fn other_schema(vendored: Option<&Schema>, wanted: Option<&Schema>) -> String {
    format!(
        "It does not fit the setting `schema`: {}. Change the settings back; or `--rerender` renders all revisions again, \
         which {}.",
        differing(vendored, wanted),
        when_to_rerender(vendored, wanted)
    )
}
