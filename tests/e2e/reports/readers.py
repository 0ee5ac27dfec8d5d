"""Reads reports by the rules of those who receive them, none of which the tool's code knows.

    readers.py schema SCHEMA     JSON against a JSON schema; every field has to be described
    readers.py standard SCHEMA   JSON against somebody else's JSON schema, with its formats
    readers.py gitlab            what GitLab's documentation asks of a code quality report
    readers.py github            the workflow commands that GitHub's runner finds in a log, as JSON
    readers.py runners           the commands of any runner in a log, as JSON
    readers.py markdown          what CommonMark and tables of GitHub's kind make of a page, as JSON

The report is read from standard input. What is wrong ends the program with status 1.
"""

import json
import re
import sys
from pathlib import Path

import jsonschema
from markdown_it import MarkdownIt


def fail(text):
    sys.exit(f"{text}")


def validate(schema, instance):
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    errors = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(instance)]
    if errors:
        fail("\n".join(errors))


def strict(schema):
    """The schema with every object closed."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "allOf" in schema or "$ref" in schema:
        return {**schema, "unevaluatedProperties": False}
    closed = {name: strict(part) for name, part in schema.items() if name != "$defs"}
    if schema.get("type") == "object":
        closed["unevaluatedProperties"] = False
    if "$defs" in schema:
        closed["$defs"] = schema["$defs"]
    return closed


GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "pattern": "^(?!/|\\./|\\.\\./)"},
                    "lines": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def gitlab(instance):
    validate(GITLAB, instance)
    fingerprints = [issue["fingerprint"] for issue in instance]
    if len(set(fingerprints)) != len(fingerprints):
        fail("two issues have one fingerprint")


# As the runner's ActionCommandManager knows them.
COMMANDS = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "remove-matcher",
    "save-state", "set-env", "set-output", "stop-commands", "warning",
}


def unescape(text, pairs):
    for escaped, plain in pairs:
        text = text.replace(escaped, plain)
    return text


DATA = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]
PROPERTY = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]


def command(line):
    """The command in a line of the log: the newer form, else the older one."""
    start = line.lstrip()
    if start.startswith("::") and "::" in start[2:]:
        head, data = start[2:].split("::", 1)
        name, _, rest = head.strip().partition(" ")
        if name in COMMANDS:
            properties = {}
            for part in rest.split(","):
                key, _, value = part.strip().partition("=")
                if key:
                    properties[key] = unescape(value, PROPERTY)
            return {"command": name, "properties": properties, "data": unescape(data, DATA)}
    old = re.search(r"##\[([^\]]*)\]", line)
    if old:
        return {"command": f"##[{old.group(1)}]", "properties": {}, "data": line}
    return None


def lines(text):
    """As .NET's ReadLine splits them."""
    return re.split("\r\n|\r|\n", text)


def github(text):
    return [found for found in map(command, lines(text)) if found]


def runners(text):
    found = [f"github {one['command']}" for one in github(text)]
    # Whatever a later runner may know, and the token that ends `stop-commands`.
    found += [line for line in lines(text) if re.match(r"\s*::.*::", line)]
    found += re.findall(r"##vso\[[^\n]*", text, re.IGNORECASE)
    found += re.findall(r"##teamcity\[[^\n]*", text, re.IGNORECASE)
    found += re.findall("section_(?:start|end):\\d+:[^\n]*\r\x1b\\[0K", text)
    found += [repr(c) for c in set(text) if c in CONTROLS]
    return found


CONTROLS = {chr(c) for c in [*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]}


def markdown(text):
    found = {"html": [], "links": [], "fences": [], "codes": [], "texts": [], "headings": 0, "other": []}

    def walk(tokens):
        for token in tokens:
            if token.children is not None:
                walk(token.children)
            elif token.type in ("html_block", "html_inline"):
                found["html"].append(token.content.strip())
            elif token.type == "fence":
                found["fences"].append({"info": token.info, "content": token.content})
            elif token.type == "code_inline":
                found["codes"].append(token.content)
            elif token.type == "text":
                found["texts"].append(token.content)
            elif token.type == "link_open":
                found["links"].append(token.attrs["href"])
            elif token.type == "heading_open":
                found["headings"] += 1
            else:
                found["other"].append(token.type)

    reader = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
    walk(reader.parse(text))
    found["other"] = sorted(set(found["other"]))
    return found


def main(how, *arguments):
    text = sys.stdin.buffer.read().decode("utf-8")
    if how == "schema":
        validate(strict(json.loads(Path(arguments[0]).read_text())), json.loads(text))
    elif how == "standard":
        validate(json.loads(Path(arguments[0]).read_text()), json.loads(text))
    elif how == "gitlab":
        gitlab(json.loads(text))
    else:
        print(json.dumps({"github": github, "runners": runners, "markdown": markdown}[how](text)))


main(*sys.argv[1:])
