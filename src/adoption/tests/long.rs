//! Revisions with very many statements: four times as many take at most five times as many steps.

use super::*;
use crate::effort;

/// The statement of a number.
type Statement = fn(usize) -> String;

#[test]
fn no_revision_takes_more_steps_than_it_has_statements() {
    let statements: [(&str, Statement); 8] = [
        ("SQL", |at| {
            format!("    op.execute('CREATE TABLE procrastinate_jobs (a{at} int)')\n")
        }),
        ("tables", |at| {
            format!("    op.create_table('a{at}', sa.Column('b'))\n")
        }),
        ("unknown names", |at| format!("    other(a{at}, b)\n")),
        ("loops", |at| {
            format!("    for a{at} in b: op.drop_table(a{at})\n")
        }),
        ("one statement", |at| {
            format!(
                "    {}'DROP TABLE procrastinate_jobs'\n",
                if at == 0 {
                    "a = (f(b, c.d)\n    )\n    b = "
                } else {
                    "b += "
                }
            )
        }),
        ("commands", |_| {
            "    run('procrastinate schema --apply')\n".to_owned()
        }),
        ("one value", |_| "    op.execute(SQL)\n".to_owned()),
        ("one name", |_| {
            "    conn = op.get_bind()\n    conn.execute(x)\n".to_owned()
        }),
    ];
    for (name, statement) in statements {
        let does = |times: usize| {
            let body: String = (0..times).map(statement).collect();
            let source =
                format!("{HEADER}SQL = 'DROP TABLE procrastinate_jobs'\ndef upgrade():\n{body}");
            // What it takes at all is the least.
            effort::count(source.len());
            let read = OwnRevision::read(&source, Utf8Path::new(PATH), &|_| None).unwrap();
            assert!(!read.upgrade.as_ref().unwrap().parts.is_empty());
            let _ = read.signs();
        };
        assert_eq!(effort::linear(does, 60), Ok(()), "{name}");
    }
}

#[test]
fn one_statement_of_many_expressions_is_looked_at_once() {
    let does = |times: usize| {
        let calls = "f(a.b, 'DROP TABLE procrastinate_jobs'),\n".repeat(times);
        let source = format!("{HEADER}def upgrade():\n    g({calls})\n");
        let read = OwnRevision::read(&source, Utf8Path::new(PATH), &|_| None).unwrap();
        assert_eq!(read.signs().len(), times);
    };
    assert_eq!(effort::linear(does, 60), Ok(()));
}

#[test]
fn paths_of_paths_are_given_up() {
    let names: String = (0..39)
        .map(|at| format!("p{at} = p{} / p{}\n", at + 1, at + 1))
        .collect();
    let source = format!("{HEADER}{names}p39 = Path('a')\ndef upgrade():\n    op.execute(p0)\n");
    let steps = effort::of(|| drop(OwnRevision::read(&source, Utf8Path::new(PATH), &|_| None)));
    assert!(steps < 200_000, "{steps}");
}

#[test]
fn what_names_stand_for_is_bounded_and_that_is_said() {
    let sql = "x".repeat(100_000);
    let source = |times| {
        let uses = "    op.execute(SQL)\n".repeat(times);
        format!("{HEADER}SQL = '{sql}'\ndef upgrade():\n{uses}")
    };
    let read = |times| OwnRevision::read(&source(times), Utf8Path::new(PATH), &|_| None).unwrap();
    assert_eq!(read(10).unclear, []);
    let [unclear] = &read(100).unclear[..] else {
        panic!("it is said once")
    };
    assert_eq!(unclear.what, "SQL");
}
