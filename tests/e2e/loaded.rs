//! What the real Alembic loads, and what `check` says of it: where a revision is not loaded, or stops Alembic, there is one
//! error; where all is well, there is none.

mod cases;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde::Serialize;
use tempfile::TempDir;

use super::support::database::Driver;
use super::support::process::{Outcome, feed, run, scrub};
use super::support::project::Project;
use super::support::{python, releases, storage};
use cases::Case;

const INI: &str = "[alembic]\nscript_location = %(here)s/alembic\n";
const LOCATIONS: &str = "path_separator = os\nversion_path_separator = os\n\
                         version_locations = %(here)s/alembic/versions:%(here)s/alembic/versions_procrastinate\n";
const ENV: &str = "from alembic import context\n\nwith context.begin_transaction():\n    context.run_migrations()\n";

/// A project with two revisions of its own and the vendored ones.
static BASE: LazyLock<TempDir> = LazyLock::new(|| {
    let base = storage::temporary();
    let root = storage::path(&base);
    put(&root.join("alembic.ini"), format!("{INI}{LOCATIONS}"));
    put(&root.join("alembic/env.py"), ENV);
    put(&root.join("alembic/versions/a1.py"), cases::A1);
    put(&root.join("alembic/versions/a2.py"), cases::A2);
    let wheel = releases::wheel("3.10.0");
    tool(root, root, &["sync", "--from", wheel.as_str()]).exits(0);
    base
});

#[derive(Serialize)]
struct Question {
    directory: Utf8PathBuf,
    compile: BTreeMap<&'static str, &'static str>,
}

#[test]
fn what_alembic_1_8_loads() {
    compare("1.8.1");
}

#[test]
fn what_alembic_1_16_loads() {
    compare("1.16.5");
}

#[test]
fn what_the_newest_alembic_loads() {
    compare("1.20.1");
}

fn compare(version: &str) {
    let python = python::alembic_environment(version);
    let projects: Vec<TempDir> = cases::CASES.iter().map(project).collect();
    let questions: Vec<Question> = cases::CASES
        .iter()
        .zip(&projects)
        .map(|(case, project)| Question {
            directory: storage::path(project).to_owned(),
            compile: case.compiled.iter().copied().collect(),
        })
        .collect();
    let script = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/loaded.py");
    let input = serde_json::to_vec(&questions).expect("questions are JSON");
    let mut command = Command::new(&python);
    let output = feed(scrub(&mut command).arg(script), &input).exits(0);
    let answers: Vec<serde_json::Value> =
        serde_json::from_str(&output.stdout).expect("answers are JSON");
    let environment = python.parent().and_then(Utf8Path::parent);
    let environment = environment.expect("it lies in an environment");
    let mut faults = String::new();
    let mut stopped = 0;
    for ((case, project), answer) in cases::CASES.iter().zip(&projects).zip(&answers) {
        let loads = answer.as_array().is_some_and(|ids| {
            let is_loaded = |id: &&str| ids.iter().any(|loaded| loaded == id);
            case.wanted.iter().all(is_loaded)
        });
        stopped += usize::from(!loads);
        let outcome = tool(storage::path(project), environment, &["check"]);
        if !agrees(case, loads, &outcome) {
            let name = case.name;
            faults += &format!("{name}\n  Alembic {version}: {answer}\n  ours: {outcome}\n");
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(
        stopped > 20 && cases::CASES.len() - stopped > 15,
        "{stopped} stop: one side only"
    );
}

/// There is exactly one error, of the case's code, where Alembic does not load what it should.
fn agrees(case: &Case, loads: bool, outcome: &Outcome) -> bool {
    let errors = outcome.stdout.lines();
    let errors: Vec<&str> = errors.filter(|line| line.starts_with("error[")).collect();
    match loads {
        true => errors.is_empty() && outcome.status == Some(0),
        false => {
            let expected = format!("error[{}] ", case.code);
            matches!(errors.as_slice(), [error] if error.starts_with(&expected))
        }
    }
}

/// The base with the files of a case.
fn project(case: &Case) -> TempDir {
    let directory = storage::temporary();
    let root = storage::path(&directory);
    let base = storage::path(&BASE);
    run(Command::new("cp").args(["-R", base.join("alembic").as_str(), root.as_str()])).exits(0);
    let ini = match case.ini {
        "" => format!("{INI}{LOCATIONS}"),
        line if line.starts_with('[') => line.to_owned(),
        line if line
            .lines()
            .any(|line| line.starts_with("version_locations")) =>
        {
            format!("{INI}{line}\n")
        }
        line => format!("{INI}{LOCATIONS}{line}\n"),
    };
    put(&root.join("alembic.ini"), ini);
    for (name, bytes) in case.files {
        match name.strip_suffix('/') {
            Some(name) => fs::create_dir_all(root.join(name)).expect("it can be made"),
            None => put(&root.join(name), bytes),
        }
    }
    for (name, target) in case.links {
        fs_err::os::unix::fs::symlink(target, root.join(name)).expect("a link can be made");
    }
    for name in case.removed {
        fs::remove_file(root.join(name)).expect("it is there");
    }
    directory
}

fn put(path: &Utf8Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("it lies in the project")).expect("it can be made");
    fs::write(path, bytes).expect("the project can be written");
}

/// The tool, with no environment in reach but the one with that Alembic.
fn tool(root: &Utf8Path, environment: &Utf8Path, args: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
    let command = scrub(&mut command)
        .env("PATH", storage::empty())
        .env("VIRTUAL_ENV", environment)
        .arg("-C")
        .arg(root)
        .args(args);
    run(command)
}

/// The table takes 32 characters, unless the project makes more of it.
#[test]
fn a_long_id_is_good_where_the_column_was_widened() {
    const LONG: &str = "a_revision_id_of_more_than_thirty_two_characters";
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    project.write_own_revision("first", "SELECT 1");
    let text =
        format!("revision = {LONG:?}\ndown_revision = 'first'\n\n\ndef upgrade():\n    pass\n");
    put(&project.root().join("alembic/versions/long.py"), text);
    let outcome = project.alembic(&["upgrade", "heads"]).exits(1);
    outcome.says("value too long for type character varying(32)");
    let outcome = project.tool(&["check"]).exits(1);
    outcome.says("error[revision-id] alembic/versions/long.py:1");
    let widen = "ALTER TABLE alembic_version ALTER COLUMN version_num TYPE varchar(255)";
    project.write_own_revision("first", widen);
    project.upgrade();
    project.assert_at_head();
    let outcome = project.tool(&["check"]).exits(0);
    outcome.says("alembic/versions/first_own.py makes or changes its column `version_num`");
}
