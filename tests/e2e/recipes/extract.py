"""Writes each YAML and JSON block of a Markdown file below a directory, and prints as JSON what they hold.

The line before a block ends with the file's name, "`NAME`:". A name that occurs twice gets a directory for each block.
"""

import json
import re
import sys
from pathlib import Path

from ruamel.yaml import YAML

BLOCK = re.compile(r"^[^\n]*`([^`\n]+)`:\n\n```(?:yaml|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

text = Path(sys.argv[1]).read_text(encoding="utf-8")
blocks = BLOCK.findall(text)
opened = len(re.findall(r"^```(?:yaml|yml|json|json5|toml)$", text, re.MULTILINE))
assert len(blocks) == opened, f"{opened} blocks, {len(blocks)} of them with a file's name"
found = []
for number, (name, contents) in enumerate(blocks):
    path = Path(sys.argv[2], str(number), name)
    path.parent.mkdir(parents=True)
    path.write_text(contents, encoding="utf-8")
    found.append({"name": name, "path": str(path), "contents": YAML(typ="safe", pure=True).load(contents)})
json.dump(found, sys.stdout)
