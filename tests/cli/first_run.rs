//! The first run: which commands lead to a `check` that passes, and whether they do.

use crate::support::releases::three;
use crate::support::{Outcome, Project, put};

const UNWIRED: &str = "[alembic]\nscript_location = alembic\n";

/// A project whose Alembic does not know the vendored directory, with a release in `.venv` if `installed`.
fn unwired(installed: bool) -> Project {
    let project = Project::new();
    put(&project.root.join("alembic.ini"), UNWIRED);
    if installed {
        install(&project);
    }
    project
}

fn install(project: &Project) {
    put(&project.root.join(".venv/pyvenv.cfg"), "");
    let site = project.root.join(".venv/lib/python3.13/site-packages");
    three().install(&site);
}

/// The commands that a text shows, each on a line of its own, in order.
fn commands(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .map(|line| line.trim_start_matches("Next").trim());
    let begins = ["vendor-migrations ", "alembic ", "(cd "];
    let commands = lines.filter(|line| begins.iter().any(|begin| line.starts_with(begin)));
    commands.map(str::to_owned).collect()
}

/// What each way to ask says first; a run of `sync` is only asked for where it has nothing to vendor.
fn told(project: &Project, options: &[&str]) -> Vec<Vec<String>> {
    let run = |verb: &[&str]| project.run(&[verb, options].concat());
    let all = |outcome: Outcome| commands(&format!("{}\n{}", outcome.err, outcome.out));
    vec![all(run(&[])), all(run(&["status"])), all(run(&["check"]))]
}

#[test]
fn three_commands_lead_to_a_check_that_passes() {
    let project = unwired(true);
    let before = project.tree();
    let expected = [
        "vendor-migrations init",
        "vendor-migrations sync",
        "vendor-migrations check",
        "alembic upgrade heads",
    ];
    for told in told(&project, &[]) {
        assert_eq!(told, expected);
    }
    before.assert_untouched(&project.tree());
    project
        .run(&[])
        .exits(2)
        .err_has(&["Procrastinate 91.1.0 (.venv)", "--help"]);
    project.run(&["check"]).exits(1);
    for command in &expected[..3] {
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        project.run(&words).exits(0);
    }
    // From then on there is nothing to begin.
    project
        .run(&["check"])
        .exits(0)
        .err_lacks(&["commands lead"]);
    project
        .run(&[])
        .exits(2)
        .err_has(&["Usage: vendor-migrations"]);
}

#[cfg(unix)]
#[test]
fn the_users_own_options_are_in_the_commands() {
    let project = unwired(true);
    let root = project.root.clone();
    std::fs::rename(root.join("alembic.ini"), root.join("my alembic.ini")).unwrap();
    let text = UNWIRED.replace("[alembic]", "[jobs]");
    put(&root.join("my alembic.ini"), text);
    let options = ["-C", root.as_str(), "-c", "my alembic.ini", "-n", "jobs"];
    let own = format!(" -C {root} -c 'my alembic.ini' -n jobs");
    let expected = [
        format!("vendor-migrations init{own}"),
        format!("vendor-migrations sync{own}"),
        format!("vendor-migrations check{own}"),
        format!("(cd {root} && alembic -c 'my alembic.ini' -n jobs upgrade heads)"),
    ];
    for told in told(&project, &options) {
        assert_eq!(told, expected);
    }
    let init = project.run(&[&["init"], &options[..]].concat());
    assert_eq!(commands(&init.exits(0).out)[0], expected[1]);
}

#[cfg(unix)]
#[test]
fn a_source_that_the_user_names_is_in_the_commands() {
    let project = unwired(false);
    let site = project.install(&three());
    let from = ["--from", site.as_str()];
    let outcome = project.run(&[&["check"], &from[..]].concat());
    let told = commands(&outcome.err);
    assert_eq!(told[1], format!("vendor-migrations sync --from {site}"));
    assert_eq!(told[2], format!("vendor-migrations check --from {site}"));
}

#[test]
fn without_procrastinate_a_release_is_named() {
    let project = unwired(false);
    for told in told(&project, &[]) {
        assert!(
            told[1].starts_with("vendor-migrations sync --release "),
            "{told:?}"
        );
    }
    project.run(&[]).exits(2).err_has(&["was not found"]);
    let sync = project.run(&["sync"]);
    sync.fails(&["`vendor-migrations init`, `vendor-migrations sync --release "]);
    // The release that the project pins comes first.
    put(
        &project.root.join("requirements.txt"),
        "procrastinate==3.5.1\n",
    );
    for told in told(&project, &[]) {
        assert_eq!(told[1], "vendor-migrations sync --release 3.5.1");
    }
}

#[test]
fn a_wired_project_has_two_commands_left() {
    let project = Project::new();
    install(&project);
    let expected = [
        "vendor-migrations sync",
        "vendor-migrations check",
        "alembic upgrade heads",
    ];
    for told in told(&project, &[]) {
        assert_eq!(told, expected);
    }
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    assert_eq!(told(&project, &[])[0][2], "alembic upgrade head");
}

#[test]
fn sync_before_init_says_what_is_left() {
    let project = unwired(true);
    let outcome = project.run(&["sync"]);
    let expected = [
        "vendor-migrations init",
        "vendor-migrations check",
        "alembic upgrade heads",
    ];
    assert_eq!(commands(&outcome.exits(0).out), expected);
}

#[test]
fn nothing_is_begun_where_the_lock_was_lost() {
    let project = Project::with(&three());
    std::fs::remove_file(project.lock_path()).unwrap();
    project
        .run(&[])
        .exits(2)
        .err_has(&["Usage: vendor-migrations"]);
    project
        .check(&three(), &[])
        .exits(1)
        .err_lacks(&["commands lead"]);
}

#[test]
fn outside_of_any_project_there_is_the_reason() {
    let project = Project::bare();
    project
        .run(&[])
        .exits(2)
        .err_has(&["no Alembic project", "init --separate"]);
    project
        .run(&["-q"])
        .exits(2)
        .err_has(&["no Alembic project"]);
    // A project that is named and is none is an error.
    project.run(&["-C", "nowhere"]).fails(&["nowhere"]);
    project.run(&["-c", "nowhere.ini"]).fails(&["nowhere.ini"]);
    project.run(&["status"]).fails(&["alembic init alembic"]);
}

#[test]
fn quiet_means_no_advice() {
    let project = unwired(true);
    project
        .run(&["check", "-q"])
        .exits(1)
        .err_lacks(&["commands lead"]);
}

#[test]
fn programs_get_no_advice_on_standard_output() {
    let project = unwired(true);
    let outcome = project.run(&["check", "--format", "json"]);
    let _: serde_json::Value = serde_json::from_str(&outcome.exits(1).out).unwrap();
}

/// What is left to the user's hands comes before the commands, and no sentence says that they are enough.
#[test]
fn commands_are_not_said_to_be_enough_where_they_are_not() {
    let project = Project::bare();
    put(
        &project.root.join("alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    put(&project.root.join("alembic/env.py"), "");
    put(&project.root.join("alembic/versions/mine.py"), "x = 1\n");
    three().install_in_environment(&project.root.join(".venv"));
    let checked = project.run(&["check"]);
    checked
        .exits(1)
        .out_has(&["not-a-revision", "by hand", "vendor-migrations sync"])
        .err_lacks(&["commands lead"]);
    project.run(&["status"]).out_has(&["not-a-revision"]);
    project
        .run(&[])
        .exits(2)
        .err_has(&[
            "something else has to be done first",
            "vendor-migrations check",
        ])
        .err_lacks(&["commands lead"]);
}
