-- What a database has of Procrastinate, and the rows of Alembic's version tables, as one line of JSON. Reads the catalog and those
-- tables, nothing else; takes no lock that stops anybody, waits for nobody longer than 2 seconds, and changes nothing.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = '10s';
SET LOCAL lock_timeout = '2s';
SET LOCAL quote_all_identifiers = off;
DO $path$
BEGIN
  PERFORM pg_catalog.set_config(
    'vendor_migrations.path', pg_catalog.to_jsonb(pg_catalog.current_schemas(false))::pg_catalog.text, true);
END
$path$;
-- From here on every name is PostgreSQL's own, and is printed with its schema, whatever the role's search path.
SET LOCAL search_path = pg_catalog, pg_temp;
DO $versions$
DECLARE
  candidate record;
  ids jsonb;
  found jsonb := '[]';
BEGIN
  IF pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 120000 THEN
    RAISE EXCEPTION 'this query needs PostgreSQL 12 or later';
  END IF;
  -- Nobody's code may run: the type is built in, since a cast of another calls a function, and there is nothing that the planner
  -- would evaluate (row security, check constraints, expressions of indexes and statistics). A version table has few rows.
  FOR candidate IN
    SELECT n.nspname, c.relname,
           pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
             AND NOT pg_catalog.row_security_active(c.oid)
             AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index x
                             WHERE x.indrelid = c.oid AND (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL))
             AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c')
             AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_statistic_ext x WHERE x.stxrelid = c.oid) AS readable
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'version_num' AND NOT a.attisdropped AND a.attgenerated = ''
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typname IN ('text', 'varchar', 'bpchar')
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace AND tn.nspname = 'pg_catalog'
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND NOT c.relispartition AND a.attnum = 1
    ORDER BY 1, 2
  LOOP
    ids := NULL;
    IF candidate.readable THEN
      EXECUTE pg_catalog.format(
        'SELECT coalesce(pg_catalog.jsonb_agg(id), ''[]'') FROM (SELECT version_num::pg_catalog.text AS id FROM ONLY %I.%I '
        'WHERE version_num IS NOT NULL LIMIT 101) AS row', candidate.nspname, candidate.relname) INTO ids;
      CONTINUE WHEN pg_catalog.jsonb_array_length(ids) > 100;
    END IF;
    found := found || pg_catalog.jsonb_build_object('schema', candidate.nspname, 'table', candidate.relname, 'ids', ids);
  END LOOP;
  PERFORM pg_catalog.set_config('vendor_migrations.versions', found::text, true);
END
$versions$;
WITH space AS (
  SELECT n.oid, n.nspname::text AS name
  FROM pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND (EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname ~ '^procrastinate_')
      OR EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid AND p.proname ~ '^procrastinate_')
      OR EXISTS (SELECT 1 FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid AND t.typname ~ '^procrastinate_'))
), relation AS (
  SELECT c.*, space.name AS space
  FROM pg_catalog.pg_class c JOIN space ON space.oid = c.relnamespace
  WHERE c.relname ~ '^procrastinate_' AND c.relkind IN ('r', 'p', 'f')
), object (space, kind, name, facts, notes) AS (
  SELECT space, 'table', relname::text,
         pg_catalog.jsonb_build_object(
           'kind', relkind::text, 'persistence', relpersistence::text,
           'row_security', nullif(relrowsecurity, false), 'forced_row_security', nullif(relforcerowsecurity, false),
           'parent', (SELECT i.inhparent::pg_catalog.regclass::text FROM pg_catalog.pg_inherits i WHERE i.inhrelid = relation.oid LIMIT 1)),
         '{}'::pg_catalog.jsonb
  FROM relation
  UNION ALL
  SELECT space, 'column', relation.relname || '.' || a.attname,
         pg_catalog.jsonb_build_object(
           'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
           'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid), 'has_default', nullif(a.atthasdef, false),
           'identity', nullif(a.attidentity::text, ''), 'generated', nullif(a.attgenerated::text, ''),
           'type_not_null', nullif(t.typnotnull, false),
           'collation', (SELECT cn.nspname || '.' || co.collname
                         FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                         WHERE co.oid = a.attcollation AND a.attcollation <> t.typcollation)),
         '{}'
  FROM relation
  JOIN pg_catalog.pg_attribute a ON a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
  SELECT space, 'constraint', relation.relname || '.' || k.conname,
         pg_catalog.jsonb_build_object(
           'definition', pg_catalog.pg_get_constraintdef(k.oid),
           'disabled', nullif(EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O'), false)),
         '{}'
  FROM relation JOIN pg_catalog.pg_constraint k ON k.conrelid = relation.oid AND k.contype NOT IN ('n', 't')
  UNION ALL
  SELECT space, 'constraint', k.conrelid::pg_catalog.regclass::text || '.' || k.conname,
         pg_catalog.jsonb_build_object('definition', pg_catalog.pg_get_constraintdef(k.oid)), '{}'
  FROM relation JOIN pg_catalog.pg_constraint k ON k.confrelid = relation.oid AND k.contype = 'f'
  WHERE k.conparentid = 0 AND k.conrelid NOT IN (SELECT oid FROM relation)
  UNION ALL
  SELECT DISTINCT space, 'table', i.inhrelid::pg_catalog.regclass::text, pg_catalog.jsonb_build_object('kind', 'r'),
         '{}'::pg_catalog.jsonb
  FROM relation JOIN pg_catalog.pg_inherits i ON i.inhparent = relation.oid
  WHERE i.inhrelid NOT IN (SELECT oid FROM relation)
  UNION ALL
  SELECT space, 'index', i.relname::text,
         pg_catalog.jsonb_build_object(
           'definition', pg_catalog.pg_get_indexdef(x.indexrelid), 'invalid', nullif(NOT x.indisvalid OR NOT x.indisready, false)),
         pg_catalog.jsonb_build_object('table', relation.relname)
  FROM relation
  JOIN pg_catalog.pg_index x ON x.indrelid = relation.oid
  JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
  UNION ALL
  SELECT space, 'trigger', relation.relname || '.' || g.tgname,
         pg_catalog.jsonb_build_object('definition', pg_catalog.pg_get_triggerdef(g.oid), 'enabled', g.tgenabled::text), '{}'
  FROM relation JOIN pg_catalog.pg_trigger g ON g.tgrelid = relation.oid AND NOT g.tgisinternal
  UNION ALL
  SELECT space, 'rule', relation.relname || '.' || r.rulename,
         pg_catalog.jsonb_build_object('definition', pg_catalog.pg_get_ruledef(r.oid), 'enabled', r.ev_enabled::text), '{}'
  FROM relation JOIN pg_catalog.pg_rewrite r ON r.ev_class = relation.oid AND r.rulename <> '_RETURN'
  UNION ALL
  SELECT space, 'policy', relation.relname || '.' || p.polname,
         pg_catalog.jsonb_build_object(
           'command', p.polcmd::text, 'permissive', p.polpermissive,
           'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)),
         '{}'
  FROM relation JOIN pg_catalog.pg_policy p ON p.polrelid = relation.oid
  UNION ALL
  SELECT DISTINCT relation.space, 'view', v.oid::pg_catalog.regclass::text, pg_catalog.jsonb_build_object('kind', v.relkind::text),
         '{}'::pg_catalog.jsonb
  FROM relation
  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = relation.oid
    AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
  JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
  JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
  UNION ALL
  SELECT space.name, 'sequence', c.relname::text,
         pg_catalog.jsonb_build_object(
           'type', pg_catalog.format_type(s.seqtypid, NULL), 'persistence', c.relpersistence::text, 'start', s.seqstart,
           'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cycle', nullif(s.seqcycle, false),
           'owner', (SELECT r.relname || '.' || a.attname
                     FROM pg_catalog.pg_depend d
                     JOIN pg_catalog.pg_class r ON r.oid = d.refobjid
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                     WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
                       AND d.refobjsubid > 0
                     LIMIT 1)),
         '{}'
  FROM pg_catalog.pg_class c
  JOIN space ON space.oid = c.relnamespace
  JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
  WHERE c.relname ~ '^procrastinate_'
  UNION ALL
  SELECT space.name, 'type', t.typname::text,
         pg_catalog.jsonb_build_object(
           'kind', t.typtype::text,
           'labels', (SELECT pg_catalog.jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid),
           'fields', (SELECT pg_catalog.jsonb_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
                      FROM pg_catalog.pg_attribute a
                      WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)),
         '{}'
  FROM pg_catalog.pg_type t
  JOIN space ON space.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.typname ~ '^procrastinate_' AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
  UNION ALL
  SELECT space.name, 'function', p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
         pg_catalog.jsonb_build_object(
           'source', p.prosrc, 'language', l.lanname, 'kind', p.prokind::text,
           'arguments', pg_catalog.pg_get_function_arguments(p.oid), 'result', pg_catalog.pg_get_function_result(p.oid),
           'volatility', p.provolatile::text, 'strict', nullif(p.proisstrict, false), 'definer', nullif(p.prosecdef, false),
           'parallel', p.proparallel::text, 'leakproof', nullif(p.proleakproof, false),
           'settings', pg_catalog.to_jsonb(p.proconfig)),
         '{}'
  FROM pg_catalog.pg_proc p
  JOIN space ON space.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE p.proname ~ '^procrastinate_'
)
SELECT pg_catalog.jsonb_build_object(
  'vendor_migrations_query', 1,
  'server', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
  'database', pg_catalog.current_database(),
  'role', current_user,
  'recovery', pg_catalog.pg_is_in_recovery(),
  'path', pg_catalog.current_setting('vendor_migrations.path')::pg_catalog.jsonb,
  'versions', pg_catalog.current_setting('vendor_migrations.versions')::pg_catalog.jsonb,
  'objects', (SELECT coalesce(pg_catalog.jsonb_agg(
                pg_catalog.jsonb_build_object('schema', space, 'kind', kind, 'name', name,
                                              'facts', pg_catalog.jsonb_strip_nulls(facts), 'notes', notes)
                ORDER BY space COLLATE "C", kind COLLATE "C", name COLLATE "C"), '[]')
              FROM object))::pg_catalog.text;
ROLLBACK;
