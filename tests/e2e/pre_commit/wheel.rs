//! The hook for those who build nothing: a local one, with the wheel.

use super::repository::Repository;
use super::{NEW, OLD, fails_with_the_diff};
use crate::support::hook::hook;
use crate::support::process::run;
use crate::support::python;

/// As the guide has it.
const GUIDE: &str = include_str!("../../../docs/ci.md");

/// The configuration that the guide shows under this heading, without its comments.
#[track_caller]
fn shown_below(heading: &str) -> String {
    let begin = GUIDE.find(heading).expect("the guide has the heading");
    let block = GUIDE[begin..]
        .split("```yaml\n")
        .nth(1)
        .expect("YAML follows");
    block.split("```").next().expect("it ends").to_owned()
}

#[test]
fn pre_commit_and_prek_take_it_from_an_index() {
    let wheels = hook().wheel();
    let wheels = wheels.parent().expect("a wheel lies in a directory");
    let repository = Repository::vendored("");
    let configuration = shown_below("### Without a build");
    assert!(configuration.contains("additional_dependencies: [vendor-migrations=="));
    repository.write(super::CONFIGURATION, &configuration);
    repository.git(&["add", "--all"]).exits(0);
    repository.install(".venv", OLD);
    let bin = python::bin();
    for program in ["pre-commit", "prek"] {
        let run = || {
            run(hook()
                .command(bin.join(program), &[&bin])
                .current_dir(repository.root())
                .env("PIP_FIND_LINKS", wheels)
                .env("UV_FIND_LINKS", wheels)
                .env("UV_PYTHON_DOWNLOADS", "never")
                .args(["run", "--all-files", "--verbose"]))
        };
        run().exits(0).says("Passed").says("(.venv)");
        repository.install(".venv", NEW);
        fails_with_the_diff(&repository, run);
        repository.install(".venv", OLD);
    }
    // `init` sees that it is there.
    repository.tool(&["init"]).exits(0).says("Wired already");
    assert_eq!(repository.read(super::CONFIGURATION), configuration);
}
