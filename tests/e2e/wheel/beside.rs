//! The program in the same environment as a Procrastinate: it takes that one, and passes an environment over that has no Procrastinate.

use camino::Utf8Path;

use super::built::install;
use super::installed::{WAYS, Way, install_procrastinate};
use crate::support::database::Driver;
use crate::support::process::{Outcome, run};
use crate::support::project::Project;
use crate::support::{storage, tools};

#[test]
fn in_the_environment_of_the_project() {
    for way in WAYS {
        let project = Project::new(Driver::Psycopg);
        let own = project.root().join(".venv");
        install(&own);
        install_procrastinate(&own, "3.10.0");
        way.run(&own, &project, &["sync"])
            .exits(0)
            .says("Procrastinate 3.10.0 (.venv)");
        way.run(&own, &project, &["check", "--require-upstream"])
            .exits(0);
    }
}

/// The program in an environment that is active, and the first on the PATH.
fn active(way: Way, environment: &Utf8Path, project: &Project, args: &[&str]) -> Outcome {
    let mut command = way.command(environment);
    command.current_dir(project.root()).args(args);
    command
        .env("VIRTUAL_ENV", environment)
        .env("PATH", environment.join("bin"));
    run(&mut command)
}

/// The environment is active, and the first on the PATH: an image's, say. Without Procrastinate it is a tool's own.
#[test]
fn in_an_environment_elsewhere() {
    let directory = storage::temporary();
    let elsewhere = storage::path(&directory).join("elsewhere");
    install(&elsewhere);
    for way in WAYS {
        let project = Project::new(Driver::Psycopg);
        let active = |args: &[&str]| active(way, &elsewhere, &project, args);
        let before = project.tree();
        let refused = active(&["sync"]).exits(2);
        assert_eq!(
            refused.stderr.matches("skipped, because").count(),
            2,
            "{refused}"
        );
        assert!(refused.stderr.contains(elsewhere.as_str()), "{refused}");
        assert_eq!(project.tree(), before);
    }
    install_procrastinate(&elsewhere, "3.5.1");
    for way in WAYS {
        let project = Project::new(Driver::Psycopg);
        let active = |args: &[&str]| active(way, &elsewhere, &project, args);
        active(&["sync", "--dry-run"])
            .exits(0)
            .says(&format!("Procrastinate 3.5.1 ({elsewhere})"));
        let python = elsewhere.join("bin/python");
        active(&["sync", "--dry-run", "--python", python.as_str()])
            .exits(0)
            .says("Procrastinate 3.5.1");
        active(&["sync", "--dry-run", "--from", elsewhere.as_str()])
            .exits(0)
            .says("Procrastinate 3.5.1");

        // The project's own comes first.
        let own: &Utf8Path = &project.root().join(".venv");
        tools::empty_environment(own);
        install_procrastinate(own, "3.10.0");
        active(&["sync"])
            .exits(0)
            .says("Procrastinate 3.10.0 (.venv)")
            .says("another environment has another release: 3.5.1 in VIRTUAL_ENV");
        active(&["check", "--require-upstream"])
            .exits(0)
            .says("warning[environment-differs]");
    }
}
