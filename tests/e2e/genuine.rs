//! Published releases of which somebody changed a byte, and RECORD along with it.

use std::process::Command;

use fs_err as fs;

use crate::index::{PIP, Programs, UV};
use crate::support::database::Driver;
use crate::support::layouts;
use crate::support::package::{Package, rewritten_line};
use crate::support::process::run;
use crate::support::project::Project;
use crate::support::{python, releases};

const RELEASE: &str = "3.5.2";
const SQL: &str = "03.04.00_50_post_add_retry_failed_job_procedure.sql";

/// The release with a space more in one file, and a RECORD that agrees.
fn forged() -> Package {
    let package = Package::unpack(RELEASE);
    let text = package.read_migration(SQL);
    package.write_migration(SQL, &format!("{text} "));
    package.release(RELEASE)
}

#[test]
fn one_changed_byte_is_refused_whatever_record_says() {
    let package = forged();
    let project = Project::new(Driver::Psycopg);
    let before = project.tree();
    let wheel = package.wheel();
    for source in [package.site_packages(), &wheel.path] {
        project
            .tool(&["sync", "--from", source.as_str()])
            .exits(2)
            .says(SQL)
            .says("its contents were changed (compared with the catalogue of releases)");
        assert_eq!(project.tree(), before);
    }

    project.sync(RELEASE);
    let source = package.site_packages().as_str();
    project
        .tool(&["check", "--from", source])
        .exits(1)
        .says("modified-source")
        .says("does not match the catalogue of releases");
    // Whoever wants the file as it is gets it, and hears about it.
    let allow = ["--from", source, "--allow-modified-source"];
    project
        .tool(&[&["sync"], &allow[..]].concat())
        .exits(0)
        .says("warning");
}

#[test]
fn every_published_release_is_genuine() {
    let project = Project::new(Driver::Psycopg);
    for wheel in releases::wheels(&releases::ALL) {
        let found = project
            .tool(&["sync", "--dry-run", "--from", wheel.as_str()])
            .exits(0);
        assert!(!found.stderr.contains("catalogue"), "{found}");
    }
}

/// Revision files that nobody published are no reason to refuse the SQL that they run.
#[test]
fn revision_files_around_genuine_sql_are_noted() {
    let package = Package::unpack(RELEASE);
    layouts::CONTRIB.add_to(&package);
    let package = package.release(RELEASE);
    let project = Project::new(Driver::Psycopg);
    project
        .sync_from(package.site_packages())
        .says("3.5.2 was published without revision files")
        .says("only its SQL was compared with the catalogue");

    package.write_migration(SQL, "SELECT 1;\n");
    let package = package.release(RELEASE);
    let source = package.site_packages().as_str();
    project.tool(&["sync", "--from", source]).exits(2).says(SQL);
}

/// uv asks the index for the published wheel and no other; of pip's download the digest is compared.
#[test]
fn a_forged_wheel_in_the_index_is_refused() {
    let wheel = forged().wheel();
    let index = wheel.path.parent().expect("a wheel lies in a directory");
    for (names, wrong) in [(UV, "Hash mismatch"), (PIP, "its SHA-256 is")] {
        let project = Project::new(Driver::Psycopg);
        let programs = Programs::new(names);
        let settings = format!("no-index = true\nfind-links = [\"{index}\"]\n");
        fs::write(project.root().join("uv.toml"), settings).expect("the project can be written");
        let before = project.tree();
        run(offline(
            project
                .command(&["sync", "--release", RELEASE])
                .env("PATH", programs.directory.path()),
            index.as_str(),
        ))
        .exits(2)
        .says(RELEASE)
        .says(wrong)
        .says("--from");
        assert_eq!(project.tree(), before);
    }
}

fn offline<'a>(command: &'a mut Command, index: &str) -> &'a mut Command {
    command
        .env("PIP_NO_INDEX", "1")
        .env("PIP_FIND_LINKS", index)
        .env("UV_NO_CACHE", "1")
        .env_remove("UV_INDEX")
        .env_remove("UV_FIND_LINKS")
}

#[test]
fn a_diff_between_releases_is_fetched_and_shown() {
    let project = Project::new(Driver::Psycopg);
    let path = python::bin();
    let diff = |arguments: &[&str]| {
        run(project
            .command(&[&["diff"], arguments].concat())
            .env("PATH", &path))
    };
    let [old, new] = rewritten_line(["3.5.1", "3.5.2"], SQL);
    diff(&["3.5.1", "3.5.2"]).exits(1).shows_diff(&old, &new);
    diff(&["3.5.2", "3.5.1"]).exits(1).shows_diff(&new, &old);
    diff(&["0.23.0", "0.24.0"])
        .exits(1)
        .says("rename to 0.24.0/procrastinate/sql/migrations/00.23.00_01_null_locks_excluded.sql");
    // Withdrawn from the index, and still served to who names it.
    diff(&["3.5.0", "3.5.1"])
        .exits(0)
        .says("Procrastinate 3.5.0 was yanked from the package index");
    diff(&["3.0.1", "3.5.1"]).exits(2).says("3.0.0 and 3.0.2");
}
