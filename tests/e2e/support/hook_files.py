"""Which of the paths on stdin, separated by NUL, both hooks of a manifest run for, by pre-commit's own code."""

import sys

from pre_commit.clientlib import load_manifest
from pre_commit.commands.run import filter_by_include_exclude

paths = sys.stdin.buffer.read().decode().split("\0")
hooks = load_manifest(sys.argv[1])
assert [hook["id"] for hook in hooks] == ["vendor-migrations-check", "vendor-migrations-sync"]
found = [list(filter_by_include_exclude(paths, hook["files"], hook["exclude"])) for hook in hooks]
assert found[0] == found[1]
sys.stdout.buffer.write("\0".join(found[0]).encode())
