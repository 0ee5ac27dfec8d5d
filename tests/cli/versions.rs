//! Installed releases that the catalogue does not know, or that have no number, or that were yanked.

use std::collections::BTreeMap;

use crate::support::releases::{LATER_ID, THIRD_ID, four, three};
use crate::support::{Outcome, Package, Project, put};

const BUILD: &str = "0.0.0.post1.dev0+g0123abc";

/// A real release's package, by its number: what the tests of real releases vendor cannot be had here, so only its facts are.
fn installed(project: &Project, package: &Package) {
    package.install_in_environment(&project.root.join(".venv"));
}

fn renamed(package: &Package, release: &str) -> Package {
    let entries: BTreeMap<String, Vec<u8>> = package.entries();
    let sql = entries.iter().filter(|(path, _)| path.ends_with(".sql"));
    sql.fold(Package::new(release), |package, (path, bytes)| {
        package.file(path, bytes)
    })
}

#[test]
fn a_build_without_a_number_is_neither_older_nor_newer() {
    for (before, after) in [(three(), four()), (four(), four())] {
        let project = Project::with(&before);
        installed(&project, &renamed(&after, BUILD));
        let checked = project.run(&["check"]);
        checked.err_has(&[
            "does not show its release",
            "nearest to those of",
            "git fetch --tags",
        ]);
        assert!(!checked.out.contains("older-upstream"), "{checked}");
        assert!(!checked.err.contains("older than 0.17.0"), "{checked}");
        project.run(&["sync"]).exits(0);
        assert!(project.lock().contains(BUILD));
        project.run(&["check", "--strict"]).exits(0);
        // From there to a release.
        let newer = renamed(&after, "91.9.0");
        project.sync(&newer, &[]).exits(0);
        project.check(&newer, &["--strict"]).exits(0);
    }
}

#[test]
fn a_build_without_a_number_can_be_stamped_and_not_rolled_out() {
    let project = Project::with(&renamed(&three(), BUILD));
    project
        .run(&["stamp", BUILD])
        .exits(0)
        .out_has(&[&format!("alembic stamp {THIRD_ID}")]);
    project.run(&["rollout", "--from", BUILD]).fails(&[
        "it is not known which releases come before it",
        "git fetch --tags",
    ]);
}

#[test]
fn stamp_and_rollout_know_what_is_vendored_or_installed() {
    for release in ["91.3.0rc1", "91.3.0.dev4+local", "91.3.0"] {
        let project = Project::with(&three());
        let package = renamed(&four(), release);
        // Installed, and not vendored yet.
        installed(&project, &package);
        let stamp = |named: &str| project.run(&["stamp", named]);
        stamp(release).exits(1).err_has(&["not vendored", "sync"]);
        // Vendored, and an older one installed.
        project.run(&["sync"]).exits(0);
        stamp(release)
            .exits(0)
            .out_has(&[&format!("alembic stamp {LATER_ID}")]);
        std::fs::remove_dir_all(project.root.join(".venv")).unwrap();
        stamp(release)
            .exits(0)
            .out_has(&[&format!("alembic stamp {LATER_ID}")]);
        installed(&project, &three());
        stamp("91.1.0")
            .exits(0)
            .out_has(&[&format!("alembic stamp {THIRD_ID}")]);
        let steps: Outcome = project.run(&["rollout", "--from", "91.1.0"]);
        steps
            .exits(0)
            .out_has(&[&format!("alembic upgrade {LATER_ID}"), release]);
        // Nobody has it.
        stamp("91.8.0").fails(&["not in the catalogue"]);
    }
}

#[test]
fn releases_marks_those_that_were_yanked() {
    let project = Project::bare();
    let all = project.run(&["releases"]);
    all.exits(0)
        .out_has(&["3.5.0", "Yanked", "withdrawn from the package index"]);
    project
        .run(&["releases", "3.5.0"])
        .exits(0)
        .out_has(&["Yanked"]);
    project
        .run(&["releases", "3.5.1"])
        .exits(0)
        .out_lacks(&["Yanked"]);
    let json = project.run(&["releases", "3.5.0", "3.5.1", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["releases"][0]["yanked"], true);
    assert_eq!(report["releases"][1]["yanked"], false);
}

#[test]
fn a_pin_of_a_yanked_release_is_compared_and_said() {
    let project = Project::of_release("3.4.0");
    put(
        &project.root.join("requirements.txt"),
        "procrastinate==3.5.0\n",
    );
    project
        .run(&["check", "--require-upstream=pinned"])
        .err_has(&["requirements.txt:1 pins 3.5.0, which was yanked from the package index"])
        .out_has(&["compared with the digests of Procrastinate 3.5.0"]);
}

#[test]
fn nobody_is_sent_to_a_yanked_release_without_a_word() {
    let yanked = "was yanked from the package index";
    let project = Project::of_release("3.10.0");
    project.run(&["stamp", "3.5.0"]).exits(0).err_has(&[yanked]);
    let rollout = project.run(&["rollout", "--from", "3.4.0", "--to", "3.5.0"]);
    rollout.exits(0).out_has(&[yanked]);
    let without = project.run(&["rollout", "--from", "3.4.0", "--to", "3.5.1"]);
    without.exits(0).out_lacks(&[yanked, "3.5.0"]);
    // A pin of one is no advice.
    put(
        &project.root.join("requirements.txt"),
        "procrastinate==3.5.0\n",
    );
    let synced = project.run(&["sync"]);
    synced.exits(2).err_lacks(&["--release 3.5.0"]);
    let new = Project::new();
    put(&new.root.join("requirements.txt"), "procrastinate==3.5.0\n");
    let checked = new.run(&["check"]);
    checked.exits(1).err_lacks(&["--release 3.5.0"]);
}

#[test]
fn what_is_advised_in_place_of_a_pin_can_be_had() {
    for pin in ["3.0.1", "0.15.0", "3.10.0+corp", "0.0.0.post1", "3.5.0.1"] {
        let project = Project::of_release("3.4.0");
        put(
            &project.root.join("requirements.txt"),
            format!("procrastinate=={pin}\n"),
        );
        project
            .run(&["check", "--require-upstream=pinned"])
            .fails(&[
                &format!("pins {pin}, which cannot be compared"),
                "[procrastinate==3.4.0]",
            ]);
    }
}

/// `91.1` is 91.1.0.
#[test]
fn a_shorter_number_of_the_same_release_is_no_change() {
    let project = Project::with(&three());
    let site = project.install(&renamed(&three(), "91.1"));
    project
        .run(&["sync", "--from", site.as_str()])
        .exits(0)
        .out_has(&["Up to date"]);
}
