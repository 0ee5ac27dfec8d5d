//! From what the index lists and what a wheel holds to the facts of the catalogue. Pure.

use super::facts::{Facts, MigrationFacts, RevisionFacts};
use super::rules::Firsts;
use crate::digest::Digest;
use crate::upstream::Upstream;
use crate::upstream::index::Listed;

/// The facts of one release, as if it were the first that shipped anything: [`settled`] corrects that.
pub fn facts(listed: &Listed, upstream: &Upstream) -> Facts {
    let release = &listed.release;
    let sql = upstream.migrations.iter().filter_map(|m| m.sql.as_ref());
    let wrappers = upstream
        .migrations
        .iter()
        .filter_map(|m| m.wrapper.as_ref());
    Facts {
        release: release.clone(),
        layout: upstream.layout,
        wheel: listed.wheel.clone(),
        sdist: listed.sdist.clone(),
        migrations: sql
            .map(|sql| MigrationFacts {
                name: sql.name.clone(),
                size: sql.text.len() as u64,
                sha256: sql.digest,
                phase: sql.name.phase(),
                first: release.clone(),
            })
            .collect(),
        revisions: wrappers
            .map(|wrapper| RevisionFacts {
                path: wrapper.path.clone(),
                size: wrapper.text.len() as u64,
                sha256: Digest::of(&wrapper.text),
                first: release.clone(),
            })
            .collect(),
    }
}

/// All facts, sorted by release, with `first` as it is in this company.
pub fn settled(mut all: Vec<Facts>) -> Vec<Facts> {
    all.sort_by(|a, b| a.release.cmp(&b.release));
    let firsts = Firsts::of(&all);
    all.iter_mut().for_each(|facts| firsts.settle(facts));
    all
}

/// In what the index differs from the catalogue, for one release.
pub fn disagreement(known: &Facts, listed: &Listed) -> Option<String> {
    let mut differs = Vec::new();
    if known.wheel != listed.wheel {
        differs.push(format!(
            "another wheel ({}, SHA-256 {})",
            listed.wheel.name, listed.wheel.sha256
        ));
    }
    match &listed.sdist {
        sdist if *sdist == known.sdist => {}
        Some(sdist) => differs.push(format!(
            "another source distribution ({}, SHA-256 {})",
            sdist.name, sdist.sha256
        )),
        None => differs.push("no source distribution".to_owned()),
    }
    (!differs.is_empty()).then(|| format!("the index has {}", differs.join(" and ")))
}
