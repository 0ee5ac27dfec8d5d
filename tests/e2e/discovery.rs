//! Installations that are found where Python packages lie, with no Python on the PATH.

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use crate::support::database::Driver;
use crate::support::package::Package;
use crate::support::process::{Outcome, run};
use crate::support::project::Project;
use crate::support::{python, releases, storage, tools};

const RELEASE: &str = "3.10.0";

/// pip records no origin for what comes from an index.
#[test]
fn installed_from_an_index() {
    let wheel = releases::wheel(RELEASE);
    let directory = wheel.parent().expect("a wheel lies in a directory");
    let requirement = format!("procrastinate=={RELEASE}");
    let find_links = format!("--find-links={directory}");
    let project = Project::new(Driver::Psycopg);
    install(
        &project,
        ".venv",
        &["--no-index", &find_links, &requirement],
    );
    expect_found(&project, ".venv");
}

/// pip records the origin of what comes from a file, as it does for an editable installation.
#[test]
fn installed_from_a_file() {
    let project = Project::new(Driver::Psycopg);
    install(&project, ".venv", &[releases::wheel(RELEASE).as_str()]);
    expect_found(&project, ".venv");
}

#[test]
fn installed_in_the_second_environment() {
    let project = Project::new(Driver::Psycopg);
    create_environment(&project, ".venv");
    install(&project, "venv", &[releases::wheel(RELEASE).as_str()]);
    expect_found(&project, "venv");
}

/// pip's RECORD tells what was installed, and so what somebody edited there.
#[test]
fn installed_and_patched() {
    let project = Project::new(Driver::Psycopg);
    let wheel = releases::wheel(RELEASE);
    let environment = install(&project, ".venv", &[wheel.as_str()]);
    let name = "03.03.00_01_pre_priority_lock_fetch_job.sql";
    let path = site_packages(&environment)
        .join("procrastinate/sql/migrations")
        .join(name);
    let sql = fs::read_to_string(&path).expect("the release ships it");
    fs::write(&path, format!("{sql}\nSELECT 'patched';\n")).expect("it can be edited");

    let before = project.tree();
    project.tool(&["sync"]).exits(2).says(name);
    assert_eq!(project.tree(), before);
    project.tool(&["sync", "--allow-modified-source"]).exits(0);
    let vendored = &project.revisions()["procrastinate_03_03_00_01_pre_priority_lock_fetch_job.py"];
    assert!(String::from_utf8_lossy(vendored).contains("SELECT 'patched'"));
}

/// What a build of a shallow clone or of a fork is: the same files, and no number.
#[test]
fn installed_from_a_build_without_tags() {
    let project = Project::new(Driver::Psycopg);
    project.sync(RELEASE);
    let environment = install(&project, ".venv", &[releases::wheel(RELEASE).as_str()]);
    let site = site_packages(&environment);
    let number = "0.0.0.post1.dev0+g0123abc";
    let before = site.join(format!("procrastinate-{RELEASE}.dist-info"));
    let after = site.join(format!("procrastinate-{number}.dist-info"));
    fs::rename(&before, &after).expect("it is there");
    let metadata = fs::read_to_string(after.join("METADATA")).expect("it is there");
    let metadata = metadata.replace(
        &format!("\nVersion: {RELEASE}\n"),
        &format!("\nVersion: {number}\n"),
    );
    fs::write(after.join("METADATA"), metadata).expect("it can be written");
    project
        .tool(&["check", "--strict", "--require-upstream"])
        .exits(0)
        .says(&format!("the version number of Procrastinate {number} does not show its release: its migrations are those \
                        of {RELEASE}"))
        .says("git fetch --tags");
    project.tool(&["sync"]).exits(0).says("Up to date");
    // It is stamped as the release that it counts as.
    project
        .tool(&["stamp", number])
        .exits(0)
        .says("alembic stamp procrastinate_03_04_00_50");
    project
        .tool(&["rollout", "--from", "3.3.0", "--to", number])
        .exits(0)
        .says(&format!("Procrastinate {RELEASE}"));
    // One file more, and it is nearest to that release.
    let more = site.join("procrastinate/sql/migrations/09.00.00_01_pre_more.sql");
    fs::write(more, "SELECT 1;\n").expect("it can be written");
    project
        .tool(&["check"])
        .exits(1)
        .says(&format!(
            "nearest to those of {RELEASE}, with 1 difference."
        ))
        .says("error[modified-source]");
}

/// The index serves it to those who name it.
#[test]
fn a_yanked_release() {
    let project = Project::new(Driver::Psycopg);
    let warning =
        "Procrastinate 3.5.0 was yanked from the package index; the next one that was not is 3.5.1";
    let wheel = releases::wheel("3.5.0");
    project.sync_from(&wheel).says(warning);
    project
        .tool(&["check", "--strict", "--from", wheel.as_str()])
        .exits(0)
        .says(warning);
    project.tool(&["stamp", "3.5.0"]).exits(0);
    project
        .tool(&["rollout", "--from", "3.3.0"])
        .exits(0)
        .says("3.5.0");
    project.sync("3.5.1");
    let steps = project.tool(&["rollout", "--from", "3.3.0"]).exits(0);
    assert!(!steps.stdout.contains("3.5.0"), "{steps}");
}

#[test]
fn installed_nowhere() {
    let project = Project::new(Driver::Psycopg);
    create_environment(&project, ".venv");
    let before = project.tree();
    project.tool(&["sync"]).exits(2).says(".venv");
    assert_eq!(project.tree(), before);

    // With what is vendored `check` has something to do; that the rest was not done it says.
    project.sync(RELEASE);
    let checked = project.tool(&["check"]).exits(0);
    assert!(checked.stderr.contains("upstream"), "{checked}");
    let required = project.tool(&["check", "--require-upstream"]);
    assert_ne!(required.status, Some(0), "{required}");
    assert!(
        required.stderr.contains(".venv") || required.stdout.contains(".venv"),
        "{required}"
    );
}

#[test]
fn editable_by_hatchling() {
    let build = "requires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    editable(build, "", "_editable_impl_procrastinate.pth");
}

#[test]
fn editable_by_hatchling_below_src() {
    let build = "requires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    editable(build, "src", "_editable_impl_procrastinate.pth");
}

/// setuptools installs an import hook for a package that lies beside `pyproject.toml`.
#[test]
fn editable_by_setuptools() {
    editable(
        SETUPTOOLS,
        "",
        "__editable___procrastinate_3_10_0_finder.py",
    );
}

#[test]
fn editable_by_setuptools_below_src() {
    editable(SETUPTOOLS, "src", "__editable__.procrastinate-3.10.0.pth");
}

const SETUPTOOLS: &str = "requires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";

fn editable(build: &str, below: &str, marker: &str) {
    let source = source_tree(build, below);
    let project = Project::new(Driver::Psycopg);
    let source = storage::path(&source);
    let environment = install(&project, ".venv", &["-e", source.as_str()]);
    let site_packages = site_packages(&environment);
    assert!(site_packages.join(marker).exists(), "no {marker}");
    assert!(!site_packages.join("procrastinate").exists());
    expect_found(&project, ".venv");
}

/// A checkout of Procrastinate as its developers have it.
fn source_tree(build: &str, below: &str) -> TempDir {
    let package = Package::unpack(RELEASE);
    let directory = storage::temporary();
    let root = storage::path(&directory);
    let pyproject = format!(
        "[build-system]\n{build}\n[project]\nname = \"procrastinate\"\nversion = \"{RELEASE}\"\n\
         \n[tool.setuptools.package-data]\n\"*\" = [\"*.sql\"]\n"
    );
    fs::write(root.join("pyproject.toml"), pyproject).expect("a file can be written");
    fs::create_dir_all(root.join(below)).expect("a directory can be made");
    fs::rename(
        package.site_packages().join("procrastinate"),
        root.join(below).join("procrastinate"),
    )
    .expect("both lie in the temporary directory");
    directory
}

fn create_environment(project: &Project, name: &str) -> Utf8PathBuf {
    let environment = project.root().join(name);
    tools::empty_environment(&environment);
    environment
}

/// Makes an environment of the project's and installs into it what pip's arguments name.
fn install(project: &Project, name: &str, arguments: &[&str]) -> Utf8PathBuf {
    let environment = create_environment(project, name);
    run(tools::pip_install(&environment)
        .args(["--no-deps", "--no-build-isolation"])
        .args(arguments)
        // What builds an editable installation is not in the new environment.
        .env("PYTHONPATH", python::site_packages()))
    .exits(0);
    environment
}

/// Runs the tool without naming a source: it finds this environment, says so, and takes from it
/// what the published wheel holds.
fn expect_found(project: &Project, environment: &str) {
    let named = |outcome: Outcome| {
        let output = format!("{} {}", outcome.stdout, outcome.stderr);
        let mut words = output.split(|char: char| " \n()/`".contains(char));
        let found = words.any(|word| word == environment);
        assert!(found, "{environment} is not named in {outcome}");
    };
    named(project.tool(&["sync"]).exits(0).says(RELEASE));
    named(project.tool(&["check", "--require-upstream"]).exits(0));
    assert_eq!(project.locked_revisions(), 38);
    let reference = Project::new(Driver::Psycopg);
    reference.sync(RELEASE);
    assert_eq!(project.revisions(), reference.revisions());
}

fn site_packages(environment: &Utf8Path) -> Utf8PathBuf {
    let found = run(
        std::process::Command::new(environment.join("bin/python")).args([
            "-c",
            "import sysconfig; print(sysconfig.get_path('purelib'))",
        ]),
    );
    found.exits(0).stdout.trim().into()
}
