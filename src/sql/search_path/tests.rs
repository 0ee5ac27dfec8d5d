use super::*;

fn named(schema: &str) -> Option<Option<String>> {
    Some(Some(schema.to_owned()))
}

/// The schema of the only statement that sets the path, and whether it is local.
fn set(sql: &str) -> Option<(Option<String>, bool)> {
    let sets = path_sets(sql);
    assert!(sets.len() < 2, "{sql}: {sets:?}");
    sets.into_iter()
        .next()
        .map(|set| (set.path.first, set.local))
}

#[test]
fn lists() {
    for (list, schema) in [
        ("jobs", named("jobs")),
        (" Jobs , public", named("jobs")),
        ("\"Pro crast\",public", named("Pro crast")),
        ("\"$user\", jobs", named("jobs")),
        ("pg_catalog,jobs", named("jobs")),
        ("{schema},public", Some(None)),
        ("%s", Some(None)),
        ("public", None),
        ("public,jobs", None),
        ("\"$user\",public", None),
        ("$user", None),
        ("", None),
    ] {
        assert_eq!(path_of(list).map(|path| path.first), schema, "{list}");
    }
}

#[test]
fn what_a_path_finds() {
    for (list, found, not) in [
        ("jobs,public", &["jobs", "public"][..], "other"),
        ("\"$user\", jobs", &["jobs"], "public"),
        ("{schema}, public", &["public"], "{schema}"),
        ("jobs,{schema}", &["jobs"], "{schema}"),
    ] {
        let path = path_of(list).unwrap();
        assert!(found.iter().all(|schema| path.has(schema)), "{list}");
        assert!(!path.has(not), "{list}");
    }
    let sets = path_sets("SET search_path TO jobs, public");
    assert!(sets[0].path.has("public"));
    assert!(!SearchPath::open().has("public"));
}

#[test]
fn statements_that_set_the_path() {
    for sql in [
        "SET search_path TO jobs",
        "set session search_path = Jobs, public;",
        "SET search_path = 'jobs'",
        "SET search_path TO \"jobs\"",
        "SET search_path TO \"$user\", jobs",
        "/* c */ SET -- x\n search_path TO jobs -- public",
        "SELECT 1; SET search_path TO jobs",
        "SET SCHEMA 'jobs'",
        "SELECT set_config('search_path', 'jobs,public', false)",
        "SELECT pg_catalog.set_config('search_path', 'jobs', false)",
        "ALTER ROLE app SET search_path = jobs",
        "ALTER DATABASE shop SET search_path TO jobs, public",
        "ALTER ROLE app IN DATABASE shop SET search_path TO jobs",
    ] {
        let set = set(sql);
        assert_eq!(set, Some((Some("jobs".to_owned()), false)), "{sql}");
    }
    for sql in [
        "SET LOCAL search_path TO jobs",
        "SELECT set_config('search_path', 'jobs', true)",
    ] {
        let set = set(sql);
        assert_eq!(set, Some((Some("jobs".to_owned()), true)), "{sql}");
    }
}

#[test]
fn values_that_are_filled_in_are_open() {
    for sql in [
        "SET search_path TO {schema}",
        "SET search_path TO {settings.schema}, public",
        "SET search_path TO \"{schema}\"",
        "SET search_path TO %s",
        "SET search_path TO '%s'",
        "set search_path to \"%s\"",
        "SET search_path TO :schema",
        "SET search_path TO ",
        "SET search_path =",
        "SELECT set_config('search_path', :schema, false)",
        "SELECT set_config('search_path', $1, false)",
        "SELECT set_config('search_path', '{schema}', false)",
    ] {
        assert_eq!(set(sql), Some((None, false)), "{sql}");
    }
}

#[test]
fn what_sets_no_other_path() {
    for sql in [
        "SET search_path TO public",
        "SET search_path TO \"$user\", public",
        "SET search_path TO DEFAULT",
        "SET search_path TO ''",
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "RESET search_path",
        "SHOW search_path",
        "-- SET search_path TO jobs",
        "SELECT 'SET search_path TO jobs'",
        "SET statement_timeout TO 5",
        "UPDATE t SET search_path = 'jobs'",
        "SELECT set_config('statement_timeout', '5', false)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = jobs AS 'select 1'",
        "ALTER FUNCTION f() SET search_path = jobs",
        "DO $$ BEGIN SET search_path TO jobs; END $$",
        "search_path",
    ] {
        assert_eq!(set(sql), None, "{sql}");
    }
}

#[test]
fn a_schema_before_a_table() {
    let tables = ["procrastinate_jobs"];
    for (sql, schemas) in [
        ("GRANT SELECT ON jobs.procrastinate_jobs TO x", vec!["jobs"]),
        ("select from shop.\"Jobs\".procrastinate_jobs", vec!["Jobs"]),
        ("jobs.procrastinate_jobs.id", vec!["jobs"]),
        ("select from public.procrastinate_jobs", vec![]),
        ("select from procrastinate_jobs", vec![]),
        ("select j.procrastinate_job_id from t j", vec![]),
        ("select '{schema}.procrastinate_jobs'", vec![]),
        ("select from {schema}.procrastinate_jobs", vec![]),
        ("-- jobs.procrastinate_jobs", vec![]),
    ] {
        assert_eq!(schemas_before(sql, &tables), schemas, "{sql}");
    }
}
