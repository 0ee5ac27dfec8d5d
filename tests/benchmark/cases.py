"""The cases, but for those that grow: what each takes, and its targets."""

import dataclasses
import pathlib
import shutil

import application
import machine
import peers
import trees
from measure import Command, memory, system_calls
from results import CHECK, Case, Outcome, absent, difference, median, outcome, ratio

SYNC = "sync"


@dataclasses.dataclass
class Context:
    program: pathlib.Path
    rounds: int
    quick: bool
    environment: pathlib.Path
    limit: pathlib.Path
    # For what is written in a measurement.
    memory: pathlib.Path

    def tree(self, name):
        return machine.WORK / "trees" / name

    def command(self, project, name, *arguments, **options):
        return Command(name, [self.program, *arguments], directory=project, **options)

    def check(self, project, name=CHECK, **options):
        return self.command(project, name, "check", "--require-upstream", **options)

    def vendored(self, project):
        """Vendors what is installed, and commits all."""
        packages = machine.site_packages(project / ".venv")
        trees.sync(self.program, project)
        trees.commit(project)
        return packages


def check(context):
    project = trees.base(context.tree("check"))
    trees.with_environment(project)
    packages = context.vendored(project)
    # Alembic writes compiled files beside those that are vendored, so two copies are compared.
    pair = [context.tree(f"check-copy-{at}") for at in (1, 2)]
    for copy in pair:
        shutil.copytree(trees.vendored(project), copy, dirs_exist_ok=True)
    read = trees.files_below(trees.vendored(project)) + trees.of_upstream(packages)
    listed = trees.listed("check", read)
    commands = [
        context.check(project),
        peers.python_copy(context.environment, context.memory / "python-copy"),
        peers.sums(listed),
        peers.git_status(project),
        peers.git_diff(*pair),
        peers.rsync(*pair),
        peers.alembic_heads(project),
        peers.limit(context.limit, listed),
        peers.true(),
    ]

    def targets(result):
        yield ratio(result, CHECK, peers.COPY, 1 / 80)
        yield ratio(result, CHECK, peers.SUMS, 2.0)
        yield ratio(result, CHECK, peers.STATUS, 1.3)
        yield ratio(result, CHECK, peers.LIMIT, 2.5)
        all_read = set(read) | set(trees.of_project(project))
        yield from calls(context.check(project), len(all_read))

    yield Case("check", "`check`, 38 revisions, upstream installed", commands, size=38, targets=targets)


def calls(command, files):
    """How many system calls it makes for so many files that have to be read, and how often it opens them."""
    most = 350 + 3 * files
    what, bound = f"system calls, {files} files to read", f"≤ 350 + 3 × {files} = {most}"
    once = "regular files that are opened more than once"
    found = system_calls(command)
    if not found:
        yield Outcome(what, bound, "—", "strace is not installed")
        return
    number, opened = found
    yield outcome(what, bound, f"{number:,}", number, most)
    again = [times for times in opened.values() if times > 1]
    shown = f"{len(again)} of {len(opened)}" + (f", at most {max(again)} times" if again else "")
    yield Outcome(once, "0", shown, "**missed**" if again else "met")


def realistic(context):
    project = application.realistic(context.tree("realistic"), machine.newest_release())
    trees.with_environment(project)
    packages = context.vendored(project)
    listed = trees.listed("realistic", trees.of_project(project) + trees.of_upstream(packages))
    commands = [
        context.check(project),
        peers.sums(listed),
        peers.git_status(project),
        peers.alembic_heads(project),
        peers.limit(context.limit, listed),
    ]

    def targets(result):
        yield ratio(result, CHECK, peers.STATUS, 1.0)
        yield ratio(result, CHECK, peers.HEADS, 1 / 35)

    title = "`check` in an application: 38 + 150 own revisions, 402 Python files, a `uv.lock` of 1.2 MB"
    yield Case("realistic", title, commands, targets=targets)


def no_op_sync(context):
    for number in (38, 380) if context.quick else (38, 38_000):
        title = f"`sync` that changes nothing, {number:,} revisions"
        project = trees.base(context.tree(f"no-op-sync-{number}"))
        trees.with_environment(project) if number == 38 else trees.with_synthetic(project, number)

        def targets(result):
            yield ratio(result, SYNC, CHECK, 1.0)

        try:
            context.vendored(project)
        except trees.Refused as refused:
            yield Case("no-op-sync", title, targets=targets, size=number, refused=f"refused: {refused}")
            continue
        commands = [context.command(project, SYNC, "sync"), context.check(project)]
        yield Case("no-op-sync", title, commands, size=number, targets=targets)


def removed(directory):
    return lambda: shutil.rmtree(directory, ignore_errors=True)


def first_sync(context):
    for number in (38, 380) if context.quick else (38, 38_000):
        title = f"first `sync`, {number:,} revisions, in memory"
        project = trees.base(context.memory / f"first-sync-{number}")
        packages = trees.with_environment(project) if number == 38 else trees.with_synthetic(project, number)
        source = None if number == 38 else packages / "procrastinate/sql/migrations"
        vendored, finished, copied = trees.vendored(project), context.memory / "finished", context.memory / "copied"

        def targets(result, last=number != 38):
            if not last:
                yield ratio(result, SYNC, peers.COPY, 1 / 30)
            yield ratio(result, SYNC, peers.CP, 5.0, "wall")
            cpu, wall = median(result, SYNC), median(result, SYNC, "wall")
            if last and wall:
                is_met = "met" if cpu >= 1.2 * wall else "**missed**"
                yield Outcome("cores used: CPU : wall time of sync", "≥ 1.2", f"{cpu / wall:.2f}", is_met)
            elif last:
                yield absent("cores used: CPU : wall time of sync", "≥ 1.2", result.of(SYNC))

        trees.commit(project)
        try:
            trees.sync(context.program, project)
        except trees.Refused as refused:
            yield Case("first-sync", title, targets=targets, size=number, refused=f"refused: {refused}")
            continue
        shutil.copytree(vendored, finished)
        sync = context.command(project, SYNC, "sync", before=removed(vendored))
        copy = peers.python_copy(context.environment, copied, source, before=removed(copied))
        commands = [sync, copy, peers.cp(finished, copied, before=removed(copied))]
        yield Case("first-sync", title, commands, size=number, targets=targets)
        for directory in (project, finished, copied):
            removed(directory)()


def start(context):
    project = trees.fresh(context.tree("start"))
    name = "--version"
    commands = [context.command(project, name, "--version"), peers.true()]

    def targets(result):
        yield difference(result, name, peers.TRUE, 0.0006)
        yield difference(result, name, peers.TRUE, 0.0006, "wall")

    yield Case("start", "`--version`", commands, targets=targets)


def recursive(context):
    number = 20 if context.quick else 1_000
    top = trees.fresh(context.tree("recursive"))
    first = trees.base(top / "services/service-0000")
    packages = trees.with_environment(top)
    (top / ".git").mkdir()
    trees.sync(context.program, first)
    (top / ".git").rmdir()
    trees.write(top / ".gitignore", ".venv/\n__pycache__/\n")
    for at in range(1, number):
        shutil.copytree(first, first.with_name(f"service-{at:04d}"))
    trees.commit(top)
    read = [path for path in trees.files_below(top / "services") if "versions_procrastinate" in path.parts]
    listed = trees.listed("recursive", read + trees.of_upstream(packages))
    name = "check --recursive"
    commands = [
        context.command(top, name, "check", "--recursive", top),
        peers.sums(listed),
        peers.git_status(top),
        peers.limit(context.limit, listed),
    ]

    def targets(result):
        yield ratio(result, name, peers.SUMS, 1.0, "wall")
        yield ratio(result, name, peers.SUMS, 1.5)

    def notes(result):
        if not result.of(name).absent:
            yield f"Most memory of `{name}`: {memory(commands[0]) / 1e6:.1f} MB."

    title = f"`check --recursive`: {number:,} projects with 38 revisions each and one environment"
    yield Case("recursive", title, commands, size=number, targets=targets, notes=notes)
