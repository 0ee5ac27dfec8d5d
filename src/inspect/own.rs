//! The project's own revisions, as the plan needs to know them.

use crate::alembic::config::Versions;
use crate::alembic::graph::Node;
use crate::alembic::revisions::Unreadable;
use crate::failure::Failure;
use crate::plan::Own;
use crate::project::Project;
use crate::settings::History;

/// Those outside of the vendored directory.
pub struct OwnRevisions<'a> {
    project: &'a Project,
    nodes: Vec<Node>,
    /// The files that say in no plain way which revisions they are, and what they build upon.
    pub unreadable: Vec<Unreadable>,
}

impl<'a> OwnRevisions<'a> {
    /// To write a linear history, every one of them has to be known.
    pub fn all(project: &'a Project) -> Result<Self, Failure> {
        let linear = project.settings.history == History::Linear;
        if let (true, Some(alembic)) = (linear, &project.alembic) {
            let why = match &alembic.versions {
                Versions::Undecidable { why, .. } => Some(why),
                Versions::Refused(refusal) => Some(&refusal.why),
                Versions::Default(_) | Versions::Listed(_) => None,
            };
            if let Some(why) = why {
                return Err(Failure::LocationsUnknown(why.clone()));
            }
        }
        let mut own = Self::readable(project)?;
        if linear && !own.unreadable.is_empty() {
            return Err(Failure::HeadsUnknown(own.unreadable.swap_remove(0)));
        }
        Ok(own)
    }

    /// Those that can be read.
    pub fn readable(project: &'a Project) -> Result<Self, Failure> {
        let revisions = project.own_revisions()?;
        Ok(Self {
            project,
            nodes: revisions.nodes,
            unreadable: revisions.unreadable,
        })
    }

    pub fn own(&self) -> Own<'_> {
        Own {
            nodes: &self.nodes,
            directory: &self.project.directory,
            linear: self.project.settings.history == History::Linear,
        }
    }
}
