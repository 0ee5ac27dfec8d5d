//! The action, on a project in git: installed from the wheel, beside the project's own environment.

use std::process::Command;

use fs_err as fs;

use super::steps::{Runner, documents};
use crate::recipes::repository::{BUMPED, Checkout, MAIN, Repository};
use crate::support::process::{Outcome, run};
use crate::support::python;
use crate::wheel::built::wheel;

const INSTALL: &str = "action.yml / runs / Install vendor-migrations";
const CHECK: &str = "action.yml / runs / Check the vendored migrations";

/// A runner with the inputs' defaults, and with what `uses` gives.
fn runner(with: &[(&'static str, &str)]) -> Runner {
    let mut runner = Runner::new();
    let inputs = documents()["action.yml"]["inputs"].as_object();
    for (name, input) in inputs.expect("there are inputs") {
        let expression = format!("inputs.{name}");
        let given = with.iter().find(|(given, _)| *given == expression);
        let default = input["default"].as_str().expect("a default");
        runner.value(expression.leak(), given.map_or(default, |(_, value)| value));
    }
    let temp = runner.path("temp");
    runner.value("runner.temp", temp.as_str());
    std::os::unix::fs::symlink(python::bin().join("python"), runner.path("bin/python3"))
        .expect("a link can be made");
    runner
}

/// Without network: the only wheel is the one that was built.
fn offline(command: &mut Command) -> &mut Command {
    let directory = wheel().parent().expect("a wheel lies in a directory");
    command
        .env("PIP_NO_INDEX", "1")
        .env("PIP_FIND_LINKS", directory)
}

fn checks(runner: &Runner, checkout: &Checkout) -> Outcome {
    let mut step = runner.prepared(CHECK);
    run(step
        .current_dir(checkout.root())
        .env("GITHUB_ACTIONS", "true")
        .env("CI", "true"))
}

#[test]
fn the_action_checks_a_project() {
    let installed = runner(&[]);
    run(offline(&mut installed.prepared(INSTALL))).exits(0);
    let repository = Repository::shared();
    for (branch, status) in [(MAIN, 0), (BUMPED, 1)] {
        let checkout = repository.checkout(branch);
        // Only a lock file pins a release: that is no comparison with an installed one.
        checks(&installed, &checkout)
            .exits(2)
            .says("upstream is required");
        let sync = ["uv", "sync", "--quiet", "--locked"];
        run(&mut checkout.shell(&sync)).exits(0);
        let found = checks(&installed, &checkout).exits(status);
        let annotated = found
            .stdout
            .contains("::error file=alembic/versions_procrastinate/");
        assert_eq!(annotated, status == 1, "{found}");
    }
    assert!(installed.read("summary").contains("migration-changed"));
}

#[test]
fn inputs_reach_the_program_as_they_stand() {
    let checkout = Repository::shared().checkout(MAIN);
    let pinned = runner(&[
        ("inputs.require-upstream", "pinned"),
        ("inputs.args", "--strict --format 'json' -C \".\""),
    ]);
    run(offline(&mut pinned.prepared(INSTALL))).exits(0);
    assert!(checks(&pinned, &checkout).exits(0).stdout.starts_with('{'));
    for (inputs, told) in [
        (
            [
                ("inputs.require-upstream", "pinned"),
                ("inputs.args", "'$(touch made)' `touch made`; touch made"),
            ],
            "unexpected argument",
        ),
        (
            [
                ("inputs.require-upstream", "none; touch made"),
                ("inputs.args", ""),
            ],
            "invalid value",
        ),
        (
            [
                ("inputs.require-upstream", "none"),
                ("inputs.args", "--format 'json"),
            ],
            "No closing quotation",
        ),
    ] {
        let other = runner(&inputs);
        std::os::unix::fs::symlink(
            pinned.path("temp/vendor-migrations"),
            other.path("temp/vendor-migrations"),
        )
        .expect("a link");
        let failed = checks(&other, &checkout);
        assert_ne!(failed.status, Some(0), "{failed}");
        failed.says(told);
        assert!(!fs::exists(checkout.root().join("made")).expect("it can be looked for"));
    }
}

#[test]
fn a_version_that_is_not_there_is_an_error() {
    let other = runner(&[("inputs.version", "9.9.9")]);
    run(offline(&mut other.prepared(INSTALL)))
        .exits(1)
        .says("vendor-migrations==9.9.9");
}
