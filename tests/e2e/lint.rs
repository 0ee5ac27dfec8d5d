//! Rendered revisions stand ruff and mypy in their default configurations.

use crate::support::database::Driver;
use crate::support::package::Package;
use crate::support::process::run;
use crate::support::project::Project;
use crate::support::{python, storage};

#[test]
fn revisions_of_0_17_0() {
    lint("0.17.0");
}

#[test]
fn revisions_of_2_5_0() {
    lint("2.5.0");
}

#[test]
fn revisions_of_3_10_0() {
    lint("3.10.0");
}

#[test]
fn a_migration_without_statements() {
    let package = Package::unpack("3.10.0");
    package.write_migration("99.00.00_01_pre_empty.sql", "");
    package.write_migration("99.00.00_02_post_comment.sql", "-- nothing to do\n");
    let project = Project::new(Driver::Psycopg);
    project.sync_from(package.release("3.90.0").wheel().path);
    assert_clean(&project);
    project.upgrade();
    project.assert_at_head();
}

fn lint(release: &str) {
    let project = Project::new(Driver::Psycopg);
    project.sync(release);
    assert_clean(&project);
}

/// Fails the test with what the linters say of the vendored revisions.
pub(crate) fn assert_clean(project: &Project) {
    let files: Vec<String> = project.revisions().into_keys().collect();
    assert!(!files.is_empty());
    for arguments in [&["format", "--check", "--diff"][..], &["check"]] {
        run(python::program("ruff")
            .current_dir(project.vendored())
            .args(arguments)
            .args(["--isolated", "--no-cache"])
            .args(&files))
        .exits(0);
    }
    // An escape that Python does not know is a warning, and an error in a later Python.
    let compile = "import sys; [compile(open(name).read(), name, 'exec') for name in sys.argv[1:]]";
    run(python::python()
        .current_dir(project.vendored())
        .args(["-W", "error", "-c", compile])
        .args(&files))
    .exits(0);
    // What mypy learned of Alembic and SQLAlchemy serves the next run; it locks nothing.
    let _lock = storage::lock("mypy");
    run(python::program("mypy")
        .current_dir(project.vendored())
        .args(["--strict", "--config-file="])
        .arg(format!("--cache-dir={}", storage::root().join("mypy")))
        .args(&files))
    .exits(0);
}
