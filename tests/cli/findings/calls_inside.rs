//! What is in the project, by the path of a container or of another configuration: calls of `alembic upgrade head`, and images.

use super::calls_around::{at, shop};
use super::{ENV, INI, finds, project};
use crate::support::put;
use crate::support::releases::three;

#[cfg(unix)]
#[test]
fn the_path_of_a_container_is_the_projects() {
    let project = shop();
    for (file, text, line) in [
        ("run.sh", "alembic -c /app/alembic.ini upgrade head\n", 1),
        (
            "run.sh",
            "alembic --config=/srv/shop/alembic.ini upgrade head\n",
            1,
        ),
        (
            "run.sh",
            "ALEMBIC_CONFIG=/app/alembic.ini alembic upgrade head\n",
            1,
        ),
        ("run.sh", "cd /app && alembic upgrade head\n", 1),
        (
            "Dockerfile",
            "FROM x\nCMD [\"alembic\", \"-c\", \"/app/alembic.ini\", \"upgrade\", \"head\"]\n",
            2,
        ),
        (
            "compose.yaml",
            "services:\n  a:\n    command:\n      - alembic\n      - -c\n      - /app/alembic.ini\n      - upgrade\n      - head\n",
            4,
        ),
        (
            "compose.yaml",
            "services:\n  a:\n    entrypoint: [alembic, --config=/app/alembic.ini]\n    command: [upgrade, head]\n",
            3,
        ),
        (
            "compose.yaml",
            "services:\n  a:\n    entrypoint: alembic\n    command:\n      - upgrade\n      - head\n",
            3,
        ),
        (
            "Taskfile.yml",
            "tasks:\n  up:\n    cmds:\n      - alembic -c /app/alembic.ini upgrade head\n",
            4,
        ),
        (
            "Taskfile.yml",
            "tasks:\n  up:\n    dir: '{{.ROOT_DIR}}'\n    cmd: alembic upgrade head\n",
            4,
        ),
        (
            "deploy/task-definition.json",
            "{\"containerDefinitions\": [{\n \"command\": [\n  \"alembic\",\n  \"upgrade\",\n  \"head\"\n ]\n}]}\n",
            3,
        ),
        (
            ".vscode/tasks.json",
            "{\"tasks\": [{\n // alembic upgrade head\n \"label\": \"alembic upgrade head\",\n \"command\": \"alembic\",\n \"args\": [\"upgrade\", \"head\"]\n}]}\n",
            4,
        ),
        (
            "deploy/shop.service",
            "[Service]\nExecStartPre=/srv/shop/.venv/bin/alembic -c /srv/shop/alembic.ini upgrade head\n",
            2,
        ),
        (
            "deploy/shop.service",
            "[Service]\nExecStartPre=-alembic upgrade head\n",
            2,
        ),
        (
            "deploy/shop.container",
            "[Container]\nExec=alembic upgrade head\n",
            2,
        ),
        (
            "deploy/main.tf",
            "resource \"x\" \"y\" {\n  # alembic upgrade head\n  command = [\"alembic\", \"upgrade\", \"head\"]\n}\n",
            3,
        ),
        (
            "deploy/main.tf",
            "x = jsonencode([{\n  // alembic upgrade head\n  command = [\n    \"alembic\", \"-c\", \"/app/alembic.ini\",\n    \"upgrade\", \"head\",\n  ]\n}])\n",
            4,
        ),
        (
            "deploy/main.tf",
            "provisioner \"local-exec\" {\n  command = \"cd ${path.module}/.. && alembic upgrade head\"\n}\n",
            2,
        ),
        (
            "deploy/job.nomad",
            "config {\n  command = \"alembic\"\n  args = [\"upgrade\", \"head\"]\n}\n",
            2,
        ),
        (
            "app.py",
            "from alembic import command\n\n\ndef up(version=None):\n    command.upgrade(cfg, version or \"head\")\n",
            5,
        ),
        ("Makefile", "up:\n\t-alembic upgrade head\n", 2),
    ] {
        at(&project, file, text, line);
    }
}

#[cfg(unix)]
#[test]
fn another_configuration_in_the_project_is_not_meant() {
    let project = shop();
    put(&project.root.join("other/alembic.ini"), INI);
    put(&project.root.join("other/alembic/env.py"), ENV);
    for (file, text) in [
        ("run.sh", "alembic -c /app/other/alembic.ini upgrade head\n"),
        (
            "run.sh",
            "alembic --config=other/alembic.ini upgrade head\n",
        ),
        ("run.sh", "cd other && alembic upgrade head\n"),
        ("run.sh", "cd other\nalembic upgrade head\n"),
        ("run.sh", "uv run --directory other alembic upgrade head\n"),
        ("other/run.sh", "alembic -c alembic.ini upgrade head\n"),
        ("other/Dockerfile", "CMD alembic upgrade head\n"),
        ("other/bin/run.sh", "alembic upgrade head\n"),
        ("run.sh", "alembic -c /app/shop.ini upgrade head\n"),
        ("run.sh", "alembic -c ../mail/alembic.ini upgrade head\n"),
    ] {
        at(&project, file, text, 0);
    }
    for text in [
        "(cd other && make); alembic upgrade head\n",
        "cd other && make\ncd ..\nalembic upgrade head\n",
        "cd other; cd ../ && alembic upgrade head\n",
    ] {
        at(&project, "run.sh", text, text.lines().count());
    }
}

/// Another service has scripts of its own, which are called alike.
#[test]
fn an_image_of_another_service_is_not_meant() {
    let project = project(&three());
    let image = "services/mail/Dockerfile";
    put(
        &project.root.join(image),
        "FROM x\nCOPY alembic/versions /app/alembic/versions\n",
    );
    let head = "error[not-in-image] services/mail/Dockerfile:2";
    finds(&project, &three(), &[(head, &[])]);
    put(
        &project.root.join("services/mail/alembic/versions/x.py"),
        "",
    );
    finds(&project, &three(), &[]);
}
