use super::lines_of;

#[test]
fn commands_over_several_lines_are_put_together() {
    for (path, text, line) in [
        (
            "a.sh",
            "uv run \\\n  alembic \\\n  # why\n  upgrade \\\n  head\n",
            2,
        ),
        ("a.sh", "sh -c \"\n  alembic upgrade head\n\"\n", 2),
        (
            "Dockerfile",
            "FROM x\nCMD [\"alembic\", \"upgrade\", \"head\"]\n",
            2,
        ),
        (
            "Dockerfile",
            "RUN x \\\n # comment\n && alembic upgrade head\n",
            3,
        ),
        (
            "Dockerfile",
            "ENTRYPOINT [\"sh\", \"-c\", \"alembic upgrade head && exec \\\"$@\\\"\"]",
            1,
        ),
        (
            "c.yml",
            "s:\n  command: ['alembic', 'upgrade', 'head']\n",
            2,
        ),
        (
            "c.yml",
            "s:\n  command: [\n    alembic,\n    upgrade, head\n  ]\n",
            3,
        ),
        (
            "c.yml",
            "s:\n  command:\n    - alembic\n    - upgrade\n    - \"head\"\n",
            3,
        ),
        (
            "c.yml",
            "s:\n  command:\n    - alembic\n    - -x\n    - \"a=b c\"\n    - 'upgrade'\n    - head\n",
            3,
        ),
        (
            "c.yml",
            "s:\n  - make\n  - 'alembic upgrade head'\n  - \"echo done\"\n",
            3,
        ),
        (
            "c.yml",
            "s:\n  command:\n  - python\n  - -m\n  - alembic\n  - upgrade\n  - head\n",
            5,
        ),
        (
            "c.yml",
            "s:\n  command:\n    - sh\n    - -c\n    - alembic upgrade head\n",
            5,
        ),
        (
            "c.yml",
            "s:\n  command: >\n    sh -c \"cd x &&\n    alembic -c y.ini\n    upgrade head\"\n",
            4,
        ),
        (
            "c.yml",
            "s:\n  command: >-\n    alembic\n    upgrade\n    head\n\n  x: y\n",
            3,
        ),
        (
            "c.yml",
            "- run: |\n    pip install .\n    alembic upgrade head\n",
            3,
        ),
        ("c.yml", "- run: alembic upgrade head\n", 1),
        ("c.yml", "- {run: alembic upgrade head}\n", 1),
        ("c.yml", "script:\n  - pip\n  - alembic upgrade head\n", 3),
        (
            "c.yml",
            "c:\n- name: x\n  command: [\"alembic\"]\n  args: [\"upgrade\", \"head\"]\n",
            3,
        ),
        (
            "c.yml",
            "c:\n- command: [alembic]\n  args:\n    - upgrade\n    - head\n",
            2,
        ),
        (
            "c.yml",
            "c:\n- command:\n  - alembic\n  args:\n  - upgrade\n  - head\n",
            3,
        ),
        (
            "Jenkinsfile",
            "stage('x') { sh 'alembic upgrade head' }\n",
            1,
        ),
        (
            "Jenkinsfile",
            "sh \"\"\"\n  alembic upgrade head\n\"\"\"\n",
            2,
        ),
        (
            "fly.toml",
            "[deploy]\n  release_command = \"alembic upgrade head\"\n",
            2,
        ),
        (
            "pyproject.toml",
            "[tool.poe.tasks]\nm = { cmd = \"alembic upgrade head\", help = \"x\" }\n",
            2,
        ),
        (
            "pyproject.toml",
            "[tool.pdm.scripts]\nm = [\n  \"alembic\",\n  \"upgrade\",\n  \"head\",\n]\n",
            3,
        ),
        (
            "pyproject.toml",
            "[tool.hatch.envs.default.scripts]\nm = [\n  \"alembic upgrade head\",\n  \"pytest\",\n]\n",
            3,
        ),
        (
            "package.json",
            "{\n \"scripts\": {\n  \"migrate\": \"cd b && alembic upgrade head\"\n }\n}",
            3,
        ),
        (
            "tox.ini",
            "[testenv]\ncommands =\n    alembic upgrade head\n",
            3,
        ),
        (
            "Makefile",
            "db: ## alembic upgrade head\n\t@alembic upgrade head\n",
            2,
        ),
        ("Procfile", "release: alembic upgrade head\r\nweb: x\r\n", 1),
        (
            "justfile",
            "migrate:\n    -uv run alembic upgrade head\n",
            2,
        ),
    ] {
        assert_eq!(lines_of(path, text), [line], "{path}:\n{text}");
    }
}

#[test]
fn labels_and_lists_of_other_things_are_no_commands() {
    for (path, text) in [
        ("c.yml", "- name: Run alembic upgrade head\n  run: make\n"),
        ("c.yml", "- displayName: 'alembic upgrade head'\n"),
        ("c.yml", "x:\n  - alembic\n  - upgrade\ny:\n  - head\n"),
        ("c.yml", "x:\n  - alembic\n  - upgrade\n    - head\n"),
        (
            "c.yml",
            "command: [alembic]\nother:\n  args: [upgrade, head]\n",
        ),
        ("c.yml", "command: >\n  alembic\n\n  upgrade head\n"),
        (
            "tox.ini",
            "; alembic upgrade head\ndescription = alembic upgrade head\n",
        ),
        (
            "pyproject.toml",
            "description = \"calls alembic upgrade head\"\n",
        ),
        (
            "package.json",
            "{\n \"description\": \"alembic upgrade head\"\n}",
        ),
        (
            "Jenkinsfile",
            "stage('alembic upgrade head') {\n// alembic upgrade head\n /* alembic upgrade head */\n",
        ),
        (
            "Jenkinsfile",
            "echo 'alembic upgrade head'\nprintln('alembic upgrade head')\n",
        ),
        (
            "Jenkinsfile",
            "stage('alembic upgrade head') { sh 'make' }\n",
        ),
    ] {
        assert_eq!(lines_of(path, text), [0; 0], "{path}:\n{text}");
    }
}
