"""Compares statements with those that PostgreSQL's parser finds in the same SQL.

Stdin: a JSON list of {"name", "sql", "statements"}. Prints each disagreement; exit status 1 then.
"""

import json
import sys
from typing import Any

from pglast import parser, split

COMMENTS = {"SQL_COMMENT", "C_COMMENT"}


def tokens(sql: str) -> list[tuple[str, str]]:
    """Kind and text of each token, without comments."""
    return [
        (token.name, sql[token.start : token.end + 1])
        for token in parser.scan(sql)
        if token.name not in COMMENTS
    ]


def disagreements(case: dict[str, Any]) -> list[str]:
    expected = [tokens(statement) for statement in split(case["sql"])]
    try:
        found = [tokens(statement) for statement in case["statements"]]
    except parser.ParseError as error:
        return [f"{case['name']}: a statement was cut: {error}"]
    if found == expected:
        return []
    lines = [f"{case['name']}: {len(found)} statements, {len(expected)} expected"]
    for index in range(max(len(found), len(expected))):
        ours = found[index] if index < len(found) else None
        theirs = expected[index] if index < len(expected) else None
        if ours != theirs:
            lines += [f"  {index}: found    {ours}", f"  {index}: expected {theirs}"]
    return lines


def main() -> None:
    lines = [line for case in json.load(sys.stdin) for line in disagreements(case)]
    print("\n".join(lines))
    sys.exit(bool(lines))


main()
