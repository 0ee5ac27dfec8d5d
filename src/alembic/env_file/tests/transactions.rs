use super::super::TransactionKind::{Begun, Implicit, NotBegun};
use super::super::*;
use super::{read, reasons};

/// Indents what runs migrations by `depth` blanks.
fn run(depth: usize) -> String {
    let blanks = " ".repeat(depth);
    [
        "context.configure(connection=c)",
        "with context.begin_transaction():",
        " context.run_migrations()",
    ]
    .map(|line| format!("{blanks}{line}\n"))
    .concat()
}

/// Kind, line after the three that `read` adds, and the line's text.
fn found(body: &str) -> Vec<(TransactionKind, usize, String)> {
    let found = read(body).transactions.into_iter();
    found
        .map(|found| (found.kind, found.place.line - 3, found.place.text))
        .collect()
}
#[test]
fn transactions_that_alembic_did_not_begin_are_found() {
    let run1 = run(1);
    let run2 = run(2);
    for (body, kind, line) in [
        (format!("with e.begin() as c:\n{run1}"), Begun, 1),
        ("with e.begin() as c:\n context.configure(connection=c)\n context.run_migrations()\n".into(), Begun, 1),
        (format!("with e.connect() as c:\n with c.begin():\n{run2}"), Begun, 2),
        (format!("with e.connect() as c, c.begin():\n{run1}"), Begun, 1),
        ("with e.connect() as c:\n context.configure(connection=c)\n with c.begin():\n  with context.begin_transaction():\n   context.run_migrations()\n".into(), Begun, 3),
        ("with e.connect() as c:\n context.configure(connection=c)\n with context.begin_transaction():\n  with c.begin_nested():\n   context.run_migrations()\n".into(), Begun, 4),
        (format!("with e.connect() as c:\n with c.begin_nested():\n{run2}"), Begun, 2),
        (format!("c = e.connect()\nt = c.begin()\ntry:\n{run1} t.commit()\nexcept Exception:\n t.rollback()\n raise\n"), Begun, 2),
        ("c = e.connect()\ncontext.configure(connection=c)\nt = c.begin()\ncontext.run_migrations()\nt.commit()\n".into(), Begun, 3),
        (format!("with Session(e) as s, s.begin():\n c = s.connection()\n{run1}"), Begun, 1),
        (format!("with Session(e) as s:\n c = s.connection()\n{run1}"), Implicit, 2),
        (format!("with e.connect() as c:\n c.execute(text('SET x'))\n{run1}"), Implicit, 2),
        (format!("with e.connect() as c:\n c.execute(text('SET x'))\n{run1} c.commit()\n"), Implicit, 2),
        (format!("with e.connect() as c:\n inspect(c).get_table_names()\n{run1}"), Implicit, 2),
        (format!("with e.connect() as c:\n with c.begin_nested():\n  c.execute(x)\n{run1}"), Implicit, 2),
        (format!("with e.connect() as c:\n MigrationContext.configure(c).get_current_revision()\n{run1}"), Implicit, 2),
        ("with e.connect() as c:\n context.configure(connection=c)\n context.run_migrations()\n".into(), NotBegun, 3),
        ("with e.connect() as c:\n context.configure(connection=c)\n context.run_migrations()\n c.commit()\n".into(), NotBegun, 3),
    ] {
        let found = found(&body);
        let [(of, at, text)] = found.as_slice() else {
            panic!("{found:?} in\n{body}");
        };
        assert_eq!((*of, *at), (kind, line), "{body}");
        assert_eq!(Some(text.as_str()), body.lines().nth(line - 1).map(str::trim));
    }
}

#[test]
fn transactions_that_end_before_or_are_alembics_are_none() {
    let run0 = run(0);
    let run1 = run(1);
    for body in [
        format!("with e.connect() as c:\n{run1}"),
        format!("with e.begin() as c:\n c.execute(text('CREATE SCHEMA s'))\nwith e.connect() as c:\n{run1}"),
        format!("with e.connect() as c:\n with c.begin():\n  c.execute(x)\n{run1}"),
        format!("with e.connect() as c:\n t = c.begin()\n c.execute(x)\n t.commit()\n{run1}"),
        format!("with e.connect() as c:\n c.execute(x)\n c.commit()\n{run1}"),
        format!("with e.connect() as c, e.begin() as lock:\n lock.execute(x)\n{run1}"),
        format!("with e.connect().execution_options(isolation_level='AUTOCOMMIT') as c:\n{run1}"),
        "with e.connect() as c:\n context.configure(connection=c)\n c.execute(x)\n with context.begin_transaction():\n  context.run_migrations()\n".into(),
        "with e.connect() as c:\n context.configure(connection=c)\n with context.begin_transaction():\n  c.execute(x)\n  context.execute(x)\n  context.run_migrations()\n".into(),
        "with e.connect() as c:\n context.configure(connection=c)\n with context.get_context().begin_transaction():\n  context.run_migrations()\n".into(),
        format!("c = e.connect()\n{run0}c.close()\n"),
        "context.configure(url=x)\ncontext.run_migrations()\n".into(),
        format!("with e.connect() as c:\n if c.dialect.name == 'sqlite':\n  c.exec_driver_sql('PRAGMA x')\n{run1}"),
        "def elsewhere():\n with e.begin() as c:\n  c.execute(x)\n".into(),
    ] {
        assert_eq!(found(&body), [], "{body}");
    }
}

#[test]
fn functions_are_followed_with_their_parameters() {
    let run1 = run(1);
    let do_run = format!("def do_run(c):\n{run1}\n");
    for (body, lines) in [
        (
            "async def main():\n async with e.begin() as d:\n  await d.run_sync(do_run)\nasyncio.run(main())\n",
            vec![2],
        ),
        (
            "async def main():\n async with e.connect() as d:\n  async with d.begin():\n   await d.run_sync(do_run)\nasyncio.run(main())\n",
            vec![3],
        ),
        (
            "async def main():\n async with e.connect() as d:\n  t = await d.begin()\n  await d.run_sync(do_run)\n  await t.commit()\nloop.run_until_complete(main())\n",
            vec![3],
        ),
        (
            "async def main():\n async with e.connect() as d:\n  await d.execute(x)\n  await d.run_sync(do_run)\nasyncio.run(main())\n",
            vec![3],
        ),
        (
            "async def main():\n async with e.connect() as d:\n  await d.execute(x)\n  await d.commit()\n  await d.run_sync(do_run)\n  await d.commit()\nasyncio.run(main())\n",
            vec![],
        ),
        (
            "async def main():\n async with e.begin() as d:\n  await d.run_sync(lambda s: do_run(s))\n",
            vec![2],
        ),
        (
            "async def main():\n async with e.begin() as d:\n  await d.run_sync(partial(do_run))\n",
            vec![2],
        ),
        (
            "def main():\n with e.begin() as d:\n  do_run(c=d)\nretry(main)\n",
            vec![2],
        ),
        (
            "with e.begin() as lock:\n lock.execute(x)\n with e.connect() as d:\n  do_run(d)\n",
            vec![],
        ),
        (
            "def go():\n with e.connect() as d:\n  do_run(d)\nwith e.begin() as lock:\n lock.execute(x)\n go()\n",
            vec![],
        ),
        (
            "@contextmanager\ndef db():\n with e.begin() as d:\n  yield d\nwith db() as d:\n do_run(d)\n",
            vec![3],
        ),
        (
            "def db():\n d = e.connect()\n d.begin()\n return d\ndo_run(db())\n",
            vec![3],
        ),
        (
            "class Runner:\n def go(self, d):\n  do_run(d)\n def main(self):\n  with e.begin() as d:\n   self.go(d)\nRunner().main()\n",
            vec![5],
        ),
        (
            "def prepare(d):\n d.execute(x)\nwith e.connect() as d:\n prepare(d)\n do_run(d)\n",
            vec![2],
        ),
        (
            "def prepare(d):\n with d.begin():\n  d.execute(x)\nwith e.connect() as d:\n prepare(d)\n do_run(d)\n",
            vec![],
        ),
        (
            "with e.connect() as d:\n if d.in_transaction():\n  d.rollback()\n do_run(d)\n",
            vec![],
        ),
        (
            "with e.connect() as d:\n d.execute(x)\n if d.in_transaction():\n  d.commit()\n do_run(d)\n",
            vec![],
        ),
        ("def again():\n again()\nagain()\n", vec![]),
        (
            "with ExitStack() as s:\n d = s.enter_context(e.begin())\n do_run(d)\n",
            vec![2],
        ),
        (
            "config.attributes['connection'] = e.connect()\nconfig.attributes['connection'].begin()\nd = config.attributes['connection']\ndo_run(d)\n",
            vec![2],
        ),
    ] {
        let first = do_run.matches('\n').count();
        let found = found(&format!("{do_run}{body}"));
        let found: Vec<usize> = found.iter().map(|(_, line, _)| line - first).collect();
        assert_eq!(found, lines, "{body}");
    }
}

#[test]
fn connections_that_are_kept_in_a_table_are_followed() {
    let body = "for n, rec in engines.items():\n rec['c'] = c = rec['e'].connect()\n if two:\n  rec['t'] = c.begin_twophase()\n else:\n  rec['t'] = c.begin()\n\
                for n, rec in engines.items():\n context.configure(connection=rec['c'])\n context.run_migrations()\n";
    let found = found(body);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, Begun);
    assert!(
        found[0].2.ends_with(".begin()"),
        "the way that is usual: {found:?}"
    );
}

#[test]
fn functions_that_call_each_other_in_many_ways_end() {
    let mut body = "def f0():\n pass\n".to_owned();
    for at in 1..30 {
        body += &format!("def f{at}():\n f{}()\n f{}()\n", at - 1, at - 1);
    }
    let file = read(&format!("{body}f29()\n"));
    assert!(reasons(&file).contains(&"its functions call each other in too many ways"));
}
