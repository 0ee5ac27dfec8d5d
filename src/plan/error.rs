//! Why a release cannot be vendored.

use crate::file_name::BadFileName;
use crate::render::revision::RenderError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("Procrastinate {release} ships no Alembic revision files, so there is nothing to copy")]
    NothingToCopy { release: String },
    #[error(
        "`{name}` is vendored as several revisions, which a copy of upstream's one revision file cannot replace"
    )]
    CopyOfParts { name: String },
    #[error(
        "`{name}` is vendored as a rendered revision, and this release no longer ships it, so it cannot become a copy"
    )]
    CopyOfRemoved { name: String },
    #[error(
        "Procrastinate {release} ships `{name}` without a revision file that runs it, so a copy would leave it out"
    )]
    Unwrapped { name: String, release: String },
    #[error(
        "the revision file `{file}` does more than run `{name}`, so a rendered revision would leave something out: {why}"
    )]
    NotAWrapper {
        file: String,
        name: String,
        why: String,
    },
    #[error("the revision file `{file}` names no SQL file, so it cannot be rendered")]
    NothingToRender { file: String },
    #[error(
        "the revision file `{file}` assigns no `down_revision`, and its place in this project's chain differs from upstream's"
    )]
    NoPlace { file: String },
    #[error("the revision file `{file}` depends on revision `{id}`, which is not vendored")]
    DependsOn { file: String, id: String },
    #[error("the revision file `{file}` has the id `{}`, which Alembic's version table cannot hold (at most 32 plain ASCII characters)", .id.escape_debug())]
    BadId { file: String, id: String },
    /// A name that is fine for SQL makes none for a revision file.
    #[error(transparent)]
    BadFileName(#[from] BadFileName),
    #[error("`{name}` in Procrastinate {release}, {error}")]
    Render {
        name: String,
        release: String,
        error: RenderError,
    },
}

impl PlanError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NothingToCopy { .. } => {
                "use `--mode render` (and remove `mode = \"copy\"` from the settings)"
            }
            Self::CopyOfParts { .. } | Self::CopyOfRemoved { .. } => "stay with `--mode render`",
            Self::NothingToRender { .. } | Self::NotAWrapper { .. } => "use `--mode copy`",
            Self::NoPlace { .. } | Self::Unwrapped { .. } => "use `--mode render`",
            Self::Render {
                error: RenderError::NeedsPath { .. },
                ..
            } => {
                "report this to vendor-migrations, with the release; until then, remove `schema` from the settings, and \
                 set a search path where Alembic connects"
            }
            Self::Render {
                error: RenderError::AmbiguousSchema,
                ..
            } => "give the schema another name, or remove `schema` from the settings",
            Self::DependsOn { .. }
            | Self::BadId { .. }
            | Self::BadFileName(_)
            | Self::Render { .. } => {
                "report this to vendor-migrations, with the release; nothing was written"
            }
        }
    }
}
