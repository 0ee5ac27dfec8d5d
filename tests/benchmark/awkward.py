"""Files of up to 1 MiB that are hard to search for `alembic upgrade`: (what it is, its path in the project, its text).

Each is made to be read to its end: it has the words by which a file is chosen. `MANY` is as many bytes as one of them has, at most.
"""

from collections.abc import Iterator

MANY = 1_000_000
SIGNS = "alembic upgrade head, Config( attributes, procrastinate schema, Connector search_path\n"
PYTHON = "# " + SIGNS


def filled(part, size=MANY, before="", after=""):
    """`part` as often as it fits; a function is given the number of each."""
    texts = [before]
    length = len(before) + len(after)
    number = 0
    while True:
        text = part(number) if callable(part) else part
        length += len(text)
        if length > size:
            return "".join(texts) + after
        texts.append(text)
        number += 1


def tables(number):
    """A revision as `alembic revision --autogenerate` writes it for so many tables."""
    creates = []
    for at in range(number):
        columns = "".join(
            f"    sa.Column('{name}_{at}', sa.String(length={20 + at % 200}), server_default=sa.text(\"''\"), nullable={at % 2 == 0}),\n"
            for name in ("name", "street", "city", "country", "state", "comment", "reference", "created_by")
        )
        creates.append(
            f"    op.create_table('table_{at:04d}',\n    sa.Column('id', sa.Integer(), nullable=False),\n{columns}"
            f"    sa.ForeignKeyConstraint(['owner_id'], ['table_{max(0, at - 1):04d}.id'], name=op.f('fk_{at}')),\n"
            f"    sa.PrimaryKeyConstraint('id')\n    )\n    op.create_index(op.f('ix_table_{at:04d}_name'), 'table_{at:04d}', ['name'], unique=False)\n"
        )
    head = '"""all tables\n\nRevision ID: aaaaaaaaaaaa\nRevises:\n"""\nfrom alembic import op\nimport sqlalchemy as sa\n\n'
    head += "revision = 'aaaaaaaaaaaa'\ndown_revision = None\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n"
    drops = "".join(f"    op.drop_table('table_{at:04d}')\n" for at in range(number))
    return head + "".join(creates) + "\n\ndef downgrade():\n" + drops


def plain_python():
    """Python that calls nothing of Alembic's."""
    yield "short calls, in one line", "app/a.py", filled("f(a);", before=PYTHON, size=910_000, after="\n")
    yield "short calls, one a line", "app/a.py", filled("f(a)\n", before=PYTHON, size=910_000)
    yield "calls in calls, 90 deep", "app/a.py", filled("f(" * 90 + ")" * 90 + "\n", before=PYTHON)
    yield "brackets, 190 deep", "app/a.py", filled("[" * 190 + "]" * 190 + "\n", before=PYTHON)
    yield "brackets that are never closed", "app/a.py", filled("[", before=PYTHON)
    yield "f-strings", "app/a.py", filled('f"{a!r:>{w}} {f(b)} {c}"\n', before=PYTHON)
    yield "one string", "app/a.py", filled("alembic upgrade head ", before=PYTHON + 'run("', after='")\n')
    yield "one sum of strings", "app/a.py", filled("'a' ", before=PYTHON + "run(", after=")\n")
    yield "one dictionary", "app/a.py", filled(lambda at: f"'k{at}': v({at}),", before=PYTHON + "x = {", after="}\n")
    yield "imports", "app/a.py", filled(lambda at: f"from alembic import command as c{at}\n", before=PYTHON)
    yield (
        "one name, imported over and over",
        "app/a.py",
        filled("from alembic import command\n", before=PYTHON, after="command.upgrade(c, 'head')\n"),
    )
    yield "functions", "app/a.py", filled(lambda at: f"def f{at}(a=b): return a\n", before=PYTHON)
    yield "attributes, 900 deep", "app/a.py", filled("import a\n" + "a" + ".b" * 900 + "()\n", before=PYTHON)
    yield "continued lines", "app/a.py", filled("f(a) + \\\n", before=PYTHON + "x = ", after="1\n")
    yield "line ends of CR alone", "app/a.py", filled("f(a)\r", before="# " + SIGNS.strip() + "\r")
    yield "blanks", "app/a.py", filled(" \n", before=PYTHON)
    yield "comments", "app/a.py", filled(PYTHON)
    yield "branches", "app/a.py", filled("elif f(a): g(b)\n", before=PYTHON + "if a: b\n")


def alembic_in_python():
    """Python that runs Alembic or Procrastinate, over and over."""
    run = "import subprocess\n"
    yield "subprocess.run(list)", "app/a.py", filled('subprocess.run(["alembic", "upgrade", "head"])\n', before=run)
    yield "subprocess.run(text)", "app/a.py", filled('subprocess.run("alembic upgrade head")\n', before=run)
    yield "run() of one long list", "app/a.py", filled("run(L)\n", before=PYTHON + "L = [" + "'alembic'," * 40_000 + "]\n")
    use = "from alembic import command\nfrom alembic.config import Config\n"
    yield "command.upgrade", "app/a.py", filled('command.upgrade(c, "head")\n', before=use)
    yield "command.upgrade with a default", "app/a.py", filled(lambda at: f'def f{at}(r="head"): command.upgrade(c, r)\n', before=use)
    yield "command.upgrade in one function", "app/a.py", filled("    command.upgrade(c, r)\n", before=use + 'def f(r="head"):\n')
    some = "".join(f"c{at} = Config('x.ini')\n" for at in range(99)) + "import other\n"
    yield "99 configurations, many calls", "app/a.py", filled("other.f(c1)\n", before=use + some)
    yield "99 configurations, many settings", "app/a.py", filled("c1.set_main_option(a, b)\n", before=use + some)
    bound = filled("c = 1\n", before=use + "c = Config()\nd = Config()\n", size=400_000)
    yield "a configuration bound over and over", "app/a.py", filled("c.set_main_option(a, b)\n", before=bound)
    reach = filled(lambda at: f"n{at} = n{at + 1} + x\n", before=use, size=990_000)
    yield "configurations made of many names", "app/a.py", reach + "Config(n0)\n" * 90
    yield "configurations", "app/a.py", filled("Config(a)\n", before=use)
    shared = 'with e.begin() as c: g.attributes["connection"] = c; command.upgrade(g, "heads")\n'
    yield "shared connections", "app/a.py", filled(shared, before=use)
    yield "apply_schema", "app/a.py", filled("self.schema_manager.apply_schema()\n", before=PYTHON.replace("procrastinate", ""))
    connect = "from procrastinate import PsycopgConnector as P\nK = {'options': [" + "1," * 250_000 + "]}\n"
    yield "connectors of one dictionary", "app/a.py", filled("P(K)\n", before=PYTHON + connect)
    yield (
        "calls in functions that call each other",
        "app/a.py",
        filled(
            lambda at: f"def f{at}(c):\n    f{at + 1}(c)\n    f{at + 2}(c)\n    context.run_migrations()\n",
            before=use + "from alembic import context\n" + PYTHON,
        ),
    )


def scripts():
    """Scripts, build files and containers."""
    command = "alembic upgrade head\n"
    yield "shell: the command", "a.sh", filled(command)
    yield "shell: the command, in one line", "a.sh", filled("alembic upgrade head;")
    yield "shell: the command, quoted in quotes", "a.sh", filled("bash -c \"sh -c 'alembic upgrade head'\"\n")
    yield "shell: short commands, in one line", "a.sh", filled("a;", before="# " + SIGNS)
    yield "shell: one command of 500,000 words", "a.sh", filled("a ", before="# " + SIGNS, after="; b\n")
    yield "shell: words that may be the program", "a.sh", filled("-mprocrastinate " * 990 + "\n", before="# " + SIGNS)
    yield "shell: options", "a.sh", filled("-alembic " * 990 + "; a\n", before="# " + SIGNS)
    yield "shell: one line with quotes", "a.sh", filled("\"a 'b\" 'upgrade\"' ", before="# " + SIGNS)
    yield "shell: escaped quotes", "a.sh", filled('\\"a b" ', before="# " + SIGNS)
    yield "shell: open parentheses", "a.sh", filled("(", before="# " + SIGNS)
    yield "shell: a long cd, then short lines", "a.sh", filled("a\n", before="# " + SIGNS + "cd " + "d/" * 2_000 + "\n")
    yield "shell: a long cd, then quoted texts", "a.sh", filled('"a b" ', before="# " + SIGNS + "cd " + "d/" * 2_000 + ";")
    yield "shell: continued lines", "a.sh", filled("alembic \\\n", before="# " + SIGNS)
    yield "shell: here-documents", "a.sh", filled("cat <<E\nalembic upgrade head\nE\n", before="# " + SIGNS)
    yield "shell: line ends of CR alone", "a.sh", filled("alembic upgrade head\r")
    yield "Makefile", "Makefile", filled("t:\n\talembic upgrade head\n")
    yield "Dockerfile: RUN", "Dockerfile", filled("RUN alembic upgrade head\n")
    yield "Dockerfile: COPY of many paths", "Dockerfile", filled("a ", before="COPY ", after="/app\n")
    yield "Dockerfile: many COPY", "Dockerfile", filled("COPY a /b\n")
    yield "Groovy", "Jenkinsfile", filled("sh('alembic upgrade head') // \"'\n")


def data():
    """YAML, TOML and JSON."""
    quoted = "'it''s' \"an \\\"upgrade\\\"\" "
    yield "YAML: one line with quotes", "a.yml", filled(quoted, before="# " + SIGNS + "a: ", after="\n")
    yield (
        "YAML: steps",
        ".github/workflows/a.yml",
        filled("      - run: |\n          alembic upgrade head\n", before="on: push\njobs:\n  a:\n    steps:\n"),
    )
    steps = "a:\n" + "  - run: alembic upgrade head\n" * 499
    yield "YAML: 499 commands in one mapping", "a.yml", filled("  b: c\n", before=steps)
    keys = "a:\n" + "".join(f"  k{at}: alembic upgrade head\n" for at in range(499))
    yield "YAML: 499 keys in one mapping", "a.yml", filled("  b: c\n", before=keys)
    yield "YAML: open lists", "a.yml", filled("a: [" + ("x" * 9_000 + ",\n") * 99 + "\n", before="# " + SIGNS)
    yield "YAML: a long list of arguments", "a.yml", filled("args: a\n", before="# " + SIGNS + "command:\n" + "- a\n" * 100_000)
    yield "YAML: folded lines", "a.yml", filled("  alembic upgrade\n", before="a: >\n")
    yield "YAML: deeper and deeper", "a.yml", filled(lambda at: " " * (at % 1_400) + "- a:\n", before="# " + SIGNS)
    yield "TOML: arguments", "fly.toml", filled('args = "a"\n', before="# " + SIGNS + 'command = "alembic"\n')
    yield "TOML: open arrays", "fly.toml", filled("a = [" + ("'x'," * 2_000 + "\n") * 99 + "\n", before="# " + SIGNS)
    yield "JSON: one object in one line", "tasks.json", filled('"a":1,', before='{"' + SIGNS.strip() + '":1,', after='"b":1}\n')
    yield "JSON: commands", "tasks.json", filled('{"command": "alembic upgrade head"},\n', before="[\n", after="{}]\n")
    yield "Terraform", "a.tf", filled('command = ["alembic", "upgrade", "head"]\n')


def files() -> Iterator[tuple[str, str, str]]:
    yield "revision with 800 tables", "alembic/versions/aaaaaaaaaaaa_all_tables.py", tables(800)
    for of_kind in (plain_python, alembic_in_python, scripts, data):
        yield from of_kind()
