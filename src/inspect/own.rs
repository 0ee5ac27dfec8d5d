//! The project's own revisions, as the plan needs to know them.

use std::borrow::Cow;

use camino::Utf8Path;

use crate::alembic::graph::Node;
use crate::alembic::revisions::Revisions;
use crate::failure::Failure;
use crate::findings::Code;
use crate::plan::Own;
use crate::project::Project;
use crate::settings::History;

/// Those outside of the vendored directory.
pub struct OwnRevisions<'a> {
    project: &'a Project,
    nodes: Cow<'a, [Node]>,
    edited: Vec<&'a str>,
}

impl<'a> OwnRevisions<'a> {
    /// To write a linear history, every one of them has to be known.
    pub fn all(project: &'a Project) -> Result<Self, Failure> {
        let linear = project.settings.history == History::Linear;
        let alembic = project.alembic.as_ref().filter(|_| linear);
        if let Some(why) = alembic.and_then(|alembic| alembic.versions.unknown()) {
            return Err(Failure::LocationsUnknown(why.to_owned()));
        }
        let revisions = project.own_revisions()?;
        match revisions.unreadable.into_iter().next().filter(|_| linear) {
            Some(file) => Err(Failure::HeadsUnknown(file)),
            None => Ok(Self::new(project, revisions.nodes.into())),
        }
    }

    fn new(project: &'a Project, nodes: Cow<'a, [Node]>) -> Self {
        let accepted = project.settings.accept.iter();
        let edited = accepted
            .filter(|entry| entry.code == Code::Edited)
            .filter_map(|entry| {
                Utf8Path::new(&entry.path)
                    .strip_prefix(&project.directory)
                    .ok()
            })
            .map(Utf8Path::as_str);
        Self {
            project,
            nodes,
            edited: edited.collect(),
        }
    }

    pub fn none(project: &'a Project) -> Self {
        Self::new(project, Cow::Borrowed(&[]))
    }

    /// Those that can be read, of revisions that were.
    pub fn readable(project: &'a Project, revisions: &'a Revisions) -> Self {
        Self::new(project, Cow::Borrowed(&revisions.nodes))
    }

    pub fn own(&self) -> Own<'_> {
        Own {
            nodes: &self.nodes,
            directory: &self.project.directory,
            linear: self.project.settings.history == History::Linear,
            edited: &self.edited,
        }
    }
}
