"""Starts the program of this very installation, whichever Python runs this and whatever the PATH says."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

NAME = "vendor-migrations"
WINDOWS = sys.platform == "win32"
FILE = f"{NAME}.exe" if WINDOWS else NAME


def main() -> int:
    """Become the program, or wait for it where a process cannot become another one."""
    places = list(dict.fromkeys(_places()))
    program = next((place for place in places if place.is_file()), None)
    if program is None:
        return _fail(
            f"the program `{FILE}` is not there; looked for {', '.join(map(str, places))}",
            f"install it again: `{sys.executable} -m pip install --force-reinstall {NAME}`",
        )
    command = [str(program), *sys.argv[1:]]
    try:
        if not WINDOWS:
            os.execv(command[0], command)
        # Ctrl-C reaches both processes; the program decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return subprocess.call(command)
    except OSError as error:
        return _fail(
            f"{program} cannot be started: {error.strerror}",
            f"install {NAME} for this machine, from a wheel or from source",
        )


def _places() -> Iterator[Path]:
    """Where the installer of this package may have put the program, the likeliest place first."""
    packages = Path(os.path.abspath(__file__)).parent.parent
    # `pip install --target` moves the program here, and leaves a RECORD that says otherwise.
    yield packages / "bin" / FILE
    installed = _distribution(packages)
    recorded = (
        [file for file in installed.files or [] if file.name == FILE]
        if installed
        else []
    )
    for file in recorded:
        yield Path(os.path.abspath(str(file.locate())))
    if not recorded:
        # Packages of distributions come without RECORD: lib/python3.x/site-packages, Lib\site-packages, site-packages.
        for above in list(packages.parents)[:3]:
            yield above / ("Scripts" if WINDOWS else "bin") / FILE


def _distribution(packages: Path) -> "Distribution | None":
    """Find the metadata beside this package or, where it is installed as editable, in any other place."""
    beside = distributions(name=NAME, path=[str(packages)])
    return next(iter(beside), None) or next(iter(distributions(name=NAME)), None)


def _fail(what: str, remedy: str) -> int:
    sys.stderr.write(f"error: {what}\nhelp: {remedy}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
