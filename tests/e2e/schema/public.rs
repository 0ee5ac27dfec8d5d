//! SQL of 3.4.0 to 3.5.1 names the schema `public`.

use super::*;
use crate::support::package::read_from_wheel;

const SQL: &str = "03.04.00_50_post_add_retry_failed_job_procedure.sql";

#[test]
fn a_stray_function_is_told_of_and_mended() {
    let site = Site::new(Driver::Psycopg, "jobs");
    let (project, database) = (&site.project, &site.project.database);
    let names = format!(
        "`{SQL}`: its SQL names the schema `public`: what it makes is in that schema, and not in \"jobs\""
    );
    project
        .sync("3.5.1")
        .says(&names)
        .says("Procrastinate 3.5.2 changed the SQL of this migration");
    project
        .tool(&["check"])
        .exits(0)
        .says("warning[public-schema]")
        .says("Procrastinate 3.5.2 changed the SQL of this migration");
    project.tool(&["check", "--strict"]).exits(1);
    site.upgrade();
    let functions = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate%' AND pronamespace = 'public'::regnamespace";
    assert_eq!(database.query(functions), ["1"]);

    // The databases of a later release are another matter.
    let later = project.sync("3.5.2");
    let earlier = format!("the earlier SQL of `{SQL}` named the schema `public`");
    assert!(!later.stderr.contains(&names), "{later}");
    later.says(&earlier);
    project.tool(&["check", "--strict"]).exits(0);
    site.upgrade();
    let ask = |status| {
        let query = crate::database::query(database);
        let mut command = project.command(&["database", "--from", "-"]);
        crate::support::process::feed(&mut command, query.as_bytes()).exits(status)
    };
    ask(1)
        .says("error[behind-version-table]")
        .says("warning[stray]");
    // As docs/findings.md says.
    let text = read_from_wheel("3.5.2", &format!("procrastinate/sql/migrations/{SQL}"));
    let drop = "DROP FUNCTION public.procrastinate_trigger_function_status_events_update_v1";
    database
        .psql(&format!("SET search_path TO \"jobs\";\n{text};\n{drop}"))
        .exits(0);
    ask(0);
    site.assert_has("3.5.2");
}

/// In `public` itself there is nothing to tell.
#[test]
fn a_schema_that_is_public() {
    let site = Site::new(Driver::Psycopg, "jobs");
    fs::write(
        site.project.root().join("vendor-migrations.toml"),
        "schema = \"public\"\n",
    )
    .expect("the project can be written");
    let synced = site.project.sync("3.5.1");
    assert!(!synced.stderr.contains("names the schema"), "{synced}");
    site.project.tool(&["check", "--strict"]).exits(0);
    site.write_env("url += \"&options=-csearch_path%3Dother%2Cpublic\"");
    site.upgrade();
    Schema::of(&site.project.database)
        .without(OTHER_SCHEMA)
        .without("schema: jobs")
        .assert_is(&Schema::of_release("3.5.1"));
}
