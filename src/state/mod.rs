//! What a project has of Procrastinate: vendored revisions, or a lock of the installed package's own. The two differ here, and
//! only here; the commands ask.

mod in_place;
mod read;
mod vendored;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::revisions::Revisions;
use crate::failure::Failure;
use crate::findings::stranded;
use crate::findings::wiring::Found;
use crate::findings::{Finding, drift, local, modified_source, root_lock, schema_differs};
use crate::inspect::{OwnRevisions, Subject, ignored, surroundings};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::plan::{Input, Options, Plan, plan, plan_in_place};
use crate::project::{Project, ProjectError};
use crate::sql::Schema;
use crate::upstream::Upstream;
use crate::vendored::leftovers;
use crate::vendored::tree::Tree;

pub use in_place::{imported, installed_location, lock_file, needs, shipped};

#[derive(Debug, Clone)]
pub enum State {
    /// The vendored directory, and its lock if there is one.
    Vendored { tree: Tree, lock: Option<Lock> },
    /// The package's own revisions run, and a lock in the project's root says what they were; `bytes` are its file's.
    InPlace { lock: Lock, bytes: Vec<u8> },
}

impl State {
    /// A lock in the project's root says that the installed package's own revisions run, and that nothing is vendored.
    pub fn read(project: &Project) -> Result<Self, ProjectError> {
        read::refuse_interrupted(project)?;
        match read::root_lock(project)? {
            Some(state) => Ok(state),
            None => read::vendored(project),
        }
    }

    pub fn lock(&self) -> Option<&Lock> {
        match self {
            Self::Vendored { lock, .. } => lock.as_ref(),
            Self::InPlace { lock, .. } => Some(lock),
        }
    }

    /// The lock of what is vendored: with pinned releases, it is compared by digest.
    pub fn vendored_lock(&self) -> Option<&Lock> {
        match self {
            Self::Vendored { lock, .. } => lock.as_ref(),
            Self::InPlace { .. } => None,
        }
    }

    /// What paths in findings about the lock are below: the vendored directory, or the project itself.
    pub fn directory<'a>(&self, project: &'a Project) -> &'a Utf8Path {
        match self {
            Self::Vendored { .. } => &project.directory,
            Self::InPlace { .. } => Utf8Path::new(""),
        }
    }

    /// Where the revisions are, in words for people. In place: as Alembic's configuration has it, or else as upstream gives it.
    pub fn place(&self, project: &Project, upstream: Option<&Upstream>) -> String {
        match self {
            Self::Vendored { .. } => project.directory.to_string(),
            Self::InPlace { .. } => in_place::place(project, upstream),
        }
    }

    /// What `sync` writes, in words for people.
    pub fn target(&self, project: &Project) -> String {
        match self {
            Self::Vendored { .. } => project.directory.to_string(),
            Self::InPlace { .. } => LOCK_NAME.to_owned(),
        }
    }

    /// What has to change so that it matches upstream; `own` are the revisions that new ones must not clash with.
    pub fn plan(
        &self,
        upstream: &Upstream,
        own: &OwnRevisions<'_>,
        schema: Option<&Schema>,
        options: Options,
    ) -> Result<Plan, Failure> {
        Ok(match self {
            Self::Vendored { tree, lock } => plan(Input {
                lock: lock.as_ref(),
                upstream,
                tree,
                own: own.own(),
                schema,
                options,
            })?,
            Self::InPlace { lock, .. } => plan_in_place(Some(lock), upstream, options)?,
        })
    }

    /// In what upstream differs, and the plan that says so. A changed installation tells nothing of a vendored directory, since
    /// `sync` would refuse it; in place it is compared, since it is what runs.
    pub fn compare(
        &self,
        project: &Project,
        upstream: &Upstream,
        revisions: &Revisions,
        accepted: bool,
    ) -> Result<(Option<Plan>, Vec<Finding>), Failure> {
        let mut findings = modified_source(upstream, accepted);
        let trusted =
            accepted || upstream.modified.is_empty() || matches!(self, Self::InPlace { .. });
        let Some(lock) = self.lock().filter(|_| trusted) else {
            return Ok((None, findings));
        };
        let options = Options {
            mode: project.settings.mode,
            force: true,
            ..Options::default()
        };
        let own = OwnRevisions::readable(project, revisions);
        let schema = project.settings.target();
        let plan = self.plan(upstream, &own, schema.as_ref(), options)?;
        findings.extend(drift(&plan, lock, upstream, self.directory(project)));
        Ok((Some(plan), findings))
    }

    /// What is wrong with the files themselves, and what an earlier run left behind. `plan` gives the bytes that should be
    /// there.
    pub fn local(&self, project: &Project, plan: Option<&Plan>) -> Result<Found, Failure> {
        let mut found = Found::default();
        let ignored = self
            .lock()
            .map(|lock| ignored(project, self.directory(project), lock));
        match self {
            Self::Vendored { tree, lock } => {
                let runs_upstreams = project.runs_upstreams_own();
                let (lock, directory) = (lock.as_ref(), &project.directory);
                found.findings = local(tree, lock, plan, directory, runs_upstreams);
                if let Some(lock) = lock {
                    let mode = project.settings.mode.unwrap_or(lock.upstream.mode);
                    let wanted = project.settings.target();
                    let about = schema_differs(tree, lock, mode, wanted.as_ref(), directory);
                    found.findings.extend(about);
                }
                for leftover in leftovers(&project.root, &project.vendored())? {
                    found.findings.extend(stranded(&leftover, directory));
                    if leftover.strays.is_empty() && leftover.fault.is_none() {
                        found.notes.push(format!(
                            "{} was left behind by an interrupted `sync`; the next `sync` removes it",
                            leftover.path
                        ));
                    }
                }
            }
            Self::InPlace { lock, bytes } => {
                let all = [root_lock(lock, bytes), in_place::other_mode(project)];
                found.findings = all.into_iter().flatten().collect();
                let wanted = project.settings.target();
                let about = schema_differs(
                    &Tree::default(),
                    lock,
                    Mode::InPlace,
                    wanted.as_ref(),
                    Utf8Path::new(""),
                );
                found.findings.extend(about);
            }
        }
        found.findings.extend(ignored.into_iter().flatten());
        Ok(found)
    }

    /// The revisions that Alembic runs beside what is vendored; in place, all of them.
    pub fn revisions(&self, project: &Project) -> Result<Revisions, ProjectError> {
        match self {
            Self::Vendored { .. } => project.own_revisions(),
            Self::InPlace { .. } => project.revisions(|_| true),
        }
    }

    /// What lies around: Alembic's configuration, `env.py`, the graph of revisions, the scripts. `revisions` are this state's.
    pub fn surroundings(
        &self,
        project: &Project,
        upstream: Option<&Upstream>,
        revisions: Revisions,
    ) -> Result<Found, Failure> {
        match self {
            Self::Vendored { tree, lock } => {
                let needs = lock.as_ref().map(|lock| vendored::needs(tree, lock));
                surroundings(
                    project,
                    Subject::Vendored(tree),
                    revisions,
                    lock.as_ref(),
                    needs,
                )
            }
            Self::InPlace { lock, .. } => {
                let shipped: Option<Utf8PathBuf> = upstream.and_then(shipped);
                let subject = Subject::InPlace(shipped.as_deref());
                let needs = Some(needs(upstream));
                let mut found = surroundings(project, subject, revisions, Some(lock), needs)?;
                found.notes.extend(in_place::not_checked(upstream));
                Ok(found)
            }
        }
    }
}
