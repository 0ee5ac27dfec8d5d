//! The chain as it will be: the lock's revisions where they are, new ones at its end.

use std::collections::BTreeSet;

use super::matching::{Group, groups, match_up};
use super::{Input, PlanError};
use crate::file_name::{BadFileName, FileName};
use crate::lockfile::{Lock, Mode, Superseded};
use crate::migration_name::{LONGEST_ID, MigrationName, Phase};
use crate::render::revision;
use crate::upstream::{Migration, Sql};

/// One migration of the chain.
pub(super) struct Link<'a> {
    /// The revisions that the lock has of it; empty for a new one.
    pub(super) locked: Group<'a>,
    /// Upstream's; none where upstream dropped it.
    pub(super) upstream: Option<&'a Migration>,
    /// Its revisions, in chain order.
    pub(super) places: Vec<Place>,
    /// For a new one: the vendored migration that upstream runs after it.
    pub(super) before: Option<String>,
}

/// The id and the file of one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) down: Option<String>,
    pub(super) file: FileName,
}

impl<'a> Link<'a> {
    pub(super) fn sql(&self) -> Option<&'a Sql> {
        self.upstream.and_then(|migration| migration.sql.as_ref())
    }

    /// The name of its SQL file as it will be.
    pub(super) fn sql_name(&self) -> Option<&'a MigrationName> {
        match self.upstream {
            Some(migration) => migration.sql.as_ref().map(|sql| &sql.name),
            None => self
                .locked
                .first()
                .and_then(|revision| revision.sql.as_ref()),
        }
    }

    /// The name that people know it by.
    pub(super) fn name(&self) -> String {
        match (self.upstream, self.locked.last()) {
            (Some(migration), _) => migration.name().to_owned(),
            (None, Some(revision)) => match &revision.sql {
                Some(sql) => sql.to_string(),
                None => revision.file.to_string(),
            },
            (None, None) => String::new(),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.sql_name().map_or(Phase::Post, MigrationName::phase)
    }

    /// Whether the SQL that upstream ships is another than the one locked.
    pub(super) fn sql_changed(&self) -> bool {
        match (self.locked.first(), self.upstream) {
            (Some(locked), Some(migration)) => {
                locked.sql_sha256 != migration.sql.as_ref().map(|sql| sql.digest)
            }
            _ => false,
        }
    }

    /// The digests that the SQL superseded, this change included.
    pub(super) fn superseded(&self, lock: Option<&Lock>) -> Vec<Superseded> {
        let Some(first) = self.locked.first() else {
            return Vec::new();
        };
        let mut superseded = first.superseded.clone();
        if self.sql_changed()
            && let (Some(sha256), Some(lock)) = (first.sql_sha256, lock)
        {
            superseded.push(Superseded {
                sha256,
                release: lock.upstream.release.clone(),
            });
        }
        superseded
    }
}

impl Input<'_> {
    /// Whether the revision that upstream calls `id` has that id in this project, too.
    pub(super) fn keeps_id(&self, id: &str) -> bool {
        let groups = self.lock.map(groups).unwrap_or_default();
        let migrations = &self.upstream.migrations;
        let Some(index) = migrations
            .iter()
            .position(|migration| migration.upstream_id() == Some(id))
        else {
            return false;
        };
        let taken = |group: &Group<'_>| group.iter().any(|revision| revision.id == id);
        match match_up(&groups, migrations)
            .iter()
            .position(|matched| *matched == Some(index))
        {
            Some(group) => groups[group]
                .last()
                .is_some_and(|revision| revision.id == id),
            None => !groups.iter().any(taken),
        }
    }
}

/// The chain as it will be.
pub(super) fn links<'a>(input: &Input<'a>, mode: Mode) -> Result<Vec<Link<'a>>, PlanError> {
    let migrations = &input.upstream.migrations;
    let groups = input.lock.map(groups).unwrap_or_default();
    let matched = match_up(&groups, migrations);
    let mut links: Vec<Link<'a>> = groups
        .iter()
        .zip(&matched)
        .map(|(group, index)| Link {
            locked: group,
            upstream: index.map(|index| &migrations[index]),
            places: group
                .iter()
                .map(|revision| Place {
                    id: revision.id.clone(),
                    down: revision.down.clone(),
                    file: revision.file.clone(),
                })
                .collect(),
            before: None,
        })
        .collect();
    let mut names = Names::taken(&links);
    for (index, migration) in migrations.iter().enumerate() {
        let unwrapped = mode == Mode::Copy && migration.wrapper.is_none();
        if matched.contains(&Some(index)) || unwrapped {
            continue;
        }
        let before = matched
            .iter()
            .flatten()
            .filter(|later| **later > index)
            .min();
        let down = links
            .last()
            .and_then(|link| link.places.last())
            .map(|place| place.id.clone());
        let places = names.places(input, migration, mode, down)?;
        let before = before.map(|later| migrations[*later].name().to_owned());
        links.push(Link {
            locked: &[],
            upstream: Some(migration),
            places,
            before,
        });
    }
    Ok(links)
}

/// The ids and files that are taken. A name never comes back to another migration.
struct Names {
    ids: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Names {
    fn taken(links: &[Link<'_>]) -> Self {
        let places = || links.iter().flat_map(|link| &link.places);
        Self {
            ids: places().map(|place| place.id.clone()).collect(),
            files: places()
                .map(|place| place.file.as_str().to_ascii_lowercase())
                .collect(),
        }
    }

    fn places(
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
            let last = part == parts;
            // The last part keeps the plain id: who upgrades to it has the whole migration.
            let suffix = if last {
                String::new()
            } else {
                format!("_part{part}")
            };
            let id = if last {
                id.clone()
            } else {
                self.free_id(&id, &suffix)
            };
            let file = self.free_file(&format!("{module}{suffix}"))?;
            let place = Place {
                id,
                down: down.clone(),
                file,
            };
            self.ids.insert(place.id.clone());
            down = Some(place.id.clone());
            places.push(place);
        }
        Ok(places)
    }

    /// Upstream's own id if it is free, else the one that the SQL's name gives.
    fn id(&self, migration: &Migration) -> Result<String, PlanError> {
        if let Some(wrapper) = &migration.wrapper {
            let id = &wrapper.revision.id;
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(plain) {
                return Err(PlanError::BadId {
                    file: wrapper.file.to_string(),
                    id: id.clone(),
                });
            }
            if !self.ids.contains(id) {
                return Ok(id.clone());
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
        let id = |number: Option<usize>| {
            let tail = number.map_or(suffix.to_owned(), |number| format!("{suffix}_{number}"));
            let room = LONGEST_ID.saturating_sub(tail.len());
            format!("{}{tail}", &stem[..stem.len().min(room)])
        };
        let number = std::iter::once(None)
            .chain((2..).map(Some))
            .find(|number| !self.ids.contains(&id(*number)))
            .flatten();
        id(number)
    }

    fn free_file(&mut self, stem: &str) -> Result<FileName, BadFileName> {
        let name = |number: Option<usize>| {
            let number = number.map_or(String::new(), |number| format!("_{number}"));
            format!("{stem}{number}.py")
        };
        let number = std::iter::once(None)
            .chain((2..).map(Some))
            .find(|number| !self.files.contains(&name(*number).to_ascii_lowercase()))
            .flatten();
        self.files.insert(name(number).to_ascii_lowercase());
        FileName::new(name(number))
    }
}

/// The statements of a migration, or the error that names it.
pub(super) fn rendered<'a>(
    sql: &'a Sql,
    input: &Input<'_>,
) -> Result<revision::Migration<'a>, PlanError> {
    revision::Migration::new(&sql.name, &sql.text).map_err(|error| PlanError::Render {
        name: sql.name.to_string(),
        release: input.upstream.release.to_string(),
        error,
    })
}
