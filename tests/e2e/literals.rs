//! Values in migrations reach the database exactly: colons, percent signs, backslashes, quotes,
//! control characters.

use crate::lint;
use crate::support::database::{Database, Driver, on_every_driver};
use crate::support::package::Package;
use crate::support::project::Project;
use crate::support::schema::Schema;

const NAME: &str = "99.00.00_01_pre_literals.sql";

/// Stands for the character that editors and formatters like to take away.
const PLACEHOLDERS: [(&str, &str); 4] = [
    ("<TAB>", "\t"),
    ("<CR>", "\r"),
    ("<RLO>", "\u{202e}"),
    ("<END>", ""),
];

const SQL: &str = r##"CREATE TABLE literals (name text PRIMARY KEY, value text);
INSERT INTO literals VALUES
    ('colon', 'a:b'),
    ('bind parameter', ':name and (:other), :1'),
    ('escaped colon in E', E'\\:x \:y'),
    ('escaped colon', '\:x \\:y \\\:z'),
    ('percent', '100%'),
    ('percent formats', '%s %(x)s %% %%s %d %'),
    ('double colon', 'x::y ::z :::w'),
    ('cast', 'abc'::text || ':q'::varchar(9)),
    ('slice', (ARRAY['a', 'b', 'c'])[1:2]::text),
    ('slice by name', ('{4,5,6}'::int[])[ 2 : 3 ]::text),
    ('regular expression', regexp_replace('a.b:c', '\.(\w):(?:c)', '\\\1\&')),
    ('format', format('%s-%I-%L %%', 'a:b', 'c"d', 'e''f')),
    ('modulo', (17 % 5)::text),
    ('braces', '{} {0} {name} {{x}} ${y}'),
    ('triple double quotes', '"""'),
    ('triple single quotes', ''''''''),
    ('both kinds', '""" '''''' """'),
    ('double quote at the end', 'x"'),
    ('backslash at the end', 'x\'),
    ('backslash at a line end', 'x\
y'),
    ('backslash names', '\n \t \x41 \u0041 \N{BULLET} \'),
    ('escapes', E'\n\t\x41\u0041\'\\'),
    ('tab', 'a<TAB>b<TAB>'),
    ('CR LF', 'a<CR>
b<CR>c'),
    ('spaces at a line end', 'a   <END>
b'),
    ('blank lines', '

a

'),
    ('control', E'\x01\x1b[31m\x7f' || '' || ''),
    ('unicode', 'äß→漢字'),
    ('emoji', '👩‍👩‍👧 🐘'),
    ('right to left', 'a<RLO>b'),
    ('byte order mark', 'a﻿b'),
    ('line separators', 'a b c
d'),
    ('unicode escapes', U&'d\0061t\+000061 \\'),
    ('dollar', $$a:b %s \ ' " """ '''$$),
    ('dollar with a tag', $tag$ $$ :x $$ $1 $tag$),
    ('comment signs', '-- /* not a comment */ ;'),
    ('json', '{"a": "b:c", "d": [1, ":e"]}'::jsonb::text),
    ('json operators', ('{"a": {"b": "c:d"}}'::jsonb -> 'a' ->> 'b')),
    ('json exists', ('{"a": 1}'::jsonb ? 'a')::text),
    ('json path', jsonb_path_query_first('{"a": 1}', '$.a ? (@ == 1)')::text);

-- A comment: :name, 100%, """, ''', {braces}, $dollar$; and a backslash at the end \
/* Another: \N{BULLET} \x :x %s " ; /* nested ' */ """ */
CREATE FUNCTION literals_assign(_value text DEFAULT ':default %s') RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
<TAB>_result text := ':start';
    _count integer:=0;
BEGIN
    -- a comment: with :names, 100% and a "quote
    _count:=_count+1;
    _result := _result || _value || '\:x' || E'\\:y';
    RAISE NOTICE 'value: % (%)', _result, _count;
    RETURN _result || """quoted"""."x:y" FROM (SELECT ':col' AS "x:y") AS """quoted""";
END;
$body$;

COMMENT ON FUNCTION literals_assign IS 'ends with a backslash \';
CREATE VIEW "view: ""100%""" AS SELECT ':v' AS ":column", '%' AS "%s";
INSERT INTO literals SELECT 'from the function', literals_assign();
INSERT INTO literals SELECT 'from the view', ":column" || "%s" FROM "view: ""100%""";
CREATE VIEW last_one AS SELECT ':x' AS "last ""one""""##;

/// psql reads line by line, and has forgotten at the second line that this is an escape string.
const ONLINE_ONLY: &str = r"INSERT INTO literals VALUES ('continued', E'a\''
    'b\'c')";

fn online_sql() -> String {
    format!("{};\n{ONLINE_ONLY}", sql())
}

fn sql() -> String {
    let mut sql = SQL.to_owned();
    for (placeholder, text) in PLACEHOLDERS {
        sql = sql.replace(placeholder, text);
    }
    sql
}

on_every_driver!(online, |driver| {
    let project = vendor(driver, &online_sql());
    project.upgrade();
    let expected = raw(&online_sql());
    assert_eq!(values(&project.database), values(&expected));
    Schema::of(&project.database).assert_is(&Schema::of(&expected));
});

on_every_driver!(offline, |driver| {
    let project = vendor(driver, &sql());
    project.upgrade_offline();
    let expected = raw(&sql());
    // Alembic prints four spaces for a tab, inside literals too.
    let tab_expanded = |value: &String| value.replace(r"a\tb\t", "a    b    ");
    let wanted: Vec<String> = values(&expected).iter().map(tab_expanded).collect();
    assert_eq!(values(&project.database), wanted);
    Schema::of(&project.database).assert_is(&Schema::of(&expected).with_tabs_expanded());
});

#[test]
fn are_clean_for_the_linters() {
    lint::assert_clean(&vendor(Driver::Psycopg, &online_sql()));
}

fn vendor(driver: Driver, sql: &str) -> Project {
    let package = Package::unpack("3.10.0");
    package.write_migration(NAME, sql);
    let project = Project::new(driver);
    project.sync_from(package.release("3.90.0").wheel().path);
    project
}

/// A database with 3.10.0 in which psycopg ran the migration's text as it is.
fn raw(sql: &str) -> Database {
    let database = Database::of_release("3.10.0");
    database.execute(sql);
    database
}

/// Every value as a JSON string, so that a line is a row.
fn values(database: &Database) -> Vec<String> {
    let rows = database.query("SELECT name, to_json(value) FROM literals ORDER BY name");
    assert!(rows.len() > 40, "{rows:#?}");
    rows
}
