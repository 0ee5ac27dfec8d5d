//! What is built elsewhere: the source distribution, a checkout, the crate.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::built::repository;
use super::contents::cargo;
use crate::support::process::run;
use crate::support::storage;
use crate::support::tools::{
    build_for_development, empty_environment, only_file, pip_install, tool, uv,
};

const VERSION: &str = concat!("vendor-migrations ", env!("CARGO_PKG_VERSION"), "\n");

/// What a build needs, from the repository: the catalogue's files, the page of the findings and the sources.
fn needed() -> BTreeSet<String> {
    let single = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "README.md",
        "docs/findings.md",
    ];
    let mut files: BTreeSet<String> = single.map(str::to_owned).into();
    for directory in ["src", "procrastinate-versions"] {
        for entry in WalkDir::new(repository().join(directory)) {
            let entry = entry.expect("the repository can be read");
            if entry.file_type().is_file() {
                let path = Utf8Path::from_path(entry.path()).expect("UTF-8");
                files.insert(
                    path.strip_prefix(repository())
                        .expect("it lies there")
                        .to_string(),
                );
            }
        }
    }
    assert!(files.contains("src/catalog/build.rs"));
    files
}

/// Fails the test unless these are all that is needed and, beyond that, no more than `others`.
#[track_caller]
fn assert_lean(found: &BTreeSet<String>, others: &[&str]) {
    let needed = needed();
    let missing: Vec<_> = needed.difference(found).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let surplus: Vec<_> = found.difference(&needed).collect();
    assert_eq!(surplus, others.iter().collect::<Vec<_>>());
}

#[test]
fn the_source_distribution_builds_with_pip() {
    let directory = storage::temporary();
    let root = storage::path(&directory);
    let mut build = uv(&["build", "--sdist", "--quiet", "--out-dir", root.as_str()]);
    build_for_development(build.current_dir(repository())).exits(0);
    let archive = only_file(root, ".tar.gz");
    let prefix = format!("vendor_migrations-{}/", env!("CARGO_PKG_VERSION"));
    let listed = run(std::process::Command::new("tar").arg("tzf").arg(&archive)).exits(0);
    let files = listed.stdout.lines().map(|line| line.strip_prefix(&prefix));
    let files = files.map(|file| file.expect("all lies in one directory").to_owned());
    let module = ["__init__.py", "__main__.py", "py.typed"];
    let module = module.map(|file| format!("python/vendor_migrations/{file}"));
    let mut others = vec![
        "CHANGELOG.md",
        "PKG-INFO",
        "pyproject.toml",
        "python/README.md",
        "python/third-party/THIRD-PARTY-LICENSES.txt",
        "python/third-party/vendor-migrations.cyclonedx.json",
    ];
    others.extend(module.iter().map(String::as_str));
    others.sort_unstable();
    assert_lean(&files.collect(), &others);
    run(tool(&["twine", "readme-renderer[md]"], "twine")
        .args(["check", "--strict"])
        .arg(&archive))
    .exits(0);
    assert_installs(&archive, root);
}

/// Installs from source, and runs what came of it.
#[track_caller]
fn assert_installs(source: &Utf8Path, root: &Utf8Path) {
    let environment: Utf8PathBuf = root.join("environment");
    empty_environment(&environment);
    build_for_development(pip_install(&environment).arg(source)).exits(0);
    let program = environment.join("bin/vendor-migrations");
    let shown = run(std::process::Command::new(program).arg("--version")).exits(0);
    assert_eq!(shown.stdout, VERSION);
}

#[test]
fn a_checkout_runs_with_uvx_and_installs_with_pip() {
    let mut uvx = uv(&[
        "tool",
        "run",
        "--from",
        ".",
        "vendor-migrations",
        "--version",
    ]);
    let shown = build_for_development(uvx.current_dir(repository())).exits(0);
    assert_eq!(shown.stdout, VERSION);
    let directory = storage::temporary();
    assert_installs(repository(), storage::path(&directory));
}

/// `--allow-dirty`, or it would fail for everybody who runs the tests before a commit.
#[test]
fn the_crate_can_be_published() {
    let published = cargo(&["publish", "--dry-run", "--locked", "--allow-dirty"]).exits(0);
    published.says("aborting upload due to dry run");
    let listed = cargo(&["package", "--list", "--locked", "--allow-dirty"]).exits(0);
    let files: BTreeSet<String> = listed.stdout.lines().map(str::to_owned).collect();
    let mut others = vec![".cargo_vcs_info.json", "CHANGELOG.md", "Cargo.toml.orig"];
    // A repository without a commit or without git has no such file.
    others.retain(|file| files.contains(*file));
    assert_lean(&files, &others);
}
