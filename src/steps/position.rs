//! Which revision of a project's chain says "the database has all of this release, and nothing else".

use crate::catalog::{self, Migration, Release};
use crate::lockfile::{Lock, LockedRevision};
use crate::plan::{Standing, standing};
use crate::procrastinate::known_as;

/// Why no revision of the chain stands for a release, or the chain cannot lead to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("nothing is vendored yet, so there is no revision to name")]
    NothingVendored,
    #[error("Procrastinate {release} has migrations that are not vendored: {}", .missing.join(", "))]
    NotVendored {
        release: &'static str,
        missing: Vec<String>,
        /// Whether the vendored release is older than `release`.
        behind: bool,
        /// A later release that the chain has a revision for.
        instead: Option<&'static str>,
    },
    #[error(
        "no revision of this project's chain stands for Procrastinate {release}: it has `{last}`, which follows migrations here \
         that {release} does not have: {}", .between.join(", ")
    )]
    NotAPrefix {
        release: &'static str,
        /// The release's last migration in the chain.
        last: String,
        /// The migrations before `last` that the release does not have.
        between: Vec<String>,
        /// A later release that the chain has a revision for.
        instead: Option<&'static str>,
    },
    #[error(
        "revisions of the project's own build on `{last}`, or on a later one: {}. If a database has run one of them, \
         Alembic treats the revisions before it as applied, and stamping `{last}` would remove the row of that own \
         revision from the version table", .own.join(", ")
    )]
    BuiltUpon {
        /// Each with what it builds upon, in backticks.
        own: Vec<String>,
        /// The revision to be stamped.
        last: String,
        /// Revisions of the project's own that the chain has before it, in backticks.
        before: Vec<String>,
    },
    /// Not vendored, and no revision stands for it: it is before what a revision of the project's own makes.
    #[error(
        "the vendored chain begins after Procrastinate {release}, whose schema the project's own revision `{revision}` makes"
    )]
    BeforeBaseline { release: String, revision: String },
    /// A stamp would skip what a baseline's revision does beside Procrastinate's tables.
    #[error(
        "`{revision}` would be stamped, but it also does something else, which would then never run: {path}"
    )]
    BaselineDoesMore { revision: String, path: String },
    /// A stamp would stand beside the row of a revision that made the tables.
    #[error(
        "the project's own revisions make Procrastinate's tables ({0}): a database that has run them needs no stamp"
    )]
    OwnTables(String),
    /// Of a first `sync`.
    #[error(
        "the project's own revisions make Procrastinate's tables ({0}), and the history is linear: what is vendored at its end could never \
         take their place"
    )]
    OwnTablesBefore(String),
    /// Of a live database.
    #[error("{0}")]
    OfSchema(String),
}

impl Refusal {
    pub fn hint(&self) -> String {
        match self {
            Self::NothingVendored => "run `vendor-migrations sync` first".to_owned(),
            Self::OwnTables(_) | Self::OwnTablesBefore(_) => {
                "run `vendor-migrations adopt` instead: the vendored revisions take their place. `vendor-migrations check` shows how. If no \
                 database has run them, remove from them what makes the tables"
                    .to_owned()
            }
            Self::BeforeBaseline { revision, .. } => format!(
                "bring the database to that release with Procrastinate's own migration files (`vendor-migrations releases` \
                 lists them); `{revision}` stands for it"
            ),
            Self::BaselineDoesMore { revision, .. } => format!(
                "for each such database, run by hand what `{revision}` does in addition to making Procrastinate's tables, \
                 then stamp it by hand"
            ),
            Self::OfSchema(_) => "`vendor-migrations database` shows what the database has".to_owned(),
            Self::BuiltUpon { before, .. } if !before.is_empty() => format!(
                "`alembic current` shows where a database is: a database at such a revision, or after it, needs no stamp. \
                 Do not stamp another one by hand: Alembic would count {} as applied there, too. Recreate it, or first run by \
                 hand what {} does",
                before.join(", "),
                before.join(", ")
            ),
            Self::BuiltUpon { last, .. } => format!(
                "`alembic current` shows where a database is: a database at such a revision, or after it, needs no stamp. \
                 Stamp only a database that has run none of them yet, by hand, with `{last}`"
            ),
            Self::NotVendored {
                release,
                behind: true,
                ..
            } => format!("run `vendor-migrations sync --release {release}` first, or `sync` for the release that is installed"),
            Self::NotVendored {
                release, instead, ..
            }
            | Self::NotAPrefix {
                release, instead, ..
            } => match instead {
                Some(later) => format!(
                    "bring the database from {release} to {later} with Procrastinate's own migration files \
                     (`vendor-migrations releases` lists them); the chain has a revision for {later}"
                ),
                None => "bring the database up to date with Procrastinate's own migration files, then stamp the vendored release"
                    .to_owned(),
            },
        }
    }
}

/// The place in the chain of the last migration that a release has, if the chain up to there is that release.
pub fn position(lock: &Lock, release: &'static Release) -> Result<usize, Refusal> {
    let mut found = find(lock, release);
    if let Err(Refusal::NotVendored { instead, .. } | Refusal::NotAPrefix { instead, .. }) =
        &mut found
    {
        let all = catalog::releases();
        let mut later = all.filter(|other| other.version() > release.version());
        let stands = later.find(|later| find(lock, later).is_ok());
        *instead = stands.map(|later| later.name);
    }
    found
}

fn find(lock: &Lock, release: &'static Release) -> Result<usize, Refusal> {
    let Standing { chain, places } = vendored(lock, release)?;
    let last = places.iter().flatten().copied().max().unwrap_or_default();
    let other = (0..last).filter(|place| !places.contains(&Some(*place)));
    let between: Vec<String> = other.map(|place| name(chain[place])).collect();
    if between.is_empty() {
        return before_baseline(lock, last + 1).map(|()| last);
    }
    Err(Refusal::NotAPrefix {
        release: release.name,
        last: name(chain[last]),
        between,
        instead: None,
    })
}

/// Refuses the first `number` migrations of the chain if they are a part only of what a baseline stands for.
pub(super) fn before_baseline(lock: &Lock, number: usize) -> Result<(), Refusal> {
    match &lock.baseline {
        Some(baseline) if (1..baseline.migrations.len()).contains(&number) => {
            Err(Refusal::BeforeBaseline {
                release: baseline.release.to_string(),
                revision: baseline.revision.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// The vendored revision that stands for a release: the last that it has.
pub fn last_revision<'a>(lock: &'a Lock, release: &'static Release) -> Result<&'a str, Refusal> {
    let place = position(lock, release)?;
    let chain = standing(lock, release.migrations).chain;
    let last = chain.get(place).and_then(|group| group.last());
    Ok(last.map_or("", |revision| revision.id.as_str()))
}

/// Where the migrations of a release stand in the chain. All of them have to be vendored.
pub(super) fn vendored<'a>(
    lock: &'a Lock,
    release: &'static Release,
) -> Result<Standing<'a>, Refusal> {
    let standing = standing(lock, release.migrations);
    let migrations = release.migrations.iter().zip(&standing.places);
    let missing: Vec<String> = migrations
        .filter(|(_, place)| place.is_none())
        .map(|(migration, _)| migration.name.to_owned())
        .collect();
    if missing.is_empty() {
        return Ok(standing);
    }
    Err(Refusal::NotVendored {
        release: release.name,
        missing,
        behind: lock.upstream.release < release.version(),
        instead: None,
    })
}

/// The migrations of a release whose SQL is not the vendored one, each with its vendored revisions.
pub(super) fn differing<'a>(
    lock: &'a Lock,
    release: &'static Release,
) -> impl Iterator<Item = (&'static Migration, &'a [LockedRevision])> {
    let Standing { chain, places } = standing(lock, release.migrations);
    let migrations = release.migrations.iter().copied().zip(places);
    migrations.filter_map(move |(migration, place)| {
        let group = chain[place?];
        let differs = group.first()?.sql_sha256 != Some(migration.sha256);
        differs.then_some((migration, group))
    })
}

/// The name that people know a vendored migration by.
pub(super) fn name(group: &[LockedRevision]) -> String {
    let name = group
        .last()
        .map(|last| known_as(last.sql.as_ref(), &last.file));
    name.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::tests_support::of_release;

    fn release(name: &str) -> &'static Release {
        catalog::release(&name.parse().unwrap()).unwrap()
    }

    #[test]
    fn every_release_but_those_between_a_rename_stands_in_the_newest_chain() {
        let lock = of_release(release("3.10.0"));
        for release in catalog::releases() {
            match (release.name, position(&lock, release)) {
                // `00.19.00_02` became `00.23.00_01`, and so moved behind `00.22.00_01`, which came later.
                (
                    "0.22.0",
                    Err(Refusal::NotAPrefix {
                        between, instead, ..
                    }),
                ) => {
                    assert_eq!(
                        between,
                        ["00.22.00_01_add_kwargs_to_defer_periodic_job.sql"]
                    );
                    assert_eq!(instead, Some("0.23.0"));
                }
                (_, Ok(place)) => assert_eq!(place + 1, release.migrations.len()),
                (name, Err(refusal)) => panic!("{name}: {refusal}"),
            }
        }
    }

    #[test]
    fn an_older_chain_does_not_hold_a_newer_release() {
        let lock = of_release(release("3.0.0"));
        let refusal = position(&lock, release("3.1.0")).unwrap_err();
        let Refusal::NotVendored {
            missing,
            behind: true,
            ..
        } = &refusal
        else {
            panic!("{refusal}")
        };
        assert_eq!(missing.len(), 2);
        assert!(
            refusal.hint().contains("sync --release 3.1.0"),
            "{}",
            refusal.hint()
        );
    }
}
