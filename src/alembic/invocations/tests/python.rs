use super::super::calls;
use super::lines_of;

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
    assert_eq!(calls("x.py", named)[0].config.as_deref(), Some("a.ini"));
}
