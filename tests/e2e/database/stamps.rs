//! From whatever a database has, by what `stamp --database` prints, to the newest release.

use fs_err as fs;
use vendor_migrations::sql::statements::split;

use super::{chain, newest, query, takes_all};
use crate::stamp::write_revision;
use crate::support::database::{Database, Driver};
use crate::support::process::{Outcome, feed};
use crate::support::project::Project;
use crate::support::schema::Schema;

const OWN: &str = "app1";

/// `stamp --database` with the result of the query for the project's own database.
#[track_caller]
fn stamp(project: &Project, args: &[&str]) -> Outcome {
    let args = [&["stamp", "--database", "-"], args].concat();
    feed(
        &mut project.command(&args),
        query(&project.database).as_bytes(),
    )
}

/// From the state after the first `number` migrations, with a branch of the project's own that is migrated.
fn goes_on_from(project: Project, made: &Database, number: usize) -> Project {
    let mut project = project;
    project = project.before(made.copy(), Driver::Psycopg);
    project.alembic(&["upgrade", OWN]).exits(0);
    let printed = stamp(&project, &["-q"]).exits(0).stdout;
    assert!(
        printed.contains("alembic stamp procrastinate_"),
        "{number}: {printed}"
    );
    project.shell(&printed).exits(0);
    project.upgrade();
    project.assert_at_head();
    assert!(project.current().contains(&OWN.to_owned()), "{number}");
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
    stamp(&project, &[]).exits(0).says("nothing to stamp");
    project
}

#[test]
fn a_database_in_any_state_goes_on_to_3_10_0() {
    let mut project = Project::new(Driver::Psycopg);
    project.write_own_revision(OWN, "SELECT 1");
    project.sync("3.10.0");
    let database = Database::new();
    for (index, (_, sql)) in chain(newest()).iter().enumerate() {
        database.psql(sql).exits(0);
        let number = index + 1;
        if takes_all() || [1, 14, 30, 37, 38].contains(&number) {
            project = goes_on_from(project, &database, number);
        }
    }
}

/// In a linear history a database may be at one of the project's own revisions.
#[test]
fn a_linear_history_is_stamped_behind_what_it_has_run() {
    let project = Project::new(Driver::Psycopg);
    project.write_own_revision(OWN, "SELECT 1");
    let settings = project.root().join("vendor-migrations.toml");
    fs::write(settings, "history = \"linear\"\n").expect("the project can be written");
    project.sync("3.3.0");
    let database = Database::of_release("3.3.0");
    let project = project.before(database, Driver::Psycopg);
    let printed = stamp(&project, &["-q"]).exits(0).stdout;
    assert!(printed.contains("alembic upgrade app1) &&\n"), "{printed}");
    project.shell(&printed).exits(0);
    write_revision(&project, "app2", "procrastinate_03_03_00_01", "SELECT 1");
    project.sync("3.10.0");
    project.alembic(&["upgrade", "app2"]).exits(0);
    // Somebody ran the rest by hand.
    for (name, sql) in chain(newest()).iter().skip(36) {
        project.database.psql(sql).exits(0);
        assert!(name.starts_with("03.04.00_"), "{name}");
    }
    let printed = stamp(&project, &["-q"]).exits(0).stdout;
    assert!(!printed.contains("procrastinate_03_03_00_01"), "{printed}");
    project.shell(&printed).exits(0);
    project.alembic(&["upgrade", "head"]).exits(0);
    project.assert_at_head();
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
    // Back to before `app2`, whose row stands for what it builds upon: there is no command.
    project
        .database
        .psql("DROP FUNCTION procrastinate_fetch_job_v2; DROP TABLE procrastinate_workers CASCADE")
        .exits(0);
    stamp(&project, &[]).exits(1).says("refused: ");
}

#[test]
fn where_there_is_no_command_the_reason_is_told() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    stamp(&project, &[])
        .exits(1)
        .says("refused: nothing of Procrastinate is there");
    // A migration that was cut off.
    let chain = chain(newest());
    for (_, sql) in &chain[..37] {
        project.database.psql(sql).exits(0);
    }
    let last = split(&chain[37].1).expect("it is SQL");
    project
        .database
        .psql(&format!("{};", last[0].text()))
        .exits(0);
    stamp(&project, &[])
        .exits(1)
        .says("refused: a migration has run in part only");
    // The same where somebody stamped all of it.
    project
        .alembic(&["stamp", "procrastinate_03_04_00_50"])
        .exits(0);
    stamp(&project, &[])
        .exits(1)
        .says("refused: a migration has run in part only");
    // Something else.
    project
        .database
        .psql("DROP FUNCTION procrastinate_prune_stalled_workers_v1")
        .exits(0);
    stamp(&project, &[])
        .exits(1)
        .says("refused: the schema is not in the state after any migration");
    project.tool(&["stamp"]).exits(2);
    project
        .tool(&["stamp", "3.4.0", "--database", "-"])
        .exits(2);
    project
        .tool(&["stamp", "--database", "nowhere.json"])
        .exits(2)
        .says("nowhere.json");
}
