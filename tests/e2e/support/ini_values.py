"""What Python's configparser makes of each text of a list on standard input: as Alembic uses it."""

import configparser
import io
import json
import sys

HERE = "/he re"


def values(parser, section):
    found = {}
    for key in parser.options(section):
        raw = parser.get(section, key, raw=True)
        try:
            value = parser.get(section, key)
        except configparser.InterpolationError:
            value = None
        found[key] = [raw, value]
    return found


def line(error):
    if isinstance(error, configparser.ParsingError) and hasattr(error, "errors") and error.errors:
        return error.errors[0][0]
    return error.lineno


def answer(text):
    parser = configparser.ConfigParser({"here": HERE})
    # A file that is opened as text has only line feeds.
    lines = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    try:
        parser.read_file(lines)
    except configparser.Error as error:
        return {"line": line(error)}
    return {"sections": {name: values(parser, name) for name in parser.sections()}}


json.dump([answer(text) for text in json.load(sys.stdin)], sys.stdout)
