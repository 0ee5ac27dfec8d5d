//! A database that `procrastinate schema --apply` made comes under Alembic.

use fs_err as fs;

use crate::support::database::Driver;
use crate::support::package::read_from_wheel;
use crate::support::project::Project;
use crate::support::schema::Schema;

const OWN: &str = "app1";

/// A project with a migrated branch of its own, in whose database a release's `schema.sql` ran.
fn project_beside(release: &str) -> Project {
    let project = Project::new(Driver::Psycopg);
    project.write_own_revision(OWN, "SELECT 1");
    project.upgrade();
    assert_eq!(project.current(), [OWN]);
    let schema = read_from_wheel(release, "procrastinate/sql/schema.sql");
    project.database.psql(&schema).exits(0);
    project
}

/// Runs the commands that `stamp` printed, as they are.
#[track_caller]
fn stamp(project: &Project, release: &str) {
    let printed = project.tool(&["stamp", release]).exits(0).stdout;
    assert!(printed.starts_with("alembic "), "{printed}");
    for line in printed.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[0], "alembic", "{printed}");
        project.alembic(&words[1..]).exits(0);
    }
}

#[test]
fn a_database_of_every_kind_of_release_goes_on_to_3_10_0() {
    for release in ["1.0.0", "2.0.0", "2.15.1", "3.0.2", "3.4.0"] {
        let project = project_beside(release);
        project.sync(release);
        stamp(&project, release);
        project.assert_at_head();
        project.sync("3.10.0");
        project.upgrade();
        project.assert_at_head();
        assert!(project.current().contains(&OWN.to_owned()));
        Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
    }
}

#[test]
fn a_later_release_may_be_vendored_already() {
    for release in ["1.0.0", "2.15.1", "3.4.0"] {
        let project = project_beside(release);
        project.sync("3.10.0");
        stamp(&project, release);
        project.upgrade();
        project.assert_at_head();
        Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
    }
}

#[test]
fn a_release_that_no_revision_stands_for_is_refused() {
    let project = Project::new(Driver::Psycopg);
    project
        .tool(&["stamp", "3.0.0"])
        .exits(1)
        .says("nothing is vendored");
    project.sync("3.10.0");
    let refused = project.tool(&["stamp", "0.22.0"]).exits(1);
    assert_eq!(refused.stdout, "");
    refused
        .says("00.22.00_01_add_kwargs_to_defer_periodic_job.sql")
        .says("0.23.0");
    let project = Project::new(Driver::Psycopg);
    project.sync("0.22.0");
    project.sync("3.10.0");
    stamp(&project, "0.22.0");
    assert_eq!(project.current(), ["procrastinate_00_19_00_02"]);
}

/// A revision of the application's own that follows another one.
fn write_revision(project: &Project, id: &str, down: &str) {
    let text = format!(
        "from alembic import op\n\nrevision = {id:?}\ndown_revision = {down:?}\n\n\n\
         def upgrade():\n    op.execute(\"SELECT 1\")\n"
    );
    let path = project.root().join(format!("alembic/versions/{id}.py"));
    fs::write(path, text).expect("the project can be written");
}

#[test]
fn a_linear_history_is_gone_through_run_by_run() {
    let project = project_beside("3.4.0");
    let settings = project.root().join("vendor-migrations.toml");
    fs::write(settings, "history = \"linear\"\n").expect("the project can be written");
    project.sync("3.0.2");
    write_revision(&project, "app2", "procrastinate_03_00_00_50");
    project.sync("3.10.0");
    write_revision(&project, "app3", "procrastinate_03_04_00_50");
    let printed = project.tool(&["stamp", "3.4.0"]).exits(0).stdout;
    assert_eq!(
        printed,
        "alembic upgrade app1\nalembic stamp procrastinate_03_00_00_50\nalembic upgrade app2\n\
         alembic stamp procrastinate_03_04_00_50\n"
    );
    stamp(&project, "3.4.0");
    assert_eq!(project.current(), ["procrastinate_03_04_00_50"]);
    project.alembic(&["upgrade", "head"]).exits(0);
    assert_eq!(project.current(), ["app3"]);
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
}
