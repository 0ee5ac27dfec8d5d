//! Revisions below a version location, where Alembic does not look.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::wiring::Found;
use super::{Code, Finding};
use crate::alembic::config::{AlembicConfig, Setting};
use crate::alembic::graph::Node;
use crate::place::Place;

#[derive(Debug, Clone, Copy)]
pub struct Unloaded<'a> {
    pub alembic: &'a AlembicConfig,
    /// Those that Alembic does not load.
    pub nodes: &'a [Node],
    /// Those that it loads.
    pub loaded: &'a [Node],
    /// Whether some of them are the project's own.
    pub has_own: bool,
    /// `env.py` says something else of where revisions are.
    pub env_sets_locations: bool,
}

pub fn unloaded(unloaded: &Unloaded<'_>) -> Found {
    let mut found = Found::default();
    let nodes = unloaded.nodes;
    if nodes.is_empty() {
        return found;
    }
    let directories: BTreeSet<&str> = nodes
        .iter()
        .filter_map(|node| node.path.parent().map(Utf8Path::as_str))
        .collect();
    let directories: Vec<&str> = directories.into_iter().collect();
    let (what, number) = (directories.join(", "), nodes.len());
    let setting = unloaded.attempt();
    if unloaded.env_sets_locations || !(setting.is_some() || unloaded.are_meant()) {
        found.notes.push(format!(
            "Alembic does not run the revisions in {what} ({number}): it does not look below a version location without \
             `recursive_version_locations = true`"
        ));
        return found;
    }
    let (reason, remedy) = unloaded.reason(setting.as_ref());
    let message = format!(
        "{what}: Alembic exits 0, and applies none of the revisions there ({number}): {reason}"
    );
    let alembic = unloaded.alembic;
    let setting = setting.or_else(|| alembic.setting("version_locations"));
    let place = match (setting, &alembic.file) {
        (Some(setting), _) => (&setting.place).into(),
        (None, Some(file)) => Place::new(file.as_str()),
        (None, None) => Place::new("alembic.ini"),
    };
    let about = nodes.iter().map(|node| node.id.clone()).collect();
    let finding = Finding::error(Code::OwnVersions, place, message, remedy).about(about);
    found.findings.push(finding);
    found
}

impl Unloaded<'_> {
    /// A setting by which somebody wanted them loaded.
    fn attempt(&self) -> Option<Setting> {
        let setting = self.alembic.setting("recursive_version_locations")?;
        let value = setting.raw.trim().to_ascii_lowercase();
        (!["", "false", "no", "off", "0"].contains(&value.as_str())).then_some(setting)
    }

    /// Old revisions that were put away stand apart, beside those that took their place.
    fn are_meant(&self) -> bool {
        let builds = |nodes: &[Node], others: &[Node]| {
            let ids: BTreeSet<&str> = others.iter().map(|node| node.id.as_str()).collect();
            let mut nodes = nodes.iter().filter(|node| !ids.contains(node.id.as_str()));
            nodes.any(|node| {
                let mut needed = node.down.iter().chain(&node.depends_on);
                needed.any(|id| ids.contains(id.as_str()))
            })
        };
        !self.has_own || builds(self.nodes, self.loaded) || builds(self.loaded, self.nodes)
    }

    fn reason(&self, setting: Option<&Setting>) -> (String, String) {
        let rules = &self.alembic.rules;
        let list = "list each directory in `version_locations`";
        if !rules.reads_recursive() {
            let reason = match setting {
                Some(_) => "before 1.10, Alembic does not read `recursive_version_locations`",
                None => "it does not look below a version location",
            };
            let remedy =
                format!("{list}; from 1.10 on, `recursive_version_locations = true` is enough");
            return (reason.to_owned(), remedy);
        }
        let reason = match setting {
            Some(setting) => format!(
                "`recursive_version_locations` is `{}`, but Alembic accepts only the exact word `true`",
                setting.raw
            ),
            None => "it does not look below a version location".to_owned(),
        };
        let remedy = format!("set `recursive_version_locations = true`, or {list}");
        (reason, remedy)
    }
}
