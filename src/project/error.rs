//! Why a project cannot be opened.

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::ConfigError;
use crate::lockfile::{LOCK_NAME, LockError, Mode};
use crate::nearest;
use crate::settings::SettingsError;
use crate::vendored::VendoredError;

#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("the project `{root}` is not a directory")]
    NotADirectory {
        root: Utf8PathBuf,
        /// A directory that is there, and may be meant.
        near: Option<Utf8PathBuf>,
    },
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Vendored(#[from] VendoredError),
    #[error("the lockfile `{path}` cannot be used: {error}")]
    Lock { path: Utf8PathBuf, error: LockError },
    #[error("the lockfile `{LOCK_NAME}` in the project's root cannot be used: {0}")]
    RootLock(LockError),
    #[error("the lockfile `{path}` has mode `{mode}`, and does not belong there")]
    Misplaced { path: Utf8PathBuf, mode: Mode },
    #[error("there are two locks, `{LOCK_NAME}` in the project's root (mode `in-place`) and `{0}`")]
    TwoLocks(Utf8PathBuf),
    #[error("a `sync` was interrupted while it wrote `{directory}` (its journal is `{journal}`)")]
    Interrupted {
        directory: Utf8PathBuf,
        journal: Utf8PathBuf,
    },
    #[error(
        "an `init` or `sync` was interrupted while it wrote the project's files (its journal is `{0}`)"
    )]
    InterruptedInit(Utf8PathBuf),
}

impl ProjectError {
    /// The project that a user named, and that is none.
    pub(super) fn no_directory(root: &Utf8Path) -> Self {
        let file = root.is_file().then(|| root.parent()).flatten();
        // A file of the project: its directory is.
        let near = match file {
            Some(directory) if directory.as_str().is_empty() => Some(".".into()),
            Some(directory) => Some(directory.to_owned()),
            None => nearest::path(root, Utf8Path::is_dir),
        };
        Self::NotADirectory {
            root: root.to_owned(),
            near,
        }
    }

    pub fn hint(&self) -> String {
        match self {
            Self::NotADirectory { near, .. } => {
                let meant = near
                    .as_ref()
                    .map_or(String::new(), |near| format!("there is `{near}`; "));
                format!("{meant}name the project's root with `--project DIR`")
            }
            Self::Settings(error) => error.hint(),
            Self::Config(error) => error.hint(),
            Self::Vendored(error) => error.hint(),
            Self::Lock { path, error } => {
                let directory = path.parent().unwrap_or(path).as_str();
                error.hint().replace("DIR", directory)
            }
            Self::RootLock(error @ LockError::Newer(_)) => error.hint(),
            Self::RootLock(LockError::MergeConflict { .. }) => format!(
                "take one side completely (`git checkout --ours -- {LOCK_NAME}`, or `--theirs`), then run `vendor-migrations sync`"
            ),
            Self::RootLock(_) => format!(
                "restore it from version control: `git checkout HEAD -- {LOCK_NAME}`; it says what databases have applied, \
                 so this program never makes a new one"
            ),
            Self::Misplaced {
                mode: Mode::InPlace,
                ..
            } => "in place, the lock belongs in the project's root: restore both places from version control".to_owned(),
            Self::Misplaced { .. } => {
                "a lock of this mode belongs in the vendored directory: restore both places from version control".to_owned()
            }
            Self::TwoLocks(_) => "keep the one whose revisions your databases have applied (`alembic current` shows them), \
                                  and delete the other: the lock in the root, or the vendored directory; then correct \
                                  `version_locations`"
                .to_owned(),
            Self::Interrupted { .. } => {
                "run `vendor-migrations sync`: it finishes what was begun".to_owned()
            }
            Self::InterruptedInit(_) => {
                "run the interrupted command again: it first finishes what was begun, and says so".to_owned()
            }
        }
    }
}
