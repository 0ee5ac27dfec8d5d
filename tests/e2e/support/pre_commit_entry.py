"""Compares two configurations of pre-commit on stdin, separated by NUL: the second has one repository more, at the end."""

import sys

from pre_commit.yaml import yaml_load

before, after = map(yaml_load, sys.stdin.buffer.read().decode().split("\0"))
added = after["repos"].pop()
assert after == before, (before, after)
assert added["hooks"] == [{"id": "vendor-migrations-check"}], added
assert sorted(added) == ["hooks", "repo", "rev"], added
