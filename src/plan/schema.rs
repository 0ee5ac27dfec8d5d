//! The schema that revisions are rendered for.

use super::{ConflictKind, Input};
use crate::lockfile::Mode;
use crate::sql::Schema;

/// The schema to render for, and what stands in the way of the one that is asked for.
pub(super) fn schema<'a>(
    input: &Input<'a>,
    mode: Mode,
) -> (Option<&'a Schema>, Option<ConflictKind>) {
    let wanted = input.schema;
    let renders = |schema: Option<&'a Schema>| schema.filter(|_| mode == Mode::Render);
    if wanted.is_some() && renders(wanted).is_none() {
        return (None, Some(ConflictKind::SchemaOfCopies));
    }
    match input.lock {
        Some(lock) if lock.schema.as_ref() != wanted && !input.options.rerender => {
            let kind = ConflictKind::OtherSchema {
                vendored: lock.schema.clone(),
                wanted: wanted.cloned(),
            };
            (renders(lock.schema.as_ref()), Some(kind))
        }
        _ => (wanted, None),
    }
}

/// For people: when it is right to render everything for another schema.
pub fn when_to_rerender(vendored: Option<&Schema>, wanted: Option<&Schema>) -> String {
    if vendored.map(|schema| &schema.name) == wanted.map(|schema| &schema.name) {
        return "changes only the first revision, and changes nothing for databases that have run it"
            .to_owned();
    }
    let there = wanted.map_or("where their search path points".to_owned(), |schema| {
        format!("in the schema {}", schema.name.quoted())
    });
    format!(
        "is right only if all databases have Procrastinate's objects {there} already: on any other database, the next \
         upgrade would fail, or split the queue over two schemas"
    )
}

/// For people: what the lock and the settings say.
pub fn differing(vendored: Option<&Schema>, wanted: Option<&Schema>) -> String {
    let words = |schema: Option<&Schema>| match schema {
        None => "for no schema of their own".to_owned(),
        Some(Schema { name, create }) => {
            let made = if *create {
                ", which the first one makes"
            } else {
                ""
            };
            format!("for the schema {}{made}", name.quoted())
        }
    };
    format!(
        "the revisions are rendered {}, but the settings ask for revisions {}",
        words(vendored),
        words(wanted)
    )
}
