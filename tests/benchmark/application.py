"""A project as it is met: an application's code, its lock file, and what runs in CI. All of it is made up."""

import hashlib
import random
import re

from trees import base, chain, write

NOUNS = re.findall(
    r"\w+",
    "account address basket batch budget catalog contract customer delivery discount invoice ledger message offer order "
    "parcel payment permission plan price product profile receipt refund report review session shipment stock tenant",
)
VERBS = re.findall(
    r"\w+",
    "accept approve archive assign build cancel check collect create deliver export fetch import load merge notify "
    "parse publish read refresh reject release render resolve restore send split store sync update validate",
)
PACKAGES = 18
MODULES = 22

HEAD = '''"""Handles {nouns} of the {package} package."""

from __future__ import annotations

import dataclasses
import datetime
import logging
from collections.abc import Iterable, Sequence

from app.core.database import Session, transaction
from app.core.errors import Conflict, NotFound
from app.{package}.schema import {name}Schema

logger = logging.getLogger(__name__)

LIMIT = {limit}


@dataclasses.dataclass(frozen=True)
class {name}:
    """One {noun}, as it is stored."""

    id: int
    name: str
    created_at: datetime.datetime
    amount: int = 0
    tags: tuple[str, ...] = ()

    def is_open(self) -> bool:
        return self.amount > 0 and "closed" not in self.tags
'''

FUNCTION = '''

def {verb}_{noun}(session: Session, {noun}_id: int, *, limit: int = LIMIT) -> {name}:
    """{title} a {noun}, and says so in the log."""
    with transaction(session) as connection:
        row = connection.fetch_one("SELECT * FROM {noun} WHERE id = %s", ({noun}_id,))
        if row is None:
            raise NotFound(f"no {noun} {{{noun}_id}}")
        if row["amount"] > limit:
            raise Conflict("{noun}", {noun}_id, reason="the limit of " + str(limit))
        found = {name}(id=row["id"], name=row["name"].strip(), created_at=row["created_at"], amount=row["amount"])
    logger.info("{verb} %s of %s", found.id, {{"limit": limit, "open": found.is_open()}})
    return found
'''

TASK = """

@app.task(queue="{package}", retry=3, pass_context=True)
async def {verb}_{noun}_later(context, {noun}_ids: Sequence[int]) -> list[int]:
    done = [{noun}_id for {noun}_id in {noun}_ids if {noun}_id % 2 == {limit} % 2]
    logger.info("%s of %s", len(done), context.job.id)
    return done
"""

WORKER = '''"""The job queue."""

import procrastinate

from app.core.settings import settings

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(kwargs={"conninfo": settings.database_url}),
    import_paths=["app.tasks"],
)
'''

CONFTEST = '''"""A database for the tests."""

import pytest
from alembic import command
from alembic.config import Config


@pytest.fixture(scope="session")
def database(url):
    config = Config("alembic.ini")
    config.set_main_option("sqlalchemy.url", url)
    command.upgrade(config, "heads")
    yield url
'''

OTHERS = {
    "README.md": "# Shop\n\nRun `alembic upgrade heads` first.\n",
    "Dockerfile": "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install uv && uv sync --frozen\nCMD [\"./start.sh\"]\n",
    "start.sh": "#!/bin/sh\nset -eu\nalembic upgrade heads\nexec uvicorn app.main:app --host 0.0.0.0\n",
    "Makefile": "test:\n\tpytest -q\nmigrate:\n\talembic upgrade heads\nlint:\n\truff check .\n",
    "docker-compose.yml": "services:\n  db:\n    image: postgres:18\n  app:\n    build: .\n    depends_on: [db]\n    command: ./start.sh\n",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1.0.0"\nrequires-python = ">=3.10"\ndependencies = ["alembic", "procrastinate"]\n'
    "\n[tool.ruff]\nline-length = 120\nextend-exclude = [\"alembic/versions_procrastinate\"]\n",
    ".pre-commit-config.yaml": "repos:\n  - repo: https://example.org/ruff-pre-commit\n    rev: v0.17.6\n    hooks:\n      - id: ruff-check\n"
    "      - id: ruff-format\n  - repo: local\n    hooks:\n      - id: vendor-migrations-check\n        name: vendor-migrations check\n"
    "        entry: vendor-migrations check\n        language: system\n        pass_filenames: false\n",
    ".github/workflows/ci.yml": "name: CI\non: [push, pull_request]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    services:\n"
    "      postgres:\n        image: postgres:18\n        ports: [5432:5432]\n    steps:\n      - uses: actions/checkout@v6\n      - run: uv sync --frozen\n"
    "      - run: vendor-migrations check --require-upstream\n      - run: uv run alembic upgrade heads\n      - run: uv run pytest -q\n",
}  # fmt: skip


def module(chance, package, queue):
    noun = chance.choice(NOUNS)
    known = {"package": package, "noun": noun, "nouns": noun + "s", "name": noun.title(), "limit": chance.randrange(10, 9_000)}
    text = HEAD.format(**known)
    if queue:
        text = text.replace("\nlogger =", "\nfrom app.worker import app\n\nlogger =", 1)
    for verb in chance.sample(VERBS, chance.randrange(3, 9)):
        text += FUNCTION.format(verb=verb, title=verb.title(), **known)
        if queue:
            text += TASK.format(verb=verb, **known)
    return text


def code(project):
    """402 Python files: 18 packages of 22 modules, their tests, and what holds them together."""
    chance = random.Random(1)
    packages = [f"{noun}s" for noun in NOUNS[:PACKAGES]]
    for number, package in enumerate(packages):
        for at in range(MODULES):
            name = "schema" if at == 0 else f"{chance.choice(VERBS)}_{at}"
            write(project / "app" / package / f"{name}.py", module(chance, package, at % 7 == 3))
        if number < 3:
            write(project / "tests" / f"test_{package}.py", module(chance, package, False))
    write(project / "app/worker.py", WORKER)
    write(project / "tests/conftest.py", CONFTEST)
    write(project / "app/main.py", module(chance, packages[0], False))


def others(project):
    for name, text in OTHERS.items():
        write(project / name, text)


def digest(*parts):
    return "sha256:" + hashlib.sha256("-".join(map(str, parts)).encode()).hexdigest()


def uv_lock(version, size):
    """A `uv.lock` of about so many bytes, with Procrastinate at a version."""
    parts = ['version = 1\nrevision = 3\nrequires-python = ">=3.10"\n', uv_package("procrastinate", version, 0)]
    length = sum(map(len, parts))
    number = 0
    while length < size:
        number += 1
        parts.append(uv_package(f"package-{number:05d}", f"{number % 9}.{number % 17}.{number % 5}", number % 24))
        length += len(parts[-1])
    # Without the last one it is not longer than asked for.
    return "".join(parts[:-1])


def uv_package(name, version, wheels):
    file = f"https://index.example/packages/{digest(name)[7:11]}/{name.replace('-', '_')}-{version}"
    time = 'upload-time = "2026-01-09T08:12:44.104Z"'
    text = f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "https://index.example/simple" }}\n'
    if wheels:
        text += f'dependencies = [\n    {{ name = "package-{wheels:05d}" }},\n    {{ name = "typing-extensions", marker = "python_full_version < \'3.11\'" }},\n]\n'
    text += f'sdist = {{ url = "{file}.tar.gz", hash = "{digest(name, version)}", size = {len(name) * 1000}, {time} }}\nwheels = [\n'
    for at in range(wheels or 1):
        tag = f"cp3{10 + at % 5}-cp3{10 + at % 5}-manylinux_2_17_x86_64" if wheels else "py3-none-any"
        text += f'    {{ url = "{file}-{tag}.whl", hash = "{digest(name, version, at)}", size = {at + 1}0123, {time} }},\n'
    return text + "]\n"


def realistic(project, version):
    """The whole project, before anything is vendored."""
    base(project, chain(150))
    code(project)
    others(project)
    write(project / "uv.lock", uv_lock(version, 1_200_000))
    return project
