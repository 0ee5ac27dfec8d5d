-- Functions of the session that measures: what another session may do, and which queries still work. Each answer is one line of JSON.
CREATE FUNCTION pg_temp.tried(statement text) RETURNS text LANGUAGE plpgsql AS $tried$
BEGIN
  EXECUTE statement;
  -- Whatever it did is undone.
  RAISE EXCEPTION USING ERRCODE = 'VM000';
EXCEPTION
  WHEN SQLSTATE 'VM000' THEN RETURN 'works';
  WHEN lock_not_available THEN RETURN 'waits';
  WHEN OTHERS THEN RETURN SQLSTATE;
END
$tried$;
CREATE FUNCTION pg_temp.access(names text[], statements text[]) RETURNS json LANGUAGE plpgsql AS $access$
DECLARE
  answers jsonb := '{}';
  relation text;
BEGIN
  SET LOCAL lock_timeout = '5ms';
  FOR relation IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
    answers := answers || jsonb_build_object(
      'read ' || relation, pg_temp.tried(format('SELECT 1 FROM %I LIMIT 1', relation)),
      'write ' || relation, pg_temp.tried(format('DELETE FROM %I WHERE false', relation)),
      'rows ' || relation, pg_temp.tried(format('SELECT 1 FROM %I FOR UPDATE NOWAIT', relation)));
  END LOOP;
  FOR place IN 1 .. coalesce(array_length(names, 1), 0) LOOP
    answers := answers || jsonb_build_object(names[place], pg_temp.tried(statements[place]));
  END LOOP;
  RETURN json_build_object('access', answers);
END
$access$;
CREATE FUNCTION pg_temp.queries(names text[], statements text[]) RETURNS json LANGUAGE plpgsql AS $queries$
DECLARE
  answers jsonb := '{}';
BEGIN
  FOR place IN 1 .. coalesce(array_length(names, 1), 0) LOOP
    answers := answers || jsonb_build_object(names[place], pg_temp.tried('PREPARE measured AS ' || statements[place]));
    IF EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'measured') THEN
      DEALLOCATE measured;
    END IF;
  END LOOP;
  RETURN json_build_object('queries', answers);
END
$queries$;
-- The tables' files, and what this transaction did to them.
CREATE FUNCTION pg_temp.tables() RETURNS json LANGUAGE sql AS $tables$
  SELECT json_build_object('tables', coalesce(json_object_agg(c.relname, json_build_object(
      'file', pg_relation_filenode(c.oid)::int8,
      'read', pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid),
      'written', pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid),
      'locks', (SELECT coalesce(json_agg(mode), '[]') FROM pg_locks l
                WHERE l.relation = c.oid AND l.pid = pg_backend_pid() AND l.granted))), '{}'))
  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
$tables$;
-- Rows in each table that has none, as many as are asked for; and jobs in each status that has none, since migrations change those.
CREATE FUNCTION pg_temp.fill(rows int) RETURNS void LANGUAGE plpgsql AS $fill$
DECLARE
  relation text;
  statement text;
  is_filled bool;
  state text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR relation, statement IN VALUES
      ('procrastinate_jobs', $rows$
        INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)
        SELECT 'queue' || i % 10, 'task' || i % 100, '{}', (enum_range(NULL::procrastinate_job_status))[1 + i % 4]
        FROM generate_series(1, $1) i $rows$),
      ('procrastinate_events', $rows$
        INSERT INTO procrastinate_events (job_id, type)
        SELECT id, (enum_range(NULL::procrastinate_job_event_type))[1 + id % 4] FROM procrastinate_jobs LIMIT $1 $rows$),
      ('procrastinate_periodic_defers', $rows$
        INSERT INTO procrastinate_periodic_defers
        SELECT (jsonb_populate_record(NULL::procrastinate_periodic_defers, jsonb_build_object(
          'id', i, 'task_name', 'task' || i % 100, 'queue_name', 'queue', 'periodic_id', '', 'defer_timestamp', i))).*
        FROM generate_series(1, $1) i $rows$),
      ('procrastinate_workers', $rows$
        INSERT INTO procrastinate_workers SELECT FROM generate_series(1, $1) $rows$)
  LOOP
    CONTINUE WHEN to_regclass('public.' || relation) IS NULL;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', relation) INTO is_filled;
    CONTINUE WHEN is_filled;
    EXECUTE statement USING rows;
    EXECUTE format('ANALYZE %I', relation);
  END LOOP;
  FOR state IN SELECT enumlabel FROM pg_enum WHERE rows > 0 AND enumtypid = to_regtype('public.procrastinate_job_status') LOOP
    CONTINUE WHEN to_regclass('public.procrastinate_jobs') IS NULL;
    EXECUTE format('SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status::text = %L)', state) INTO is_filled;
    CONTINUE WHEN is_filled;
    EXECUTE format('INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)
      SELECT ''queue'', ''task'', ''{}'', %L FROM generate_series(1, 4 + $1 / 4)', state) USING rows;
  END LOOP;
END
$fill$;
