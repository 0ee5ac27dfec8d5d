"""Runs the SQL on stdin with psycopg, as one string without parameters, in one transaction.

Usage: execute.py DSN
"""

import sys

import psycopg

# Bytes keep what text mode would change: CR LF inside a literal.
sql = sys.stdin.buffer.read()
with psycopg.connect(sys.argv[1]) as connection:
    connection.execute(sql)
