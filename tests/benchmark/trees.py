"""Writes the projects that are measured. The same arguments give the same bytes."""

import base64
import hashlib
import os
import pathlib
import shutil
import subprocess

import machine
from measure import reason, variables

INI = """[alembic]
script_location = alembic
path_separator = os
version_path_separator = os
version_locations = alembic/versions:alembic/versions_procrastinate
"""

ENV = '''"""The environment of the migrations."""

from alembic import context
from sqlalchemy import create_engine, pool

config = context.config
target_metadata = None


def include_name(name, type_, parent_names):
    return not (name or "").startswith("procrastinate_")


def run_migrations_offline():
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        include_name=include_name,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    engine = create_engine(config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata, include_name=include_name)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
'''

REVISION = '''"""{title}

Revision ID: {id}
Revises: {revises}
Create Date: 2024-03-{day:02d} 10:{minute:02d}:00.000000
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "{id}"
down_revision: str | Sequence[str] | None = {down}
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "{table}",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), server_default="open", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_{table}")),
    )
    op.create_index(op.f("ix_{table}_customer_id"), "{table}", ["customer_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_{table}_customer_id"), table_name="{table}")
    op.drop_table("{table}")
'''

# How long the files of a made-up release are, in turn: as the 38 of Procrastinate 3.10.0 are.
LENGTHS = [
    9469, 8830, 6554, 5753, 3738, 2886, 2813, 2345, 2322, 2081, 2068, 1791, 1742, 1736, 1699, 1566, 1553, 1514, 1361,
    1212, 1188, 1115, 987, 761, 702, 561, 502, 499, 401, 394, 384, 242, 188, 121, 113, 97, 84, 73,
]  # fmt: skip

# Older than the index of git, which else reads each file again.
LONG_AGO = 1_700_000_000


class Refused(Exception):
    """The program did not vendor the release, so that nothing can be measured."""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, newline="")


def fresh(directory):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def identifier(number):
    return hashlib.sha256(str(number).encode()).hexdigest()[:12]


def revision(number, before):
    quoted = [f'"{one}"' for one in before]
    down = {0: "None", 1: "".join(quoted)}.get(len(quoted), "({})".format(", ".join(quoted)))
    return REVISION.format(
        title=f"add table number {number}",
        id=identifier(number),
        revises=", ".join(before),
        day=number % 28 + 1,
        minute=number % 60,
        down=down,
        table=f"orders_{number}",
    )


def chain(number):
    """The revisions before each of so many: those of a chain."""
    return [[identifier(at - 1)] if at else [] for at in range(number)]


def branched(number):
    """The same with a branch of three revisions beside every ten, merged again."""
    before = []
    for at in range(number):
        if at == 0:
            before.append([])
        elif at % 10 == 5:
            before.append([identifier(at - 5)])
        elif at % 10 == 8:
            before.append([identifier(at - 1), identifier(at - 4)])
        else:
            before.append([identifier(at - 1)])
    return before


def own_revisions(project, before):
    for number, revisions in enumerate(before):
        name = f"{identifier(number)}_add_table_number_{number}.py"
        write(project / "alembic/versions" / name, revision(number, revisions))


def base(project, before=None):
    """An Alembic project with one revision of its own, or those that are given."""
    fresh(project)
    write(project / "alembic.ini", INI)
    write(project / "alembic/env.py", ENV)
    write(project / ".gitignore", ".venv/\n__pycache__/\n")
    own_revisions(project, before or chain(1))
    return project


def link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def with_environment(project):
    """Gives the project a `.venv`: all files of the measurements' own, as hard links where the file system allows it."""
    source = machine.python_environment()
    shutil.copytree(source, project / ".venv", symlinks=True, copy_function=link)
    return machine.site_packages(project / ".venv")


def with_synthetic(project, number):
    """The same with a made-up release of Procrastinate, which has so many migrations."""
    packages = with_environment(project)
    synthetic_release(packages, number)
    return packages


def synthetic_release(packages, number):
    for old in packages.glob("procrastinate*"):
        shutil.rmtree(old)
    files = {"procrastinate/__init__.py": b"", "procrastinate/sql/schema.sql": b"CREATE TABLE procrastinate_jobs ();\n"}
    for at in range(number):
        version = f"{at // 9000 + 1:02d}.{at // 90 % 100:02d}.00_{at % 90 + 10:02d}"
        files[f"procrastinate/sql/migrations/{version}_pre_step_{at}.sql"] = migration(at).encode()
    information = "procrastinate-91.0.0.dist-info"
    files[f"{information}/METADATA"] = b"Metadata-Version: 2.1\nName: procrastinate\nVersion: 91.0.0\n"
    rows = []
    for name, content in files.items():
        path = packages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}\n")
    write(packages / information / "RECORD", "".join(rows) + f"{information}/RECORD,,\n")


def migration(number):
    """SQL with functions in it, as a migration of a job queue has them."""
    length = LENGTHS[number % len(LENGTHS)]
    text = f"-- step {number}\nALTER TABLE procrastinate_jobs ADD COLUMN step_{number} text;\n"
    at = 0
    while len(text) < length - 200:
        text += (
            f"\nCREATE FUNCTION step_{number}_{at}(job_id bigint) RETURNS void LANGUAGE plpgsql AS $$\n"
            f"BEGIN\n    UPDATE procrastinate_jobs SET step_{number} = '{at}' WHERE id = job_id;\nEND;\n$$;\n"
        )
        at += 1
    return text if len(text) > length else text + "-- ".ljust(length - len(text) - 1, "x") + "\n"


def sync(program, project):
    words = [str(program), "sync"]
    result = subprocess.run(words, cwd=project, env=variables(), check=False, capture_output=True, text=True)
    if result.returncode != 0:
        raise Refused(f"`sync`: {reason(result.stderr) or result.returncode}")


def commit(project):
    """Makes a git repository of the project, with everything in it committed. Without git, it only looks like one."""
    for directory, names, files in os.walk(project):
        names[:] = [name for name in names if name not in (".venv", ".git")]
        for name in files:
            os.utime(os.path.join(directory, name), (LONG_AGO, LONG_AGO), follow_symlinks=False)
    if not shutil.which("git"):
        (project / ".git").mkdir(exist_ok=True)
        return
    git = ["git", "-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost", "-c", "gc.auto=0"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
        subprocess.run([*git, *words], cwd=project, env=variables(), check=True)


def vendored(project):
    return project / "alembic/versions_procrastinate"


def files_below(directory):
    found = [path for path in directory.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(found)


def of_upstream(packages):
    """What has to be read of an installed Procrastinate."""
    (information,) = packages.glob("procrastinate-*.dist-info")
    return files_below(packages / "procrastinate/sql/migrations") + [information / "METADATA", information / "RECORD"]


def of_project(project):
    """What has to be read of a project: what is vendored, the configuration, and its code."""
    return [path for path in files_below(project) if not {".venv", ".git"} & set(path.parts)]


def listed(name, files):
    """A list of files as `sha256sum` has it."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}\n" for path in files]
    target = machine.WORK / "lists" / pathlib.Path(name).with_suffix(".sha256")
    write(target, "".join(lines))
    return target
