//! Packages that ship Alembic revisions: copied, these run on the installed package; rendered, they
//! run without it.

use crate::support::database::{Driver, on_every_driver};
use crate::support::layouts::{self, Layout};
use crate::support::package::Package;
use crate::support::process::run;
use crate::support::project::Project;
use crate::support::python;
use crate::support::schema::Schema;

const RELEASE: &str = "3.10.0";

fn package(layout: &Layout) -> Package {
    let package = Package::unpack(RELEASE);
    layout.add_to(&package);
    package.release("3.90.0")
}

#[test]
fn copied_contrib_wrappers_run() {
    copied_wrappers_run(&layouts::CONTRIB, "0038", |project| {
        // In one transaction for all, a new enum label would be used before it is committed.
        project.edit_env(
            "connection=connection,",
            "connection=connection, transaction_per_migration=True,",
        );
    });
}

#[test]
fn copied_package_wrappers_run() {
    copied_wrappers_run(&layouts::PACKAGE, "procrastinate_0037", |_| ());
}

/// Copied wrappers import the package, so it is importable here, as an application has it.
fn copied_wrappers_run(layout: &Layout, head: &str, prepare: fn(&Project)) {
    let package = package(layout);
    let mut project = Project::new(Driver::Psycopg);
    project.set_python_path(package.site_packages());
    prepare(&project);
    project.sync_from(package.wheel().path);
    expect_copies(&project, &package, layout);

    project.upgrade();
    assert_eq!(project.current(), [head]);
    Schema::of(&project.database).assert_is(&Schema::of_release(RELEASE));

    // Python has compiled files into the package and the vendored directory meanwhile.
    let site_packages = package.site_packages();
    project
        .tool(&["check", "--from", site_packages.as_str()])
        .exits(0);
}

/// Upstream's bytes under upstream's names, and the SQL beside them.
fn expect_copies(project: &Project, package: &Package, layout: &Layout) {
    let mut revisions = project.revisions();
    for (index, sql) in package.migrations().iter().enumerate() {
        let path = layout.path(index, sql);
        let (_, name) = path.rsplit_once('/').expect("it lies in a directory");
        let copied = revisions.remove(name);
        assert_eq!(copied, Some(package.read(&path).into_bytes()), "{name}");
        assert_eq!(project.kept_sql(name), package.read_migration(sql), "{sql}");
    }
    assert!(revisions.is_empty(), "surplus: {:?}", revisions.keys());
}

on_every_driver!(rendered_contrib_wrappers, |driver| {
    let project = render(&layouts::CONTRIB, driver);
    assert_eq!(project.current(), ["0038"]);
});

on_every_driver!(rendered_package_wrappers, |driver| {
    let project = render(&layouts::PACKAGE, driver);
    assert_eq!(project.current(), ["procrastinate_0037"]);
});

fn render(layout: &Layout, driver: Driver) -> Project {
    run(python::python().args(["-c", "import procrastinate"]))
        .exits(1)
        .says("No module named 'procrastinate'");
    let project = Project::new(driver);
    let wheel = package(layout).wheel();
    project
        .tool(&["sync", "--mode", "render", "--from", wheel.path.as_str()])
        .exits(0);
    project.upgrade();
    Schema::of(&project.database).assert_is(&Schema::of_release(RELEASE));
    project
}

on_every_driver!(rendered_sql_then_contrib_wrappers, |driver| {
    goes_on(driver, &layouts::CONTRIB);
});

on_every_driver!(rendered_sql_then_package_wrappers, |driver| {
    goes_on(driver, &layouts::PACKAGE);
});

/// A project that began before upstream shipped revisions goes on as it began.
fn goes_on(driver: Driver, layout: &Layout) {
    let project = Project::new(driver);
    project.sync("2.5.0");
    project.upgrade();
    let (chain, revisions) = (project.chain(), project.revisions());

    project.sync_from(package(layout).wheel().path);
    // The last line says `(head)` no more.
    let kept = chain.len() - 1;
    assert_eq!(project.chain()[..kept], chain[..kept]);
    let now = project.revisions();
    let changed = |name: &&String| now.get(*name) != revisions.get(*name);
    assert_eq!(revisions.keys().find(changed), None);
    project.upgrade();
    project.assert_at_head();
    Schema::of(&project.database).assert_is(&Schema::of_release(RELEASE));
}

/// Databases have applied these ids; that upstream numbers anew changes nothing for them.
#[test]
fn copied_wrappers_keep_their_ids_when_upstream_changes_its_layout() {
    let old = package(&layouts::CONTRIB);
    let mut project = Project::new(Driver::Psycopg);
    project.set_python_path(old.site_packages());
    project.edit_env(
        "connection=connection,",
        "connection=connection, transaction_per_migration=True,",
    );
    project.sync_from(old.wheel().path);
    project.upgrade();
    let current = project.current();

    let new = Package::unpack(RELEASE);
    layouts::PACKAGE.add_to(&new);
    let new = new.release("3.91.0");
    project.set_python_path(new.site_packages());
    let wheel = new.wheel();
    project.sync_from(&wheel.path);
    project
        .tool(&["check", "--from", wheel.path.as_str()])
        .exits(0);
    assert_eq!(project.current(), current);
    project.assert_at_head();
    let upgraded = project.upgrade();
    assert!(!upgraded.stderr.contains("Running upgrade"), "{upgraded}");
}
