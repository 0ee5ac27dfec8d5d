use super::*;

fn named(schema: &str) -> Option<String> {
    Some(schema.to_owned())
}

/// The line, the schema, and whether it is local, of each sign in an `env.py`.
fn signs_of(source: &str) -> Vec<(usize, Option<String>, bool)> {
    let parsed = parse(source).unwrap();
    let signs = signs(source, parsed.suite()).into_iter();
    signs
        .map(|sign| (sign.place.line, sign.path.first, sign.local))
        .collect()
}

#[test]
fn urls() {
    for (url, schema) in [
        (
            "postgresql://u:p@h/d?options=-csearch_path%3Djobs",
            Some(named("jobs")),
        ),
        (
            "postgresql+psycopg:///d?host=/x&options=-c%20search_path%3Djobs%2Cpublic&a=b",
            Some(named("jobs")),
        ),
        (
            "postgresql:///d?options=-c+search_path=jobs",
            Some(named("jobs")),
        ),
        (
            "postgresql:///d?options=--search_path%3Djobs",
            Some(named("jobs")),
        ),
        (
            "postgresql:///d?options=-c%20statement_timeout=5%20-c%20search_path=jobs",
            Some(named("jobs")),
        ),
        ("postgresql:///d?options=-csearch_path={schema}", Some(None)),
        ("postgresql:///d?options=-csearch_path%3D", Some(None)),
        ("postgresql:///d?options=-csearch_path%3Dpublic", None),
        (
            "postgresql:///d?options=-csearch_path%3D%22%24user%22,public",
            None,
        ),
        ("postgresql:///d?application_name=search_path=jobs", None),
        ("postgresql://search_path=jobs@h/d", None),
        ("postgresql:///d", None),
    ] {
        assert_eq!(of_url(url).map(|path| path.first), schema, "{url}");
    }
}

#[test]
fn an_env_file_is_read_in_every_form() {
    for line in [
        "connection.execute(text('SET search_path TO jobs'))",
        "connection.exec_driver_sql('set search_path = jobs, public')",
        "cursor.execute('SET SESSION search_path TO \"jobs\"')",
        "context.execute(\"SELECT set_config('search_path', 'jobs', false)\")",
        "URL = 'postgresql:///d?options=-csearch_path%3Djobs'",
        "config.set_main_option('sqlalchemy.url', 'postgresql:///d?options=-csearch_path%3Djobs')",
        "e = create_engine(url, connect_args={'options': '-csearch_path=jobs'})",
        "e = create_engine(url, connect_args={'options': '-c search_path=jobs,public'})",
        "e = create_async_engine(url, connect_args={'server_settings': {'search_path': 'jobs'}})",
        "e = create_async_engine(url, connect_args=dict(server_settings=dict(search_path='jobs')))",
    ] {
        assert_eq!(
            signs_of(&format!("x = 1\n{line}\n")),
            [(2, named("jobs"), false)],
            "{line}"
        );
    }
    for line in [
        "connection.execute(text('SET LOCAL search_path TO jobs'))",
        "connection.execute(text(\"SELECT set_config('search_path', 'jobs', true)\"))",
    ] {
        assert_eq!(signs_of(line), [(1, named("jobs"), true)], "{line}");
    }
    for line in [
        "connection.execute(text(f'SET search_path TO {schema}'))",
        "connection.execute(text('SET search_path TO \"%s\"' % tenant))",
        "connection.execute(text('SET search_path TO ' + schema))",
        "connection.execute(SQL('SET search_path TO {}').format(Identifier(schema)))",
        "e = create_engine(url, connect_args={'options': f'-csearch_path={schema}'})",
        "e = create_engine(url, connect_args={'options': '-csearch_path=' + schema})",
        "e = create_engine(url, connect_args={'options': '-csearch_path={}'.format(schema)})",
        "e = create_async_engine(url, connect_args={'server_settings': {'search_path': schema}})",
        "URL = f'postgresql:///d?options=-csearch_path%3D{schema}'",
    ] {
        assert_eq!(signs_of(line), [(1, None, false)], "{line}");
    }
    for line in [
        "\"\"\"SET search_path TO jobs\"\"\"",
        "# SET search_path TO jobs",
        "connection.execute(text('-- SET search_path TO jobs'))",
        "connection.execute(text('SET search_path TO public'))",
        "connection.execute(text('SET search_path TO \"$user\", public'))",
        "e = create_engine(url, connect_args={'options': '-c statement_timeout=5'})",
        "e = create_async_engine(url, connect_args={'server_settings': {'search_path': 'public'}})",
        "context.configure(connection=c, version_table_schema='jobs')",
        "c = c.execution_options(schema_translate_map={None: 'jobs'})",
        "logger.info('the search_path is jobs')",
        "search_path = 'jobs'",
    ] {
        assert_eq!(signs_of(line), [], "{line}");
    }
}

#[test]
fn revisions_beside_procrastinates_objects() {
    let sets = |source: &str| match in_revision(source) {
        Some(InRevision::Sets(sign)) => Some((sign.place.line, sign.path.first)),
        _ => None,
    };
    let path = "op.execute('SET search_path TO jobs')\n";
    for source in [
        format!("from procrastinate.schema import SchemaManager\n{path}"),
        format!("import procrastinate\n{path}"),
        format!("x = 'CREATE TABLE procrastinate_jobs ()'\n{path}"),
        format!("subprocess.run(['procrastinate', 'schema', '--apply'])\n{path}"),
        format!("sql = files('procrastinate.sql').joinpath('schema.sql')\n{path}"),
    ] {
        assert_eq!(sets(&source), Some((2, named("jobs"))), "{source}");
    }
    let open = "from procrastinate.schema import migrations_path\nop.execute(f'SET search_path TO {schema}')\n";
    assert_eq!(sets(open), Some((2, None)));
    for source in [
        path.to_owned(),
        format!("x = 'GRANT SELECT ON procrastinate_jobs TO x'\n{path}"),
        format!("# procrastinate\n{path}"),
        format!("\"\"\"CREATE TABLE procrastinate_jobs ()\"\"\"\n{path}"),
        "import procrastinate\nop.execute('SET search_path TO public')\n".to_owned(),
        "import procrastinate\n\"\"\"SET search_path TO jobs\"\"\"\n".to_owned(),
        "import procrastinate\nno python".to_owned(),
    ] {
        assert_eq!(in_revision(&source), None, "{source}");
    }
}

#[test]
fn revisions_that_name_the_schema_of_a_table() {
    let place = |source: &str| match in_revision(source) {
        Some(InRevision::Names(place, schema)) => Some((place.line, schema)),
        _ => None,
    };
    for line in [
        "op.execute('GRANT SELECT ON jobs.procrastinate_jobs TO x')",
        "op.execute('CREATE TABLE jobs.procrastinate_jobs ()')",
        "job = sa.Column(sa.ForeignKey('jobs.procrastinate_jobs.id'))",
        "op.add_column('procrastinate_jobs', column, schema='jobs')",
    ] {
        let found = place(&format!("x = 1\n{line}\n"));
        assert_eq!(found, Some((2, "jobs".to_owned())), "{line}");
    }
    for line in [
        "op.execute('GRANT SELECT ON public.procrastinate_jobs TO x')",
        "op.execute('GRANT SELECT ON procrastinate_jobs TO x')",
        "op.execute('SELECT o.procrastinate_job_id FROM orders o')",
        "op.add_column('procrastinate_jobs', column, schema='public')",
        "op.add_column('orders', column, schema='procrastinate')",
        "# jobs.procrastinate_jobs",
        "\"\"\"Moves jobs.procrastinate_jobs.\"\"\"",
    ] {
        assert_eq!(in_revision(line), None, "{line}");
    }
}
