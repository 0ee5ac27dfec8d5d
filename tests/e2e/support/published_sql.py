"""Prints the distinct SQL migrations and schemas in wheels, as a JSON object: text to name.

Usage: published_sql.py WHEEL...
"""

import json
import re
import sys
import zipfile

# Beside these lies `queries.sql`: templates with placeholders, which no parser takes.
PATTERN = re.compile(r"procrastinate/sql/(migrations/.*|schema)\.sql")

texts = {}
for wheel in sys.argv[1:]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if PATTERN.fullmatch(name):
                texts[archive.read(name).decode()] = (
                    f"{wheel.rpartition('/')[2]}: {name}"
                )
json.dump(texts, sys.stdout)
