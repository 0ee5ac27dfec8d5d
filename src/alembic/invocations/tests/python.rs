use super::super::{Does, calls};
use super::{ALL, applies, lines_of, upgrade};

#[test]
fn python_is_read_as_python() {
    for (text, found) in [
        (
            "from alembic import command\nfrom alembic.config import Config\ncommand.upgrade(Config('a.ini'), 'head')\n",
            vec![3],
        ),
        (
            "from alembic import command as c\ncfg = make()\nc.upgrade(cfg, revision='head')\n",
            vec![3],
        ),
        (
            "import alembic.command\nalembic.command.upgrade(cfg, 'head')\n",
            vec![2],
        ),
        (
            "import alembic.command as c\nc.upgrade(cfg, 'head', sql=True)\n",
            vec![2],
        ),
        (
            "from alembic.command import upgrade as up\nTARGET = 'head'\nup(cfg, TARGET)\n",
            vec![3],
        ),
        (
            "def f():\n    from alembic import command\n    await loop.run_in_executor(None, command.upgrade, cfg, 'head')\n",
            vec![3],
        ),
        (
            "from alembic import command\nawait asyncio.to_thread(command.upgrade, cfg, 'heads')\n",
            vec![],
        ),
        (
            "import alembic.config\nalembic.config.main(argv=['-c', 'x.ini', 'upgrade', 'head'])\n",
            vec![2],
        ),
        (
            "from alembic.config import main\nARGS = ['--raiseerr', 'upgrade', 'head']\nmain(argv=ARGS)\n",
            vec![2],
        ),
        (
            "from alembic.config import CommandLine\nCommandLine().main(['upgrade', 'head'])\n",
            vec![2],
        ),
        (
            "import subprocess\nsubprocess.run(['alembic', 'upgrade', 'head'], check=True)\n",
            vec![2],
        ),
        (
            "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'alembic', 'upgrade', 'head'])\n",
            vec![2],
        ),
        (
            "import os\nos.system('cd x && alembic upgrade head')\n",
            vec![2],
        ),
        (
            "import subprocess\nsubprocess.run(['sh', '-c', 'cd x && alembic upgrade head'])\n",
            vec![2],
        ),
        (
            "import subprocess\nsubprocess.run(['echo', 'cd x && alembic upgrade head'])\n",
            vec![],
        ),
        (
            "import subprocess\nsubprocess.run(\n    f'alembic -c {ini} upgrade head', shell=True)\n",
            vec![3],
        ),
        (
            "@nox.session\ndef m(session):\n    session.run('alembic', 'upgrade', 'head')\n",
            vec![3],
        ),
        (
            "@task\ndef m(c):\n    c.run('alembic upgrade head', pty=True)\n",
            vec![3],
        ),
        ("from flask_migrate import upgrade\nupgrade()\n", vec![2]),
        (
            "import flask_migrate\nflask_migrate.upgrade(directory='m', revision='head')\n",
            vec![2],
        ),
        (
            "from flask_migrate import upgrade\nupgrade(revision='heads')\n",
            vec![],
        ),
        (
            "from alembic import command\ncommand.upgrade(cfg, 'heads')\n",
            vec![],
        ),
        (
            "from alembic import command\ncommand.upgrade(cfg, 'procrastinate@head')\n",
            vec![],
        ),
        (
            "from alembic import command\ncommand.upgrade(cfg, revision)\n",
            vec![],
        ),
        (
            "from other import command\ncommand.upgrade(cfg, 'head')\n",
            vec![],
        ),
        ("print('alembic upgrade head')\n", vec![]),
        (
            "\"\"\"alembic upgrade head\"\"\"\n# alembic upgrade head\n",
            vec![],
        ),
        (
            "subprocess.run(['echo', 'alembic', 'upgrade', 'head'])\n",
            vec![],
        ),
        ("alembic upgrade head\n", vec![]),
    ] {
        assert_eq!(lines_of("app/db.py", text), found, "{text}");
    }
    let named = "from alembic import command\nfrom alembic.config import Config\ncfg = Config('a.ini')\ncommand.upgrade(cfg, 'head')\n";
    assert_eq!(upgrade("x.py", named).config.as_deref(), Some("a.ini"));
}

#[test]
fn what_applies_procrastinates_schema_is_found() {
    for text in [
        "app.schema_manager.apply_schema()",
        "async def f():\n    await app.schema_manager.apply_schema_async()",
        "asyncio.run(app.schema_manager.apply_schema_async())",
        "loop.run_until_complete(queue.schema_manager.apply_schema_async())",
        "anyio.run(app.schema_manager.apply_schema_async)",
        "await asyncio.to_thread(app.schema_manager.apply_schema)",
        "await sync_to_async(app.schema_manager.apply_schema)()",
        "build_app().schema_manager.apply_schema()",
        "request.app.state.queue.schema_manager.apply_schema()",
        "manager = app.schema_manager\nmanager.apply_schema()",
        "apply = app.schema_manager.apply_schema\napply()",
        "# procrastinate\nclass A:\n    def f(self):\n        self.schema_manager.apply_schema()",
        "class A:\n    def f(self):\n        self.app.schema_manager.apply_schema()",
        "from procrastinate.schema import SchemaManager\nSchemaManager(connector).apply_schema()",
        "from procrastinate.schema import SchemaManager as S\nS(connector=c).apply_schema()",
        "from procrastinate import schema\nm = schema.SchemaManager(c)\nawait m.apply_schema_async()",
        "import procrastinate.schema\nprocrastinate.schema.SchemaManager(c).apply_schema()",
        "from procrastinate.cli import cli\nasyncio.run(cli(['--app', 'x', 'schema', '--apply']))",
        "subprocess.run(['procrastinate', '--app=x.app', 'schema', '--apply'], check=True)",
        "subprocess.check_call([sys.executable, '-m', 'procrastinate', '-a', 'x', 'schema'])",
        "os.system('procrastinate -a x schema --apply')",
        "subprocess.run(f'procrastinate -a {app} schema --apply', shell=True)",
        "subprocess.run(['sh', '-c', 'procrastinate schema --apply'])",
        "await asyncio.create_subprocess_exec('procrastinate', 'schema', '--apply')",
        "session.run('procrastinate', '--app', 'x', 'schema')",
        "_run(sys.executable, '-m', 'procrastinate', '--app=x', 'schema', '--apply')",
        "os.execvp('procrastinate', ['procrastinate', 'schema', '--apply'])",
    ] {
        let found = applies("app/db.py", text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0], text.lines().count(), "{text}");
    }
    for text in [
        "manager = SchemaManager(client)\nmanager.apply_schema()",
        "from neo import SchemaManager\nSchemaManager(client).apply_schema()",
        "schema_manager.apply_schema(x)",
        "self.schema_manager.apply_schema()",
        "def apply_schema(): ...\napply_schema()",
        "app.schema_manager.get_schema()",
        "print('procrastinate schema --apply')",
        "\"\"\"procrastinate schema --apply\"\"\"\n# app.schema_manager.apply_schema()",
        "subprocess.run(['procrastinate', 'schema', '--read'])",
        "subprocess.run(['procrastinate', 'worker'])",
        "from procrastinate.cli import cli\ncli(argv)",
        "class App:\n    def apply_schema(self): ...\nApp().apply_schema()",
    ] {
        assert_eq!(applies("app/db.py", text), [0; 0], "{text}");
    }
    let both = "import os\nos.system('alembic upgrade head && procrastinate schema --apply')\n";
    assert_eq!(
        (lines_of("x.py", both), applies("x.py", both)),
        (vec![2], vec![2])
    );
}

#[test]
fn search_paths_of_connectors_are_read() {
    let jobs = Some(Some("jobs".to_owned()));
    let from = "from procrastinate import PsycopgConnector\n";
    let other = "from procrastinate.contrib.aiopg import AiopgConnector\n";
    for (text, schema) in [
        (format!("{from}PsycopgConnector(kwargs={{'options': '-c search_path=jobs'}})"), &jobs),
        (format!("{from}PsycopgConnector(kwargs=dict(options='-csearch_path=jobs,public'))"), &jobs),
        (format!("{from}KW = {{'options': '-c search_path=jobs'}}\nPsycopgConnector(kwargs=KW)"), &jobs),
        (format!("{from}PsycopgConnector(conninfo='postgresql:///x?options=-csearch_path%3Djobs')"), &jobs),
        (format!("{from}PsycopgConnector(conninfo=\"dbname=x options='-c search_path=jobs'\")"), &jobs),
        (format!("{from}P = '-c search_path=jobs'\nPsycopgConnector(kwargs={{'options': P}})"), &jobs),
        ("import procrastinate\nprocrastinate.PsycopgConnector(kwargs={'options': '-c search_path=jobs'})".to_owned(), &jobs),
        (format!("{other}AiopgConnector(options='-c search_path=jobs')"), &jobs),
        (format!("{from}PsycopgConnector(kwargs={{'options': f'-c search_path={{s}}'}})"), &Some(None)),
        (format!("{from}PsycopgConnector(kwargs={{'options': '-c search_path=' + s}})"), &Some(None)),
        (format!("{from}PsycopgConnector(kwargs={{'options': '-c search_path=public'}})"), &None),
        (format!("{from}PsycopgConnector(conninfo='postgresql:///x')\nx = 'search_path'"), &None),
        ("from other import PsycopgConnector\nPsycopgConnector(options='-c search_path=jobs')".to_owned(), &None),
    ] {
        let mut found = calls("app.py", &text, ALL).into_iter().map(|call| match call.does {
            Does::Connect(path) => path.first,
            other => panic!("{other:?}"),
        });
        assert_eq!(&found.next_back(), schema, "{text}");
    }
}

#[test]
fn a_revision_that_is_head_unless_another_is_given_counts() {
    let upgrades = |head: &str, revision: &str| {
        let text = format!("from alembic import command\n{head}command.upgrade(cfg, {revision})\n");
        !lines_of("x.py", &text).is_empty()
    };
    for (head, revision) in [
        ("", "version or 'head'"),
        ("", "revision=args.revision or 'head'"),
        ("", "'head' if version is None else version"),
        ("", "os.getenv('REVISION', 'head')"),
        ("", "os.environ.get('REVISION', default='head')"),
        ("version = version or 'head'\n", "version"),
        ("def up(version='head'):\n    ", "version"),
        ("def up(*, version: str = 'head'):\n    ", "version"),
        (
            "def up(version: str = typer.Argument('head')):\n    ",
            "version",
        ),
        (
            "async def up(version='head'):\n    await loop.run_in_executor(None, command.upgrade, cfg, version)\n    ",
            "'heads'",
        ),
    ] {
        assert!(upgrades(head, revision), "{head}{revision}");
    }
    for (head, revision) in [
        ("", "version or 'heads'"),
        ("", "version"),
        ("", "version and head"),
        ("", "os.getenv('head')"),
        ("", "os.environ.get('head', 'heads')"),
        ("version = version or version\n", "version"),
        ("def up(version='heads'):\n    ", "version"),
        (
            "def other(version='head'):\n    pass\n\n\ndef up(version):\n    ",
            "version",
        ),
        ("def up(other='head'):\n    ", "version"),
        ("", "find('head')"),
    ] {
        assert!(!upgrades(head, revision), "{head}{revision}");
    }
    let run = "import subprocess\nsubprocess.run(['alembic', 'upgrade', version or 'head'])\n";
    assert_eq!(lines_of("x.py", run), [2]);
}

#[test]
fn the_directory_that_a_program_is_run_in_is_kept() {
    for (run, directory) in [
        ("['alembic', 'upgrade', 'head'], cwd='a'", Some("a")),
        ("'alembic upgrade head', shell=True, cwd='a'", Some("a")),
        (
            "'cd b && alembic upgrade head', shell=True, cwd='a'",
            Some("a/b"),
        ),
        ("['alembic', 'upgrade', 'head'], cwd=here", None),
    ] {
        let text = format!("import subprocess\nsubprocess.run({run})\n");
        assert_eq!(
            upgrade("x.py", &text).directory.as_deref(),
            directory,
            "{run}"
        );
    }
}
