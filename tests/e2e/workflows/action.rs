//! The action, on a project in git: installed from the wheel, beside the project's own environment.

use std::sync::LazyLock;

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
    std::os::unix::fs::symlink(python::bin().join("python"), runner.path("bin/python3"))
        .expect("a link can be made");
    runner
}

/// One into which the action was installed: without network, from the only wheel, the one that was built.
fn installed() -> &'static Runner {
    static INSTALLED: LazyLock<Runner> = LazyLock::new(|| {
        let runner = runner(&[]);
        let directory = wheel().parent().expect("a wheel lies in a directory");
        run(runner
            .prepared(INSTALL)
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", directory))
        .exits(0);
        runner
    });
    &INSTALLED
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
    let installed = installed();
    let repository = Repository::shared();
    for (branch, status) in [(MAIN, 0), (BUMPED, 1)] {
        let checkout = repository.checkout(branch);
        // Only a lock file pins a release: that is no comparison with an installed one.
        checks(installed, &checkout)
            .exits(2)
            .says("upstream is required");
        let sync = ["uv", "sync", "--quiet", "--locked"];
        run(&mut checkout.shell(&sync)).exits(0);
        let found = checks(installed, &checkout).exits(status);
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
    let check = |require: &str, args: &str| {
        let other = runner(&[("inputs.require-upstream", require), ("inputs.args", args)]);
        let environment = installed().path("temp/vendor-migrations");
        std::os::unix::fs::symlink(environment, other.path("temp/vendor-migrations"))
            .expect("a link can be made");
        checks(&other, &checkout)
    };
    let report = check("pinned", "--strict --format 'json' -C \".\"").exits(0);
    assert!(report.stdout.starts_with('{'), "{report}");
    for (require, args, told) in [
        (
            "pinned",
            "'$(touch made)' `touch made`; touch made",
            "unexpected argument '$(touch made)'",
        ),
        ("none; touch made", "", "invalid value"),
        ("none", "--format 'json", "No closing quotation"),
        ("none", "''", "unexpected argument '' found"),
        ("none", "'a\nb'", "unexpected argument 'a\nb' found"),
    ] {
        let failed = check(require, args);
        assert_ne!(failed.status, Some(0), "{failed}");
        failed.says(told);
        let made = checkout.root().join("made").try_exists();
        assert!(!made.expect("it can be looked for"));
    }
}

/// A Python that notes its arguments, and makes environments with itself.
const PYTHON: &str = "#!/bin/sh\necho \"$*\" >> \"$CALLS\"\ntest \"$3\" = venv || exit 0\nmkdir -p \"$5/bin\"\ncp \"$0\" \"$5/bin/python\"\n";

/// The version of the action, unless another one is asked for.
#[test]
fn the_version_is_that_of_the_action() {
    for (version, wanted) in [("", env!("CARGO_PKG_VERSION")), ("9.9.9", "9.9.9")] {
        let other = runner(&[("inputs.version", version)]);
        fs::remove_file(other.path("bin/python3")).expect("it is there");
        other.program("python3", PYTHON);
        other.run(INSTALL).exits(0);
        let environment = other.path("temp/vendor-migrations");
        let install =
            "-I -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all:";
        assert_eq!(
            other.calls(),
            [
                "-I -c import venv".to_owned(),
                format!("-I -m venv --clear {environment}"),
                format!("{install} vendor-migrations=={wanted}"),
            ]
        );
    }
}

/// On Windows, `python3` can be a placeholder that starts nothing.
#[test]
fn a_python_that_does_not_start_is_passed_over() {
    let other = runner(&[]);
    fs::remove_file(other.path("bin/python3")).expect("it is there");
    for name in ["python3", "python"] {
        other.program(name, "#!/bin/sh\nexit 49\n");
    }
    other
        .run(INSTALL)
        .exits(1)
        .says("::error::Neither python3 nor python starts");
    other.program("python", PYTHON);
    other.run(INSTALL).exits(0);
    assert_eq!(other.calls().len(), 3);
}
