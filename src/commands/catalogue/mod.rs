//! `catalogue`: adds the releases that the package index has and the catalogue has not. For this program's own developers.

mod growth;
mod measure;
mod objects;
mod queries;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use crate::catalog::facts::Facts;
use crate::catalog::store::{self, StoreError};
use crate::cli::Catalogue;
use crate::failure::{Exit, Failure};
use crate::report::style::{BAD, GOOD, count};
use crate::session::Output;
use crate::upstream::collect;
use crate::upstream::index::{self, Listed};
use crate::upstream::{Fetch, Processes, Upstream, fetch};

pub(super) fn run(options: &Catalogue, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let known = store::read(&options.directory)?;
    let downloads = tempfile::tempdir().map_err(StoreError::Io)?;
    let place = Utf8Path::from_path(downloads.path())
        .ok_or_else(|| io::Error::other("the path of the temporary directory is not UTF-8"))
        .map_err(StoreError::Io)?;
    let listed = list(options, place)?;
    let find = |release: &Version| known.iter().find(|facts| facts.release == *release);
    for facts in &known {
        if !facts.yanked && listed.iter().all(|listed| listed.release != facts.release) {
            let text = format!(
                "the index no longer lists {}; its file stays",
                facts.release
            );
            output.note(&text)?;
        }
    }
    let mut added = Vec::new();
    for listed in listed.iter().rev() {
        if find(&listed.release).is_none() {
            added.push(collect::facts(listed, &wheel(listed, place)?));
        }
    }
    let all = collect::settled([known.as_slice(), &added].concat());
    let faults = faults(&known, &all, &listed);
    if !faults.is_empty() {
        for fault in &faults {
            writeln!(output.out, "{BAD}differs{BAD:#}  {fault}")?;
        }
        writeln!(
            output.err,
            "{BAD}refused:{BAD:#} {}; nothing was written\n{GOOD}help:{GOOD:#} a published release never changes, so \
             find out why; an empty directory is filled with what the index has today",
            count(faults.len(), "known release")
        )?;
        return Ok(Exit::Drift);
    }
    for facts in all.iter().filter(|facts| find(&facts.release).is_none()) {
        store::write(&options.directory, facts)?;
        let migrations = count(facts.migrations.len(), "migration");
        writeln!(
            output.out,
            "{GOOD}Added{GOOD:#}  {}  {migrations}",
            facts.release
        )?;
    }
    let load = || {
        let kept = listed.iter().rev().filter(|one| !one.yanked);
        kept.map(|one| wheel(one, place)).collect()
    };
    objects::write(options, load, output)?;
    writeln!(
        output.out,
        "{} in {}: {} added, {} as the index has them",
        count(all.len(), "release"),
        options.directory,
        added.len(),
        known.len()
    )?;
    Ok(Exit::Fine)
}

/// What the index lists, and what was yanked from it, the newest first.
fn list(options: &Catalogue, place: &Utf8Path) -> Result<Vec<Listed>, Failure> {
    let mut listed = index::list(&Version::new([0, 17, 0]), place)?;
    for release in &options.yanked {
        listed.push(index::yanked(release, place)?);
    }
    listed.sort_by(|a, b| b.release.cmp(&a.release));
    Ok(listed)
}

/// Downloads the wheel that the index listed, and no other.
fn wheel(listed: &Listed, place: &Utf8Path) -> Result<Upstream, Failure> {
    let cache: Utf8PathBuf = place.join("cache");
    Ok(fetch(&Fetch {
        release: &listed.release,
        sha256: Some(listed.wheel.sha256),
        cache: Some(&cache),
        directory: place,
        processes: Processes::Allowed,
    })?)
}

/// Known releases whose facts would be others today.
fn faults(known: &[Facts], all: &[Facts], listed: &[Listed]) -> Vec<String> {
    let mut faults = Vec::new();
    for facts in known {
        let listed = listed.iter().find(|listed| listed.release == facts.release);
        let other = listed.and_then(|listed| collect::disagreement(facts, listed));
        let moved = !all.contains(facts);
        let moved = moved.then(|| {
            "an older release that is new here shipped some of its migrations first".to_owned()
        });
        faults.extend(
            other
                .or(moved)
                .map(|why| format!("{}: {why}", facts.file_name())),
        );
    }
    faults
}
