//! What is taken out, and what proves a release.

use super::*;
use crate::python_source::Header;

/// The edit of a revision `a2` after `a1`, in a branch: the two functions as they are afterwards.
fn edit(upgrade: &str, downgrade: &str) -> Result<String, Vec<Stuck>> {
    let downgrade = downgrade.replace('\n', "\n    ");
    let source = source("", upgrade) + &format!("\n\ndef downgrade():\n    {downgrade}\n");
    let path = Utf8Path::new(PATH);
    let own = OwnRevision::read(&source, path, &|_| None).unwrap();
    let depends_on = ["v".to_owned()];
    let header = Header {
        depends_on: &depends_on,
        ..header()
    };
    let text = edited(&of(&source, path, &own), &header)?;
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
    let command = "subprocess.run([sys.executable, '-m', 'procrastinate', '--app=queue_app.app', 'schema', '--apply'], check=True)";
    assert_eq!(edit(command, DROP).unwrap(), after("pass", "pass"));
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
        let source = source(module, upgrade);
        let path = Utf8Path::new(PATH);
        let own = OwnRevision::read(&source, path, &|_| None).unwrap();
        assert!(!own.signs().is_empty(), "{upgrade}");
        let result = edited(&of(&source, path, &own), &header());
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

/// Each of these was once taken out, or taken for proof, although it has to do with what this file does not say.
#[test]
fn what_depends_on_more_than_the_file_is_left_to_a_person() {
    let head = format!("SCHEMA = '''{DDL}'''\nfrom appy import EXTRA\nimport appy\n");
    let run = "def run(sql):\n    op.execute(sql)\n";
    for (module, upgrade) in [
        (
            "",
            "if not inspect(op.get_bind()).has_table('procrastinate_jobs'):\n    op.execute(SCHEMA)\n    mood.create(op.get_bind())\n    op.create_table('mine')",
        ),
        ("", "for sql in (SCHEMA, EXTRA):\n    op.execute(sql)"),
        ("", "for sql in (SCHEMA, appy.EXTRA):\n    op.execute(sql)"),
        ("", "op.execute(';'.join([SCHEMA, EXTRA]))"),
        (run, "run(SCHEMA)\nrun(EXTRA)"),
        (
            "def run(SCHEMA):\n    op.execute(SCHEMA)\n",
            "op.execute(SCHEMA)\nrun(EXTRA)",
        ),
        (
            "",
            "for sql in (SCHEMA, open(os.path.dirname(__file__) + '/extra.sql').read()):\n    op.execute(sql)",
        ),
        (
            "PREP = 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x'\n",
            "op.execute(PREP)\nop.execute(SCHEMA)",
        ),
        (
            "def prep():\n    op.execute('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x')\n",
            "prep()\nop.execute(SCHEMA)",
        ),
        (
            "",
            "for t in ('procrastinate_events', 'procrastinate_jobs'):\n    op.execute(f'DROP TABLE {t}')\nop.execute(SCHEMA)",
        ),
    ] {
        let source = source(&format!("{head}{module}"), upgrade);
        let path = Utf8Path::new(PATH);
        let own = OwnRevision::read(&source, path, &|_| None).unwrap();
        let text = edited(&of(&source, path, &own), &header()).unwrap_or_default();
        // If anything was taken out, what is not Procrastinate's stays.
        let stays = text.is_empty() || text.contains("run(EXTRA)");
        assert!(stays && !own.signs().is_empty(), "{upgrade}\n{text}");
    }
    for (module, upgrade) in [
        (
            "",
            "existing = has_table()\nif not existing:\n    op.execute(SCHEMA)",
        ),
        (
            "def run():\n    if has_table():\n        return\n    op.execute(SCHEMA)\n",
            "run()",
        ),
        ("", "op.execute(SCHEMA if fresh else '')"),
        ("", "has_table() or op.execute(SCHEMA)"),
    ] {
        let own = read(&format!("{head}{module}"), upgrade);
        assert!(
            matches!(proven(&own, None, "public"), Err(Unproven::Unread { .. })),
            "{upgrade}"
        );
    }
}

#[test]
fn a_downgrade_that_may_drop_the_tables_is_named() {
    const JOBS: &str = "op.execute('CREATE TABLE procrastinate_jobs ()')";
    for downgrade in [
        "for t in inspect(op.get_bind()).get_table_names():\n    if t.startswith('procrastinate_'):\n        op.execute(f'DROP TABLE {t} CASCADE')",
        "op.execute(\"DO $$ BEGIN EXECUTE 'DROP TABLE ' || (SELECT x FROM y WHERE x LIKE 'procrastinate%'); END $$\")",
        "op.execute(sa.schema.DropSchema('public', cascade=True))",
    ] {
        assert!(edit(JOBS, downgrade).is_err(), "{downgrade}");
    }
}

#[test]
fn calls_in_a_concatenation_are_seen() {
    for upgrade in [
        "op.execute(\"SET lock_timeout = '5s';\" + app.schema_manager.get_schema())",
        "op.execute(f\"SET lock_timeout = '5s'; {app.schema_manager.get_schema()}\")",
        "op.execute('SET x;' + open('db/schema.sql').read())",
    ] {
        assert!(!read("", upgrade).signs().is_empty(), "{upgrade}");
    }
    // What a healthy revision does for each table, or beside one of Procrastinate's.
    for upgrade in [
        "for t in ('orders', 'procrastinate_jobs'):\n    op.execute(f'CREATE INDEX ix_{t} ON {t} (id)')",
        "for t in ('orders', 'users'):\n    op.create_foreign_key(f'fk_{t}', t, 'procrastinate_jobs', ['a'], ['id'])",
        "if 'procrastinate_jobs' in tables:\n    sa.Enum('a', name='mood').create(op.get_bind())",
        "for t in tables:\n    if t not in ('x', 'procrastinate_jobs'):\n        op.execute(f'ALTER TABLE {t} ADD COLUMN a int')",
    ] {
        assert!(read("", upgrade).signs().is_empty(), "{upgrade}");
    }
}

#[test]
fn odd_values_end() {
    for upgrade in [
        "x = x + ',' + x\nop.execute('procrastinate' + x)",
        "op.execute(Path(__file__).parents[18446744073709551615] / 'procrastinate.sql')",
    ] {
        read("", upgrade);
    }
}

fn of<'a>(source: &'a str, path: &'a Utf8Path, own: &'a OwnRevision) -> Edit<'a> {
    Edit {
        source,
        path,
        files: &|_| None,
        own,
        pinned: false,
    }
}

fn header() -> Header<'static> {
    Header {
        id: "a2",
        down: Some("a1"),
        depends_on: &[],
        labels: true,
    }
}
