//! Inputs at which a splitter goes wrong, each valid for PostgreSQL's parser.

/// What is hard about an input, and the input.
pub(crate) const INPUTS: [(&str, &str); 40] = [
    ("empty statements", ";;SELECT 1;; ;\n;SELECT 2;;"),
    ("no semicolon at the end", "SELECT 1;\nSELECT 2"),
    ("a comment at the end", "SELECT 1;\n-- the end; really"),
    (
        "a comment before the semicolon",
        "SELECT 1 -- one;\n;SELECT 2 /* ; */;",
    ),
    ("nothing but comments", "-- a;\n/* b; */"),
    (
        "comment with quotes",
        "-- it's \"; $$\nSELECT 1; -- it's\nSELECT 2;",
    ),
    (
        "block comment with quotes",
        "/* it's \"; $$ */ SELECT 1; SELECT 2;",
    ),
    (
        "nested comments",
        "/* a /* b; */ c; */ SELECT 1; /* /**/ ; */ SELECT 2;",
    ),
    (
        "comment in a comment's clothes",
        "SELECT 1 /* -- */ ; SELECT 2 -- /*\n; SELECT 3;",
    ),
    ("doubled quotes", "SELECT 'it''s;', '''', ';'''; SELECT 2;"),
    (
        "plain string with a backslash",
        r"SELECT '\'; SELECT 'a\'';'; SELECT 3;",
    ),
    ("escape string", r"SELECT E'\';', e'a\\'; SELECT 2;"),
    (
        "escape string, doubled quote",
        r"SELECT E'a'';\';'; SELECT 2;",
    ),
    (
        "continued string",
        "SELECT 'a;'\n  'b;'; SELECT 'c'\n-- d\n'e;'; SELECT 3;",
    ),
    (
        "continued escape string",
        "SELECT E'a;'\n'b\\';c'; SELECT 2;",
    ),
    (
        "string after an identifier that ends in e",
        "SELECT 1 AS nam,date'2020-01-01'; SELECT 2;",
    ),
    (
        "unicode string",
        r"SELECT U&'\0061;\\'; SELECT U&'!0061;' UESCAPE '!'; SELECT 3;",
    ),
    (
        "unicode identifier",
        r#"SELECT 1 AS U&"d\0061t;a""; b"; SELECT 2;"#,
    ),
    (
        "bit and national strings",
        "SELECT B'01', X'1F', N'a;'; SELECT 2;",
    ),
    (
        "quoted identifiers",
        r#"SELECT 1 AS "a;b", 2 AS "c""; d", 3 AS "'"; SELECT 2;"#,
    ),
    ("dollar quotes", "SELECT $$a;'b$$; SELECT $$$$; SELECT 3;"),
    (
        "dollar quotes with tags",
        "SELECT $a$ $b$; $$; $ a; $a$; SELECT $_x1$;$_x1$; SELECT 3;",
    ),
    (
        "dollar tags of other letters",
        "SELECT $ä$;$ä$; SELECT $Ab$; $ab$ $Ab$; SELECT 3;",
    ),
    (
        "dollar quote after a dollar",
        "SELECT $a$;$;$ $a;$a$; SELECT 2;",
    ),
    (
        "parameters beside dollar quotes",
        "SELECT $1, $2::text, $$;$$; SELECT 2;",
    ),
    (
        "dollars in identifiers",
        "SELECT 1 AS a$b$; SELECT 2 AS a$b$c; SELECT 3 AS x$$;",
    ),
    (
        "unicode identifiers",
        "SELECT 1 AS größe; SELECT 2 AS 数量; SELECT 'é;' AS é;",
    ),
    (
        "operators",
        "SELECT '{}'::jsonb ->> 'a;' @> '{}' <@ '[]' #>> '{}' ? 'b;'; SELECT 2 !~~* 3;",
    ),
    (
        "operators before comments",
        "SELECT 1 +/* ; */2, 3 *-- ;\n4; SELECT 5 @-6;",
    ),
    (
        "casts, slices, assignments",
        "SELECT a[1:2], b::int, f(x := 1, y => 2) FROM t; SELECT 2;",
    ),
    (
        "PL/pgSQL",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$\nBEGIN\n  IF a THEN b := 'x;'; \
         END IF;\n  EXECUTE $q$SELECT ';'$q$;\nEND;\n$f$;\nDO $$ BEGIN NULL; END $$;",
    ),
    (
        "SQL body as a string",
        r"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT '';''; SELECT 1'; SELECT 2;",
    ),
    (
        "BEGIN ATOMIC",
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a; SELECT a + 1; END;\n\
         SELECT 2;",
    ),
    (
        "BEGIN ATOMIC with CASE",
        "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC\n  SELECT CASE WHEN a > 1 THEN CASE a WHEN 2 \
         THEN 3 END ELSE 4 END;\n  SELECT CASE a WHEN 1 THEN 2 END;\nEND;\nSELECT 2;",
    ),
    (
        "BEGIN ATOMIC with columns named end",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS \"end\"; SELECT 2 AS end; \
         SELECT t.end, t.case FROM (SELECT 3 AS end, 4 AS case) t; END; SELECT 2;",
    ),
    (
        "BEGIN ATOMIC in a procedure",
        "CREATE OR REPLACE PROCEDURE p(a int)\nLANGUAGE SQL\nBEGIN /* ; */ ATOMIC\n  INSERT INTO t VALUES \
         (a);\n  UPDATE t SET x = CASE WHEN x > 0 THEN 1 ELSE 0 END; -- END;\nEND;\nSELECT 2;",
    ),
    (
        "empty BEGIN ATOMIC",
        "CREATE PROCEDURE p() BEGIN ATOMIC END; CREATE PROCEDURE q() BEGIN ATOMIC; END; SELECT 3;",
    ),
    (
        "BEGIN that is a transaction",
        "BEGIN; SELECT 1; END; BEGIN; COMMIT; SELECT atomic FROM t; BEGIN; END;",
    ),
    (
        "rule with several actions",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b WHERE c = ';';);\n\
         SELECT 2;",
    ),
    (
        "CREATE SCHEMA with elements",
        "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT CASE WHEN true THEN 1 END; SELECT 2;",
    ),
];
