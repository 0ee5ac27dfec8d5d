"""Runs Alembic's command line several times in one process: a list of argument lists on standard input, a list of
{"status", "stdout", "stderr"} on standard output. Importing SQLAlchemy takes longer than most of the commands."""

import io
import json
import os
import sys
import traceback

ANSWER = sys.stdout
# Alembic remembers the streams that it finds when it is imported.
sys.stdout, sys.stderr = io.StringIO(), io.StringIO()

from alembic.config import CommandLine  # noqa: E402


def taken(stream):
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return text


def run(arguments):
    status = 0
    try:
        CommandLine(prog="alembic").main(argv=arguments)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:
        traceback.print_exc()
        status = 1
    return {"status": status, "stdout": taken(sys.stdout), "stderr": taken(sys.stderr)}


# As `python -m alembic` has it.
sys.path[0] = os.getcwd()
json.dump([run(arguments) for arguments in json.load(sys.stdin)], ANSWER)
