//! `database` and `stamp --database` look at the schema that is set.

use super::*;
use crate::support::package::read_from_wheel;
use crate::support::process::feed;

#[test]
fn the_schema_that_is_set_is_looked_at() {
    let site = Site::new(Driver::Psycopg, "jobs");
    let (project, database) = (&site.project, &site.project.database);
    project.sync("3.10.0");
    // Another program's, of another release.
    let sql = read_from_wheel("2.5.0", "procrastinate/sql/schema.sql");
    database.psql(&sql).exits(0);
    let ask = |args: &[&str], status| {
        let query = crate::database::query(database);
        feed(&mut project.command(args), query.as_bytes()).exits(status)
    };
    let from = ["database", "--from", "-"];
    ask(&from, 1)
        .says("error[missing]")
        .says("the schema `jobs` has nothing of Procrastinate");
    site.upgrade();
    let told = ask(&from, 0).says("Schema     jobs: state after");
    assert!(!told.stdout.contains("Schema     public"), "{told}");
    told.says("not looked at: Procrastinate in the schema `public`");
    ask(&["database", "--schema", "public", "--from", "-"], 1)
        .says("Schema     public: state after");
    ask(&["stamp", "--database", "-"], 0).says("nothing to stamp");
    // Without the setting nobody knows which one.
    fs::remove_file(project.root().join("vendor-migrations.toml")).expect("it was written");
    ask(&["stamp", "--database", "-"], 2).says("Procrastinate is in several schemas");
}
