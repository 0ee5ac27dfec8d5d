//! One run of a command in a project: the project, the options of every command, the two outputs, and the commands that the
//! user is told to run.

mod commands;
mod environment;
mod output;
mod verbose;

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use crate::alembic::config::ConfigError;
use crate::alembic::config::find::Wanted;
use crate::catalog::{self, Release, Unknown};
use crate::cli::{Global, Source};
use crate::failure::Failure;
use crate::links;
use crate::lockfile::Lock;
use crate::project::{Project, ProjectError, around};
use crate::upstream::{Processes, Search, Upstream, UpstreamError, find};

pub use commands::{Commands, options, shell_word};
pub use environment::{cache_directory, environment_path, environment_value, state_directory};
pub use output::{Output, doubts};

pub struct Session<'a> {
    pub project: Project,
    /// The options of every command.
    pub global: &'a Global,
    pub output: Output<'a>,
}

impl<'a> Session<'a> {
    /// Opens the project, and says what its configuration leaves open.
    pub fn open(global: &'a Global, output: &'a mut Output<'_>) -> Result<Self, Failure> {
        Self::of(project(global)?, global, output)
    }

    /// The same for what writes: it always says which project it takes.
    pub fn open_to_write(global: &'a Global, output: &'a mut Output<'_>) -> Result<Self, Failure> {
        if let Some(above) = global.found.as_ref().filter(|_| !global.verbose) {
            output.note(&said(above))?;
        }
        Self::open(global, output)
    }

    /// The same; where there is no project, and the user named none, one without Alembic.
    pub fn anywhere(global: &'a Global, output: &'a mut Output<'_>) -> Result<Self, Failure> {
        let is_named = global.names_project();
        match project(global) {
            Err(ProjectError::Config(ConfigError::NotFound { .. })) if !is_named => {
                Self::unwired(global, output)
            }
            Err(ProjectError::Config(ConfigError::Several(found))) if !is_named => {
                output.note(&format!(
                    "no project is compared: there are {} Alembic configurations (`--config` names one)",
                    found.len()
                ))?;
                Self::unwired(global, output)
            }
            found => Self::of(found?, global, output),
        }
    }

    fn of(
        project: Project,
        global: &'a Global,
        output: &'a mut Output<'_>,
    ) -> Result<Self, Failure> {
        let mut output = output.reborrow();
        let notes = project.alembic.iter().flat_map(|alembic| &alembic.notes);
        for text in project.settings.notes.iter().chain(notes) {
            output.note(text)?;
        }
        if let Some(above) = global.found.as_ref().filter(|_| global.verbose) {
            output.note(&said(above))?;
        }
        if global.verbose {
            verbose::configuration(&project, &mut output)?;
        }
        Ok(Self {
            project,
            global,
            output,
        })
    }

    /// A project that may have no Alembic yet.
    pub fn unwired(global: &'a Global, output: &'a mut Output<'_>) -> Result<Self, Failure> {
        let environments = environment::environments(global);
        Ok(Self {
            project: Project::unwired(global.root(), environments)?,
            global,
            output: output.reborrow(),
        })
    }

    /// Reads upstream from the first source that has it; `-v` says where.
    pub fn upstream(&mut self, source: &Source, processes: Processes) -> Result<Upstream, Failure> {
        let upstream = self.locate(source, processes)?;
        if self.global.verbose {
            verbose::found(&upstream, &mut self.output)?;
        }
        Ok(upstream)
    }

    /// The same, without messages.
    pub fn locate(&self, source: &Source, processes: Processes) -> Result<Upstream, UpstreamError> {
        let project = &self.project;
        let setting = project.settings.from.as_ref();
        let setting = setting.map(|path| project.root.join(path));
        find(&Search {
            project: &project.root,
            from: source.from.as_deref(),
            release: source.release.as_ref(),
            setting: setting.as_deref(),
            python: source.python.as_deref(),
            environments: &project.environments,
            cache: cache_directory(),
            processes,
            upstreams: &self.global.upstreams,
        })
    }

    /// The release that a user names: one of the catalogue, else the vendored one by its lock, else the installed one.
    pub fn release(
        &self,
        version: &Version,
        lock: Option<&Lock>,
    ) -> Result<&'static Release, Unknown> {
        let unknown = match catalog::known(version) {
            Ok(release) => return Ok(release),
            Err(unknown) => unknown,
        };
        if let Some(lock) = lock.filter(|lock| lock.upstream.release == *version) {
            let revisions = lock.revisions.iter();
            let sql = revisions
                .filter_map(|revision| Some((revision.sql.clone()?, revision.sql_sha256?)));
            return Ok(Release::unlisted(version, lock.upstream.layout, sql));
        }
        let installed = self.locate(&Source::default(), Processes::Forbidden).ok();
        let installed = installed.filter(|installed| installed.version == *version);
        let installed = installed.ok_or(unknown)?;
        if let Some(release) = catalog::release(&installed.release) {
            return Ok(release);
        }
        let sql = installed
            .migrations
            .iter()
            .filter_map(|migration| migration.sql.as_ref());
        let sql = sql.map(|sql| (sql.name.clone(), sql.digest));
        Ok(Release::unlisted(version, installed.layout, sql))
    }

    /// The commands that the user is told to run.
    pub fn commands(&self) -> Commands {
        Commands::of(&self.project, self.global)
    }
}

fn said(found: &Utf8Path) -> String {
    let place = if found.starts_with("..") || found.is_absolute() {
        "above"
    } else {
        "below"
    };
    format!("the project is `{found}`, found {place} the working directory")
}

fn project(global: &Global) -> Result<Project, ProjectError> {
    let mut opened = Project::open(&Wanted {
        root: global.root(),
        config: global.config.as_deref(),
        script_location: global.script_location.as_deref(),
        section: &global.name,
        environments: &environment::environments(global),
    });
    if let Err(ProjectError::Config(ConfigError::NotFound { above, .. })) = &mut opened {
        *above = !global.names_project();
    }
    opened
}

/// Looks for the project around the working directory, where the user named none. The path is absolute where the shell knows that directory
/// by another name: `cd ..` would lead elsewhere there.
pub fn found_around(global: &Global) -> Option<Utf8PathBuf> {
    if global.names_project() {
        return None;
    }
    let found = around(Utf8Path::new("."))?;
    let here = links::real(".").ok()?;
    match environment_path("PWD").filter(|shell| links::real(shell).is_ok_and(|real| real == here))
    {
        Some(shell) if shell != here => links::canonical(here.join(&found)).ok(),
        _ => Some(found),
    }
}
