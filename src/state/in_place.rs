//! Where the installed package's own revisions run.

use camino::Utf8PathBuf;

use crate::alembic::config::AlembicConfig;
use crate::environment::Environments;
use crate::failure::{Failure, InPlaceError};
use crate::findings::wiring::Needs;
use crate::findings::{Code, Finding};
use crate::links;
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::patch::FileChange;
use crate::place::Place;
use crate::plan::{directory, location};
use crate::procrastinate::{Layout, PACKAGE};
use crate::project::Project;
use crate::python_source::leaves_transaction;
use crate::sql::adds_enum_value;
use crate::upstream::Upstream;

/// The `package:path` location of an installation's revisions; an error if there are none, or if it is no installation.
pub fn installed_location(upstream: &Upstream) -> Result<String, Failure> {
    let title = upstream.title();
    match location(upstream).filter(|_| upstream.layout == Layout::Alembic) {
        None => Err(InPlaceError::NoRevisions { title }.into()),
        Some(_) if upstream.root.is_none() => Err(InPlaceError::NotInstalled(title).into()),
        Some(location) => Ok(location),
    }
}

/// The directory of an installation's revisions, absolute.
pub fn shipped(upstream: &Upstream) -> Option<Utf8PathBuf> {
    let root = upstream.root.as_ref()?;
    links::real(root.join(directory(upstream)?)).ok()
}

/// Refuses an installation that Alembic does not import. The text is why that cannot be told.
pub fn imported(
    alembic: &AlembicConfig,
    environments: &Environments,
    upstream: &Upstream,
) -> Result<Option<String>, Failure> {
    let location = installed_location(upstream)?;
    let shipped = shipped(upstream);
    let looks_into = |directory: &Utf8PathBuf| alembic.looks_into(directory) == Some(true);
    if shipped.as_ref().is_some_and(looks_into) {
        return Ok(None);
    }
    let mut locations = alembic.versions.locations().iter();
    let found = match locations.find(|found| found.is_upstreams()) {
        Some(listed) if listed.written == location || !listed.package => listed.resolved.clone(),
        _ => alembic
            .would_find(&location, environments)
            .map_err(Failure::Read)?,
    };
    let title = upstream.title();
    match found {
        Ok(found) if links::real(&found).ok() == shipped => Ok(None),
        Ok(imported) => Err(InPlaceError::Elsewhere {
            location,
            imported,
            title,
        }
        .into()),
        Err(why) => Ok(Some(format!(
            "whether Alembic imports {title} could not be checked: {why}"
        ))),
    }
}

/// The lock in the project's root, from what is there to what will be.
pub fn lock_file(before: Option<&[u8]>, lock: &Lock) -> Result<FileChange, Failure> {
    Ok(FileChange {
        path: LOCK_NAME.to_owned(),
        before: before.map(<[u8]>::to_vec),
        after: Some(lock.to_text()?.into_bytes()),
    })
}

/// What the installed package's own revisions need of `env.py`; nothing that is known, if it was not found.
pub fn needs(upstream: Option<&Upstream>) -> Needs {
    let migrations = || upstream.iter().flat_map(|upstream| &upstream.migrations);
    let mut wrappers = migrations().filter_map(|migration| migration.wrapper.as_ref());
    let leaves_transaction = wrappers.any(|wrapper| leaves_transaction(&wrapper.text));
    let wrapped = migrations().filter(|migration| migration.wrapper.is_some());
    let mut sql = wrapped.filter_map(|migration| migration.sql.as_ref());
    Needs {
        mode: Mode::InPlace,
        leaves_transaction,
        adds_enum_values: !leaves_transaction && sql.any(|sql| adds_enum_value(&sql.text)),
    }
}

/// Where the revisions come from: as Alembic's configuration has it, or else as upstream gives it.
pub(super) fn place(project: &Project, upstream: Option<&Upstream>) -> String {
    let listed = project.locations().find(|location| location.is_upstreams());
    let listed = listed.map(|location| location.written.clone());
    listed
        .or_else(|| upstream.and_then(location))
        .unwrap_or_else(|| PACKAGE.to_owned())
}

/// A setting that asks for vendored files.
pub(super) fn other_mode(project: &Project) -> Option<Finding> {
    let mode = project.settings.mode?;
    let message = format!(
        "the settings ask for mode `{mode}`, but the package's own revisions run (mode `in-place`)"
    );
    let remedy = "remove `mode` from the settings; or vendor copies (docs/shipped-revisions.md)";
    let place = Place::new(LOCK_NAME);
    Some(Finding::error(Code::Mode, place, message, remedy))
}

/// What a package that is not installed, or was not found, leaves open.
pub(super) fn not_checked(upstream: Option<&Upstream>) -> Option<String> {
    match upstream {
        None => Some(
            "it was not checked what the package's own revisions need in `env.py`, because the package was not read".to_owned(),
        ),
        Some(upstream) if upstream.root.is_none() => Some(format!(
            "{} is not installed: this shows what would run if it were installed",
            upstream.title()
        )),
        Some(_) => None,
    }
}
