//! The commands where nothing is vendored: the installed package's own revisions run, and a lock in the project's root
//! says what they were.

mod error;
mod init;
mod report;
mod surroundings;
mod sync;

use camino::Utf8PathBuf;

pub(super) use error::InPlaceError;
pub(super) use init::init;
pub(super) use report::{check, diff, status};
pub(super) use sync::sync;

use super::Failure;
use crate::alembic::config::AlembicConfig;
use crate::environment::Environments;
use crate::lockfile::{LOCK_NAME, Lock};
use crate::plan::in_place::{directory, location};
use crate::procrastinate::Layout;
use crate::upstream::Upstream;
use crate::vendored::Replacement;

/// The `package:path` location of an installation's revisions; an error if there are none, or if it is no installation.
fn installed_location(upstream: &Upstream) -> Result<String, Failure> {
    let title = upstream.title();
    let location = location(upstream).filter(|_| upstream.layout == Layout::Alembic);
    let location = location.ok_or_else(|| InPlaceError::NoRevisions {
        title: title.clone(),
    })?;
    match upstream.root {
        Some(_) => Ok(location),
        None => Err(InPlaceError::NotInstalled(title).into()),
    }
}

/// The directory of an installation's revisions, absolute.
fn shipped(upstream: &Upstream) -> Option<Utf8PathBuf> {
    let root = upstream.root.as_ref()?;
    root.join(directory(upstream)?).canonicalize_utf8().ok()
}

/// Where Alembic imports the package from, seen from the one that was found.
enum Import {
    Same,
    /// It cannot be told; why.
    Unknown(String),
}

/// Refuses an installation that Alembic does not import.
fn imported(
    alembic: &AlembicConfig,
    environments: &Environments,
    upstream: &Upstream,
) -> Result<Import, Failure> {
    let location = installed_location(upstream)?;
    let shipped = shipped(upstream);
    let looks_into = |directory: &Utf8PathBuf| alembic.looks_into(directory) == Some(true);
    if shipped.as_ref().is_some_and(looks_into) {
        return Ok(Import::Same);
    }
    let listed = alembic
        .versions
        .locations()
        .iter()
        .find(|found| found.is_upstreams());
    let found = match listed {
        Some(listed) if listed.written == location || !listed.package => listed.resolved.clone(),
        _ => alembic
            .would_find(&location, environments)
            .map_err(Failure::Read)?,
    };
    match found {
        Ok(found) if found.canonicalize_utf8().ok() == shipped => Ok(Import::Same),
        Ok(imported) => Err(InPlaceError::Elsewhere {
            location,
            imported,
            title: upstream.title(),
        }
        .into()),
        Err(why) => Ok(Import::Unknown(format!(
            "whether Alembic imports {} could not be checked: {why}",
            upstream.title()
        ))),
    }
}

/// The lock in the project's root, from what is there to what will be.
fn lock_file(before: Option<&[u8]>, lock: &Lock) -> Result<Replacement, Failure> {
    Ok(Replacement {
        path: Utf8PathBuf::from(LOCK_NAME),
        before: before.map(<[u8]>::to_vec),
        after: lock.to_text()?.into_bytes(),
    })
}
