//! The chain as it will be: the lock's revisions where they are, new ones at its end.

use std::collections::HashSet;

use super::linear::{adopted, onto};
use super::matching::{Group, Matched, groups, marks, match_up};
use super::names::Names;
use super::{Head, Input, PlanError};
use crate::digest::Digest;
use crate::file_name::FileName;
use crate::lockfile::{Lock, Mode};
use crate::procrastinate::{MigrationName, Phase};
use crate::render::revision;
use crate::upstream::{Migration, Sql, Wrapper};

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) down: Option<String>,
    /// Revisions of the project's own that have to run before it, beside `down`.
    pub(super) depends_on: Vec<String>,
    pub(super) file: FileName,
}

impl<'a> Link<'a> {
    pub(super) fn wrapper(&self) -> Option<&'a Wrapper> {
        self.upstream?.wrapper.as_ref()
    }

    /// The name of the SQL file in the lock.
    pub(super) fn locked_sql_name(&self) -> Option<&'a MigrationName> {
        self.locked.first()?.sql.as_ref()
    }

    pub(super) fn sql(&self) -> Option<&'a Sql> {
        self.upstream?.sql.as_ref()
    }

    /// The name of its SQL file as it will be.
    pub(super) fn sql_name(&self) -> Option<&'a MigrationName> {
        match self.upstream {
            Some(migration) => migration.sql.as_ref().map(|sql| &sql.name),
            None => self.locked_sql_name(),
        }
    }

    /// See [`known_as`](crate::procrastinate::known_as).
    pub(super) fn name(&self) -> String {
        match (self.upstream, self.locked.last()) {
            (Some(migration), _) => migration.name().to_owned(),
            (None, Some(revision)) => revision.name().to_owned(),
            (None, None) => String::new(),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.sql_name().map_or(Phase::Post, MigrationName::phase)
    }

    /// Whether upstream's SQL differs from the locked one.
    pub(super) fn sql_changed(&self) -> bool {
        let digest = self.sql().map(|sql| sql.digest);
        let locked = self.locked.first().filter(|_| self.upstream.is_some());
        locked.is_some_and(|revision| revision.sql_sha256 != digest)
    }
}

/// Whether the revision that upstream calls `id` has that id in this project, too.
pub(super) fn keeps_id(input: &Input<'_>, id: &str) -> bool {
    let groups = input.lock.map(groups).unwrap_or_default();
    let migrations = &input.upstream.migrations;
    let mut ids = migrations.iter().map(Migration::upstream_id);
    let Some(index) = ids.position(|upstreams| upstreams == Some(id)) else {
        return false;
    };
    let taken = |lock: &Lock| lock.revision(id).is_some();
    let matched = match_up(&groups, &marks(migrations));
    match matched.groups[index] {
        Some(group) => groups[group]
            .last()
            .is_some_and(|revision| revision.id == id),
        None => !input.lock.is_some_and(taken) && input.own.with_id(id).is_none(),
    }
}

/// The chain as it will be.
pub(super) struct Chain<'a> {
    /// Every migration, the first to run first.
    pub(super) links: Vec<Link<'a>>,
    /// In a linear history: the heads, if there are several and there is something new to vendor.
    pub(super) several: Option<Vec<Head>>,
}

pub(super) fn chain<'a>(input: &Input<'a>, mode: Mode) -> Result<Chain<'a>, PlanError> {
    let migrations = &input.upstream.migrations;
    let groups = input.lock.map(groups).unwrap_or_default();
    let matched = match_up(&groups, &marks(migrations));
    let matches = groups.iter().zip(&matched.of_groups);
    let mut links: Vec<Link<'a>> = matches
        .map(|(group, index)| locked(group, index.map(|index| &migrations[index])))
        .collect();
    let mut names = Names::taken(&links, &input.own);
    let adopted = adopted(input);
    let (mut begun, mut several) = (false, None);
    for index in new_in_order(migrations, &matched, mode, input.lock, |migration| {
        Ok(adopted.contains_key(&names.id(migration)?))
    })? {
        let migration = &migrations[index];
        let before = matched.runs_before(index);
        let last = links.last().and_then(|link| link.places.last());
        let mut down = last.map(|place| place.id.clone());
        if input.own.linear && !begun && !adopted.contains_key(&names.id(migration)?) {
            match onto(input, &links) {
                Ok(head) => down = head,
                Err(heads) => several = Some(heads),
            }
            begun = true;
        }
        let mut places = names.places(input, migration, mode, down)?;
        for place in &mut places {
            if let Some(down) = adopted.get(&place.id) {
                place.down.clone_from(down);
            }
        }
        if let Some(first) = places.first_mut()
            && let Some(needed) = after_adoption(input, &links)
        {
            match needed {
                Ok(ids) => first.depends_on = ids,
                Err(heads) => several = Some(heads),
            }
        }
        let before = before.map(|later| migrations[later].name().to_owned());
        links.push(Link {
            locked: &[],
            upstream: Some(migration),
            places,
            before,
        });
    }
    Ok(Chain { links, several })
}

/// A migration that was vendored before, where it is.
fn locked<'a>(group: Group<'a>, upstream: Option<&'a Migration>) -> Link<'a> {
    let places = group.iter().map(|revision| Place {
        id: revision.id.clone(),
        down: revision.down.clone(),
        depends_on: revision.depends_on.clone(),
        file: revision.file.clone(),
    });
    Link {
        locked: group,
        upstream,
        places: places.collect(),
        before: None,
    }
}

/// Of the first revision behind all that has taken an own one's place, or behind a baseline: the heads of the project's own,
/// which databases have run before it. In a linear history it follows them.
///
/// The error is those heads, if they are several: Alembic cannot sort a revision that depends on more than one.
fn after_adoption(input: &Input<'_>, links: &[Link<'_>]) -> Option<Result<Vec<String>, Vec<Head>>> {
    let lock = input.lock.filter(|_| !input.own.linear)?;
    let last = links.last().and_then(|link| link.places.last());
    let baseline = lock.baseline.as_ref().map(|baseline| &baseline.revision);
    let is_next = match last {
        None => baseline.is_some(),
        Some(last) => lock
            .adopted
            .last()
            .is_some_and(|adopted| adopted.is == last.id),
    };
    let mut heads = is_next.then(|| input.own.heads(lock))?;
    if heads.len() > 1 {
        let head = |id: String| Head {
            path: input
                .own
                .with_id(&id)
                .map_or(String::new(), ToString::to_string),
            id,
        };
        return Some(Err(heads.into_iter().map(head).collect()));
    }
    if let (None, Some(own)) = (last, baseline)
        && !heads.contains(own)
    {
        heads.insert(0, own.clone());
    }
    Some(Ok(heads))
}

/// The SQL that a revision of the project's own stands for.
#[derive(Default)]
struct Below<'a> {
    digests: HashSet<Digest>,
    names: HashSet<&'a MigrationName>,
}

impl<'a> Below<'a> {
    fn of(lock: Option<&'a Lock>) -> Self {
        let baseline = lock.and_then(|lock| lock.baseline.as_ref());
        let below = baseline.map_or(&[][..], |baseline| &baseline.migrations);
        Self {
            digests: below.iter().map(|below| below.sql_sha256).collect(),
            names: below.iter().map(|below| &below.sql).collect(),
        }
    }

    fn has(&self, migration: &Migration) -> bool {
        let sql = migration.sql.as_ref();
        sql.is_some_and(|sql| self.digests.contains(&sql.digest) || self.names.contains(&sql.name))
    }
}

/// The migrations that the lock does not have, in upstream's order; first those that already have a place in the chain.
fn new_in_order(
    migrations: &[Migration],
    matched: &Matched,
    mode: Mode,
    lock: Option<&Lock>,
    has_its_place: impl Fn(&Migration) -> Result<bool, PlanError>,
) -> Result<Vec<usize>, PlanError> {
    let below = Below::of(lock);
    let mut new = Vec::new();
    for (index, migration) in migrations.iter().enumerate() {
        let unwrapped = mode == Mode::Copy && migration.wrapper.is_none();
        if !matched.is_vendored(index) && !unwrapped && !below.has(migration) {
            new.push((!has_its_place(migration)?, index));
        }
    }
    new.sort_unstable();
    Ok(new.into_iter().map(|(_, index)| index).collect())
}

/// The statements of a migration, or the error that names it.
pub(super) fn rendered<'a>(
    sql: &'a Sql,
    input: &Input<'_>,
) -> Result<revision::Migration<'a>, PlanError> {
    revision::Migration::new(&sql.name, &sql.text, input.schema).map_err(|error| {
        PlanError::Render {
            name: sql.name.to_string(),
            release: input.upstream.release.to_string(),
            error,
        }
    })
}
