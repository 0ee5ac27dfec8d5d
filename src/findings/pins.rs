//! What the project's lock files pin, against the lock of what is vendored and what is installed.

use super::changes::{Source, other_release};
use super::{Code, Finding, Severity};
use crate::catalog::Release;
use crate::lockfile::{LOCK_NAME, Lock};
use crate::pins::{Pin, Pins};
use crate::plan::by_digests;
use crate::upstream::Upstream;

/// Pins of more than one release.
pub fn disagree(pins: &Pins) -> Option<Finding> {
    let first = pins.pins.first()?;
    let newest = pins.newest().filter(|_| pins.releases().len() > 1)?;
    let list: Vec<String> = pins.pins.iter().map(shown).collect();
    let message = format!(
        "the pinned releases of Procrastinate differ: {}. The newest, {}, counts",
        list.join(", "),
        newest.release
    );
    Some(
        Finding::new(
            Code::PinsDisagree,
            Severity::Error,
            first.place.file.to_string(),
            message,
            "pin one release everywhere: one database cannot be at the migrations of two",
        )
        .at(first.place.line),
    )
}

fn shown(pin: &Pin) -> String {
    let Pin {
        place,
        release,
        marker,
    } = pin;
    match marker {
        Some(marker) => format!("{release} in {place} (for {marker})"),
        None => format!("{release} in {place}"),
    }
}

/// A release that is pinned, and another one that is installed.
pub fn differs(pins: &Pins, installed: &Upstream) -> Option<Finding> {
    let newest = pins
        .newest()
        .filter(|_| !pins.releases().contains(&&installed.release))?;
    let message = format!(
        "{} pins Procrastinate {}, and {} is another release",
        newest.place,
        newest.release,
        installed.title()
    );
    Some(
        Finding::new(
            Code::PinDiffers,
            Severity::Warning,
            newest.place.file.to_string(),
            message,
            "bring the environment up to date with the lock file, or the other way round",
        )
        .at(newest.place.line),
    )
}

/// In what a pinned release differs from what is vendored, by the digests of the catalogue.
pub fn pinned_drift(
    (lock, vendored): (&Lock, &dyn Fn(&str) -> String),
    pin: &Pin,
    release: &Release,
) -> Vec<Finding> {
    let (name, place) = (release.name, &pin.place);
    if release.version() < lock.upstream.release {
        return vec![Finding::new(
            Code::OlderUpstream,
            Severity::Error,
            vendored(LOCK_NAME),
            format!(
                "Procrastinate {} is vendored, and {place} pins an older release: {name}",
                lock.upstream.release
            ),
            &format!(
                "pin the release that is vendored, or newer; `vendor-migrations sync --release {name} --allow-downgrade` takes the older one"
            ),
        )];
    }
    let remedy = format!(
        "`vendor-migrations diff --release {name}` shows the difference, `vendor-migrations sync --release {name}` mends it"
    );
    let source = Source {
        release: &pin.release,
        lock,
        plan: None,
        remedy: &remedy,
    };
    let mut findings: Vec<Finding> = by_digests(lock, release)
        .changes
        .iter()
        .filter_map(|change| source.finding(change, vendored))
        .collect();
    let remedy = format!("run `vendor-migrations sync --release {name}` to record the release");
    findings.extend(other_release(
        &findings,
        (lock, &release.version()),
        &remedy,
        vendored,
    ));
    findings
}
