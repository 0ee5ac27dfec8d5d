//! Lock files that the real tools write, in a project with nothing installed.

use fs_err as fs;

use crate::support::database::Driver;
use crate::support::process::run;
use crate::support::project::Project;
use crate::support::python;

const CHANGED: &str = "03.04.00_50_post_add_retry_failed_job_procedure.sql";

/// A `pyproject.toml` with these dependencies.
fn depend_on(project: &Project, dependencies: &[&str]) {
    let text = format!(
        "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.10\"\ndependencies = {dependencies:?}\n"
    );
    fs::write(project.root().join("pyproject.toml"), text).expect("the project can be written");
}

fn uv(project: &Project, arguments: &[&str]) {
    run(python::program("uv")
        .current_dir(project.root())
        .args(arguments)
        .arg("--quiet"))
    .exits(0);
}

fn remove(project: &Project, name: &str) {
    fs::remove_file(project.root().join(name)).expect("uv wrote it");
}

#[test]
fn uv_lock_moved_from_3_5_1_to_3_5_2_with_nothing_installed() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.5.1");
    depend_on(&project, &["Procrastinate[django]==3.5.1"]);
    uv(&project, &["lock"]);
    project
        .tool(&["check", "--require-upstream=pinned"])
        .exits(0)
        .says("the digests of Procrastinate 3.5.1, which uv.lock:");
    depend_on(&project, &["Procrastinate[django]==3.5.2"]);
    uv(&project, &["lock"]);
    let moved = project.tool(&["check"]).exits(1);
    moved
        .says(CHANGED)
        .says("`vendor-migrations diff -C ")
        .says(" --release 3.5.2` shows the difference");
    // What uv makes of its lock for other tools.
    uv(&project, &["export", "--output-file", "pylock.toml"]);
    uv(&project, &["export", "--output-file", "requirements.txt"]);
    let all = project.tool(&["check", "--format", "json"]).exits(1).stdout;
    let report: serde_json::Value = serde_json::from_str(&all).expect("JSON");
    let pins = report["pins"].as_array().expect("a list");
    let places: Vec<&str> = pins
        .iter()
        .map(|pin| pin["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(places, ["pylock.toml", "requirements.txt", "uv.lock"]);
    assert!(pins.iter().all(|pin| pin["release"] == "3.5.2"), "{all}");
    for name in places {
        let text = fs::read_to_string(project.root().join(name)).expect("uv wrote it");
        let place = pins
            .iter()
            .find(|pin| pin["path"] == name)
            .expect("it is there");
        let line = place["line"].as_u64().expect("a number");
        let line = text.lines().nth(usize::try_from(line).expect("small") - 1);
        assert!(
            line.is_some_and(|line| line.contains("procrastinate")),
            "{name}: {line:?}"
        );
    }
    for name in ["uv.lock", "pylock.toml"] {
        remove(&project, name);
        project.tool(&["check"]).exits(1).says(CHANGED);
    }
}

#[test]
fn a_resolution_that_differs_between_environments() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.5.2");
    depend_on(
        &project,
        &[
            "procrastinate==3.5.1; python_version < '3.12'",
            "procrastinate==3.5.2; python_version >= '3.12'",
        ],
    );
    uv(&project, &["lock"]);
    uv(&project, &["export", "--output-file", "pylock.toml"]);
    uv(&project, &["export", "--output-file", "requirements.txt"]);
    for name in ["uv.lock", "pylock.toml", "requirements.txt"] {
        let found = project.tool(&["check"]).exits(1);
        found
            .says("error[pins-disagree]")
            .says(&format!("3.5.1 in {name}:"))
            .says("python_full_version < '3.12'");
        remove(&project, name);
    }
}
