"""The report, as Markdown and as CSV."""

import operator

import peers
from measure import in_pairs, quartiles
from results import number, seconds, spread


def row(cells):
    return "| " + " | ".join(cells) + " |"


def table(head, rows):
    """The first column is text, the others are not wrapped."""
    return [row(head), "|" + "---|" * len(head), *map(row, rows), ""]


def facts(known):
    return table(["", ""], [[name, value] for name, value in known.items()])


def targets(results, more):
    """All targets in one table, or those of a case with many in its own."""
    rows = []
    for result in results:
        if result.case.base:
            rows.append(summed(result))
        else:
            rows += [[result.case.title, one.what, one.bound, one.measured, one.verdict] for one in result.outcomes]
    rows += [[title, one.what, one.bound, one.measured, one.verdict] for title, one in more]
    return table(["case", "what", "target", "median (quartiles)", ""], rows)


def summed(result):
    """One row for all files of a case: how many meet the target, and which comes off worst."""
    met = [one for one in result.outcomes if one.verdict == "met"]
    shown = f"{len(met)} of {len(result.outcomes)} files"
    base = result.of(result.case.base)
    more = {name: in_pairs(one, base, "cpu", operator.sub) for name, one in result.measured.items() if name != result.case.base}
    known = [(values[1], name) for name, values in more.items() if values]
    stopped = len(more) - len(known)
    if known:
        shown += f"; the most: {seconds(max(known)[0])} ({max(known)[1]})"
    if stopped:
        shown += f"; {stopped} without an end in sight"
    bound = result.outcomes[0].bound
    verdict = "met" if len(met) == len(result.outcomes) else f"**missed** for {len(result.outcomes) - len(met)}"
    return [result.case.title, "CPU, with − without the file", bound, shown, verdict]


def case(result):
    yield f"#### {result.case.title[0].upper()}{result.case.title[1:]}"
    yield ""
    if result.case.refused:
        yield from [result.case.refused[0].upper() + result.case.refused[1:] + ".", ""]
        return
    yield from (differences if result.case.base or result.case.key == "start" else ratios)(result)
    for note in result.notes:
        yield from [note, ""]


def times(measured):
    """The cells with what was measured of a command."""
    cpu, wall = (spread(quartiles(measured.values(what)), seconds) for what in ("cpu", "wall"))
    return [cpu, wall, str(len(measured.samples))]


def ratios(result):
    names = [command.name for command in result.case.commands]
    rows = []
    for name in names:
        measured = result.of(name)
        if measured.absent:
            rows.append([f"`{name}`", measured.absent, "", "", "", ""])
            continue
        compared = []
        for what in ("cpu", "wall"):
            values = in_pairs(result.of(names[0]), measured, what, operator.truediv)
            compared.append(spread(values, number) if values and name != names[0] else "")
        rows.append([f"`{name}`", *times(measured), *compared])
    yield from table(["command", "CPU", "wall time", "rounds", f"`{names[0]}` to it: CPU", "wall time"], rows)


def differences(result):
    base = result.case.base or result.case.commands[-1].name
    verdicts = {one.what.removeprefix("CPU, ").removesuffix(f" − {base}"): one.verdict for one in result.outcomes}
    rows = []
    for command in result.case.commands:
        measured = result.of(command.name)
        if measured.absent:
            rows.append([command.name, measured.absent, "", "", "", verdicts.get(command.name, "")])
            continue
        values = in_pairs(measured, result.of(base), "cpu", operator.sub)
        more = spread(values, seconds) if values and command.name != base else ""
        rows.append([command.name, *times(measured), more, verdicts.get(command.name, "")])
    yield from table(["", "CPU", "wall time", "rounds", f"CPU more than `{base}`", "target"], rows)


def meanings(results):
    used = {name for result in results for name in result.measured}
    return table(["compared with", "what it is"], [[f"`{name}`", text] for name, text in peers.MEANS.items() if name in used])


def report(known, results, more, plots=()):
    """All lines. `more` are the outcomes of several cases together, `plots` the pictures' names and titles."""
    lines = [*facts(known), "### Targets", "", *targets(results, more)]
    for name, title in plots:
        lines += [f"![{title}](performance/{name})", ""]
    lines += ["### Every measurement", "", *meanings(results)]
    for result in results:
        lines += case(result)
    return "\n".join(lines).rstrip() + "\n"


def csv(results):
    """One line for what was measured of each command, in microseconds."""
    lines = ["case,size,command,time,rounds,least,lower quartile,median,upper quartile,most"]
    for result in results:
        for name, measured in result.measured.items():
            for what in ("cpu", "wall"):
                values = measured.values(what)
                if values:
                    five = [min(values), *quartiles(values), max(values)]
                    numbers = ",".join(f"{value * 1e6:.0f}" for value in five)
                    quoted = f'"{name}"' if "," in name else name
                    lines.append(f"{result.case.key},{result.case.size},{quoted},{what},{len(values)},{numbers}")
    return "\n".join(lines) + "\n"
