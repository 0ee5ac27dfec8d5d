//! The bytes of the revision files.

use super::chain::{Link, Place, keeps_id, rendered};
use super::local::{State, state};
use super::{Input, PlanError};
use crate::lockfile::{Mode, sql_path};
use crate::python_source::Header;
use crate::render::revision;
use crate::upstream::{Migration, Sql, Wrapper};

/// The branch label of the chain's base, so that `procrastinate@head` names the head.
pub(super) const LABEL: &str = "procrastinate";

/// The bytes of a link's files, one for each place; none if their SQL is not available.
pub(super) fn contents(
    input: &Input<'_>,
    mode: Mode,
    link: &Link<'_>,
) -> Result<Option<Vec<Vec<u8>>>, PlanError> {
    match (mode, link.upstream) {
        // Nothing is written: `in_place` plans without files.
        (Mode::InPlace, _) => Ok(None),
        (Mode::Copy, None) => match input.lock.map(|lock| lock.upstream.mode) {
            Some(Mode::Copy) => Ok(None),
            _ => Err(PlanError::CopyOfRemoved { name: link.name() }),
        },
        (Mode::Copy, Some(migration)) => copied(input, migration, link).map(Some),
        (Mode::Render, _) if link.sql_name().is_none() => {
            Err(PlanError::NothingToRender { file: link.name() })
        }
        (Mode::Render, Some(migration)) => {
            refuse_more_than_sql(migration)?;
            let files = link.sql().map(|sql| render(input, sql, link));
            files.transpose()
        }
        (Mode::Render, None) => {
            let files = kept_sql(input, link).map(|sql| render(input, &sql, link));
            files.transpose()
        }
    }
}

/// The SQL that a copied wrapper ran, kept beside the lock since it was vendored.
fn kept_sql(input: &Input<'_>, link: &Link<'_>) -> Option<Sql> {
    let locked = link.locked.first()?;
    let (name, digest) = (locked.sql.as_ref()?, locked.sql_sha256?);
    let path = sql_path(&locked.file);
    let bytes = match state(input.tree, &path, digest) {
        State::Same => input.tree.file(&path)?.to_vec(),
        State::LineEnds(bytes) => bytes,
        State::Edited | State::Missing | State::NotAFile => return None,
    };
    Some(Sql {
        name: name.clone(),
        text: String::from_utf8(bytes).ok()?,
        digest,
    })
}

fn render(input: &Input<'_>, sql: &Sql, link: &Link<'_>) -> Result<Vec<Vec<u8>>, PlanError> {
    let migration = rendered(sql, input)?;
    let wrapper = link.wrapper();
    if let Some(wrapper) = wrapper {
        let migrations = &input.upstream.migrations;
        let own = |id: &&String| migrations.iter().all(|m| m.upstream_id() != Some(id));
        refuse_dependency(wrapper, wrapper.revision.depends_on.iter().find(own))?;
    }
    let of = link.places.len();
    let render = |(index, place): (usize, &Place)| {
        let base = place.down.is_none().then(|| LABEL.to_owned());
        let last = wrapper.filter(|wrapper| index + 1 == of && keeps_labels(wrapper, place));
        let upstreams = last
            .into_iter()
            .flat_map(|wrapper| &wrapper.revision.labels);
        let upstreams = upstreams.filter(|label| *label != LABEL).cloned();
        let labels: Vec<String> = base.into_iter().chain(upstreams).collect();
        let place = revision::Place {
            id: &place.id,
            down: place.down.as_deref(),
            labels: &labels,
            depends_on: &place.depends_on,
            is_first: index == 0 && is_first(input, link),
        };
        migration.render(index, of, &place).into_bytes()
    };
    Ok(link.places.iter().enumerate().map(render).collect())
}

/// Whether the chain begins with it. Behind a baseline it begins with a revision of the project's own.
fn is_first(input: &Input<'_>, link: &Link<'_>) -> bool {
    if input.lock.is_some_and(|lock| lock.baseline.is_some()) {
        return false;
    }
    match input.lock.and_then(|lock| lock.revisions.first()) {
        Some(first) => link.locked.first() == Some(first),
        None => link.upstream == input.upstream.migrations.first(),
    }
}

/// Upstream's file, byte for byte. If this project's chain differs from upstream's, with the project's own
/// `revision` and `down_revision` in it.
fn copied(
    input: &Input<'_>,
    migration: &Migration,
    link: &Link<'_>,
) -> Result<Vec<Vec<u8>>, PlanError> {
    let Some(wrapper) = &migration.wrapper else {
        return Err(PlanError::Unwrapped {
            name: link.name(),
            release: input.upstream.release.to_string(),
        });
    };
    let [place] = link.places.as_slice() else {
        return Err(PlanError::CopyOfParts { name: link.name() });
    };
    let moved = |id: &&String| !keeps_id(input, id);
    refuse_dependency(wrapper, wrapper.revision.depends_on.iter().find(moved))?;
    let header = Header {
        id: &place.id,
        down: place.down.as_deref(),
        depends_on: &[&wrapper.revision.depends_on[..], &place.depends_on].concat(),
        labels: keeps_labels(wrapper, place),
    };
    match wrapper.revision.at(&wrapper.text, &header) {
        Some(text) => Ok(vec![text.into_bytes()]),
        None => Err(PlanError::NoPlace {
            file: wrapper.file.to_string(),
        }),
    }
}

/// Refuses a dependency on a revision that this project lacks, or has under another id.
fn refuse_dependency(wrapper: &Wrapper, id: Option<&String>) -> Result<(), PlanError> {
    match id {
        None => Ok(()),
        Some(id) => Err(PlanError::DependsOn {
            file: wrapper.file.to_string(),
            id: id.clone(),
        }),
    }
}

/// A label belongs to the base of a chain. One of upstream's that stands elsewhere in this project's chain (a new base,
/// after upstream squashed its migrations) must not bring the label a second time: Alembic stops at that.
fn keeps_labels(wrapper: &Wrapper, place: &Place) -> bool {
    !wrapper.revision.down.is_empty() || place.down.is_none()
}

/// Refuses a wrapper that does more than run its SQL: rendering would lose the rest.
fn refuse_more_than_sql(migration: &Migration) -> Result<(), PlanError> {
    if let Some(wrapper) = &migration.wrapper
        && let Some(why) = &wrapper.revision.more
    {
        return Err(PlanError::NotAWrapper {
            file: wrapper.file.to_string(),
            name: migration.name().to_owned(),
            why: why.clone(),
        });
    }
    Ok(())
}
