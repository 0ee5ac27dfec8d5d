"""Runs commands of projects, each in a process of its own, and prints what each wrote.

On standard input: a list of {"directory": where they run, "path": what is on Python's path, "environment": their variables,
"commands": lines with `alembic`, `flask` or `python`}. A process is a fork of this one, which has imported Alembic once."""

import json
import os
import runpy
import shlex
import sys
import tempfile
import warnings

import alembic.command
import alembic.config
import sqlalchemy.dialects.postgresql
import sqlalchemy.ext.asyncio

PATH = sys.path[1:]


def run(words):
    program, *arguments = words
    if program == "alembic":
        sys.path.insert(0, os.path.dirname(sys.executable))
        alembic.config.main(argv=arguments, prog=program)
        return
    if program == "flask":
        import flask.cli

        sys.argv = words
        sys.path.insert(0, os.path.dirname(sys.executable))
        flask.cli.main()
        return
    assert program == "python", program
    if arguments[0] == "-c":
        sys.path.insert(0, "")
        exec(arguments[1], {"__name__": "__main__"})
    elif arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path.insert(0, os.path.dirname(os.path.abspath(arguments[0])))
        runpy.run_path(arguments[0], run_name="__main__")


def child(question, words, output):
    for descriptor in (1, 2):
        os.dup2(output.fileno(), descriptor)
    os.chdir(question["directory"])
    os.environ.update(question["environment"])
    sys.path[:] = question["path"] + PATH
    status = 1
    try:
        run(words)
        status = 0
    except SystemExit as end:
        status = 0 if end.code in (None, 0) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def answer(question, line):
    with tempfile.TemporaryFile() as output:
        process = os.fork()
        if process == 0:
            child(question, shlex.split(line), output)
        _, status = os.waitpid(process, 0)
        output.seek(0)
        return {"failed": status != 0, "text": output.read().decode()}


sys.dont_write_bytecode = True
warnings.simplefilter("ignore")
print(json.dumps([[answer(question, line) for line in question["commands"]] for question in json.load(sys.stdin)]))
