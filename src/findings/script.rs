//! What is left of Alembic's locations after `env.py` has changed the list.

use camino::Utf8Path;

use super::wiring::{Env, Wiring};
use super::{Code, Finding};
use crate::alembic::config::Versions;
use crate::alembic::env_file::ScriptChange;
use crate::place::Place;

/// Which directories `upgrade` looks into in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed<'a> {
    pub(super) vendored: bool,
    own: bool,
    last: &'a ScriptChange,
}

impl Wiring<'_> {
    /// None if `env.py` changes nothing, or a directory is not known.
    pub(super) fn changed(&self) -> Option<Changed<'_>> {
        let vendored = self.alembic.root.join(self.directory?);
        let own = self.alembic.root.join(self.alembic.own_versions());
        let changes = &self.env?.file.as_ref().ok()?.script_changes;
        let mut changed = Changed {
            vendored: self.looks_into_vendored() != Some(false),
            own: self.alembic.looks_into(&own) != Some(false) || !own.is_dir(),
            last: changes.last()?,
        };
        // Without a list, the default directory is looked into; with one, only what it names.
        let mut is_default = matches!(self.alembic.versions, Versions::Default(_));
        for change in changes {
            let keeps = change.adds && !is_default;
            is_default = false;
            changed.vendored = names(change, &vendored) || (keeps && changed.vendored);
            changed.own = names(change, &own) || (keeps && changed.own);
        }
        changed.own |= !own.is_dir();
        Some(changed)
    }

    pub(super) fn script_finding(&self) -> Option<Finding> {
        let (env, changed) = (self.env?, self.changed()?);
        let vendored = self.directory.filter(|_| !changed.vendored);
        let own = Some(self.alembic.own_versions()).filter(|_| !changed.own);
        let lost = own.iter().map(|own| own.as_path()).chain(vendored);
        let lost: Vec<&str> = lost.map(Utf8Path::as_str).collect();
        if lost.is_empty() {
            return None;
        }
        let place = &changed.last.place;
        let message = format!(
            "`{}`: it changes the list of locations that Alembic has made, and {} may not be in it any more: `upgrade` \
             exits 0, and applies no revision from a location that is missing in the list",
            place.text,
            lost.join(" and ")
        );
        let remedy = "remove the line: `vendor-migrations init` lists all locations in Alembic's configuration";
        let place = Place::new(env.path.as_str()).at(place.line);
        Some(Finding::error(Code::LocationsInEnv, place, message, remedy))
    }

    /// What `env.py` adds, only what runs it sees.
    pub(super) fn is_added(&self, env: &Env) -> Option<String> {
        let changed = self.changed().filter(|changed| changed.vendored)?;
        Some(format!(
            "{}:{} adds {} to the locations: `upgrade` looks there; `heads`, `history` and `revision` do not run that \
             file, so they do not look there",
            env.path, changed.last.place.line, self.directory?
        ))
    }
}

/// Whether one of the texts is the directory, or an end of its path; its last name may be a pattern.
fn names(change: &ScriptChange, directory: &Utf8Path) -> bool {
    let own = directory.file_name().unwrap_or_default();
    let texts = change.strings.iter().map(|text| text.trim_matches('/'));
    texts
        .map(|text| Utf8Path::new(text.strip_prefix("./").unwrap_or(text)))
        .any(
            |path| match path.file_name().and_then(|name| name.split_once('*')) {
                Some((first, _)) if !first.is_empty() => own.starts_with(first),
                _ => path.file_name().is_some() && directory.ends_with(path),
            },
        )
}
