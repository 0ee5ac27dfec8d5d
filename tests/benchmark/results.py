"""What a case is, what came of it, and whether it meets its targets."""

import dataclasses
import operator
from collections.abc import Callable, Sequence

from measure import Command, Measured, in_pairs, measure

# The program's own commands.
CHECK = "check"
WITHOUT = "without"


@dataclasses.dataclass
class Outcome:
    """A target, what was measured, and how far they are apart."""

    what: str
    bound: str
    measured: str
    verdict: str


@dataclasses.dataclass
class Case:
    """Commands that do the same, or what can be compared; the first is the program's."""

    key: str
    title: str
    commands: Sequence[Command] = ()
    # How many revisions, for the curves.
    size: int = 0
    # What the others are compared with by a difference; by default the first is compared with the others by a ratio.
    base: str = ""
    targets: Callable = lambda result: []
    notes: Callable = lambda result: []
    # Why there is nothing to measure.
    refused: str = ""


@dataclasses.dataclass
class Result:
    case: Case
    measured: dict[str, Measured]
    outcomes: list[Outcome] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    def of(self, name):
        return self.measured.get(name) or Measured(name, absent=self.case.refused or "not measured")


def result(case, rounds):
    found = Result(case, {} if case.refused else measure(case.commands, rounds))
    found.outcomes = list(case.targets(found))
    found.notes = [] if case.refused else list(case.notes(found))
    return found


def seconds(value):
    """A time in a unit that needs few digits."""
    size = abs(value)
    if size >= 1:
        return f"{value:.2f} s"
    return f"{value * 1e3:.1f} ms" if size >= 0.1 else f"{value * 1e3:.2f} ms"


def number(value):
    """Three digits that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.5f}"


def spread(values, shown):
    """A median, and the quartiles around it."""
    lower, median, upper = values
    return f"{shown(median)} ({shown(lower)} to {shown(upper)})"


def outcome(what, bound, shown, value, limit):
    if value <= limit:
        return Outcome(what, bound, shown, "met")
    times = f", by {value / limit:.1f} times" if limit > 0 else ""
    return Outcome(what, bound, shown, f"**missed**{times}")


def absent(what, bound, *measured):
    why = next((one.absent for one in measured if one.absent), "not measured")
    # The reason stands below, with the case.
    return Outcome(what, bound, "—", "refused" if why.startswith("refused") else why)


KINDS = {"cpu": "CPU", "wall": "wall time"}


def ratio(result, one, other, limit, what="cpu"):
    """`one` takes at most `limit` times what `other` takes in the same round."""
    first, second = result.of(one), result.of(other)
    factor = f"1/{round(1 / limit)}" if limit < 0.5 else f"{limit:.1f} ×"
    label, bound = f"{KINDS[what]}, {one} : {other}", f"≤ {factor}"
    values = in_pairs(first, second, what, operator.truediv)
    if not values:
        return absent(label, bound, first, second)
    shown = spread(values, number)
    if limit < 0.5:
        shown = spread([1 / value for value in reversed(values)], lambda value: f"1/{number(value)}")
    return outcome(label, bound, shown, values[1], limit)


def difference(result, one, other, limit, what="cpu"):
    """`one` takes at most `limit` seconds more than `other` in the same round."""
    first, second = result.of(one), result.of(other)
    label, bound = f"{KINDS[what]}, {one} − {other}", f"≤ {limit * 1e3:g} ms"
    values = in_pairs(first, second, what, operator.sub)
    if not values:
        return absent(label, bound, first, second)
    return outcome(label, bound, spread(values, seconds), values[1], limit)


def median(result, name, what="cpu"):
    values = sorted(result.of(name).values(what))
    return values[len(values) // 2] if values else None


def growth(results, key, name, limit=0.3):
    """The cost of one more file between the smallest and the largest project, against that up to the middle: how far they are apart."""
    found = [one for one in results if one.case.key == key]
    sizes = sorted(one.case.size for one in found)
    if len(sizes) < 3:
        return
    costs = {one.case.size: median(one, name) for one in found}
    least, middle, most = sizes[0], sizes[-2], sizes[-1]
    what, bound = f"CPU per file, {least:,} to {most:,} : {least:,} to {middle:,}", f"1 ± {limit:g}"
    if None in (costs[least], costs[middle], costs[most]):
        yield absent(what, bound, *(one.of(name) for one in found))
        return
    far, near = (costs[most] - costs[least]) / (most - least), (costs[middle] - costs[least]) / (middle - least)
    shown = f"{far / near:.2f} ({far * 1e6:.1f} µs : {near * 1e6:.1f} µs)"
    verdict = "met" if abs(far / near - 1) <= limit else "**missed**"
    yield Outcome(what, bound, shown, verdict)
    plain = ", ".join(f"{size:,}: {costs[size] / size * 1e6:.1f} µs" for size in sizes)
    yield Outcome("CPU divided by the number of files", "", plain, "")
