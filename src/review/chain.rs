//! The chain as `sync` will make it, where only the digests of a release are at hand.

use crate::catalog::Release;
use crate::digest::Digest;
use crate::file_name::FileName;
use crate::lockfile::{Lock, LockedChain, LockedRevision, LockedUpstream, Mode};
use crate::plan::standing;
use crate::procrastinate::{MigrationName, PACKAGE};

/// The lock, with what the release has and the lock lacks behind it. A new revision gets the id that its SQL's name gives. Copies have
/// upstream's own ids, which digests do not tell: nothing is added then.
pub fn chain(lock: Option<&Lock>, release: &'static Release) -> Lock {
    let mut chain = lock.cloned().unwrap_or_else(|| Lock {
        upstream: LockedUpstream {
            package: PACKAGE.to_owned(),
            release: release.version(),
            layout: release.layout,
            mode: Mode::Render,
        },
        schema: None,
        adopted: Vec::new(),
        baseline: None,
        revisions: LockedChain::default(),
    });
    if chain.upstream.mode != Mode::Render {
        return chain;
    }
    let places = standing(&chain, release.migrations).places;
    let mut revisions: Vec<LockedRevision> = chain.revisions.iter().cloned().collect();
    for (migration, place) in release.migrations.iter().zip(places) {
        if place.is_some() {
            continue;
        }
        let Ok(name) = MigrationName::new(migration.name) else {
            continue;
        };
        let Ok(file) = FileName::new(format!("{}.py", name.module())) else {
            continue;
        };
        revisions.push(LockedRevision {
            id: name.revision_id(),
            down: revisions.last().map(|last| last.id.clone()),
            depends_on: Vec::new(),
            file,
            sha256: Digest::of(migration.name),
            sql: Some(name),
            sql_sha256: Some(migration.sha256),
            phase: migration.phase,
            superseded: Vec::new(),
        });
    }
    chain.revisions = revisions.into_iter().collect();
    chain
}
