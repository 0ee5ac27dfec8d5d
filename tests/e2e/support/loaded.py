"""Asks Alembic which revisions it loads: once for every project on standard input, a list of
{"directory": where alembic is run, "compile": {the compiled file: its source's text}}."""

import json
import os
import pathlib
import py_compile
import sys
import tempfile
import warnings

from alembic.config import Config
from alembic.script import ScriptDirectory

PATH = sys.path[1:]


def compile_all(files):
    for name, text in files.items():
        with tempfile.TemporaryDirectory() as directory:
            source = pathlib.Path(directory, "source.py")
            source.write_text(text)
            py_compile.compile(str(source), cfile=name, doraise=True)


def answer(case):
    os.chdir(case["directory"])
    sys.path[:] = [os.getcwd(), *PATH]
    compile_all(case["compile"])
    try:
        script = ScriptDirectory.from_config(Config("alembic.ini"))
        return [revision.revision for revision in script.walk_revisions()]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


sys.dont_write_bytecode = True
warnings.simplefilter("ignore")
print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
