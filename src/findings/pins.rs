//! The pinned releases against the lock and against the installed release.

use camino::Utf8Path;
use pep440_rs::Version;

use super::changes::{Source, other_release};
use super::{Code, Finding, Remedy};
use crate::catalog::{self, Release};
use crate::lockfile::{LOCK_NAME, Lock};
use crate::pins::{Pin, Pins};
use crate::place::Place;
use crate::plan::by_digests;
use crate::procrastinate::is_older;
use crate::upstream::Upstream;

/// Pins of releases whose migrations differ.
pub fn disagree(pins: &Pins) -> Option<Finding> {
    let first = pins.counting().next()?;
    let newest = pins.newest()?;
    let releases = pins.releases();
    let is_same = |release: &&Version| {
        let [one, other] = [release, &newest.release].map(catalog::release);
        **release == newest.release
            || one
                .zip(other)
                .is_some_and(|(one, other)| one.has_migrations_of(other))
    };
    if releases.iter().all(is_same) {
        return None;
    }
    let list: Vec<String> = pins.counting().map(shown).collect();
    let message = format!(
        "the pinned releases of Procrastinate differ: {}. Only the newest, {}, is compared",
        list.join(", "),
        newest.release
    );
    let remedy = "pin one release everywhere: one database cannot be at the migrations of two";
    let place = Place::from(&first.place);
    Some(Finding::error(Code::PinsDisagree, place, message, remedy))
}

fn shown(pin: &Pin) -> String {
    let shown = format!("{} in {}", pin.release, pin.place);
    match &pin.marker {
        Some(marker) => format!("{shown} (for {marker})"),
        None => shown,
    }
}

/// A release that is pinned, and another one that is installed.
pub fn differs(pins: &Pins, installed: &Upstream) -> Option<Finding> {
    let newest = pins
        .newest()
        .filter(|_| !pins.releases().contains(&&installed.release))?;
    let message = format!(
        "{} pins Procrastinate {}, but {} is another release",
        newest.place,
        newest.release,
        installed.title()
    );
    let remedy = "bring the environment up to date with the lock file, or the lock file with the environment";
    let place = Place::from(&newest.place);
    Some(Finding::warning(Code::PinDiffers, place, message, remedy))
}

/// Environments with another release than the one that was used.
pub fn environment_differs(used: &Upstream, directory: &Utf8Path) -> Option<Finding> {
    let message = used.and_elsewhere()?;
    let remedy = "install the same release in all environments, or remove the environment that is out of date; `--from \
                  PATH` names the environment to use";
    let place = Place::below(directory, LOCK_NAME);
    Some(Finding::warning(
        Code::EnvironmentDiffers,
        place,
        message,
        remedy,
    ))
}

/// The differences between a pinned release and the lock, by the digests of the catalogue. `directory` is the vendored one.
pub fn pinned_drift(
    lock: &Lock,
    directory: &Utf8Path,
    pin: &Pin,
    release: &'static Release,
) -> Vec<Finding> {
    let (name, place) = (release.name, &pin.place);
    let vendored = &lock.upstream.release;
    if is_older(&release.version(), vendored) {
        let message = format!(
            "Procrastinate {vendored} is vendored, and {place} pins an older release: {name}"
        );
        let remedy = format!(
            "pin the release that is vendored, or a newer one; `vendor-migrations sync --release {name} --allow-downgrade` \
             takes the older one"
        );
        let lock = Place::below(directory, LOCK_NAME);
        return vec![Finding::error(Code::OlderUpstream, lock, message, remedy)];
    }
    let source = Source {
        release: &pin.release,
        lock,
        plan: None,
        remedy: Remedy::sync_to(name),
        directory,
    };
    let changes = by_digests(lock, release).changes;
    let mut findings: Vec<Finding> = changes
        .iter()
        .filter_map(|change| source.finding(change))
        .collect();
    let record = Remedy::record(name);
    findings.extend(other_release(&findings, vendored, &source, record));
    findings
}
