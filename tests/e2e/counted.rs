//! What a `check` costs where time is no measure: each file is opened once, and the system calls are few.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use fs_err as fs;
use serde::Deserialize;
use tempfile::TempDir;

use crate::support::process::run;
use crate::support::storage::{path, temporary};
use crate::support::{python, releases};

const INI: &str = "[alembic]\nscript_location = %(here)s/alembic\npath_separator = os\nversion_locations = \
                   %(here)s/alembic/versions:%(here)s/alembic/versions_procrastinate\n";
const ENV: &str = "from alembic import context\n\nfrom app import engine\n\nwith engine.connect() as connection:\n    \
                   context.configure(connection=connection)\n    with context.begin_transaction():\n        \
                   context.run_migrations()\n";

/// System calls beyond three for each file that is read. Most are made to find out where the environment is.
const CALLS: usize = 350;

/// What was counted.
#[derive(Deserialize)]
struct Counted {
    status: i32,
    calls: usize,
    /// The regular files that were opened, and how often.
    opened: BTreeMap<String, usize>,
}

/// A repository with an environment, and with projects.
struct Counting(TempDir);

impl Counting {
    /// One project with so many revisions of its own, and a release vendored.
    fn with(own: usize) -> Self {
        let counting = Self::empty();
        counting.add("", own);
        let status = counting.counted(&["sync"]).status;
        assert_eq!(status, 0);
        counting
    }

    fn empty() -> Self {
        let counting = Self(temporary());
        counting.put(".git/HEAD", "ref: refs/heads/main\n");
        counting.put(".gitignore", ".venv\n");
        counting.put(".git/index", "");
        let site = counting.root().join(".venv/lib/python3.11/site-packages");
        let wheel = releases::wheel("3.10.0");
        run(python::python().args(["-m", "zipfile", "-e", wheel.as_str(), site.as_str()])).exits(0);
        counting.put(".venv/pyvenv.cfg", "");
        counting
    }

    fn put(&self, name: &str, text: &str) {
        let file = self.root().join(name);
        fs::create_dir_all(file.parent().expect("it lies in the repository"))
            .and_then(|()| fs::write(file, text))
            .expect("it can be written");
    }

    /// Adds a project.
    fn add(&self, directory: &str, own: usize) {
        let put = |name: &str, text: &str| self.put(&format!("{directory}{name}"), text);
        put("alembic.ini", INI);
        put("alembic/env.py", ENV);
        for number in 0..own {
            let down = match number {
                0 => "None".to_owned(),
                _ => format!("'own_{}'", number - 1),
            };
            let text = format!(
                "from alembic import op\n\nrevision = 'own_{number}'\ndown_revision = {down}\n\n\n\
                 def upgrade():\n    op.add_column('a', 'column_{number}')\n"
            );
            put(&format!("alembic/versions/own_{number}.py"), &text);
        }
    }

    fn root(&self) -> Utf8PathBuf {
        path(&self.0).canonicalize_utf8().expect("it is there")
    }

    fn counted(&self, arguments: &[&str]) -> Counted {
        let mut traced = python::script("trace.py");
        traced
            .arg(env!("CARGO_BIN_EXE_vendor-migrations"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.root())
            .env("PATH", self.root())
            .current_dir(self.root());
        let found = run(&mut traced).exits(0);
        serde_json::from_str(&found.stdout).expect("it is JSON")
    }
}

#[test]
fn every_file_is_opened_once() {
    let counting = Counting::with(12);
    let counted = counting.counted(&["check"]);
    assert_eq!(counted.status, 0);
    let inside = counted
        .opened
        .iter()
        .filter(|(path, _)| path.starts_with(counting.root().as_str()));
    let inside: Vec<(&String, &usize)> = inside.collect();
    // 38 vendored and 38 of the release, 12 own ones, the configuration and what describes the installation.
    assert!(inside.len() > 90, "{inside:?}");
    let again: Vec<_> = inside.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.is_empty(), "{again:?}");
    // Git's index is asked only of what a pattern ignores.
    let index = counting.root().join(".git/index");
    assert!(!counted.opened.contains_key(index.as_str()));
    let most = 3 * counted.opened.len() + CALLS;
    assert!(counted.calls <= most, "{} > {most}", counted.calls);
}

/// Opened, looked at, read and closed.
#[test]
fn another_revision_costs_four_system_calls() {
    let [few, many] = [20, 70].map(|own| Counting::with(own).counted(&["check"]).calls);
    // A directory with more names takes a call more to list.
    assert!(many - few <= 4 * 50 + 10, "{few}, {many}");
}

/// Each project has two heads, so each asks which scripts of the repository upgrade to `head`.
#[test]
fn a_repository_is_searched_once_for_all_projects_in_it() {
    let counting = Counting::empty();
    for directory in ["a/", "b/", "services/c/"] {
        counting.add(directory, 1);
        let root = directory.trim_end_matches('/');
        assert_eq!(counting.counted(&["sync", "-C", root]).status, 0);
    }
    counting.put(
        "deploy.sh",
        "alembic -c services/c/alembic.ini upgrade head\n",
    );
    let counted = counting.counted(&["check", "--recursive"]);
    assert_eq!(counted.status, 1);
    let opened = |name: &str| {
        let path = counting.root().join(name);
        counted.opened.get(path.as_str()).copied().unwrap_or(0)
    };
    assert_eq!(opened("deploy.sh"), 1);
    let release =
        ".venv/lib/python3.11/site-packages/procrastinate/sql/migrations/00.00.00_01_initial.sql";
    assert_eq!(opened(release), 1);
    // Others' vendored migrations are not searched.
    let vendored = "a/alembic/versions_procrastinate/procrastinate_00_00_00_01_initial.py";
    assert_eq!(opened(vendored), 1);
}
