mod directory;
mod lines;
mod long;
mod python;
mod schema;
mod search;

use super::*;

const ALL: Wanted = Wanted {
    upgrades: true,
    procrastinate: true,
};

/// The lines of the calls in a file that upgrade to `head`.
fn lines_of(path: &str, text: &str) -> Vec<usize> {
    lines(path, text, |does| matches!(does, Does::UpgradeHead(_)))
}

/// The lines of the calls in a file that apply Procrastinate's schema.
fn applies(path: &str, text: &str) -> Vec<usize> {
    lines(path, text, |does| *does == Does::ApplySchema)
}

fn lines(path: &str, text: &str, is_wanted: impl Fn(&Does) -> bool) -> Vec<usize> {
    let found = calls(path, text, ALL).into_iter();
    let wanted = found.filter(|call| is_wanted(&call.does));
    wanted.map(|call| call.line).collect()
}

/// The first call that upgrades.
fn upgrade(path: &str, text: &str) -> Upgrade {
    let mut found = calls(path, text, ALL).into_iter();
    let upgrade = found.find_map(|call| match call.does {
        Does::UpgradeHead(upgrade) => Some(upgrade),
        _ => None,
    });
    upgrade.expect("it upgrades")
}

#[test]
fn commands_are_found_in_every_form() {
    for command in [
        "alembic upgrade head",
        "  alembic   upgrade\thead  ",
        "alembic upgrade head --sql > x.sql",
        "alembic upgrade --sql head",
        "alembic upgrade --tag t head",
        "alembic upgrade head>log",
        "alembic -c x.ini -n s -x k=v upgrade head",
        "alembic --config=x.ini --name s -x 'k=a b' --raiseerr upgrade \"head\"",
        "python -m alembic upgrade head",
        "python3.12 -malembic upgrade head",
        "python -m alembic.config upgrade head",
        "uv run --frozen alembic upgrade head",
        "poetry run alembic upgrade head",
        "docker compose run --rm --log-level error web alembic upgrade head",
        ".venv/bin/alembic upgrade head",
        "$(VENV)/bin/alembic upgrade head",
        "${VENV}/bin/alembic upgrade head",
        "cd x && alembic upgrade head && exec gunicorn",
        "(cd x; alembic upgrade head)",
        "while ! alembic upgrade head; do sleep 1; done",
        "sh -c \"alembic upgrade head && uvicorn app:app\"",
        "bash -lc 'cd x; alembic upgrade head'",
        "docker exec web sh -c \"bash -c 'alembic upgrade head'\"",
        "CMD=\"alembic upgrade head\"",
        "DATABASE_URL=x alembic upgrade head",
        "alembic upgrade ${REVISION:-head}",
        "alembic upgrade head # the newest",
        "echo migrating; alembic upgrade head",
        "echo \"migrating\" && alembic upgrade head || echo 'alembic failed'",
        "flask db upgrade",
        "flask db upgrade head",
        "flask --app x db upgrade -d m && true",
        "flask db upgrade 2>&1 | tee log",
        "python manage.py db upgrade",
    ] {
        assert_eq!(
            lines_of("run.sh", &format!("set -e\n{command}\n")),
            [2],
            "{command}"
        );
    }
}

#[test]
fn what_does_not_run_it_is_not_found() {
    for command in [
        "alembic upgrade heads",
        "alembic upgrade procrastinate@head",
        "alembic upgrade head:base",
        "alembic upgrade +1",
        "alembic upgrade \"$REVISION\"",
        "alembic upgrade",
        "alembic downgrade head",
        "alembic stamp head",
        "alembic -c head upgrade heads",
        "alembic upgrade --tag head heads",
        "# alembic upgrade head",
        "true # alembic upgrade head",
        "echo alembic upgrade head",
        "@echo \"run alembic upgrade head && pray\"",
        "printf 'alembic upgrade head\\n'",
        "{ echo >&2 \"alembic upgrade head failed\"; exit 1; }",
        "echo 1>&2 alembic upgrade head",
        "cat <<END\nalembic upgrade head\nEND\n",
        "  cat >&2 <<-'END'\n\talembic upgrade head\n\tEND\n",
        "$(info run alembic upgrade head)",
        "grep -r 'alembic upgrade head' .",
        "\"$ALEMBIC\" upgrade head",
        "my-alembic upgrade head",
        "alembic_upgrade head",
        "alembic upgrade headless",
        "alembic upgrade head.",
        "flask db upgrade heads",
        "flask db upgrade +1",
        "flask db migrate",
        "flask run",
        "django db upgrade",
    ] {
        assert_eq!(lines_of("run.sh", command), [0; 0], "{command}");
    }
}

#[test]
fn what_is_shown_to_people_is_not_run() {
    for (path, text) in [
        (
            ".github/ISSUE_TEMPLATE/bug.yml",
            "body:\n  - description: |\n      Run `alembic upgrade head`.\n",
        ),
        (
            "tasks.json",
            "{\"tasks\": [\n {\"label\": \"alembic upgrade head\", \"command\": \"x\"}]}",
        ),
        (
            "tasks.json",
            "{\"type\": \"shell\", \"detail\": \"say \\\"alembic upgrade head\\\", or\", \"command\": \"x\"}",
        ),
        (
            "Dockerfile",
            "LABEL x=1 \\\n  description=\"alembic upgrade head\"\n",
        ),
    ] {
        assert_eq!(lines_of(path, text), [0; 0], "{text}");
    }
    for (path, text, line) in [
        (".github/workflows/x.yml", "run: alembic upgrade head\n", 1),
        (
            "tasks.json",
            "{\"tasks\": [\n {\"label\": \"x\", \"command\": \"alembic upgrade head\"}]}",
            2,
        ),
        (
            "tasks.json",
            "{\"label\": \"x\", \"command\": \"alembic\", \"args\": [\"upgrade\", \"head\"]}",
            1,
        ),
        ("x.sh", "cat > run.sh <<END\nalembic upgrade head\nEND\n", 2),
        ("x.sh", "cat <<END | sh\nalembic upgrade head\nEND\n", 2),
        ("x.sh", "cat <<END\nx\nEND\nalembic upgrade head\n", 4),
        ("x.sh", "alembic upgrade head >&2\n", 1),
        ("x.sh", "cat <<< x\nalembic upgrade head\n", 2),
    ] {
        assert_eq!(lines_of(path, text), [line], "{text}");
    }
}

#[test]
fn files_are_known_by_their_names() {
    for path in [
        "Makefile",
        "makefile",
        "a/GNUmakefile",
        "rules.mk",
        "justfile",
        "Justfile",
        "Dockerfile",
        "Dockerfile.prod",
        "docker/app.dockerfile",
        "Containerfile",
        "compose.yaml",
        "docker-compose.override.yml",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        "Jenkinsfile",
        "ci/deploy.Jenkinsfile",
        "Procfile",
        "render.yaml",
        "k8s/job.yaml",
        "tox.ini",
        "bin/start.sh",
        "x.bash",
    ] {
        assert_eq!(lines_of(path, "    alembic upgrade head"), [1], "{path}");
    }
    for path in [
        "README.md",
        "docs/x.rst",
        "x.txt",
        "notes",
        "x.ini",
        "x.json",
        "poetry.lock",
    ] {
        assert_eq!(lines_of(path, "    alembic upgrade head"), [0; 0], "{path}");
    }
    for (first, found) in [
        ("#!/bin/sh", true),
        ("#!/usr/bin/env bash", true),
        ("#!/usr/bin/env -S bash -e", true),
        ("#!/usr/bin/perl", false),
        ("# sh", false),
    ] {
        let text = format!("{first}\nalembic upgrade head\n");
        assert_eq!(!lines_of("bin/start", &text).is_empty(), found, "{first}");
    }
    let python =
        "#!/usr/bin/env python3\nfrom alembic.command import upgrade\nupgrade(c, 'head')\n";
    assert_eq!(lines_of("bin/migrate", python), [3]);
}

#[test]
fn the_configuration_that_is_named_is_kept() {
    for (command, config, section) in [
        ("alembic upgrade head", None, None),
        (
            "alembic -c x.ini -n s upgrade head",
            Some("x.ini"),
            Some("s"),
        ),
        ("alembic -cx.ini upgrade head", Some("x.ini"), None),
        (
            "alembic --config=x.ini --name=s upgrade head",
            Some("x.ini"),
            Some("s"),
        ),
        ("alembic --conf x.ini upgrade head", Some("x.ini"), None),
        ("alembic -c \"$DIR/x.ini\" upgrade head", None, None),
        ("alembic -c 'a b.ini' upgrade head", Some("a b.ini"), None),
        (
            "ALEMBIC_CONFIG=y.ini alembic upgrade head",
            Some("y.ini"),
            None,
        ),
        ("flask db upgrade", Some("migrations/alembic.ini"), None),
        ("flask db upgrade -d a/b/", Some("a/b/alembic.ini"), None),
    ] {
        let found = upgrade("a.sh", command);
        assert_eq!(found.config.as_deref(), config, "{command}");
        assert_eq!(found.section.as_deref(), section, "{command}");
    }
}
