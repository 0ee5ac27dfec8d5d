mod edits;
mod long;

use super::*;

const HEADER: &str =
    "from alembic import op\nimport sqlalchemy as sa\nrevision = 'a2'\ndown_revision = 'a1'\n";
const PATH: &str = "alembic/versions/a2.py";
const DDL: &str = "CREATE TABLE procrastinate_jobs (id int);";

fn read_with(imports: &str, upgrade: &str, files: &Files<'_>) -> OwnRevision {
    OwnRevision::read(&source(imports, upgrade), Utf8Path::new(PATH), files).unwrap()
}

fn source(imports: &str, upgrade: &str) -> String {
    let body = upgrade.replace('\n', "\n    ");
    format!("{HEADER}{imports}\n\ndef upgrade():\n    {body}\n")
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
        assert!(read(imports, upgrade).unclear.is_empty(), "{upgrade}");
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
    assert_eq!(lines, [11]);
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
            "if op.get_context().as_sql:\n    op.execute('DROP TABLE procrastinate_jobs')\nelse:\n    pass",
            vec![Procrastinates],
        ),
        ("raise NotImplementedError", vec![Other]),
        ("'''what'''\nimport os\npass", vec![Inert, Inert, Inert]),
    ] {
        assert_eq!(verdicts(upgrade), expected, "{upgrade}");
    }
}
