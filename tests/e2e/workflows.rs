//! The repository's own workflows and its action: independent readers find no fault in them, and their commands do what they are for.

mod action;
mod catalogue;
mod ci;
mod files;
mod pins;
mod policies;
mod release;
mod steps;

use std::collections::BTreeSet;

use fs_err as fs;

use crate::wheel::built::repository;
use steps::steps;

/// How the commands of a step are known to work.
enum How {
    /// This function of this directory runs them.
    Run(&'static str),
    /// No test can run them, for this reason.
    Not(&'static str),
}
use How::{Not, Run};

const INSTALLS_RUST: &str = "the tests were built with a Rust that is there";
const IS_A_TEST: &str = "it is the tests, or a build that they are made with";

/// Every step with commands, as "file / job / step".
#[rustfmt::skip]
const STEPS: &[(&str, How)] = &[
    ("action.yml / runs / Install vendor-migrations", Run("the_action_checks_a_project")),
    ("action.yml / runs / Check the vendored migrations", Run("the_action_checks_a_project")),
    ("catalogue.yml / measure / Install Rust", Not(INSTALLS_RUST)),
    ("catalogue.yml / measure / Add the facts of new releases", Run("a_new_release_comes_as_a_pull_request")),
    ("catalogue.yml / measure / Look whether there is a new one", Run("a_new_release_comes_as_a_pull_request")),
    ("catalogue.yml / measure / Ask PostgreSQL what their migrations do", Run("two_servers_are_asked_and_two_rooms_tested")),
    ("catalogue.yml / measure / Test the catalogue", Run("two_servers_are_asked_and_two_rooms_tested")),
    ("catalogue.yml / measure / Write the change down", Run("a_new_release_comes_as_a_pull_request")),
    ("catalogue.yml / propose / Push a branch, and open a pull request unless one is open", Run("a_new_release_comes_as_a_pull_request")),
    ("ci.yml / debian / Install what CONTRIBUTING.md lists", Not("it changes the machine")),
    ("ci.yml / debian / Install Rust", Not(INSTALLS_RUST)),
    ("ci.yml / debian / Let git read the checkout, which belongs to another user", Not("it is about a container's users")),
    ("ci.yml / debian / Formatting, lints, all tests", Not(IS_A_TEST)),
    ("ci.yml / systems / Install Rust", Not(INSTALLS_RUST)),
    ("ci.yml / systems / Lints", Not(IS_A_TEST)),
    ("ci.yml / systems / Tests that need no other program", Not(IS_A_TEST)),
    ("ci.yml / systems / The program starts", Not(IS_A_TEST)),
    ("ci.yml / oldest-rust / Build with the rust-version of Cargo.toml", Run("the_oldest_rust_is_that_of_the_manifest")),
    ("ci.yml / crates / Run cargo-deny", Not("its advisories come from GitHub; `supply_chain` runs the rest")),
    ("ci.yml / site / Run MkDocs", Not("it is the command of CONTRIBUTING.md, as `jobs_run_what_the_page_says` sees")),
    ("dependencies.yml / advisories / Run cargo-deny", Not("its advisories come from GitHub; `supply_chain` runs the rest")),
    ("dependencies.yml / pins / Install Rust", Not(INSTALLS_RUST)),
    ("dependencies.yml / pins / Write the newest versions", Run("newer_versions_are_written_and_handed_on")),
    ("dependencies.yml / pins / Build and test", Not(IS_A_TEST)),
    ("dependencies.yml / pins / Hand the list on", Run("newer_versions_are_written_and_handed_on")),
    ("dependencies.yml / tell / Open the issue, or write it anew", Run("a_failure_opens_one_issue")),
    ("release.yml / check / Compare the tag with Cargo.toml, and take the notes from the changelog", Run("a_tag_needs_its_version_and_its_section")),
    ("release.yml / check / Look whether ci.yml passed for this commit", Run("a_commit_needs_tests_that_passed")),
    ("release.yml / build / Install Rust", Not(INSTALLS_RUST)),
    ("release.yml / build / Build all wheels", Not("it takes half an hour; the tests of the wheel build one by the same command")),
    ("release.yml / build / Build the source distribution", Not("`wheel::source` builds and installs one")),
    ("release.yml / build / Put the files of the release together", Run("the_files_have_checksums_and_the_list_of_parts")),
    ("release.yml / try / Install the wheel of this system, and start the program", Run("a_wheel_that_starts_is_published")),
    ("release.yml / try-musl / Install the wheel of this system, and start the program", Run("a_wheel_that_starts_is_published")),
    ("release.yml / pypi / Leave only what the index takes", Run("the_files_have_checksums_and_the_list_of_parts")),
    ("release.yml / crates-io / Install Rust", Not(INSTALLS_RUST)),
    ("release.yml / crates-io / Build the crate, without a token", Not("`wheel::source` does it, and all of a publication but the upload")),
    ("release.yml / crates-io / Look whether the crate is there already", Run("a_crate_that_is_there_is_not_published_again")),
    ("release.yml / crates-io / Publish the crate", Run("a_crate_that_is_there_is_not_published_again")),
    ("release.yml / github / Make the release", Run("a_release_is_made_once_and_then_completed")),
    ("release.yml / pre-commit / Write, tag and push the repository of the hooks", Run("the_repository_of_the_hooks_follows_once")),
    ("release.yml / major-tag / Move the major tag, which the action is used by", Run("the_major_tag_follows_the_newest_release")),
];

#[test]
fn every_step_is_run_by_a_test_or_has_a_reason() {
    let found: BTreeSet<String> = steps().map(|(place, _)| place).collect();
    let known: BTreeSet<String> = STEPS.iter().map(|(place, _)| (*place).to_owned()).collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "steps without an entry: {new:#?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "entries without a step: {gone:#?}");
    assert_eq!(known.len(), STEPS.len(), "a step has two entries");
    let tests: String = ["action", "catalogue", "ci", "pins", "release"]
        .map(|file| repository().join(format!("tests/e2e/workflows/{file}.rs")))
        .map(|path| fs::read_to_string(path).expect("it is there"))
        .concat();
    for (place, how) in STEPS {
        match how {
            Run(test) => assert!(tests.contains(&format!("fn {test}()")), "{place}: {test}"),
            Not(reason) => assert!(reason.len() > 10, "{place}"),
        }
    }
}
