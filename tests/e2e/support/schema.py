"""Prints a database's catalogue as JSON: for each kind of object, a sorted list of lines.

Usage: schema.py DSN

The order of a table's columns and of a composite type's attributes is left out; so are Alembic's
own table and whatever an extension brought along.
"""

import json
import sys

import psycopg2

# An object counts when it lies in a schema of the user's and is not Alembic's.
IN_USER_SCHEMA = """
    n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname NOT LIKE 'pg\\_%'
"""
NOT_ALEMBIC = "c.relname NOT LIKE 'alembic\\_version%'"

QUERIES = {
    "relation": f"""
        SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.reloptions::text,
               c.relacl::text, obj_description(c.oid, 'pg_class')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IN_USER_SCHEMA} AND {NOT_ALEMBIC}
    """,
    "column": f"""
        SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attnotnull THEN 'not null' END,
               pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attstorage,
               a.attstattarget, a.attoptions::text, a.attacl::text,
               col_description(c.oid, a.attnum)
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE {IN_USER_SCHEMA} AND {NOT_ALEMBIC}
          AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'c', 'f')
    """,
    "constraint": f"""
        SELECT n.nspname, c.relname, o.conname, o.contype, pg_get_constraintdef(o.oid),
               o.convalidated
        FROM pg_constraint o
        JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IN_USER_SCHEMA} AND {NOT_ALEMBIC}
    """,
    "index": f"""
        SELECT n.nspname, c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IN_USER_SCHEMA} AND {NOT_ALEMBIC}
    """,
    "sequence": f"""
        SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement,
               s.seqmax, s.seqmin, s.seqcache, s.seqcycle,
               d.refobjid::regclass::text,
               (SELECT attname FROM pg_attribute
                WHERE attrelid = d.refobjid AND attnum = d.refobjsubid)
        FROM pg_sequence s
        JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                             AND d.deptype IN ('a', 'i')
        WHERE {IN_USER_SCHEMA}
    """,
    "view": f"""
        SELECT n.nspname, c.relname, pg_get_viewdef(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IN_USER_SCHEMA} AND c.relkind IN ('v', 'm')
    """,
    "function": f"""
        SELECT n.nspname, c.proname, pg_get_function_identity_arguments(c.oid),
               pg_get_functiondef(c.oid), c.proacl::text, obj_description(c.oid, 'pg_proc')
        FROM pg_proc c JOIN pg_namespace n ON n.oid = c.pronamespace
        WHERE {IN_USER_SCHEMA} AND c.prokind IN ('f', 'p')
    """,
    "trigger": f"""
        SELECT n.nspname, c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled
        FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IN_USER_SCHEMA} AND {NOT_ALEMBIC} AND NOT t.tgisinternal
    """,
    "rule": f"""
        SELECT n.nspname, c.relname, r.rulename, pg_get_ruledef(r.oid)
        FROM pg_rewrite r
        JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IN_USER_SCHEMA} AND {NOT_ALEMBIC}
    """,
    "type": f"""
        SELECT n.nspname, c.typname, c.typtype,
               (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
                FROM pg_enum e WHERE e.enumtypid = c.oid)
        FROM pg_type c JOIN pg_namespace n ON n.oid = c.typnamespace
        WHERE {IN_USER_SCHEMA} AND c.typtype IN ('e', 'd', 'r')
    """,
    "schema": f"SELECT n.nspname, n.nspacl::text FROM pg_namespace n WHERE {IN_USER_SCHEMA}",
    "extension": "SELECT extname FROM pg_extension",
}


def main() -> None:
    with psycopg2.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
        catalogue = {}
        for kind, query in QUERIES.items():
            cursor.execute(query)
            catalogue[kind] = sorted(
                " | ".join("" if value is None else str(value) for value in row)
                for row in cursor.fetchall()
            )
    json.dump(catalogue, sys.stdout)


main()
