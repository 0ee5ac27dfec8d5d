//! What docs/versioning.md says is supported is what the tests and the manifests have.

use std::collections::BTreeSet;

use fs_err as fs;
use vendor_migrations::catalog;
use vendor_migrations::live::OLDEST_SERVER;

use crate::wheel::built::repository;

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect("it is there")
}

/// The cells of a row of the table of what is supported.
#[track_caller]
fn row(name: &str) -> [String; 2] {
    let page = read("docs/versioning.md");
    let (_, page) = page
        .split_once("## What is supported")
        .expect("it has the table");
    let begin = format!("| {name} | ");
    let row = page.lines().find_map(|line| line.strip_prefix(&begin));
    let row = row.and_then(|row| row.strip_suffix(" |"));
    let row = row.unwrap_or_else(|| panic!("no row {name}"));
    let (supported, tested) = row.split_once(" | ").expect("two more cells");
    [supported, tested].map(str::to_owned)
}

/// All texts that look like versions.
fn versions(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let words = words.map(|word| word.trim_matches('.'));
    words
        .filter(|word| word.contains('.'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_page_has_the_versions_of_the_manifests() {
    let [supported, tested] = row("Rust, to build from source");
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    assert_eq!(supported, format!("{oldest} and later"));
    assert!(tested.starts_with(&format!("{oldest} ")), "{tested}");
    let manifest: toml::Table = read("pyproject.toml").parse().expect("it is TOML");
    let python = manifest["project"]["requires-python"]
        .as_str()
        .expect("a text");
    let python = python.strip_prefix(">=").expect("a lower bound");
    assert_eq!(
        row("Python, for the wheel")[0],
        format!("{python} and later")
    );
    let page = read("SECURITY.md");
    assert!(
        page.contains("docs/versioning.md#what-is-supported"),
        "it links the table"
    );
}

#[test]
fn the_page_has_the_releases_of_the_catalogue() {
    let [supported, tested] = row("Procrastinate");
    let oldest = catalog::releases().next().expect("there are releases");
    let newest = catalog::newest().expect("there are releases");
    assert_eq!(supported, format!("{} and later", oldest.name));
    assert!(
        tested.contains(&format!("from {} to {}.", oldest.name, newest.name)),
        "{tested}"
    );
}

/// The versions of the matrix, and the newest of them in the environment of all other tests.
#[test]
fn the_page_has_the_alembics_of_the_matrix() {
    let [supported, tested] = row("Alembic");
    let matrix = read("tests/e2e/matrix.rs");
    let calls = matrix.lines().filter(|line| line.starts_with("alembic!("));
    let tried: Vec<String> = calls
        .filter_map(|line| line.split('"').nth(1).map(str::to_owned))
        .collect();
    assert_eq!(versions(&tested), tried);
    let (first, last) = (&tried[0], tried.last().expect("there are some"));
    let series = last.rsplit_once('.').expect("three numbers").0;
    assert_eq!(supported, format!("{first} to {series}.x"));
    assert!(read("tests/e2e/requirements.txt").contains(&format!("alembic=={last}\n")));
}

#[test]
fn the_page_has_the_servers_of_the_tests() {
    let [supported, tested] = row("PostgreSQL, for `database`");
    assert_eq!(supported, format!("{} and later", OLDEST_SERVER / 10_000));
    let servers = read("tests/e2e/support/database.rs");
    let started: BTreeSet<&str> = servers
        .split("start(\"")
        .skip(1)
        .filter_map(|text| text.split('"').next())
        .collect();
    assert_eq!(
        tested,
        started.into_iter().collect::<Vec<_>>().join(" and ")
    );
}

/// Each part of the repository that somebody looks for.
#[test]
fn the_pages_for_contributors_are_there() {
    for (path, text) in [
        ("CODE_OF_CONDUCT.md", "Contributor Covenant"),
        (".github/pull_request_template.md", ".ci/run"),
        ("SECURITY.md", "gh attestation verify"),
        ("CONTRIBUTING.md", "## A release\n"),
        ("docs/ci.md", "## GitHub: the action\n"),
    ] {
        assert!(read(path).contains(text), "{path}: {text}");
    }
}
