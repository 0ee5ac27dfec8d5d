"""Runs commands in turn, round by round, and keeps what each took."""

import dataclasses
import math
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence

# What one command may take in one case, all rounds together, unless that were fewer than FEWEST.
SECONDS = 30
FEWEST = 5


def nothing():
    pass


@dataclasses.dataclass
class Command:
    """A command of the program or of a peer. `before` and `after` are not measured."""

    name: str
    arguments: Sequence
    directory: pathlib.Path = pathlib.Path("/")
    variables: Mapping = dataclasses.field(default_factory=dict)
    before: Callable = nothing
    after: Callable = nothing
    accepted: Sequence = (0,)
    # Why it cannot run at all.
    missing: str = ""
    # A command that takes longer, in seconds, is stopped, and measured no further.
    longest: int = 120


@dataclasses.dataclass
class Sample:
    # User and system, of all processes, in seconds.
    cpu: float
    wall: float


@dataclasses.dataclass
class Measured:
    """What a command took. `samples` are told apart by their rounds."""

    name: str
    samples: dict = dataclasses.field(default_factory=dict)
    # Why there are none.
    absent: str = ""

    def values(self, what):
        return [getattr(sample, what) for sample in self.samples.values()]


def quartiles(values):
    """The lower quartile, the median and the upper quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    return tuple(statistics.quantiles(values, n=4, method="inclusive"))


def in_pairs(one, other, what, join):
    """The quartiles of `join` of both commands' values in the same round; none without rounds that both took part in."""
    both = one.samples.keys() & other.samples.keys()
    values = [join(getattr(one.samples[at], what), getattr(other.samples[at], what)) for at in sorted(both)]
    return quartiles(values) if values else None


def variables(own=()):
    """The same few environment variables for every command: no settings of the user's, no CI."""
    home = pathlib.Path(tempfile.gettempdir())
    kept = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home / "no-home"), "LC_ALL": "C.UTF-8"}
    return {**kept, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **dict(own)}


def run(command, errors=subprocess.DEVNULL, longest=None):
    """A sample, and the exit status: none if it was stopped because it took too long."""
    stopped = threading.Event()
    words = [str(word) for word in command.arguments]
    own = variables(command.variables)
    begin = time.perf_counter()
    process = subprocess.Popen(words, cwd=command.directory, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
    timer = threading.Timer(longest, lambda: (stopped.set(), process.kill())) if longest else None
    if timer:
        timer.start()
    # Its own processes count, too, if it waited for them.
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if timer:
        timer.cancel()
    sample = Sample(usage.ru_utime + usage.ru_stime, wall)
    return sample, None if stopped.is_set() else process.returncode


def tried(command):
    """Runs it once, with everything around it. The time that it took, or why it cannot be measured."""
    if command.missing:
        return None, command.missing
    with tempfile.TemporaryFile() as errors:
        command.before()
        try:
            sample, status = run(command, errors, command.longest)
        except OSError as error:
            return None, str(error)
        finally:
            command.after()
        if status is None:
            return None, f"stopped after {command.longest} s"
        if status not in command.accepted:
            errors.seek(0)
            return None, f"refused: {reason(errors.read().decode(errors='replace')) or f'exit status {status}'}"
    return sample.wall, ""


def reason(text):
    """The first line that says something."""
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()]
    lines = [line for line in lines if line and not line.startswith(("note:", "warning:"))]
    return lines[0][:160] if lines else ""


def order(rounds):
    """The rounds, those first that a command with few of them takes part in: they lie far apart, and all commands share them."""
    bits = max(1, math.ceil(math.log2(max(2, rounds))))
    spread = sorted(range(1 << bits), key=lambda at: int(f"{at:0{bits}b}"[::-1], 2))
    return [at for at in spread if at < rounds]


def measure(commands, rounds):
    """Runs all commands in every round, each time beginning with another one. Slow ones take part in fewer rounds."""
    results = {command.name: Measured(command.name) for command in commands}
    assert len(results) == len(commands), "two commands have one name"
    takes_part = {}
    for command in commands:
        wall, absent = tried(command)
        if not absent and wall < 1:
            # The first run may have read from the disk.
            wall, absent = tried(command)
        results[command.name].absent = absent
        if not absent:
            least = min(FEWEST, rounds)
            number = rounds if wall * rounds <= SECONDS else max(least, int(SECONDS / wall))
            takes_part[command.name] = set(order(rounds)[:number])
    for at in range(rounds):
        first = at % len(commands)
        for command in [*commands[first:], *commands[:first]]:
            if at in takes_part.get(command.name, ()):
                command.before()
                sample, status = run(command)
                command.after()
                if status not in command.accepted:
                    raise SystemExit(f"{command.name}: exit status {status} in round {at}")
                results[command.name].samples[at] = sample
    return results


# Its own Python is small, so that its memory does not hide the program's: the kernel lets a process begin with its parent's maximum.
MEMORY = """
import os, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def memory(command):
    """The most memory that a command has at once, in bytes. About 10 MB is the least that can be told."""
    command.before()
    words = [sys.executable, "-I", "-S", "-c", MEMORY, *map(str, command.arguments)]
    result = subprocess.run(words, cwd=command.directory, env=variables(command.variables), capture_output=True, text=True, check=True)
    command.after()
    return int(result.stdout) * 1024


def system_calls(command):
    """How many system calls a command makes, and how often it opens each regular file; none without strace."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile() as log:
        words = ["strace", "-f", "-y", "-o", log.name, *map(str, command.arguments)]
        command.before()
        own = variables(command.variables)
        subprocess.run(words, check=False, cwd=command.directory, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        command.after()
        lines = pathlib.Path(log.name).read_text(errors="replace").splitlines()
    # A call that was interrupted has two lines; signals and exits have `---` and `+++`.
    calls = [line for line in lines if re.match(r"\d+ +\w+\(", line)]
    opened = {}
    for line in lines:
        found = re.search(r"open(?:at2?)?\b.* = \d+<(/[^>]+)>$", line)
        if found and os.path.isfile(found[1]) and not found[1].startswith(("/proc/", "/sys/", "/dev/")):
            opened[found[1]] = opened.get(found[1], 0) + 1
    return len(calls), opened
