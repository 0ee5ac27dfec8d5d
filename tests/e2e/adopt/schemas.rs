//! Own revisions that made the tables in another schema than `public`, and scripts that run offline.

use super::{Adopter, Database, Driver, History, NEW, NEWEST, Way};
use crate::support::schema::Schema;

/// `a1` makes the schema, and `a2` sets a search path before it makes the tables.
#[test]
fn tables_in_another_schema_stay_there() {
    for (history, driver, args) in [
        (History::Branch, Driver::Psycopg, &[][..]),
        (History::Linear, Driver::Asyncpg, &[]),
        (History::Branch, Driver::Psycopg2, &["--keep"]),
    ] {
        let adopter = Adopter::new(Way::SqlFile, history, driver, NEWEST);
        let users = "op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True))";
        adopter.write(
            "a1",
            None,
            [
                &format!("{users}\n    op.execute('CREATE SCHEMA jobs')"),
                "pass",
            ],
            "",
        );
        let (imports, upgrade) = Way::SqlFile.code(&adopter);
        let path = "op.execute('SET LOCAL search_path TO jobs')\n    ";
        let back = "\n    op.execute('SET LOCAL search_path TO public')";
        adopter.write(
            "a2",
            Some("a1"),
            [
                &format!("{path}{upgrade}{back}"),
                "op.execute('DROP TABLE jobs.procrastinate_jobs CASCADE')",
            ],
            &imports,
        );
        adopter.commit();
        let mut adopter = adopter.with_old_databases();
        adopter
            .adopt(&[args, &["--write"]].concat())
            .exits(1)
            .says("--schema jobs`");
        let line = if history == History::Linear {
            "history = \"linear\"\n"
        } else {
            ""
        };
        let settings = adopter.project.root().join("vendor-migrations.toml");
        fs_err::write(settings, format!("{line}schema = \"jobs\"\n"))
            .expect("the project can be written");
        adopter.commit();
        adopter.adopt(&[args, &["--write"]].concat()).exits(0);
        adopter.check().exits(0);
        for database in adopter.databases() {
            adopter = adopter.upgrade_each(vec![database], &Schema::of_release_in(NEW, "jobs"));
            // The project's own tables are where they were.
            let own = adopter
                .project
                .database
                .query("SELECT schemaname FROM pg_tables WHERE tablename IN ('users', 'orders')");
            assert_eq!(own, ["public", "public"]);
        }
    }
}

#[test]
fn a_script_that_runs_offline_makes_the_same() {
    let adopter = Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST);
    adopter.adopt(&["--write"]).exits(0);
    let script = adopter
        .alembic(&["upgrade", "heads", "--sql"])
        .exits(0)
        .stdout;
    adopter.project.database.psql(&script).exits(0);
    adopter.assert_has(&Schema::of_release(NEW).with_tabs_expanded());
    // The version table says that all has run.
    let again = adopter.upgrade();
    assert!(!again.stderr.contains("Running upgrade"), "{again}");
}

/// One transaction for each migration, as many projects have it.
#[test]
fn a_transaction_for_each_migration_makes_the_same() {
    let mut adopter =
        Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, "1.8.1").with_old_databases();
    adopter.project.edit_env(
        "connection=connection, target",
        "connection=connection, transaction_per_migration=True, target",
    );
    adopter.commit();
    adopter.adopt(&["--write"]).exits(0);
    let (_, old) = adopter.old.remove(2);
    adopter.upgrade_each(vec![old, Database::new()], &Schema::of_release(NEW));
}
