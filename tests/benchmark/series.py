"""The cases that grow: own revisions, vendored ones; and one more file in a project."""

import os

import awkward
import locks
import machine
import peers
import trees
from measure import memory
from results import CHECK, WITHOUT, Case, absent, difference, outcome, ratio


def own_revisions(context):
    sizes = (20, 60, 200) if context.quick else (100, 1_000, 10_000)
    variants = [("own-revisions", size, "", trees.chain(size)) for size in sizes]
    variants.append(("own-branches", sizes[1], ", with branches and merges", trees.branched(sizes[1])))
    for key, size, how, before in variants:
        project = trees.base(context.tree(f"{key}-{size}"), before)
        trees.with_environment(project)
        packages = context.vendored(project)
        listed = trees.listed(f"{key}-{size}", trees.of_project(project) + trees.of_upstream(packages))
        limit = {sizes[1]: 1 / 25, sizes[2]: 1 / 20}.get(size)

        def targets(result, limit=limit):
            if limit:
                yield ratio(result, CHECK, peers.HEADS, limit)

        commands = [
            context.check(project),
            peers.alembic_heads(project),
            peers.sums(listed),
            peers.git_status(project),
            peers.limit(context.limit, listed),
        ]
        yield Case(key, f"`check`, {size:,} own revisions{how}", commands, size=size, targets=targets)


def vendored(context):
    sizes = (38, 100, 380) if context.quick else (38, 380, 3_800, 38_000)
    for size in sizes:
        project = trees.base(context.tree(f"vendored-{size}"))
        packages = trees.with_synthetic(project, size)
        is_last = size == sizes[-1]

        def targets(result, size=size, is_last=is_last):
            if not is_last:
                return
            yield ratio(result, CHECK, peers.SUMS, 1.5)
            yield ratio(result, CHECK, peers.SUMS, 1.0, "wall")
            most = size * 1_000 + 20_000_000
            what, bound = f"most memory of check, {size:,} files", f"≤ {most / 1e6:.0f} MB"
            if result.of(CHECK).absent:
                yield absent(what, bound, result.of(CHECK))
                return
            used = memory(result.case.commands[0])
            yield outcome(what, bound, f"{used / 1e6:.0f} MB", used, most)

        title = f"`check`, {size:,} vendored revisions of a made-up release"
        try:
            context.vendored(project)
        except trees.Refused as refused:
            yield Case("vendored", title, size=size, targets=targets, refused=f"refused: {refused}")
            continue
        read = trees.files_below(trees.vendored(project)) + trees.of_upstream(packages)
        listed = trees.listed(f"vendored-{size}", read)
        commands = [
            context.check(project),
            peers.sums(listed),
            peers.git_status(project),
            peers.limit(context.limit, listed),
        ]
        yield Case("vendored", title, commands, size=size, targets=targets)


def more_files(context, key, files, limit, title, accepted):
    """The same project without and with each of the files; their texts lie ready, and are linked into it for a run."""
    project = trees.base(context.tree(key))
    trees.with_environment(project)
    context.vendored(project)
    commands = [context.check(project, WITHOUT)]
    for number, (name, path, text) in enumerate(files):
        ready = context.tree(f"{key}-files") / str(number)
        trees.write(ready, text)
        place = project / path
        place.parent.mkdir(parents=True, exist_ok=True)
        put, take = (lambda ready=ready, place=place: os.link(ready, place)), (lambda place=place: os.unlink(place))
        commands.append(context.check(project, name, before=put, after=take, accepted=accepted, longest=10))

    def targets(result):
        for command in commands[1:]:
            yield difference(result, command.name, WITHOUT, limit)

    yield Case(key, title, commands, base=WITHOUT, targets=targets)


def search(context):
    trees.fresh(context.tree("search-files"))
    files = list(awkward.files())
    files = files[::8] if context.quick else files
    title = f"one more file of up to 1 MB in the search for calls of Alembic: {len(files)} that are hard to search"
    yield from more_files(context, "search", files, 0.050, title, (0, 1))


def lock_files(context):
    trees.fresh(context.tree("lock-files-files"))
    files = [(name, name, text) for name, text in locks.files(machine.newest_release())]
    yield from more_files(context, "lock-files", files, 0.002, "one more lock file of 1 MB", (0,))
