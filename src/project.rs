//! Where a project's things lie.

mod error;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::find::{Wanted, find};
use crate::alembic::config::{AlembicConfig, ConfigError, Location};
use crate::alembic::revisions::{Revisions, read};
use crate::environment::Environments;
use crate::lockfile::{LOCK_NAME, Lock, LockError, Mode};
use crate::progress::Activity;
use crate::settings::Settings;
use crate::vendored::tree::{Entry, Tree};
use crate::vendored::{interrupted, scan};

pub use error::ProjectError;

/// The vendored directory's name below the script location.
const DIRECTORY: &str = "versions_procrastinate";

/// A project: its settings, and where the vendored directory is.
#[derive(Debug, Clone)]
pub struct Project {
    /// The root as the user named it.
    pub root: Utf8PathBuf,
    /// The vendored directory, relative to the root where it lies inside.
    pub directory: Utf8PathBuf,
    pub settings: Settings,
    /// Alembic's configuration as the user or the settings name it.
    pub config: Option<Utf8PathBuf>,
    /// Alembic's configuration; none if `directory` is set and there is none.
    pub alembic: Option<AlembicConfig>,
    /// Where the project's packages may be installed.
    pub environments: Environments,
}

/// The lock of a project in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootLock {
    pub lock: Lock,
    pub bytes: Vec<u8>,
}

impl Project {
    /// Opens the project at `root`; `config` and `section` are Alembic's own `-c` and `-n`.
    pub fn open(
        root: &Utf8Path,
        config: Option<&Utf8Path>,
        section: &str,
        environments: Environments,
    ) -> Result<Self, ProjectError> {
        if !root.is_dir() {
            return Err(ProjectError::no_directory(root));
        }
        let settings = Settings::read(root)?;
        let config = config
            .map(Utf8Path::to_owned)
            .or_else(|| settings.config.clone());
        let alembic = find(&Wanted {
            root,
            config: config.as_deref(),
            section,
            environments: &environments,
        });
        let (directory, alembic) = match (&settings.directory, alembic) {
            (Some(directory), alembic) => (directory.clone(), alembic.ok()),
            (None, Ok(alembic)) => (alembic.script_directory().join(DIRECTORY), Some(alembic)),
            (None, Err(error)) => return Err(error.into()),
        };
        Ok(Self {
            root: root.to_owned(),
            directory,
            settings,
            config,
            alembic,
            environments,
        })
    }

    /// A project that may have no Alembic yet.
    pub fn unwired(root: &Utf8Path, environments: Environments) -> Result<Self, ProjectError> {
        if !root.is_dir() {
            return Err(ProjectError::no_directory(root));
        }
        let settings = Settings::read(root)?;
        Ok(Self {
            root: root.to_owned(),
            directory: settings.directory.clone().unwrap_or_default(),
            config: settings.config.clone(),
            settings,
            alembic: None,
            environments,
        })
    }

    /// The directory of the project's own revisions, as Alembic has it by default.
    pub fn own_versions(&self) -> Utf8PathBuf {
        let scripts = self.alembic.as_ref().map(AlembicConfig::script_directory);
        scripts.unwrap_or(Utf8Path::new("alembic")).join("versions")
    }

    /// The directory of Alembic's configuration where it lies below the root; else an empty path.
    pub fn below(&self) -> &Utf8Path {
        let file = self
            .alembic
            .as_ref()
            .and_then(|alembic| alembic.file.as_deref());
        file.and_then(Utf8Path::parent)
            .filter(|directory| directory.is_relative() && !directory.as_str().starts_with(".."))
            .unwrap_or(Utf8Path::new(""))
    }

    /// The vendored directory from the working directory.
    pub fn vendored(&self) -> Utf8PathBuf {
        if self.root == "." {
            self.directory.clone()
        } else {
            self.root.join(&self.directory)
        }
    }

    /// A path in the vendored directory, as the user knows it: relative to the project.
    pub fn shown(&self, path: &str) -> String {
        if path.is_empty() {
            self.directory.to_string()
        } else {
            self.directory.join(path).to_string()
        }
    }

    /// The project's revisions outside the vendored directory. Procrastinate's own beside it are a finding of their own.
    pub fn own_revisions(&self) -> Result<Revisions, ProjectError> {
        let Some(alembic) = &self.alembic else {
            return Ok(Revisions::default());
        };
        let vendored = alembic.root.join(&self.directory);
        let mut revisions = self.revisions(|location| {
            !location.is_upstreams() && location.resolved.as_ref().ok() != Some(&vendored)
        })?;
        // It may lie below a location that is searched recursively.
        revisions.retain(|path| !alembic.root.join(path).starts_with(&vendored));
        Ok(revisions)
    }

    /// The revisions in those version locations that are `wanted`.
    pub fn revisions(&self, wanted: impl Fn(&Location) -> bool) -> Result<Revisions, ProjectError> {
        let Some(alembic) = &self.alembic else {
            return Ok(Revisions::default());
        };
        let wanted = alembic
            .versions
            .locations()
            .iter()
            .filter(|location| wanted(location));
        let locations: Vec<Utf8PathBuf> = wanted
            .filter_map(|location| location.resolved.clone().ok())
            .collect();
        let _activity = Activity::begin("Reading the project's revisions");
        let read = read(&alembic.root, &locations, alembic.recursive);
        Ok(read.map_err(ConfigError::Io)?)
    }

    /// Whether Alembic is told to look into an installed Procrastinate.
    pub fn runs_upstreams_own(&self) -> bool {
        let alembic = self.alembic.iter();
        let mut locations = alembic.flat_map(|alembic| alembic.versions.locations());
        locations.any(Location::is_upstreams)
    }

    /// The lock in the project's root: where it is, the installed package's own revisions run, and nothing is vendored.
    pub fn root_lock(&self) -> Result<Option<RootLock>, ProjectError> {
        let bytes = match fs_err::read(self.root.join(LOCK_NAME)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ConfigError::Io(error).into()),
        };
        let lock = Lock::parse(&bytes).map_err(ProjectError::RootLock)?;
        if lock.upstream.mode != Mode::InPlace {
            return Err(ProjectError::Misplaced {
                path: LOCK_NAME.into(),
                mode: lock.upstream.mode,
            });
        }
        if self.vendored().join(LOCK_NAME).exists() {
            return Err(ProjectError::TwoLocks(self.directory.join(LOCK_NAME)));
        }
        Ok(Some(RootLock { lock, bytes }))
    }

    /// The project's lock, wherever it lies.
    pub fn lock(&self) -> Result<Option<Lock>, ProjectError> {
        match self.root_lock()? {
            Some(there) => Ok(Some(there.lock)),
            None => Ok(self.load()?.1),
        }
    }

    /// What the vendored directory holds, and its lock.
    pub fn load(&self) -> Result<(Tree, Option<Lock>), ProjectError> {
        let directory = self.vendored();
        let tree = scan(&directory)?;
        if let Some(interrupted) = interrupted(&directory) {
            return Err(ProjectError::Interrupted {
                directory: self.directory.clone(),
                interrupted,
            });
        }
        let bad = |error| ProjectError::Lock {
            path: self.directory.join(LOCK_NAME),
            error,
        };
        let lock = match tree.entries.get(LOCK_NAME) {
            None => None,
            Some(Entry::File(bytes)) => {
                let lock = Lock::parse(bytes).map_err(bad)?;
                if lock.upstream.mode == Mode::InPlace {
                    return Err(ProjectError::Misplaced {
                        path: self.directory.join(LOCK_NAME),
                        mode: Mode::InPlace,
                    });
                }
                Some(lock)
            }
            Some(Entry::Foreign(_) | Entry::Directory) => {
                return Err(bad(LockError::Inconsistent(
                    "it is not a regular file".to_owned(),
                )));
            }
        };
        Ok((tree, lock))
    }
}
