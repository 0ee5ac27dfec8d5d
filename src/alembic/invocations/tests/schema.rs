use super::super::{Wanted, calls, is_test};
use super::{ALL, applies, lines_of};

#[test]
fn commands_that_apply_it() {
    for command in [
        "procrastinate schema",
        "procrastinate schema --apply",
        "procrastinate --app=my.app schema --apply",
        "procrastinate -a my.app schema",
        "procrastinate -amy.app -v schema --apply",
        "procrastinate --log-level info --log-format '%(message)s' --app my.app schema --apply",
        "PROCRASTINATE_APP=my.app procrastinate schema --apply",
        "python -m procrastinate -a my.app schema --apply",
        "python3 -mprocrastinate schema",
        "uv run --frozen procrastinate schema --apply",
        "poetry run procrastinate -a x schema",
        ".venv/bin/procrastinate schema --apply",
        "docker compose run --rm worker procrastinate schema --apply",
        "docker compose exec -T worker sh -c 'procrastinate schema --apply'",
        "alembic upgrade heads && procrastinate schema --apply && exec serve",
        "procrastinate schema --apply || true",
        "procrastinate schema --apply 2>&1 | tee log",
        "procrastinate schema --read --apply",
        "procrastinate schema --apply \"$@\"",
        "if procrastinate schema; then echo done; fi",
        "psql \"$URL\" -f .venv/lib/python3.12/site-packages/procrastinate/sql/schema.sql",
        "psql -v ON_ERROR_STOP=1 --file=procrastinate/sql/schema.sql",
        "psql -f\"$SITE/procrastinate/sql/schema.sql\" \"$URL\"",
        "docker compose exec -T db psql -U postgres -f /x/procrastinate/sql/schema.sql",
        "psql \"$URL\" < \"$SITE/procrastinate/sql/schema.sql\"",
        "cat $SITE/procrastinate/sql/schema.sql | docker exec -i db psql",
        "procrastinate schema --read | psql \"$URL\"",
        "python -c \"import asyncio; from a import app; asyncio.run(app.schema_manager.apply_schema_async())\"",
        "uv run python3.12 -c 'from a import app; app.schema_manager.apply_schema()'",
        "cd x && \"$(POETRY)\" run procrastinate --app=a schema --apply",
    ] {
        let text = format!("set -e\n{command}\n");
        assert_eq!(applies("run.sh", &text), [2], "{command}");
        assert_eq!(lines_of("run.sh", &text), [0; 0], "{command}");
    }
}

#[test]
fn what_does_not_apply_it() {
    for command in [
        "procrastinate schema --read",
        "procrastinate schema --read > schema.sql",
        "procrastinate schema --apply --read",
        "procrastinate schema --migrations-path",
        "procrastinate schema --help",
        "procrastinate schema -h",
        "procrastinate schema \"$ACTION\"",
        "procrastinate schema --appl",
        "procrastinate schema migrations",
        "procrastinate worker",
        "procrastinate",
        "procrastinate --app schema worker",
        "procrastinate healthchecks schema",
        "python manage.py procrastinate schema",
        "django-admin procrastinate schema",
        "pip install procrastinate schema",
        "uv add procrastinate schema",
        "cp -r procrastinate schema",
        "my-procrastinate schema --apply",
        "echo procrastinate schema --apply",
        "echo 'run procrastinate schema --apply && pray'",
        "# procrastinate schema --apply",
        "\"$PROCRASTINATE\" schema --apply",
        "procrastinate.schema --apply",
        "cat $SITE/procrastinate/sql/schema.sql",
        "psql < other/schema.sql",
        "psql -f sql/schema.sql",
        "psql -c \"select 1\" > procrastinate/sql/schema.sql.log",
        "diff schema.sql $SITE/procrastinate/sql/schema.sql",
        "alembic stamp heads",
        "python -c 'print(\"procrastinate schema --apply\")'",
        "python -c 'no python: procrastinate schema --apply'",
    ] {
        assert_eq!(applies("run.sh", command), [0; 0], "{command}");
    }
}

#[test]
fn in_every_kind_of_file() {
    for (path, text, line) in [
        ("Makefile", "db:\n\t@procrastinate schema --apply\n", 2),
        ("justfile", "db:\n    procrastinate -a {{app}} schema\n", 2),
        (
            "Dockerfile",
            "FROM x\nCMD procrastinate schema --apply && serve\n",
            2,
        ),
        (
            "Dockerfile",
            "ENTRYPOINT [\"procrastinate\", \"--app=x\", \"schema\", \"--apply\"]\n",
            1,
        ),
        (
            "compose.yaml",
            "services:\n  migrate:\n    command: [procrastinate, schema, --apply]\n",
            3,
        ),
        (
            "compose.yaml",
            "services:\n  migrate:\n    command:\n      - procrastinate\n      - schema\n      - --apply\n",
            4,
        ),
        (
            "compose.yaml",
            "    command: >\n      sh -c \"alembic upgrade heads &&\n      procrastinate schema --apply\"\n",
            3,
        ),
        (
            ".github/workflows/ci.yml",
            "      - run: |\n          procrastinate schema --apply\n",
            2,
        ),
        (
            ".gitlab-ci.yml",
            "x:\n  script:\n    - procrastinate --app=a schema --apply\n",
            3,
        ),
        (
            "k8s/job.yaml",
            "command: [\"procrastinate\"]\nargs: [\"schema\", \"--apply\"]\n",
            1,
        ),
        ("Procfile", "release: procrastinate schema --apply\n", 1),
        (
            "tox.ini",
            "[testenv]\ncommands =\n    procrastinate schema --apply\n",
            3,
        ),
        (
            "pyproject.toml",
            "[tool.poe.tasks]\nqueue = \"procrastinate schema --apply\"\n",
            2,
        ),
        (
            "pyproject.toml",
            "[tool.taskipy.tasks]\nx = [\"procrastinate\", \"schema\"]\n",
            2,
        ),
        (
            "package.json",
            "{\"scripts\": {\"db\": \"procrastinate schema --apply\"}}\n",
            1,
        ),
        (
            "Jenkinsfile",
            "steps { sh 'procrastinate schema --apply' }\n",
            1,
        ),
    ] {
        assert_eq!(applies(path, text), [line], "{path}: {text}");
    }
    for (path, text) in [
        ("README.md", "    procrastinate schema --apply\n"),
        ("compose.yaml", "name: procrastinate schema --apply\n"),
        (
            "pyproject.toml",
            "description = \"procrastinate schema --apply\"\n",
        ),
        ("compose.yaml", "# procrastinate schema --apply\n"),
    ] {
        assert_eq!(applies(path, text), [0; 0], "{path}: {text}");
    }
}

#[test]
fn only_what_is_wanted_is_given() {
    let text = "alembic upgrade head && procrastinate schema --apply\n";
    let number = |upgrades, procrastinate| {
        let wanted = Wanted {
            upgrades,
            procrastinate,
        };
        calls("run.sh", text, wanted).len()
    };
    assert_eq!(calls("run.sh", text, ALL).len(), 2);
    assert_eq!(
        (
            number(true, false),
            number(false, true),
            number(false, false)
        ),
        (1, 1, 0)
    );
}

#[test]
fn test_code_is_known_by_its_path() {
    for path in [
        "tests/db.py",
        "src/app/test/run.sh",
        "conftest.py",
        "app/conftest.py",
        "test_db.py",
        "app/db_test.py",
    ] {
        assert!(is_test(path), "{path}");
    }
    for path in [
        "testing.py",
        "contest.py",
        "attest/db.py",
        "test.sh",
        "scripts/test_db.sh",
        "latest_run.py",
    ] {
        assert!(!is_test(path), "{path}");
    }
}
