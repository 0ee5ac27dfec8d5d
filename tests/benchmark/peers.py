"""The commands that the program is compared with."""

import pathlib
import shutil

from measure import Command

# Names in the report.
COPY = "Python copy"
SUMS = "sha256sum -c"
STATUS = "git status"
DIFF = "git diff --no-index"
RSYNC = "rsync -rnc"
CP = "cp -r && sync -f"
HEADS = "alembic heads"
LIMIT = "limit"
TRUE = "true"

MEANS = {
    COPY: "a Python program that imports Procrastinate, asks it where its migrations are, and copies them (`shutil.copytree`)",
    SUMS: "`sha256sum --check --quiet` of the files that `check` has to read: those that are vendored, and those of the package; in a project with code, that as well",
    STATUS: "`git status` in the project, everything committed",
    DIFF: "`git diff --no-index --stat` of two equal copies of the vendored directory",
    RSYNC: "`rsync -rnc` of the same two: it compares by checksums and copies nothing",
    CP: "`cp -r` of the finished vendored directory, and `sync -f`",
    HEADS: "`python -m alembic heads` in the project's environment, with compiled files from an earlier run",
    LIMIT: "a program that opens, reads and hashes the same files as `sha256sum`, one after the other, and does nothing else "
    "(`tests/benchmark/limit.rs`)",
    TRUE: "`true`: what it costs to start a process",
}


def tool(name, program, *arguments, **options):
    missing = "" if shutil.which(program) else f"{program} is not installed"
    return Command(name, [program, *arguments], missing=missing, **options)


def python_copy(environment, target, source=None, **options):
    script = pathlib.Path(__file__).with_name("guide_copy.py")
    words = [environment / "bin/python", script, target]
    return Command(COPY, words + ([source] if source else []), **options)


def sums(listed):
    """`listed` is a file that `trees.listed` wrote."""
    return tool(SUMS, "sha256sum", "--check", "--quiet", listed)


def limit(program, listed):
    return Command(LIMIT, [program, listed])


def git_status(project):
    return tool(STATUS, "git", "status", directory=project)


def git_diff(one, other):
    return tool(DIFF, "git", "diff", "--no-index", "--stat", one, other)


def rsync(one, other):
    return tool(RSYNC, "rsync", "-rnc", f"{one}/", f"{other}/")


def cp(source, target, **options):
    script = 'cp -r "$1" "$2" && sync -f "$2"'
    return Command(CP, ["sh", "-c", script, "sh", source, target], **options)


def alembic_heads(project):
    return Command(HEADS, [project / ".venv/bin/python", "-m", "alembic", "heads"], directory=project)


def true():
    return tool(TRUE, "true")
