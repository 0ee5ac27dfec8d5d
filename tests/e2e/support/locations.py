"""Asks Alembic where it keeps its scripts: once for every configuration on standard input, a list of
{"directory": where alembic is run, "args": its options, "sites": directories of packages}."""

import json
import os
import site
import sys
import warnings

from alembic.config import CommandLine, Config
from alembic.script import ScriptDirectory

KNOWN = set(sys.modules)
PATH = sys.path[1:]


def configuration(arguments):
    """What `alembic ARGUMENTS heads` would read."""
    command_line = CommandLine()
    options = command_line.parser.parse_args([*arguments, "heads"])
    if hasattr(command_line, "_inis_from_config"):
        toml, ini = command_line._inis_from_config(options)
        return Config(file_=ini, toml_file=toml, ini_section=options.name, cmd_opts=options)
    return Config(file_=options.config, ini_section=options.name, cmd_opts=options)


def answer(case):
    for name in set(sys.modules) - KNOWN:
        del sys.modules[name]
    os.chdir(case["directory"])
    # As `python -m alembic` has it.
    sys.path[:] = [os.getcwd(), *PATH]
    sys.path_importer_cache.clear()
    for directory in case["sites"]:
        site.addsitedir(directory)
    before = list(sys.path)
    try:
        script = ScriptDirectory.from_config(configuration(case["args"]))
        prepended = sys.path[: len(sys.path) - len(before)]
        locations = script._version_locations
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}
    return {
        "dir": os.path.abspath(script.dir),
        "locations": [os.path.abspath(location) for location in locations],
        "recursive": getattr(script, "recursive_version_locations", False),
        "prepended": prepended,
    }


warnings.simplefilter("ignore")
json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
