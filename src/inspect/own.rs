//! The project's own revisions, as the plan needs to know them.

use crate::alembic::graph::Node;
use crate::failure::Failure;
use crate::plan::Own;
use crate::project::Project;
use crate::settings::History;

/// Those outside of the vendored directory.
pub struct OwnRevisions<'a> {
    project: &'a Project,
    nodes: Vec<Node>,
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
            None => Ok(Self {
                project,
                nodes: revisions.nodes,
            }),
        }
    }

    /// Those that can be read.
    pub fn readable(project: &'a Project) -> Result<Self, Failure> {
        let nodes = project.own_revisions()?.nodes;
        Ok(Self { project, nodes })
    }

    pub fn own(&self) -> Own<'_> {
        Own {
            nodes: &self.nodes,
            directory: &self.project.directory,
            linear: self.project.settings.history == History::Linear,
        }
    }
}
