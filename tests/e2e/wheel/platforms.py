"""Says as JSON what each wheel is for: its tags, and of its program the format, the processor and the libraries that it loads."""

import json
import sys
import zipfile

import lief
from packaging.utils import parse_wheel_filename


def described(path):
    _, version, _, tags = parse_wheel_filename(path.rsplit("/", 1)[-1])
    with zipfile.ZipFile(path) as wheel:
        assert wheel.testzip() is None
        programs = [name for name in wheel.namelist() if ".data/scripts/" in name]
        metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/WHEEL"))
        within = [line[5:] for line in wheel.read(metadata).decode().splitlines() if line.startswith("Tag: ")]
        program = lief.parse(list(wheel.read(programs[0])))
    return {
        "version": str(version),
        "tags": sorted(map(str, tags)),
        "tags_within": sorted(within),
        "programs": [name.rsplit("/", 1)[-1] for name in programs],
        "format": program.format.name,
        "processor": processor(program),
        "libraries": sorted(program.libraries if isinstance(program, lief.ELF.Binary) else names(program)),
    }


def processor(program):
    header = program.header
    for name in ("machine_type", "cpu_type", "machine"):
        if hasattr(header, name):
            return getattr(header, name).name
    raise ValueError(f"no processor in {program.format}")


def names(program):
    return [getattr(library, "name", library) for library in program.libraries]


json.dump([described(path) for path in sys.argv[1:]], sys.stdout)
