//! Fresh databases, whatever sets a search path besides.

use super::*;
use crate::database::takes_all;
use crate::support::database::{Database, Major, on_every_driver};
use crate::support::process::feed;

/// What sets a search path, the schema in which the application's own table then lies, and the path that its revision sees.
struct Variant {
    /// Of psycopg and psycopg2; of asyncpg.
    env: [&'static str; 2],
    own: [&'static str; 2],
}

const OPTIONS: &str = r#"arguments = {"connect_args": {"options": "-csearch_path=other,public"}}"#;
const SETTINGS: &str =
    r#"arguments = {"connect_args": {"server_settings": {"search_path": "other,public"}}}"#;
const URL: &str = r#"url += "&options=-csearch_path%3Dother%2Cpublic""#;
const LISTENER: &str = r#"
def listen(engine):
    @event.listens_for(engine, "connect", insert=True)
    def set_path(connection, record):
        cursor = connection.cursor()
        cursor.execute("SET search_path TO other, public")
        cursor.close()
        connection.commit()
"#;
const SET: &str = r#"
def session(connection):
    connection.execute(text("SET search_path TO other, public"))
    connection.commit()
"#;
const SET_LOCAL: &str = r#"
def transaction(connection):
    connection.execute(text("SET LOCAL search_path TO other, public"))
"#;
const EACH: &str = r#"options["transaction_per_migration"] = True"#;

const USUAL: [&str; 2] = ["public", "\"$user\", public"];
const OTHER: [&str; 2] = ["other", "other, public"];

const VARIANTS: [Variant; 7] = [
    Variant {
        env: ["", ""],
        own: USUAL,
    },
    Variant {
        env: [URL, SETTINGS],
        own: ["other", "other,public"],
    },
    Variant {
        env: [OPTIONS, SETTINGS],
        own: ["other", "other,public"],
    },
    Variant {
        env: [LISTENER, LISTENER],
        own: OTHER,
    },
    Variant {
        env: [SET, SET],
        own: OTHER,
    },
    // What lived in the transaction is gone after the first autocommit block, by Alembic's own doing.
    Variant {
        env: [SET_LOCAL, SET_LOCAL],
        own: USUAL,
    },
    Variant {
        env: [EACH, EACH],
        own: USUAL,
    },
];

on_every_driver!(newest, |driver| every_variant(driver, NEWEST));
on_every_driver!(oldest, |driver| every_variant(driver, OLDEST));

/// A sample takes a few of them for each driver and Alembic, other ones for each, and all in all.
fn every_variant(driver: Driver, alembic: &str) {
    let turn = driver as usize + if alembic == NEWEST { 0 } else { 3 };
    let mut site = Site::new(driver, "jobs").on(alembic);
    site.project.sync("3.10.0");
    site.write_own_revision(HEAD);
    let mut is_new = true;
    for (index, variant) in VARIANTS.iter().enumerate() {
        if !takes_all() && index % 6 != turn {
            continue;
        }
        if !is_new {
            site = site.anew();
        }
        is_new = false;
        site.write_env(variant.env[usize::from(driver == Driver::Asyncpg)]);
        site.upgrade();
        site.assert_has("3.10.0");
        let [schema, path] = variant.own;
        site.assert_own(schema, path);
    }
    assert!(!is_new, "the sample took none");
}

/// A path that lives in the transaction holds until its end, also for the application's revision behind, and not longer.
#[test]
fn set_local_without_an_autocommit_block() {
    let site = Site::new(Driver::Psycopg, "jobs");
    site.project.sync("2.5.0");
    site.write_own_revision("procrastinate_02_00_03_01");
    site.write_env(SET_LOCAL);
    site.upgrade();
    site.assert_has("2.5.0");
    site.assert_own("other", "other, public");
}

#[test]
fn on_postgresql_16() {
    let mut site = Site::new(Driver::Psycopg, "jobs");
    site.set("create_schema = true\n");
    site.project.sync("3.10.0");
    let database = Database::on(Major::Sixteen);
    site.project = site.project.before(database, Driver::Psycopg);
    site.upgrade();
    let query = crate::database::query(&site.project.database);
    let mut command = site.project.command(&["database", "--from", "-"]);
    feed(&mut command, query.as_bytes())
        .exits(0)
        .says("Schema     jobs: state after");
    site.assert_nothing_elsewhere();
}

#[test]
fn offline() {
    let drivers = [Driver::Psycopg, Driver::Psycopg2, Driver::Asyncpg];
    for driver in &drivers[..if takes_all() { 3 } else { 1 }] {
        let site = Site::new(*driver, "jobs");
        site.project.sync("3.10.0");
        site.write_own_revision(HEAD);
        let script = site.alembic(&["upgrade", "heads", "--sql"]).exits(0).stdout;
        let path = "\nSELECT current_setting('search_path') = 'other, public' AS kept;\n";
        let script = format!("SET search_path TO other, public;\n{script}{path}");
        let done = site.project.database.psql(&script).exits(0);
        assert!(done.stdout.ends_with("\nt\n"), "{done}");
        let expected = Schema::of_release_in("3.10.0", "jobs").with_tabs_expanded();
        Schema::of(&site.project.database)
            .without("| own")
            .without(OTHER_SCHEMA)
            .assert_is(&expected);
        site.assert_own("other", "other, public");
    }
}
