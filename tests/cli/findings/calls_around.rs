//! `alembic upgrade head` of this project and of others, in the repository around it.

use super::{ENV, INI, finds, own, project};
use crate::support::releases::three;
use crate::support::{Project, put};

/// A project in `services/shop` of a repository, with two heads.
pub(super) fn shop() -> Project {
    let mut project = project(&three());
    own(&project, "mine", "mine", "None");
    let root = project.beside("repository/services/shop");
    std::fs::create_dir_all(root.parent().unwrap()).unwrap();
    std::fs::rename(&project.root, &root).unwrap();
    project.root = root;
    put(
        &project.root.join("../../.git/HEAD"),
        "ref: refs/heads/main\n",
    );
    put(&project.root.join("../mail/alembic.ini"), INI);
    put(&project.root.join("../mail/alembic/env.py"), ENV);
    project
}

/// `check` finds a call at `line` of `file`, which is relative to the project; none if the line is 0.
#[track_caller]
pub(super) fn at(project: &Project, file: &str, text: &str, line: usize) {
    let path = project.root.join(file);
    let there = std::fs::read_to_string(&path).ok();
    put(&path, text);
    let head = format!("error[upgrade-head] {file}:{line}");
    let facts: (&str, &[&str]) = (&head, &["alembic upgrade heads"]);
    finds(
        project,
        &three(),
        if line == 0 {
            &[]
        } else {
            std::slice::from_ref(&facts)
        },
    );
    match there {
        Some(there) => put(&path, there),
        None => std::fs::remove_file(&path).unwrap(),
    }
}

const STEPS: &str = "jobs:\n  test:\n    steps:\n";

#[test]
fn a_call_around_the_project_counts_where_it_names_it() {
    let project = shop();
    let steps = |text: &str| format!("{STEPS}{text}");
    for (file, text, line) in [
        (
            "../../Makefile",
            "up:\n\tcd services/shop; alembic upgrade head\n".to_owned(),
            2,
        ),
        (
            "../../Makefile",
            "up:\n\
             \t@cd services && (cd mail && make) && cd shop && \\\n\
             \t  uv run alembic upgrade head\n"
                .to_owned(),
            3,
        ),
        (
            "../../Makefile",
            "up:\n\talembic -c services/shop/alembic.ini upgrade head\n".to_owned(),
            2,
        ),
        (
            "../../Makefile",
            "up:\n\tuv --directory services/shop run alembic upgrade head\n".to_owned(),
            2,
        ),
        (
            "../../Makefile",
            "up:\n\tpoetry -C services/shop run alembic upgrade head\n".to_owned(),
            2,
        ),
        (
            "../../scripts/deploy.sh",
            "set -e\n\
             cd \"$ROOT/services/shop\"\n\
             pip install .\n\
             alembic upgrade head\n"
                .to_owned(),
            4,
        ),
        (
            "../../scripts/deploy.sh",
            "ALEMBIC_CONFIG=services/shop/alembic.ini alembic upgrade head\n".to_owned(),
            1,
        ),
        (
            "../../package.json",
            "{\n\
             \x20\"scripts\": {\n\
             \x20 \"up\": \"cd services/shop && alembic upgrade head\"\n\
             \x20}\n\
             }"
            .to_owned(),
            3,
        ),
        (
            "../../tasks.py",
            "import subprocess\n\
             subprocess.run([\"alembic\", \"upgrade\", \"head\"], cwd=\"services/shop\")\n"
                .to_owned(),
            2,
        ),
        (
            "../Makefile",
            "up:\n\tcd shop && alembic upgrade head\n".to_owned(),
            2,
        ),
        (
            "../mail/Makefile",
            "up:\n\tcd ../shop && alembic upgrade head\n".to_owned(),
            2,
        ),
        (
            "../../.github/workflows/ci.yml",
            steps("      - run: cd services/shop && alembic upgrade head\n"),
            4,
        ),
        (
            "../../.github/workflows/ci.yml",
            steps(
                "      - name: x\n\
             \x20       run: |\n\
             \x20         pip install .\n\
             \x20         alembic upgrade head\n\
             \x20       working-directory: services/shop\n\
             \x20     - run: make\n",
            ),
            7,
        ),
        (
            "../../.github/workflows/ci.yml",
            steps(
                "      - working-directory: ${{ github.workspace }}/services/shop\n\
             \x20       run: alembic upgrade head\n",
            ),
            5,
        ),
        (
            "../../.github/workflows/ci.yml",
            format!(
                "defaults:\n\
             \x20 run:\n\
             \x20   working-directory: 'services/shop'  # ours\n\
             {}",
                steps("    - run: alembic upgrade head\n")
            ),
            7,
        ),
        (
            "../../.gitlab-ci.yml",
            "test:\n\
             \x20 script:\n\
             \x20   - cd services/shop\n\
             \x20   - pip install .\n\
             \x20   - alembic upgrade head\n"
                .to_owned(),
            5,
        ),
        (
            "../../.circleci/config.yml",
            "jobs:\n\
             \x20 test:\n\
             \x20   working_directory: services/shop\n\
             \x20   steps:\n\
             \x20     - run:\n\
             \x20         command: alembic upgrade head\n"
                .to_owned(),
            6,
        ),
        (
            "../../compose.yaml",
            "services:\n\
             \x20 shop:\n\
             \x20   build: ./services/shop\n\
             \x20   command: alembic upgrade head\n"
                .to_owned(),
            4,
        ),
        (
            "../../compose.yaml",
            "services:\n\
             \x20 shop:\n\
             \x20   command: alembic upgrade head\n\
             \x20   build:\n\
             \x20     context: services/shop\n"
                .to_owned(),
            3,
        ),
        (
            "../../Taskfile.yml",
            "tasks:\n\
             \x20 build: make\n\
             \x20 up: cd services/shop && alembic upgrade head\n"
                .to_owned(),
            3,
        ),
        (
            "../../Taskfile.yml",
            "tasks:\n\
             \x20 up:\n\
             \x20   cmds:\n\
             \x20     - alembic upgrade head\n\
             \x20   dir: services/shop\n"
                .to_owned(),
            4,
        ),
    ] {
        at(&project, file, &text, line);
    }
}

#[test]
fn a_call_around_the_project_may_be_anybodys() {
    let project = shop();
    let steps = |text: &str| format!("{STEPS}{text}");
    for (file, text) in [
        ("../../Makefile", "up:\n\talembic upgrade head\n".to_owned()),
        (
            "../../Makefile",
            "up:\n\tcd services/mail && alembic upgrade head\n".to_owned(),
        ),
        (
            "../../Makefile",
            "up:\n\tcd services/shop\n\talembic upgrade head\n".to_owned(),
        ),
        (
            "../../Makefile",
            "up:\n\t(cd services/shop && make); alembic upgrade head\n".to_owned(),
        ),
        (
            "../../Makefile",
            "up:\n\tcd $(DIR) && alembic upgrade head\n".to_owned(),
        ),
        (
            "../../Makefile",
            "up:\n\talembic -c services/shop/alembic.ini -n mail upgrade head\n".to_owned(),
        ),
        (
            "../mail/run.sh",
            "alembic -c /services/shop/alembic.ini upgrade head\n".to_owned(),
        ),
        (
            "../mail/run.sh",
            "cd /app && alembic upgrade head\n".to_owned(),
        ),
        (
            "../mail/run.sh",
            "alembic -c alembic.ini upgrade head\n".to_owned(),
        ),
        (
            "../../run.sh",
            "cd services/shop\nmake\ncd -\nalembic upgrade head\n".to_owned(),
        ),
        (
            "../../run.sh",
            "alembic -c other/alembic.ini upgrade head\n".to_owned(),
        ),
        (
            "../../run.sh",
            "cd services/shop && alembic upgrade heads\n".to_owned(),
        ),
        (
            "../../.github/workflows/ci.yml",
            steps(
                "      - run: make\n        working-directory: services/shop\n      - run: alembic upgrade head\n",
            ),
        ),
        (
            "../../.github/workflows/ci.yml",
            steps("      - run: cd services/shop && make\n      - run: alembic upgrade head\n"),
        ),
        (
            "../../.github/workflows/ci.yml",
            steps(
                "      - run: |\n          cd services/shop\n          make\n      - run: |\n          alembic upgrade head\n",
            ),
        ),
        (
            "../../.github/workflows/ci.yml",
            format!(
                "defaults:\n  run:\n    working-directory: services/shop\n{}",
                steps(
                    "      - run: alembic upgrade head\n        working-directory: services/mail\n"
                )
            ),
        ),
        (
            "../../.gitlab-ci.yml",
            "a:\n  script:\n    - cd services/shop\nb:\n  script:\n    - alembic upgrade head\n"
                .to_owned(),
        ),
        (
            "../../Taskfile.yml",
            "tasks:\n  a:\n    dir: services/shop\n  b:\n    cmds: [alembic upgrade head]\n"
                .to_owned(),
        ),
        (
            "../../.github/workflows/ci.yml",
            "jobs:\n  build:\n    steps:\n      - with:\n          context: services/shop\n        working-directory: services/shop\n  test:\n    steps:\n      - run: alembic upgrade head\n".to_owned(),
        ),
        (
            "../../compose.yaml",
            "services:\n  shop:\n    build: services/shop\n  mail:\n    build: services/mail\n    command: alembic upgrade head\n".to_owned(),
        ),
        (
            "../../node_modules/x/run.sh",
            "cd services/shop && alembic upgrade head\n".to_owned(),
        ),
    ] {
        at(&project, file, &text, 0);
    }
    // Above the repository nothing is the project's.
    at(
        &project,
        "../../../Makefile",
        "up:\n\tcd repository/services/shop && alembic upgrade head\n",
        0,
    );
}
