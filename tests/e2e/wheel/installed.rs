//! The wheel in an environment in which nothing else is.

use std::process::Command;

use camino::Utf8Path;

use super::built::install;
use crate::support::database::Driver;
use crate::support::process::{Outcome, run, scrub};
use crate::support::project::Project;
use crate::support::tools::{empty_environment, pip_install};
use crate::support::{releases, storage};

/// How the program of an environment is started.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    Script,
    Module,
}

pub(super) const WAYS: [Way; 2] = [Way::Script, Way::Module];

impl Way {
    pub(super) fn command(self, environment: &Utf8Path) -> Command {
        let bin = environment.join("bin");
        let mut command = match self {
            Way::Script => Command::new(bin.join("vendor-migrations")),
            Way::Module => {
                let mut python = Command::new(bin.join("python"));
                python.args(["-m", "vendor_migrations"]);
                python
            }
        };
        scrub(&mut command);
        command
    }

    /// The program with no other environment and no other program in reach.
    pub(super) fn alone(self, environment: &Utf8Path) -> Command {
        let mut command = self.command(environment);
        command.env("PATH", "");
        command
    }

    /// The program in a project.
    #[track_caller]
    pub(super) fn run(self, environment: &Utf8Path, project: &Project, args: &[&str]) -> Outcome {
        let mut command = self.alone(environment);
        run(command.current_dir(project.root()).args(args))
    }
}

/// Installs releases of Procrastinate into an environment.
pub(super) fn install_procrastinate(environment: &Utf8Path, release: &str) {
    run(pip_install(environment)
        .args(["--no-index", "--no-deps"])
        .arg(releases::wheel(release)))
    .exits(0);
}

#[test]
fn works_without_network_and_dependencies() {
    let directory = storage::temporary();
    let environment = storage::path(&directory).join("an empty environment");
    install(&environment);
    let version = concat!("vendor-migrations ", env!("CARGO_PKG_VERSION"), "\n");
    for way in WAYS {
        let shown = run(way.alone(&environment).arg("--version")).exits(0);
        assert_eq!(shown.stdout, version, "{way:?}");
        run(way.alone(&environment).arg("--no-such-option")).exits(2);
        run(way
            .alone(&environment)
            .args(["check", "-C", "no such directory"]))
        .exits(2);
    }
}

#[test]
fn vendors_the_release_in_the_environment_of_a_project() {
    let directory = storage::temporary();
    let environment = storage::path(&directory).join("tool");
    install(&environment);
    for way in WAYS {
        let project = Project::new(Driver::Psycopg);
        let own = project.root().join(".venv");
        empty_environment(&own);
        install_procrastinate(&own, "3.5.1");
        way.run(&environment, &project, &["check"])
            .exits(1)
            .says("not-vendored");
        let synced = way.run(&environment, &project, &["sync"]).exits(0);
        synced.says("Procrastinate 3.5.1 (.venv)");
        assert_eq!(project.locked_revisions(), 38);
        way.run(&environment, &project, &["check", "--require-upstream"])
            .exits(0);

        install_procrastinate(&own, "3.5.2");
        let drift = way
            .run(&environment, &project, &["check", "--require-upstream"])
            .exits(1);
        drift.says("migration-changed");
        project.upgrade();
        project.assert_at_head();
    }
}
