use super::{calls, upgrade};
use crate::alembic::invocations::Does;
use crate::alembic::invocations::tests::ALL;

#[test]
fn the_directory_of_a_command_is_read() {
    for (path, text, directory) in [
        ("a.sh", "alembic upgrade head", None),
        ("a.sh", "cd a && alembic upgrade head", Some("a")),
        ("a.sh", "pushd a; alembic upgrade head", Some("a")),
        ("a.sh", "cd -P -- 'a b'; alembic upgrade head", Some("a b")),
        ("a.sh", "if cd a; then alembic upgrade head; fi", Some("a")),
        ("a.sh", "cd a\ncd b\nalembic upgrade head", Some("a/b")),
        ("a.sh", "cd /x/a\nalembic upgrade head", Some("/x/a")),
        ("a.sh", "cd a; cd /b; alembic upgrade head", Some("/b")),
        ("a.sh", "(cd a); alembic upgrade head", None),
        (
            "a.sh",
            "cd a && (cd b && x) && alembic upgrade head",
            Some("a"),
        ),
        ("a.sh", "x=$(cd a && pwd); alembic upgrade head", None),
        ("a.sh", "cd $ROOT/a && alembic upgrade head", Some("a")),
        (
            "a.sh",
            "cd \"${ROOT}/a\" && alembic upgrade head",
            Some("a"),
        ),
        ("a.sh", "cd a/$B && alembic upgrade head", None),
        ("a.sh", "cd a\ncd -\nalembic upgrade head", None),
        ("a.sh", "cd a\ncd\nalembic upgrade head", None),
        ("a.sh", "pushd a\npopd\nalembic upgrade head", None),
        ("a.sh", "cd ~/a; alembic upgrade head", None),
        ("a.sh", "echo cd a; alembic upgrade head", None),
        ("a.sh", "bash -c 'cd a && alembic upgrade head'", Some("a")),
        (
            "a.sh",
            "cd a; bash -c 'cd b && alembic upgrade head'",
            Some("a/b"),
        ),
        ("a.sh", "bash -c 'cd a'; alembic upgrade head", None),
        (
            "a.sh",
            "uv --directory a run alembic upgrade head",
            Some("a"),
        ),
        (
            "a.sh",
            "uv run --directory=a alembic upgrade head",
            Some("a"),
        ),
        ("a.sh", "poetry -C a run alembic upgrade head", Some("a")),
        (
            "a.sh",
            "cd a; env --chdir=b alembic upgrade head",
            Some("a/b"),
        ),
        ("a.sh", "uv --project a run alembic upgrade head", None),
        ("a.sh", "cd a; flask db upgrade", Some("a")),
        ("Makefile", "x:\n\tcd a\n\talembic upgrade head", None),
        (
            "Makefile",
            "x:\n\t@cd a; \\\n\talembic upgrade head",
            Some("a"),
        ),
        ("Dockerfile", "RUN cd a\nRUN alembic upgrade head", None),
        (
            "Procfile",
            "release: cd a && alembic upgrade head",
            Some("a"),
        ),
        (
            "tox.ini",
            "commands =\n  cd a\n  alembic upgrade head",
            None,
        ),
        ("c.yml", "- cd a\n- alembic upgrade head", Some("a")),
        ("c.yml", "a:\n  - cd a\nb:\n  - alembic upgrade head", None),
        (
            "c.yml",
            "a:\n  s:\n  - cd a\nb:\n  - alembic upgrade head",
            None,
        ),
        (
            "c.yml",
            "a: |\n  cd a\n  if x; then\n    alembic upgrade head\n  fi",
            Some("a"),
        ),
        (
            "c.yml",
            "- run: cd a && x\n- run: alembic upgrade head",
            None,
        ),
        ("c.yml", "dir: a\nrun: alembic upgrade head", Some("a")),
        (
            "c.yml",
            "dir: a\nrun: cd b && alembic upgrade head",
            Some("a/b"),
        ),
        ("c.yml", "- dir: a\n- run: alembic upgrade head", None),
        (
            "c.yml",
            "dir: \"a b\"\nx:\n  y:\n  - run: alembic upgrade head",
            Some("a b"),
        ),
        (
            "c.yml",
            "dir: a\nx:\n  y:\n  - dir: b\n    run: alembic upgrade head",
            Some("b"),
        ),
        ("c.yml", "dir: ${{ x.y }}\nrun: alembic upgrade head", None),
        (
            "c.yml",
            "build: .\ncommand: alembic upgrade head",
            Some("."),
        ),
        (
            "c.yml",
            "build:\n  args:\n    context: a\ncommand: alembic upgrade head",
            None,
        ),
        (
            "c.yml",
            "build: a\nx: cd b && alembic upgrade head",
            Some("b"),
        ),
    ] {
        assert_eq!(
            upgrade(path, text).directory.as_deref(),
            directory,
            "{path}:\n{text}"
        );
    }
}

#[test]
fn parentheses_are_no_calls() {
    let found = calls("a.sh", "(procrastinate schema --read) | psql\n", ALL);
    assert!(
        matches!(found.as_slice(), [call] if call.does == Does::ApplySchema),
        "{found:?}"
    );
}
