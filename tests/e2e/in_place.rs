//! In place: Alembic runs the installed package's own revisions, and the tool tells when an upgrade changes them.

use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::reports::{own_schema, read, sarif_schema};
use crate::sequences::commands;
use crate::support::database::Driver;
use crate::support::layouts::{self, Layout};
use crate::support::package::Package;
use crate::support::project::Project;
use crate::support::schema::Schema;
use crate::support::{python, releases};

const RELEASE: &str = "3.10.0";
const LOCATIONS: &str =
    "version_locations = %(here)s/alembic/versions:%(here)s/alembic/versions_procrastinate\n";
const MIGRATIONS: &str = "procrastinate/sql/migrations";

const FILTERED: &str = "connection=connection, include_name=lambda name, kind, parents: \
                        not (kind == 'table' and name.startswith('procrastinate_')),";

impl Project {
    /// As `alembic init` left it, and with a package installed.
    fn with_installed(package: &Package) -> Self {
        let mut project = Self::new(Driver::Psycopg);
        let ini = project.root().join("alembic.ini");
        let text = fs::read_to_string(&ini).expect("alembic init wrote it");
        assert!(text.contains(LOCATIONS), "{text}");
        fs::write(ini, text.replace(LOCATIONS, "")).expect("the project can be written");
        let environment = project.root().join(".venv");
        fs::create_dir_all(project.site()).expect("a directory can be made");
        fs::write(environment.join("pyvenv.cfg"), "home = /nowhere\n").expect("a file");
        link(&python::site_packages(), "alembic", &project.site());
        project.install(package);
        project
    }

    fn site(&self) -> Utf8PathBuf {
        self.root().join(".venv/lib/python3.12/site-packages")
    }

    /// Installs the package in place of the one that is there.
    fn install(&mut self, package: &Package) {
        for entry in self.site().read_dir_utf8().expect("it can be read") {
            let entry = entry.expect("it can be read");
            if entry.file_name().starts_with("procrastinate") {
                fs::remove_file(entry.path()).expect("it is a link");
            }
        }
        link(package.site_packages(), "procrastinate", &self.site());
        self.set_python_path(package.site_packages());
    }
}

/// Links what a distribution has installed.
fn link(from: &Utf8Path, distribution: &str, to: &Utf8Path) {
    for entry in from.read_dir_utf8().expect("it can be read") {
        let entry = entry.expect("it can be read");
        let name = entry.file_name();
        let described =
            name.starts_with(&format!("{distribution}-")) && name.ends_with(".dist-info");
        if name == distribution || described {
            symlink(entry.path(), to.join(name)).expect("a link can be made");
        }
    }
}

fn package(layout: &Layout, version: &str) -> Package {
    let package = Package::unpack(RELEASE);
    layout.add_to(&package);
    package.release(version)
}

/// In one transaction for all, a new enum label would be used before it is committed.
fn commit_each_migration(project: &Project) {
    project.edit_env(
        "connection=connection,",
        "connection=connection, transaction_per_migration=True,",
    );
}

#[test]
fn published_releases_have_nothing_to_run_in_place() {
    let project = Project::new(Driver::Psycopg);
    let before = project.tree();
    let wheel = releases::wheel(RELEASE);
    project
        .tool(&["init", "--in-place", "--from", wheel.as_str()])
        .exits(2)
        .says("ships no Alembic revisions");
    assert_eq!(project.tree(), before);
}

#[test]
fn contrib_revisions_run_from_the_package() {
    let package = package(&layouts::CONTRIB, "3.90.0");
    let project = Project::with_installed(&package);
    let printed = project
        .tool(&["init", "--in-place"])
        .exits(0)
        .says("transaction_per_migration=True");
    let [check, upgrade] = commands(&printed)[..] else {
        panic!("{printed}");
    };
    project
        .shell(check)
        .exits(1)
        .says("single-transaction")
        .says("alembic/env.py:");
    let adds_values = |sql: &String| sql.starts_with("02.06.00_01");
    let before = package.migrations().iter().position(adds_values);
    let before = format!("{:04}", before.expect("the release has it"));
    project
        .tool(&["stamp", "2.6.0"])
        .exits(0)
        .says(&format!("alembic stamp {before})\n"));
    project.alembic(&["upgrade", &before]).exits(0);
    // Whoever goes on after the failed check loses nothing by it.
    project.shell(upgrade).says("UnsafeNewEnumValueUsage");
    assert_eq!(project.current(), [before]);
    commit_each_migration(&project);
    runs(&project, "0038");
}

#[test]
fn package_revisions_run_from_the_package() {
    let package = package(&layouts::PACKAGE, "3.90.0");
    let project = Project::with_installed(&package);
    project.tool(&["init", "--in-place"]).exits(0);
    runs(&project, "procrastinate_0037");
    project.alembic(&["upgrade", "procrastinate@head"]).exits(0);
}

/// From an empty database to the release's schema, beside a revision of the project's own.
#[track_caller]
fn runs(project: &Project, head: &str) {
    project.tool(&["check", "--strict"]).exits(0);
    let before = project.tree();
    project
        .tool(&["init", "--in-place"])
        .exits(0)
        .says("Wired already");
    project.tool(&["sync"]).exits(0).says("Up to date");
    assert_eq!(project.tree(), before);

    project.upgrade();
    assert_eq!(project.current(), [head]);
    project.assert_at_head();
    assert_eq!(project.chain().len(), 38);
    Schema::of(&project.database).assert_is(&Schema::of_release(RELEASE));

    project.write_own_revision("mine", "SELECT 1");
    project.tool(&["check", "--strict"]).exits(0);
    project.upgrade();
    project.assert_at_head();
    project.edit_env(
        "target_metadata = None",
        "from sqlalchemy import MetaData\ntarget_metadata = MetaData()",
    );
    project
        .alembic(&["check"])
        .exits(255)
        .says("procrastinate_jobs");
    project.edit_env("connection=connection,", FILTERED);
    project.alembic(&["check"]).exits(0);
    project.tool(&["check", "--strict"]).exits(0);
}

#[test]
fn an_upgrade_that_appends_runs_after_it_was_recorded() {
    let old = package(&layouts::CONTRIB, "3.90.0");
    let mut project = Project::with_installed(&old);
    commit_each_migration(&project);
    project.tool(&["init", "--in-place"]).exits(0);
    project.upgrade();

    let new = Package::unpack(RELEASE);
    new.write_migration(
        "03.91.00_01_pre_say_hello.sql",
        "CREATE TABLE hello (id int);\n",
    );
    layouts::CONTRIB.add_to(&new);
    let new = new.release("3.91.0");
    project.install(&new);
    project
        .tool(&["check"])
        .exits(1)
        .says("migration-missing")
        .says("`0039`")
        .says("03.91.00_01_pre_say_hello.sql");
    project
        .tool(&["sync"])
        .exits(0)
        .says("Before you deploy Procrastinate 3.91.0")
        .says("alembic upgrade 0039");
    project.alembic(&["upgrade", "0039"]).exits(0);
    project.assert_at_head();
    project.tool(&["check", "--strict"]).exits(0);
}

#[test]
fn an_upgrade_that_changes_what_databases_have_run_is_refused() {
    let old = package(&layouts::CONTRIB, "3.90.0");
    let mut project = Project::with_installed(&old);
    commit_each_migration(&project);
    project.tool(&["init", "--in-place"]).exits(0);
    project.upgrade();

    let new = Package::unpack(RELEASE);
    let names = new.migrations();
    new.write(&format!("{MIGRATIONS}/{}", names[1]), "SELECT 1;\n");
    fs::remove_file(new.site_packages().join(MIGRATIONS).join(&names[37])).expect("it is there");
    layouts::CONTRIB.add_to(&new);
    let new = new.release("3.91.0");
    project.install(&new);
    let before = project.tree();
    let check = project.tool(&["check"]).exits(1);
    for fact in [
        "migration-changed",
        "`0002`",
        &names[1],
        "migration-removed",
        "`0038`",
        &names[37],
    ] {
        assert!(check.stdout.contains(fact), "{fact}: {check}");
    }
    for command in ["check", "diff"] {
        let report = |format| project.tool(&[command, "--format", format]).exits(1);
        let json = report("json").stdout;
        read(&["schema", &own_schema(command)], &json);
        assert!(json.contains("\"base\": \"site-packages\""), "{json}");
        let sarif = report("sarif").stdout;
        read(&["standard", sarif_schema().as_str()], &sarif);
        assert!(sarif.contains("\"uriBaseId\": \"SITEPACKAGES\""), "{sarif}");
        read(&["gitlab"], &report("gitlab").stdout);
        let annotations = read(&["github"], &report("github").stdout).to_string();
        assert!(
            !annotations.contains("\"file\":\"procrastinate/"),
            "{annotations}"
        );
    }
    project.tool(&["sync"]).exits(1).says("refused");
    assert_eq!(project.tree(), before);
    // What `check` foretold: Alembic stops.
    let stops = project.alembic(&["upgrade", "heads"]);
    assert!(stops.stderr.contains("Can't locate revision"), "{stops}");
}
