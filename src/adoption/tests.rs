use super::*;

const HEADER: &str =
    "from alembic import op\nimport sqlalchemy as sa\nrevision = 'a2'\ndown_revision = 'a1'\n";
const DDL: &str = "CREATE TABLE procrastinate_jobs (id int);";

fn read_with(imports: &str, upgrade: &str, files: &Files<'_>) -> OwnRevision {
    let body = upgrade.replace('\n', "\n    ");
    let source = format!("{HEADER}{imports}\ndef upgrade():\n    {body}\n");
    OwnRevision::read(&source, Utf8Path::new("alembic/versions/a2.py"), files).unwrap()
}

fn read(imports: &str, upgrade: &str) -> OwnRevision {
    let file = |path: &Utf8Path| {
        (path == "alembic/versions/sql/jobs.sql" || path == "db/schema.sql").then(|| DDL.to_owned())
    };
    read_with(imports, upgrade, &file)
}

fn signs(imports: &str, upgrade: &str) -> Vec<How> {
    read(imports, upgrade)
        .signs()
        .into_iter()
        .map(|sign| sign.how.clone())
        .collect()
}

fn verdicts(upgrade: &str) -> Vec<Verdict> {
    let body = read("", upgrade).upgrade.unwrap();
    body.parts.iter().map(|part| part.verdict).collect()
}

#[test]
fn every_way_of_making_the_schema_is_seen() {
    for (imports, upgrade) in [
        (
            "from procrastinate.schema import SchemaManager",
            "op.execute(SchemaManager.get_schema())",
        ),
        (
            "from procrastinate import schema",
            "op.execute(schema.SchemaManager.get_schema())",
        ),
        (
            "import procrastinate",
            "op.execute(procrastinate.schema.SchemaManager.get_schema())",
        ),
        (
            "from app.queue import app",
            "op.execute(app.schema_manager.get_schema())",
        ),
        (
            "from app.queue import app",
            "app.schema_manager.apply_schema()",
        ),
        (
            "import importlib.resources",
            "sql = importlib.resources.files('procrastinate.sql').joinpath('schema.sql').read_text()\nop.execute(sql)",
        ),
        (
            "from importlib import resources",
            "op.execute((resources.files('procrastinate') / 'sql' / 'schema.sql').read_text())",
        ),
        (
            "from importlib.resources import read_text",
            "op.execute(read_text('procrastinate.sql', 'schema.sql'))",
        ),
        (
            "import pkgutil",
            "op.execute(pkgutil.get_data('procrastinate', 'sql/schema.sql').decode())",
        ),
        (
            "from procrastinate.schema import migrations_path",
            "for f in sorted(migrations_path.glob('*.sql')):\n    op.execute(f.read_text())",
        ),
        (
            "import procrastinate, pathlib",
            "p = pathlib.Path(procrastinate.__file__).parent\nop.execute((p / 'sql/schema.sql').read_text())",
        ),
        (
            "from procrastinate.contrib.alembic import get_migration_sql",
            "op.execute(get_migration_sql('x.sql'))",
        ),
    ] {
        let found = signs(imports, upgrade);
        assert!(
            matches!(found[..], [How::Package(_), ..]),
            "{imports}\n{upgrade}\n{found:?}"
        );
    }
    for upgrade in [
        "subprocess.run(['procrastinate', '--app=app.queue', 'schema', '--apply'], check=True)",
        "subprocess.check_call([sys.executable, '-m', 'procrastinate', '-a', APP, 'schema', '--apply'])",
        "os.system(f'procrastinate --app={APP} schema --apply')",
    ] {
        let found = signs("import subprocess, os, sys", upgrade);
        assert!(
            matches!(found[..], [How::Command(_)]),
            "{upgrade}\n{found:?}"
        );
    }
    for upgrade in [
        "op.execute('CREATE TABLE procrastinate_jobs (id int)')",
        "op.execute(sa.text(\"\"\"-- c\nALTER TYPE procrastinate_job_status ADD VALUE 'x'\"\"\"))",
        "op.get_bind().exec_driver_sql('DROP FUNCTION IF EXISTS procrastinate_defer_job')",
        "op.execute('DO $$ BEGIN CREATE TYPE public.procrastinate_job_status AS ENUM (); END $$')",
        "schema = 'jobs'\nop.execute(f'CREATE TABLE {schema}.procrastinate_jobs (id int)')",
        "op.execute('ALTER TABLE %s.procrastinate_jobs ADD x int' % schema)",
        "for statement in ['CREATE INDEX procrastinate_jobs_lock_idx_v1 ON procrastinate_jobs (lock)']:\n    op.execute(statement)",
        "execute_all(SCHEMA)",
        "make()",
    ] {
        let imports = format!("SCHEMA = '''{DDL}'''\ndef make():\n    op.execute(SCHEMA)\n");
        let found = signs(&imports, upgrade);
        assert!(
            matches!(found[..], [How::Literal(_)]),
            "{upgrade}\n{found:?}"
        );
    }
    for upgrade in [
        "op.execute((Path(__file__).parent / 'sql' / 'jobs.sql').read_text())",
        "op.execute(open(os.path.join(os.path.dirname(__file__), 'sql/jobs.sql')).read())",
        "with open('db/schema.sql') as f:\n    op.execute(f.read())",
        "op.execute(Path(__file__).parents[2].joinpath('db', 'schema.sql').read_text())",
        "op.execute(HERE.joinpath('jobs.sql').read_text())",
    ] {
        let found = signs("HERE = Path(__file__).resolve().parent / 'sql'", upgrade);
        assert!(
            matches!(found[..], [How::File { .. }]),
            "{upgrade}\n{found:?}"
        );
    }
    for upgrade in [
        "op.create_table('procrastinate_jobs', sa.Column('id', sa.Integer()))",
        "op.add_column(table_name='procrastinate_jobs', column=sa.Column('tenant', sa.Text()))",
        "op.drop_index('procrastinate_jobs_queue_name_idx_v1')",
        "with op.batch_alter_table('procrastinate_jobs') as batch:\n    batch.drop_column('x')",
    ] {
        let found = signs("", upgrade);
        assert!(
            matches!(found[..], [How::Operation(..)]),
            "{upgrade}\n{found:?}"
        );
    }
}

#[test]
fn what_only_uses_the_tables_is_no_sign() {
    for (imports, upgrade) in [
        (
            "",
            "op.execute('GRANT SELECT ON procrastinate_jobs TO reader')",
        ),
        (
            "",
            "op.execute('CREATE INDEX my_jobs_idx ON procrastinate_jobs (args)')",
        ),
        (
            "",
            "op.create_index('my_jobs_idx', 'procrastinate_jobs', ['args'])",
        ),
        (
            "",
            "op.execute('CREATE TRIGGER mine AFTER INSERT ON procrastinate_jobs EXECUTE FUNCTION f()')",
        ),
        (
            "",
            "op.execute('CREATE VIEW procrastinate_stats AS SELECT * FROM procrastinate_jobs')",
        ),
        (
            "",
            "op.create_foreign_key('fk', 'mine', 'procrastinate_jobs', ['job_id'], ['id'])",
        ),
        (
            "",
            "op.create_table('mine', sa.Column('job', sa.ForeignKey('procrastinate_jobs.id')))",
        ),
        (
            "",
            "# op.execute('DROP TABLE procrastinate_jobs')\n'''DROP TABLE procrastinate_jobs'''\npass",
        ),
        (
            "",
            "op.execute('-- DROP TABLE procrastinate_jobs\\nSELECT 1')",
        ),
        (
            "",
            "op.execute(\"INSERT INTO notes VALUES ('DROP TABLE procrastinate_jobs')\")",
        ),
        ("", "op.execute('DELETE FROM procrastinate_jobs')"),
        ("import procrastinate", "op.execute(procrastinate.App)"),
        ("SCHEMA = 'CREATE TABLE procrastinate_jobs ()'", "pass"),
        (
            "import subprocess",
            "subprocess.run(['procrastinate', 'schema', '--read'])",
        ),
        (
            "import importlib.util",
            "if importlib.util.find_spec('procrastinate'):\n    pass",
        ),
        (
            "from sqlalchemy import inspect",
            "if inspect(op.get_bind()).has_table('procrastinate_jobs'):\n    return",
        ),
    ] {
        let own = read(imports, upgrade);
        assert_eq!(own.signs().len(), 0, "{upgrade}\n{own:?}");
        assert!(own.unclear.is_empty(), "{upgrade}\n{own:?}");
    }
}

#[test]
fn what_cannot_be_told_is_said_with_its_line() {
    for (imports, upgrade) in [
        ("", "op.execute(f'DROP TABLE procrastinate_{name}')"),
        (
            "from app.db import create_procrastinate_tables",
            "create_procrastinate_tables(op)",
        ),
        ("", "op.execute(open('sql/procrastinate.sql').read())"),
        (
            "",
            "op.execute((Path(__file__).parent / 'procrastinate' / 'all.sql').read_text())",
        ),
    ] {
        let own = read(imports, upgrade);
        assert_eq!(own.signs().len(), 0, "{upgrade}");
        assert_eq!(own.unclear.len(), 1, "{upgrade}\n{own:?}");
        assert!(own.unclear[0].line > 4);
    }
}

#[test]
fn the_line_is_that_of_the_statement() {
    let own = read(
        "",
        "op.execute('''\nCREATE TABLE mine ();\n\nCREATE TABLE procrastinate_jobs ();\n''')",
    );
    let lines: Vec<usize> = own.signs().iter().map(|sign| sign.line).collect();
    assert_eq!(lines, [10]);
}

#[test]
fn statements_are_told_apart() {
    use Verdict::{Inert, Mixed, Other, Procrastinates};
    for (upgrade, expected) in [
        (
            "op.execute('CREATE TABLE procrastinate_jobs ()')",
            vec![Procrastinates],
        ),
        (
            "conn = op.get_bind()\nconn.execute(sa.text('DROP TABLE procrastinate_jobs'))",
            vec![Inert, Procrastinates],
        ),
        (
            "op.create_table('mine')\nop.drop_table('procrastinate_jobs')",
            vec![Other, Procrastinates],
        ),
        (
            "op.execute('CREATE TABLE procrastinate_jobs (); CREATE TABLE mine ()')",
            vec![Mixed],
        ),
        (
            "op.execute('CREATE TABLE procrastinate_jobs (); GRANT ALL ON procrastinate_jobs TO r')",
            vec![Mixed],
        ),
        (
            "with op.get_context().autocommit_block():\n    op.execute('CREATE TABLE procrastinate_jobs ()')",
            vec![Procrastinates],
        ),
        (
            "with x():\n    op.execute('CREATE TABLE procrastinate_jobs ()')\n    op.create_table('mine')",
            vec![Mixed],
        ),
        (
            "for s in split('CREATE TABLE procrastinate_jobs (); CREATE TYPE procrastinate_job_status AS ENUM ()'):\n    op.execute(s)",
            vec![Procrastinates],
        ),
        (
            "if online:\n    op.execute('DROP TABLE procrastinate_jobs')\nelse:\n    pass",
            vec![Procrastinates],
        ),
        ("raise NotImplementedError", vec![Other]),
        ("'''what'''\nimport os\npass", vec![Inert, Inert, Inert]),
    ] {
        assert_eq!(verdicts(upgrade), expected, "{upgrade}");
    }
}

/// The edit of a revision `a2` after `a1`, in a branch: the two functions as they are afterwards.
fn edit(upgrade: &str, downgrade: &str) -> Result<String, Vec<Stuck>> {
    let indented = |body: &str| body.replace('\n', "\n    ");
    let source = format!(
        "{HEADER}\n\ndef upgrade():\n    {}\n\n\ndef downgrade():\n    {}\n",
        indented(upgrade),
        indented(downgrade)
    );
    let path = Utf8Path::new("alembic/versions/a2.py");
    let own = OwnRevision::read(&source, path, &|_| None).unwrap();
    let depends_on = ["v".to_owned()];
    let header = crate::python_source::Header {
        id: "a2",
        down: Some("a1"),
        depends_on: &depends_on,
        labels: true,
    };
    let text = edited(&source, path, &|_| None, &own, &header)?;
    let head = format!("{HEADER}depends_on = 'v'\n\n\ndef upgrade():\n    ");
    Ok(text.strip_prefix(&head).unwrap().to_owned())
}

#[test]
fn only_what_makes_the_schema_is_taken_out() {
    const JOBS: &str = "op.execute('CREATE TABLE procrastinate_jobs ()')";
    const DROP: &str = "op.execute('DROP TABLE procrastinate_jobs')";
    let after = |upgrade: &str, downgrade: &str| {
        format!("{upgrade}\n\n\ndef downgrade():\n    {downgrade}\n")
    };
    assert_eq!(edit(JOBS, DROP).unwrap(), after("pass", "pass"));
    assert_eq!(
        edit(JOBS, "raise NotImplementedError").unwrap(),
        after("pass", "raise NotImplementedError")
    );
    let whole = format!("'''What it is.'''\nconn = op.get_bind()\n# the tables\n{JOBS}  # all");
    assert_eq!(
        edit(&whole, "pass").unwrap(),
        after("'''What it is.'''\n    pass  # all", "pass")
    );
    let mixed =
        format!("op.create_table('mine')\n{JOBS}  # gone\n# stays\nop.create_table('other')");
    let left = "op.create_table('mine')\n    # stays\n    op.create_table('other')";
    assert_eq!(
        edit(&mixed, &format!("op.drop_table('mine')\n{DROP}")).unwrap(),
        after(left, "op.drop_table('mine')")
    );
}

#[test]
fn what_a_person_has_to_take_out_is_named_with_its_lines() {
    const JOBS: &str = "op.execute('CREATE TABLE procrastinate_jobs ()')";
    let stuck = |upgrade: &str, downgrade: &str| {
        let stuck = edit(upgrade, downgrade).unwrap_err();
        stuck.into_iter().map(|one| one.lines).collect::<Vec<_>>()
    };
    assert_eq!(
        stuck(
            "op.execute('''\nCREATE TABLE procrastinate_jobs ();\nCREATE TABLE mine ()''')",
            "pass"
        ),
        [(8, 10)]
    );
    assert_eq!(
        stuck(&format!("op.create_table('mine'); {JOBS}"), "pass"),
        [(8, 8)]
    );
    assert_eq!(
        stuck(&format!("op.execute('create schema jobs')\n{JOBS}"), "pass"),
        [(8, 8)]
    );
    assert_eq!(
        stuck(
            &format!("op.execute('SET search_path TO jobs')\n{JOBS}"),
            "pass"
        ),
        [(8, 8)]
    );
    assert_eq!(
        stuck(JOBS, "op.execute('DROP SCHEMA jobs CASCADE')"),
        [(12, 12)]
    );
}

/// Each of these once lost a table of the project's own, or left one of Procrastinate's.
#[test]
fn what_does_more_is_never_taken_out() {
    const JOBS: &str = "op.execute('CREATE TABLE procrastinate_jobs ()')";
    let head = format!("SCHEMA = '''{DDL}'''\n");
    for (module, upgrade) in [
        (
            head.as_str(),
            "for sql in (SCHEMA, 'CREATE TABLE mine ()'):\n    op.execute(sql)",
        ),
        (
            head.as_str(),
            "for sql in (SCHEMA,):\n    op.execute(sql)\nfor sql in APP:\n    op.execute(sql)\nop.create_table('z')",
        ),
        (
            "",
            &format!(
                "if inspect(op.get_bind()).has_table('procrastinate_jobs'):\n    return\n{JOBS}\nop.create_table('mine')"
            ),
        ),
        (head.as_str(), "op.execute(SCHEMA + 'SELECT app_setup();')"),
        (
            "",
            "op.execute('CREATE TABLE procrastinate_jobs (); SELECT app_setup(); COMMENT ON TABLE users IS 1')",
        ),
        (
            &format!("{head}SCHEMA += '; CREATE TABLE mine ()'\n"),
            "op.execute(SCHEMA)",
        ),
        (
            &format!(
                "{head}from app import more\ndef make():\n    op.execute(SCHEMA)\n    more()\n"
            ),
            "make()",
        ),
        (
            &format!(
                "{head}def one():\n    op.execute(SCHEMA)\ndef two():\n    op.create_table('mine')\nSTEPS = [one, two]\n"
            ),
            "for step in STEPS:\n    step()",
        ),
        (
            "",
            &format!(
                "op.execute('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO x')\n{JOBS}"
            ),
        ),
        (
            "",
            &format!("if (c := op.get_bind()):\n    {JOBS}\nc.execute('CREATE TABLE mine ()')"),
        ),
    ] {
        let body = upgrade.replace('\n', "\n    ");
        let source = format!("{HEADER}{module}\ndef upgrade():\n    {body}\n");
        let path = Utf8Path::new("alembic/versions/a2.py");
        let own = OwnRevision::read(&source, path, &|_| None).unwrap();
        assert!(!own.signs().is_empty(), "{upgrade}");
        let header = crate::python_source::Header {
            id: "a2",
            down: Some("a1"),
            depends_on: &["v".to_owned()],
            labels: true,
        };
        let result = edited(&source, path, &|_| None, &own, &header);
        // What stays is the project's own, all of it.
        if let Ok(text) = result {
            assert!(
                upgrade.contains("APP") && text.contains("in APP:"),
                "{upgrade}\n{text}"
            );
        }
    }
}

#[test]
fn names_in_loops_and_constants_are_seen() {
    for (module, upgrade) in [
        (
            "",
            "for table in ('procrastinate_events', 'procrastinate_jobs'):\n    op.drop_table(table)",
        ),
        (
            "",
            "for table in ('procrastinate_events', 'procrastinate_jobs'):\n    op.execute(f'DROP TABLE IF EXISTS {table} CASCADE')",
        ),
        (
            "",
            "op.execute('DROP TABLE {}'.format('procrastinate_jobs'))",
        ),
        (
            "T = 'procrastinate_jobs'",
            "op.execute(f'ALTER TABLE {T} ADD COLUMN tenant int')",
        ),
        (
            "P = 'procrastinate'",
            "op.execute('ALTER TABLE ' + P + '_jobs ADD COLUMN tenant int')",
        ),
        (
            "",
            "sa.Enum(name='procrastinate_job_status').drop(op.get_bind())",
        ),
        (
            "import procrastinate\nfrom importlib.resources import files",
            "op.execute(files(procrastinate).joinpath('sql/schema.sql').read_text())",
        ),
        (
            "CMD = ['procrastinate', 'schema', '--apply']\nimport subprocess",
            "subprocess.run(CMD)",
        ),
    ] {
        let own = read(module, upgrade);
        assert!(!own.signs().is_empty(), "{upgrade}\n{own:?}");
    }
    for upgrade in [
        "for table in ('procrastinate_events', 'procrastinate_jobs'):\n    op.execute(f'GRANT SELECT ON {table} TO reader')",
        "print('create table procrastinate_jobs (id int)')\nlog.info('DROP TABLE procrastinate_jobs')",
        "for table in ('a', 'b'):\n    op.drop_table(table)",
    ] {
        assert!(read("", upgrade).signs().is_empty(), "{upgrade}");
    }
}

#[test]
fn what_may_not_run_as_it_stands_proves_nothing() {
    let schema = "CREATE TABLE procrastinate_jobs ();";
    for upgrade in [
        "if not has_table('procrastinate_jobs'):\n    op.execute(S)",
        "if has_table('procrastinate_jobs'):\n    return\nop.execute(S)",
        "op.execute(S.split('-- x')[0])",
        "op.execute(S.replace('jobs', 'mine'))",
        "try:\n    op.execute(S)\nexcept Exception:\n    pass",
        "op.execute(S)\nop.execute(f'DROP TABLE procrastinate_{x}')",
        "[op.execute(s) for s in split(S) if 'TABLE' in s]",
    ] {
        let own = read(&format!("S = '{schema}'"), upgrade);
        assert!(
            matches!(proven(&own, None, "public"), Err(Unproven::Unread { .. })),
            "{upgrade}"
        );
    }
    for upgrade in [
        "op.execute(S.replace('%', '%%'))",
        "for s in split(S):\n    if s.strip():\n        op.execute(s)",
    ] {
        let own = read(&format!("S = '{schema}'"), upgrade);
        assert_eq!(
            proven(&own, None, "public"),
            Err(Unproven::NoRelease),
            "{upgrade}"
        );
    }
}
