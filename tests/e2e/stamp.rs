//! A database that `procrastinate schema --apply` made comes under Alembic.

use fs_err as fs;

use crate::sequences::rows;
use crate::support::database::Driver;
use crate::support::package::read_from_wheel;
use crate::support::project::Project;
use crate::support::python;
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

/// Runs what `stamp` prints, as it is.
#[track_caller]
fn stamp(project: &Project, release: &str) {
    let printed = project.tool(&["stamp", release]).exits(0).stdout;
    project.shell(&printed).exits(0);
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
pub(crate) fn write_revision(project: &Project, id: &str, down: &str, sql: &str) {
    let text = format!(
        "from alembic import op\n\nrevision = {id:?}\ndown_revision = {down:?}\n\n\n\
         def upgrade():\n    op.execute({sql:?})\n"
    );
    let path = project.root().join(format!("alembic/versions/{id}.py"));
    fs::write(path, text).expect("the project can be written");
}

/// A linear history of three runs of vendored revisions beside a database of 3.4.0; `sql` is that of the revision between.
fn linear_beside(sql: &str) -> Project {
    let project = project_beside("3.4.0");
    let settings = project.root().join("vendor-migrations.toml");
    fs::write(settings, "history = \"linear\"\n").expect("the project can be written");
    project.sync("3.0.2");
    write_revision(&project, "app2", "procrastinate_03_00_00_50", sql);
    project.sync("3.10.0");
    write_revision(&project, "app3", "procrastinate_03_04_00_50", "SELECT 1");
    project
}

#[test]
fn a_linear_history_is_gone_through_run_by_run() {
    let project = linear_beside("SELECT 1");
    let printed = project.shell("vendor-migrations stamp 3.4.0").exits(0);
    assert_eq!(
        printed.stdout,
        "alembic upgrade app1 &&\nalembic stamp procrastinate_03_00_00_50 &&\nalembic upgrade app2 &&\n\
         alembic stamp procrastinate_03_04_00_50\n"
    );
    stamp(&project, "3.4.0");
    assert_eq!(project.current(), ["procrastinate_03_04_00_50"]);
    project.alembic(&["upgrade", "head"]).exits(0);
    assert_eq!(project.current(), ["app3"]);
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
}

/// Of the sequence nothing runs after a failure, and it can be run again.
#[test]
fn a_linear_history_stops_at_a_revision_that_fails() {
    let project = linear_beside("SELECT 1 / 0");
    let piped = "vendor-migrations -q stamp 3.4.0 | sh";
    let failed = project.shell(piped);
    assert_ne!(failed.status, Some(0), "{failed}");
    failed.says("division by zero");
    assert_eq!(project.current(), ["procrastinate_03_00_00_50"]);
    write_revision(
        &project,
        "app2",
        "procrastinate_03_00_00_50",
        "CREATE TABLE app2 ()",
    );
    project.shell(piped).exits(0);
    assert_eq!(project.current(), ["procrastinate_03_04_00_50"]);
    project.database.psql("SELECT FROM app2").exits(0);
}

/// Where an own revision that depends on a vendored one has run, its row stands for both.
#[test]
fn what_an_own_revision_depends_on_is_not_stamped() {
    for version in ["1.8.1", "1.20.1"] {
        let python = python::alembic_environment(version);
        let project = Project::new(Driver::Psycopg);
        let ini = project.root().join("alembic.ini");
        let text = fs::read_to_string(&ini).expect("it is there");
        // Before 1.16, the setting had another name.
        let both = "version_path_separator = os\npath_separator = os";
        fs::write(&ini, text.replace("path_separator = os", both)).expect("it can be written");
        let alembic = |line: &str| {
            let words = line.strip_prefix("alembic ").expect("a command of Alembic");
            project
                .shell(&format!("{python} -m alembic {words}"))
                .exits(0);
        };
        project.sync("3.0.0");
        project.write_own_revision("a1", "SELECT 1");
        let b1 = "revision = 'b1'\ndown_revision = 'a1'\ndepends_on = 'procrastinate_03_00_00_50'\n\n\ndef upgrade():\n    pass\n";
        fs::write(project.root().join("alembic/versions/b1.py"), b1).expect("it can be written");
        alembic("alembic upgrade heads");
        assert_eq!(rows(&project), ["b1"], "{version}");

        project.sync("3.10.0");
        for release in ["2.15.1", "3.0.0"] {
            let refused = project.tool(&["stamp", release]).exits(1);
            assert_eq!(refused.stdout, "", "{refused}");
        }
        // What comes after it may be stamped: `b1` does not stand for that.
        let printed = project.shell("vendor-migrations stamp 3.4.0").exits(0);
        alembic(printed.stdout.trim());
        assert_eq!(
            rows(&project),
            ["b1", "procrastinate_03_04_00_50"],
            "{version}"
        );
        alembic("alembic upgrade heads");
        assert_eq!(
            rows(&project),
            ["b1", "procrastinate_03_04_00_50"],
            "{version}"
        );
    }
}

/// What the refusal is for.
#[test]
fn alembic_forgets_the_revision_that_depends_on_a_stamped_one() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.0.0");
    project.write_own_revision("a1", "SELECT 1");
    let m1 = "revision = 'm1'\ndown_revision = ('a1', 'procrastinate_03_00_00_50')\n\n\ndef upgrade():\n    pass\n";
    fs::write(project.root().join("alembic/versions/m1.py"), m1).expect("it can be written");
    project.upgrade();
    assert_eq!(rows(&project), ["m1"]);
    let refused = project.tool(&["stamp", "2.15.1"]).exits(1);
    assert_eq!(refused.stdout, "", "{refused}");
    project
        .alembic(&["stamp", "procrastinate_02_14_01_01"])
        .exits(0);
    assert_eq!(rows(&project), ["procrastinate_02_14_01_01"]);
}
