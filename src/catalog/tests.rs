//! The embedded catalogue against what is known of Procrastinate's history.

use super::{Change, RELEASES, Release, compare, known, release, releases};

fn version(text: &str) -> pep440_rs::Version {
    text.parse().unwrap()
}

/// The changes of every release against the one before it, in words.
fn history() -> Vec<String> {
    let mut lines = Vec::new();
    let kept: Vec<&Release> = releases().collect();
    for pair in kept.windows(2) {
        for change in compare(&pair[0].sql_files(), &pair[1].sql_files()) {
            let release = pair[1].name;
            match change {
                Change::Added(_) => {}
                Change::Changed { after, .. } => {
                    lines.push(format!("{release} changed {}", after.name))
                }
                Change::Renamed { before, after } => {
                    lines.push(format!("{release} renamed {} {}", before.name, after.name));
                }
                Change::Moved { file, behind } => {
                    lines.push(format!(
                        "{release} moved {} {}",
                        file.name,
                        behind.unwrap_or("-")
                    ));
                }
                Change::Removed(file) => lines.push(format!("{release} removed {}", file.name)),
            }
        }
    }
    lines
}

#[test]
fn upstream_changed_released_files_three_times() {
    assert_eq!(
        history(),
        [
            "0.24.0 renamed 00.19.00_02_null_locks_excluded.sql 00.23.00_01_null_locks_excluded.sql",
            "0.24.0 moved 00.23.00_01_null_locks_excluded.sql 00.22.00_01_add_kwargs_to_defer_periodic_job.sql",
            "3.0.2 changed 03.00.00_01_pre_cancel_notification.sql",
            "3.5.2 changed 03.04.00_50_post_add_retry_failed_job_procedure.sql",
        ]
    );
}

#[test]
fn only_the_artifacts_tell_which_release_was_first() {
    let newest = releases().next_back().unwrap();
    for (name, first) in [
        ("00.00.00_01_initial.sql", "0.17.0"),
        ("02.14.01_01_", "2.15.0"),
        ("03.04.00_50_", "3.5.2"),
        ("03.00.00_01_", "3.0.2"),
        // The same bytes under an older name.
        ("00.23.00_01_", "0.22.0"),
    ] {
        let migration = newest
            .migrations
            .iter()
            .find(|m| m.name.starts_with(name))
            .unwrap();
        assert_eq!(migration.first().unwrap().name, first, "{name}");
    }
    let older = release(&version("3.5.1")).unwrap();
    let edited = older
        .migrations
        .iter()
        .find(|m| m.name.starts_with("03.04.00_50_"))
        .unwrap();
    assert_eq!(edited.first().unwrap().name, "3.4.0");
}

#[test]
fn the_catalogue_is_in_the_order_of_versions_and_every_release_finds_itself() {
    let versions: Vec<_> = RELEASES.iter().map(super::Release::version).collect();
    assert!(versions.is_sorted_by(|a, b| a < b));
    for (release, version) in RELEASES.iter().zip(&versions) {
        assert_eq!(super::release(version), Some(release));
        assert_eq!(version.to_string(), release.name);
    }
}

#[test]
fn yanked_releases_are_known_and_nobody_is_sent_to_them() {
    let yanked: Vec<&str> = RELEASES
        .iter()
        .filter(|release| release.yanked)
        .map(|release| release.name)
        .collect();
    assert_eq!(yanked, ["0.18.0", "0.18.1", "0.30.0", "3.5.0"]);
    for name in yanked {
        assert!(known(&version(name)).is_ok());
        assert!(releases().all(|release| release.name != name));
        // What they ship came with a release that stays.
        let migrations = known(&version(name)).unwrap().migrations;
        assert!(
            migrations
                .iter()
                .all(|migration| !migration.first().unwrap().yanked)
        );
    }
}

#[test]
fn versions_are_equal_by_pep_440() {
    let name = |text: &str| release(&version(text)).map(|release| release.name);
    assert_eq!(name("3.6"), Some("3.6.0"));
    assert_eq!(name("v3.6.0.0"), Some("3.6.0"));
    for unknown in [
        "3.6.0rc1",
        "3.6.0.dev1",
        "3.6.0.post1",
        "3.6.0+local",
        "1!3.6.0",
    ] {
        assert_eq!(name(unknown), None, "{unknown}");
    }
}

#[test]
fn an_unknown_release_names_its_neighbours_and_what_it_is() {
    for (text, why, nearest) in [
        (
            "3.0.1",
            "never published",
            "nearest releases are 3.0.0 and 3.0.2",
        ),
        (
            "3.5.0.1",
            "never published",
            "nearest releases are 3.4.0 and 3.5.1",
        ),
        (
            "3.0.0b1",
            "pre-release",
            "nearest releases are 2.15.1 and 3.0.0",
        ),
        (
            "3.0.0+mine",
            "local build",
            "nearest releases are 3.0.0 and 3.0.2",
        ),
        (
            "0.16.0",
            "begins with 0.17.0",
            "oldest known release is 0.17.0",
        ),
        ("999", "newer than 3.", "newest known release is"),
        ("999rc1", "pre-release", "newest known release is"),
    ] {
        let unknown = known(&version(text)).unwrap_err();
        let said = format!("{unknown} {}", unknown.hint());
        assert!(
            said.contains(why) && said.contains(nearest),
            "{text}: {said}"
        );
    }
}
