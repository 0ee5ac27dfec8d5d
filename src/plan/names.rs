//! Names for new revisions: upstream's own where they are free, else what the SQL's name gives.

use std::collections::BTreeSet;

use super::chain::{Link, Place, rendered};
use super::{Input, Own, PlanError};
use crate::file_name::{BadFileName, FileName};
use crate::lockfile::Mode;
use crate::procrastinate::LONGEST_ID;
use crate::upstream::{Migration, Wrapper};

/// The ids and files that are taken. A name never comes back to another migration.
pub(super) struct Names {
    ids: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Names {
    pub(super) fn taken(links: &[Link<'_>], own: &Own<'_>) -> Self {
        let places = || links.iter().flat_map(|link| &link.places);
        Self {
            ids: places()
                .map(|place| place.id.clone())
                .chain(own.nodes.iter().map(|node| node.id.clone()))
                .collect(),
            files: places()
                .map(|place| place.file.as_str().to_ascii_lowercase())
                .collect(),
        }
    }

    pub(super) fn places(
        &mut self,
        input: &Input<'_>,
        migration: &Migration,
        mode: Mode,
        mut down: Option<String>,
    ) -> Result<Vec<Place>, PlanError> {
        let parts = match (mode, &migration.sql) {
            (Mode::Render, Some(sql)) => rendered(sql, input)?.parts(),
            _ => 1,
        };
        let id = self.id(migration)?;
        let module = match (&migration.wrapper, &migration.sql) {
            (Some(wrapper), _) => wrapper.file.stem().to_owned(),
            (None, Some(sql)) => sql.name.module(),
            (None, None) => id.clone(),
        };
        let mut places = Vec::with_capacity(parts);
        for part in 1..=parts {
            // The last part keeps the plain id: who upgrades to it has the whole migration.
            let (id, suffix) = if part == parts {
                (id.clone(), String::new())
            } else {
                let suffix = format!("_part{part}");
                (self.free_id(&id, &suffix), suffix)
            };
            let file = self.free_file(&format!("{module}{suffix}"))?;
            self.ids.insert(id.clone());
            let down = down.replace(id.clone());
            places.push(Place {
                id,
                down,
                depends_on: Vec::new(),
                file,
            });
        }
        Ok(places)
    }

    /// Upstream's own id if it is free, else the one that the SQL's name gives.
    pub(super) fn id(&self, migration: &Migration) -> Result<String, PlanError> {
        if let Some(wrapper) = &migration.wrapper {
            let id = usable_id(wrapper)?;
            if !self.ids.contains(id) {
                return Ok(id.to_owned());
            }
        }
        let derived = match (&migration.sql, &migration.wrapper) {
            (Some(sql), _) => sql.name.revision_id(),
            (None, Some(wrapper)) => format!("{}_2", wrapper.revision.id),
            (None, None) => "procrastinate".to_owned(),
        };
        Ok(self.free_id(&derived, ""))
    }

    /// `stem` and `suffix`, cut to what Alembic's version table holds, and numbered if that is taken.
    fn free_id(&self, stem: &str, suffix: &str) -> String {
        let id = |number: &str| {
            let room = LONGEST_ID.saturating_sub(suffix.len() + number.len());
            format!("{}{suffix}{number}", &stem[..stem.len().min(room)])
        };
        first_free(id, |id| self.ids.contains(id))
    }

    fn free_file(&mut self, stem: &str) -> Result<FileName, BadFileName> {
        let name = first_free(
            |number| format!("{stem}{number}.py"),
            |name| self.files.contains(&name.to_ascii_lowercase()),
        );
        self.files.insert(name.to_ascii_lowercase());
        FileName::new(name)
    }
}

/// The first name that is not taken: without a number, then with `_2`, `_3` and so on.
fn first_free(name: impl Fn(&str) -> String, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = name("");
    let mut number = 2;
    while is_taken(&free) {
        free = name(&format!("_{number}"));
        number += 1;
    }
    free
}

/// The id in upstream's revision file, if Alembic and its version table can hold it.
pub(super) fn usable_id(wrapper: &Wrapper) -> Result<&str, PlanError> {
    let id = &wrapper.revision.id;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(plain) {
        return Err(PlanError::BadId {
            file: wrapper.file.to_string(),
            id: id.clone(),
        });
    }
    Ok(id)
}
