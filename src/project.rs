//! Where a project's things lie.

mod around;
mod error;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::compiled::compiled;
use crate::alembic::config::find::{Wanted, find};
use crate::alembic::config::{AlembicConfig, ConfigError, Location};
use crate::alembic::graph::Node;
use crate::alembic::revisions::{Reading, Revisions, Unreadable, below, directory, read};
use crate::environment::{Environments, distribution};
use crate::place::slashed;
use crate::progress::Activity;
use crate::settings::Settings;

pub use around::around;
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

impl Project {
    /// Opens the project in which something is wanted.
    pub fn open(wanted: &Wanted<'_>) -> Result<Self, ProjectError> {
        let mut project = Self::unwired(wanted.root, wanted.environments.clone())?;
        let config = wanted.config.map(Utf8Path::to_owned).or(project.config);
        project.config = config.filter(|_| wanted.script_location.is_none());
        let alembic = find(&Wanted {
            config: project.config.as_deref(),
            environments: &project.environments,
            ..*wanted
        });
        if project.settings.directory.is_some() {
            project.alembic = alembic.ok();
        } else {
            let alembic = alembic?;
            let directory = alembic.script_directory().join(DIRECTORY);
            project.directory = slashed(directory).into();
            project.alembic = Some(alembic);
        }
        project.environments = project.environments.beside(project.below());
        Ok(project)
    }

    /// A project that may have no Alembic yet.
    pub fn unwired(root: &Utf8Path, environments: Environments) -> Result<Self, ProjectError> {
        if !root.is_dir() {
            return Err(ProjectError::no_directory(root));
        }
        let settings = Settings::read(root)?;
        Ok(Self {
            root: root.to_owned(),
            directory: slashed(settings.directory.clone().unwrap_or_default()).into(),
            config: settings.config.clone(),
            settings,
            alembic: None,
            environments,
        })
    }

    /// The directory of the project's own revisions, as Alembic has it by default.
    pub fn own_versions(&self) -> Utf8PathBuf {
        let own = self.alembic.as_ref().map(AlembicConfig::own_versions);
        own.unwrap_or_else(|| "alembic/versions".into())
    }

    /// The project's root as Alembic's configuration has it: absolute.
    pub fn root_of_alembic(&self) -> &Utf8Path {
        let alembic = self.alembic.as_ref();
        alembic.map_or(&self.root, |alembic| &alembic.root)
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
        let wanted = self.locations().filter(|location| wanted(location));
        let locations: Vec<Utf8PathBuf> = wanted
            .filter_map(|location| location.resolved.clone().ok())
            .collect();
        let _activity = Activity::begin("Reading the project's revisions");
        let read = read(&self.reading(alembic, alembic.recursive), &locations);
        Ok(read.map_err(ConfigError::Io)?)
    }

    /// The compiled revisions that Alembic loads from a version location (absolute).
    pub fn compiled_in(&self, location: &Utf8Path) -> Result<Vec<Unreadable>, ProjectError> {
        let Some(alembic) = self.alembic.as_ref().filter(|alembic| alembic.sourceless) else {
            return Ok(Vec::new());
        };
        let found = compiled(&self.reading(alembic, alembic.recursive), location);
        Ok(found.map_err(ConfigError::Io)?)
    }

    /// What stops Alembic at a directory in a version location whose name is a revision's, if it does.
    pub fn directory_as_revision(&self, path: Utf8PathBuf) -> Option<Unreadable> {
        directory(&self.alembic.as_ref()?.rules, path)
    }

    /// The project's own revisions below the version locations, whether Alembic looks there or not.
    pub fn revisions_below(&self) -> Result<Vec<Node>, ProjectError> {
        let Some(alembic) = &self.alembic else {
            return Ok(Vec::new());
        };
        let own = self.locations().filter(|location| !location.is_upstreams());
        let own: Vec<&Utf8PathBuf> = own
            .filter_map(|location| location.resolved.as_ref().ok())
            .collect();
        let nodes = below(&self.reading(alembic, true), &own);
        Ok(nodes.map_err(ConfigError::Io)?)
    }

    fn reading<'a>(&self, alembic: &'a AlembicConfig, recursive: bool) -> Reading<'a> {
        Reading {
            root: &alembic.root,
            rules: &alembic.rules,
            recursive,
            sourceless: alembic.sourceless,
            python: distribution::python_of(&self.environments, "alembic"),
        }
    }

    /// Whether Alembic is told to look into an installed Procrastinate.
    pub fn runs_upstreams_own(&self) -> bool {
        self.locations().any(Location::is_upstreams)
    }

    /// Where Alembic looks for the installed package's own revisions, if it does and that is known.
    pub fn shipped_location(&self) -> Option<Utf8PathBuf> {
        let mut upstreams = self.locations().filter(|location| location.is_upstreams());
        upstreams.find_map(|location| location.resolved.clone().ok())
    }

    /// Alembic's version locations, as far as files tell.
    pub fn locations(&self) -> impl Iterator<Item = &Location> {
        let alembic = self.alembic.iter();
        alembic.flat_map(|alembic| alembic.versions.locations())
    }
}
