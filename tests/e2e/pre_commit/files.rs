//! For which files the hooks run: the pattern in `.pre-commit-hooks.yaml`, matched by pre-commit itself, against what the
//! program reads.

use camino::{Utf8Path, Utf8PathBuf};
use vendor_migrations::lockfile::LOCK_NAME;
use vendor_migrations::pins;

use super::repository::Repository;
use crate::support::layouts::PACKAGE;
use crate::support::package::Package;
use crate::support::process::{feed, run};
use crate::support::python;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");

/// Where a project may lie in a repository.
const DIRECTORIES: [&str; 4] = ["", "backend/", "services/a b/api/", "src/"];

/// Names of lock files, and names that look like some.
const LOCKS: [&str; 37] = [
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pylock.toml",
    "pylock.dev.toml",
    "pylock.linux-3_12.toml",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements_prod.txt",
    "requirements.lock.txt",
    "requirements/base.txt",
    "requirements/odd name.txt",
    "requirements/requirements.txt",
    "uv.lock.bak",
    "my-uv.lock",
    "UV.LOCK",
    "cargo.lock",
    "Cargo.lock",
    "poetry.toml",
    "Pipfile",
    "pylock.a.b.toml",
    "pylock..toml",
    "pylock.dev.toml.orig",
    "mypylock.toml",
    "requirements.in",
    "dev-requirements.txt",
    "requirements/base.in",
    "pixi.lock",
    "conda-lock.yml",
    "environment.yml",
    "environment.yaml",
    "pixi.toml",
    "environment.json",
    "requirements/sub/base.txt",
    "more-requirements/base.txt",
    "constraints.txt",
];

/// Which of the paths both hooks run for.
#[track_caller]
fn matched(paths: &[String]) -> Vec<String> {
    let script = python::script("hook_files.py");
    let found = feed({ script }.arg(MANIFEST), paths.join("\0").as_bytes()).exits(0);
    let found = found.stdout.split('\0').filter(|path| !path.is_empty());
    found.map(str::to_owned).collect()
}

#[track_caller]
fn assert_matched(wanted: impl Fn(&str) -> bool, names: &[&str]) {
    let paths: Vec<String> = DIRECTORIES
        .iter()
        .flat_map(|directory| names.iter().map(move |name| format!("{directory}{name}")))
        .collect();
    let wanted: Vec<&String> = paths.iter().filter(|path| wanted(path)).collect();
    assert_eq!(matched(&paths).iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn pre_commit_and_prek_take_the_manifest() {
    for program in ["pre-commit", "prek"] {
        run(python::program(program).args(["validate-manifest", MANIFEST])).exits(0);
    }
}

#[test]
fn the_lock_files_that_the_search_reads_and_no_others() {
    assert_matched(|path| pins::is_read(Utf8Path::new(path)), &LOCKS);
    let read = LOCKS
        .iter()
        .filter(|name| pins::is_read(Utf8Path::new(name)));
    assert_eq!(read.count(), 20);
}

#[test]
fn configuration_and_revisions_wherever_they_lie() {
    let names = [
        LOCK_NAME,
        "vendor-migrations.toml",
        "alembic.ini",
        "db.ini",
        "alembic_procrastinate.ini",
        "pyproject.toml",
        "alembic/env.py",
        "db/scripts/env.py",
        "migrations/versions/0001_first.py",
        "alembic/versions/2026/deep/first.py",
        "alembic/versions_app/first.py",
        "alembic/versions_procrastinate/.gitattributes",
        "alembic/versions_procrastinate/notes.md",
        "db/procrastinate/sql/x.sql",
        "db/procrastinate/0001_first.py",
        "db/queue/procrastinate_00_00_00_01_initial.py",
        "db/queue/vendor-migrations.lock",
        "alembic_procrastinate/versions/procrastinate_1.py",
    ];
    assert_matched(|_| true, &names);
}

#[test]
fn nothing_else() {
    let names = [
        "README.md",
        "app/main.py",
        "app/envs.py",
        "app/myenv.py",
        "docs/versions.md",
        "docs/alembic.md",
        "alembic/README",
        "alembic/script.py.mako",
        "procrastinate.md",
        "app/procrastinate.py",
        "Cargo.toml",
        "ruff.toml",
        "vendor-migrations.lock.orig",
        "my-vendor-migrations.lock",
        "pyproject.toml.bak",
        "alembic.ini.sample",
        "odd\nalembic.ini\nname",
    ];
    assert_matched(|_| false, &names);
}

/// All that the program writes, but for the template of new revisions, which it never reads.
#[test]
fn what_the_program_writes() {
    let package = Package::unpack("3.10.0");
    PACKAGE.add_to(&package);
    let copied = package.release("3.90.0").wheel();
    let options: [&[&str]; 3] = [
        &["init"],
        &["init", "--separate"],
        &["init", "--separate", "db/queue"],
    ];
    for init in options {
        for mode in ["render", "copy"] {
            let repository = Repository::wired("a project", "repos: []\n");
            let before = repository.tree();
            repository.tool(init).exits(0);
            let sync = ["sync", "--mode", mode, "--from", copied.path.as_str()];
            repository.tool(&sync).exits(0);
            let root = repository.root();
            let written: Vec<String> = repository
                .tree()
                .into_iter()
                .filter(|(path, bytes)| before.get(path) != Some(bytes))
                .map(|(path, _)| Utf8PathBuf::from(path))
                .filter(|path| path.extension() != Some("mako"))
                .map(|path| path.strip_prefix(&root).expect("it lies there").to_string())
                .collect();
            assert!(written.len() > 38);
            assert_eq!(matched(&written), written);
        }
    }
}
