//! The bytes of the revision files.

use super::chain::{Link, Place, rendered};
use super::local::{State, state};
use super::{Input, PlanError};
use crate::lockfile::{Mode, sql_path};
use crate::migration_name::MigrationName;
use crate::render::revision;
use crate::upstream::{Migration, Sql, Wrapper};

/// The branch label of the chain's base, so that `procrastinate@head` names the head.
const LABEL: &str = "procrastinate";

/// What a link's files should be, one for each of its places; none if what they are made from is not at hand.
pub(super) fn contents(
    input: &Input<'_>,
    mode: Mode,
    link: &Link<'_>,
) -> Result<Option<Vec<Vec<u8>>>, PlanError> {
    match (mode, link.upstream) {
        (Mode::Copy, None)
            if input
                .lock
                .is_some_and(|lock| lock.upstream.mode == Mode::Copy) =>
        {
            Ok(None)
        }
        (Mode::Copy, None) => Err(PlanError::CopyOfRemoved { name: link.name() }),
        (Mode::Copy, Some(migration)) => copied(input, migration, link).map(Some),
        (Mode::Render, Some(migration)) => match &migration.sql {
            Some(sql) => render(input, sql, link).map(Some),
            None => Err(PlanError::NothingToRender {
                file: migration.name().to_owned(),
            }),
        },
        (Mode::Render, None) => match kept_sql(input, link) {
            Some(sql) => render(input, &sql, link).map(Some),
            None => Ok(None),
        },
    }
}

/// The SQL that a copied wrapper ran, kept beside the lock since it was vendored.
fn kept_sql(input: &Input<'_>, link: &Link<'_>) -> Option<Sql> {
    let locked = link.locked.first()?;
    let (name, digest): (&MigrationName, _) = (locked.sql.as_ref()?, locked.sql_sha256?);
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
    let wrapper = link
        .upstream
        .and_then(|migration| migration.wrapper.as_ref());
    if let Some(wrapper) = wrapper {
        let ids = input
            .upstream
            .migrations
            .iter()
            .filter_map(Migration::upstream_id);
        depends_on_nothing_else(wrapper, ids)?;
    }
    let of = link.places.len();
    let render = |(index, place): (usize, &Place)| {
        let mut labels: Vec<String> = Vec::new();
        if place.down.is_none() {
            labels.push(LABEL.to_owned());
        }
        if let Some(wrapper) = wrapper.filter(|_| index + 1 == of) {
            labels.extend(
                wrapper
                    .revision
                    .labels
                    .iter()
                    .filter(|label| *label != LABEL)
                    .cloned(),
            );
        }
        let place = revision::Place {
            id: &place.id,
            down: place.down.as_deref(),
            labels: &labels,
        };
        migration.render(index, of, &place).into_bytes()
    };
    Ok(link.places.iter().enumerate().map(render).collect())
}

/// Upstream's file, byte for byte; where this project's chain is another than upstream's, with its own
/// `revision` and `down_revision` in it.
fn copied(
    input: &Input<'_>,
    migration: &Migration,
    link: &Link<'_>,
) -> Result<Vec<Vec<u8>>, PlanError> {
    let (Some(wrapper), [place]) = (&migration.wrapper, link.places.as_slice()) else {
        return Err(match &migration.wrapper {
            None => PlanError::NothingToCopy {
                release: input.upstream.release.to_string(),
            },
            Some(_) => PlanError::CopyOfParts { name: link.name() },
        });
    };
    let kept = input
        .lock
        .iter()
        .flat_map(|lock| lock.revisions.iter().map(|revision| revision.id.as_str()));
    let own = input
        .upstream
        .migrations
        .iter()
        .filter_map(Migration::upstream_id);
    depends_on_nothing_else(wrapper, kept.chain(own))?;
    let text = wrapper
        .revision
        .at(&wrapper.text, &place.id, place.down.as_deref())
        .ok_or_else(|| PlanError::NoPlace {
            file: wrapper.file.to_string(),
        })?;
    Ok(vec![text.into_bytes()])
}

fn depends_on_nothing_else<'a>(
    wrapper: &Wrapper,
    ids: impl Iterator<Item = &'a str>,
) -> Result<(), PlanError> {
    let ids: Vec<&str> = ids.collect();
    match wrapper
        .revision
        .depends_on
        .iter()
        .find(|id| !ids.contains(&id.as_str()))
    {
        None => Ok(()),
        Some(id) => Err(PlanError::DependsOn {
            file: wrapper.file.to_string(),
            id: id.clone(),
        }),
    }
}

impl Migration {
    /// The id in its revision file.
    fn upstream_id(&self) -> Option<&str> {
        self.wrapper
            .as_ref()
            .map(|wrapper| wrapper.revision.id.as_str())
    }
}
