//! The weekly look for new releases of Procrastinate: catalogue.yml.

use fs_err as fs;
use vendor_migrations::catalog;

use super::steps::Runner;
use crate::support::process::Outcome;

const FACTS: &str = "catalogue.yml / measure / Add the facts of new releases";
const CHANGED: &str = "catalogue.yml / measure / Look whether there is a new one";
const OBJECTS: &str = "catalogue.yml / measure / Ask PostgreSQL what their migrations do";
const TESTS: &str = "catalogue.yml / measure / Test the catalogue";
const PATCH: &str = "catalogue.yml / measure / Write the change down";
const PROPOSE: &str =
    "catalogue.yml / propose / Push a branch, and open a pull request unless one is open";

/// The command adds a file: `tests/e2e/catalogue.rs` asks the index for all of them, which takes a while.
const CARGO: &str = "#!/bin/sh\necho \"cargo $*\" >> \"$CALLS\"\ncp \"$RUNNER_TEMP/new\"/* procrastinate-versions\n";

/// A clone of a bare repository that has the catalogue.
fn cloned() -> Runner {
    let runner = Runner::with(&["procrastinate-versions"]);
    let hosted = runner.path("hosted");
    runner.git(&["init", "--quiet", "--bare", hosted.as_str()]);
    runner.git(&["init", "--quiet", "."]);
    runner.git(&["remote", "add", "origin", hosted.as_str()]);
    runner
}

fn commit(runner: &Runner) {
    runner.git(&["add", "--all"]);
    runner.git(&["commit", "--quiet", "--message", "The catalogue"]);
    runner.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
}

#[test]
fn a_new_release_comes_as_a_pull_request() {
    let mut runner = cloned();
    runner.program("cargo", CARGO);
    let newest = &catalog::newest().expect("there are releases").name;
    let file = format!("procrastinate-versions/{newest}.toml");
    let facts = runner.read(&format!("checkout/{file}"));
    runner.write(&format!("temp/new/{newest}.toml"), &facts);
    fs::remove_file(runner.checkout().join(&file)).expect("it is there");
    commit(&runner);
    runner.run(FACTS).exits(0);
    let command = "cargo run --locked -- catalogue procrastinate-versions";
    assert_eq!(runner.calls(), [command]);
    runner.run(CHANGED).exits(0);
    assert_eq!(runner.read("output"), "changed=true\n");
    runner.run(PATCH).exits(0);

    // Another machine.
    runner.git(&["reset", "--quiet", "--hard"]);
    runner.value("steps.app.outputs.token", "secret");
    runner.value("needs.measure.outputs.tests", "success");
    runner.calls();
    runner.run(PROPOSE).exits(0);
    let added = ["diff", "--name-only", "origin/main", "origin/catalogue"];
    assert_eq!(runner.git(&added).trim(), file);
    let shown = ["show", &format!("origin/catalogue:{file}")];
    assert_eq!(runner.git(&shown), facts);
    let title = runner.git(&["log", "-1", "--format=%s", "origin/catalogue"]);
    assert!(title.trim().ends_with(newest), "{title}");
    let calls = runner.calls();
    assert_eq!(calls[0], "gh auth setup-git");
    let made = format!(
        "gh pr create --base main --head catalogue --title {} --body-file ",
        title.trim()
    );
    assert!(calls[2].starts_with(&made), "{calls:?}");
    assert!(
        runner
            .read("temp/body.md")
            .contains("Tests of the catalogue there: success.")
    );
}

/// The second job, with a patch that writes this file.
fn proposes(runner: &Runner, file: &str, text: &str) -> Outcome {
    runner.git(&["checkout", "--quiet", "--force", "--detach", "origin/main"]);
    runner.write(&format!("checkout/{file}"), text);
    runner.git(&["add", "--all"]);
    runner.run(PATCH).exits(0);
    runner.git(&["reset", "--quiet", "--hard"]);
    runner.run(PROPOSE)
}

/// What the next weeks bring while a pull request is open.
#[test]
fn commits_of_people_stay_in_the_branch() {
    let mut runner = cloned();
    commit(&runner);
    runner.value("steps.app.outputs.token", "secret");
    runner.value("needs.measure.outputs.tests", "success");
    runner.answers("gh pr list", "7\n");
    let tip = || runner.git(&["ls-remote", "origin", "refs/heads/catalogue"]);
    let file = "procrastinate-versions/99.0.0.toml";
    proposes(&runner, file, "old\n").exits(0);
    let old = tip();
    runner.calls();
    proposes(&runner, file, "new\n").exits(0);
    assert_ne!(tip(), old);
    assert!(runner.calls()[2].starts_with("gh pr edit 7 --title "));

    runner.git(&["checkout", "--quiet", "--detach", "origin/catalogue"]);
    runner.git(&["commit", "--quiet", "--allow-empty", "--message", "A page"]);
    runner.git(&["push", "--quiet", "origin", "HEAD:refs/heads/catalogue"]);
    let theirs = tip();
    proposes(&runner, file, "new\n")
        .exits(0)
        .says("has these facts already");
    assert_eq!(runner.calls().len(), 2);
    proposes(&runner, file, "newer\n")
        .exits(1)
        .says("::error::The branch catalogue has commits of other people");
    proposes(&runner, "README.md", "new\n")
        .exits(1)
        .says("::error::The patch changes files outside of procrastinate-versions: README.md");
    assert_eq!(tip(), theirs);
}

#[test]
fn no_new_release_changes_nothing() {
    let runner = cloned();
    commit(&runner);
    runner.run(CHANGED).exits(0);
    assert_eq!(runner.read("output"), "");
}

/// `tests/e2e/catalogue.rs` runs the command on such servers.
#[test]
fn two_servers_are_asked_and_two_rooms_tested() {
    let runner = Runner::new();
    runner.run(OBJECTS).exits(0);
    runner.run(TESTS).exits(0);
    let url = |port: u16| format!("--objects postgresql://postgres@localhost:{port}/postgres");
    let objects = format!(
        "cargo run --locked -- catalogue procrastinate-versions {} {}",
        url(5418),
        url(5416)
    );
    assert_eq!(
        runner.calls(),
        [
            objects.as_str(),
            "cargo test --locked --lib catalog::",
            "cargo test --locked --test e2e -- catalogue::"
        ]
    );
    let services = &super::steps::documents()["catalogue.yml"]["jobs"]["measure"]["services"];
    for (major, port) in [("18", "5418:5432"), ("16", "5416:5432")] {
        let service = &services[format!("postgres-{major}")];
        assert_eq!(service["image"], format!("postgres:{major}"));
        assert_eq!(service["ports"], serde_json::json!([port]));
    }
}
