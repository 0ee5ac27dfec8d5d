//! `alembic upgrade head` in build files, CI, containers and scripts.

use super::{ENV, INI, edit, finds, own, packages, project};
use crate::support::releases::three;
use crate::support::{Project, put};

/// Files that call it, and the line in each.
const CALLS: [(&str, &str, usize); 10] = [
    (
        "Makefile",
        "migrate:\n\tpoetry run alembic upgrade head\n",
        2,
    ),
    (
        "Dockerfile",
        "FROM python\nCMD alembic upgrade head && serve\n",
        2,
    ),
    (
        "docker-compose.yml",
        "services:\n  web:\n    command: [\"alembic\", \"upgrade\", \"head\"]\n",
        3,
    ),
    (
        "scripts/start.sh",
        "#!/bin/sh\nset -e\nexec python -m alembic upgrade head\n",
        3,
    ),
    (
        ".github/workflows/ci.yml",
        "jobs:\n  test:\n    steps:\n      - run: uv run alembic upgrade head\n",
        4,
    ),
    (
        ".gitlab-ci.yml",
        "test:\n  script:\n    - alembic upgrade head\n",
        3,
    ),
    ("Procfile", "web: serve\nrelease: alembic upgrade head\n", 2),
    (
        "tox.ini",
        "[testenv]\ncommands =\n    alembic upgrade head\n",
        3,
    ),
    ("justfile", "migrate:\n    alembic upgrade head\n", 2),
    (
        "pyproject.toml",
        "[tool.poe.tasks]\nmigrate = \"alembic upgrade head\"\n",
        2,
    ),
];

#[test]
fn with_several_heads_each_call_is_named() {
    for package in packages() {
        let project = project(&package);
        for (file, text, _) in CALLS {
            put(&project.root.join(file), text);
        }
        finds(&project, &package, &[]);
        own(&project, "mine", "mine", "None");
        let mut heads: Vec<String> = CALLS
            .iter()
            .map(|(file, _, line)| format!("error[upgrade-head] {file}:{line}"))
            .collect();
        heads.sort();
        let facts: &[&str] = &[
            "alembic upgrade head",
            "alembic upgrade heads",
            "several heads",
        ];
        let expected: Vec<(&str, &[&str])> =
            heads.iter().map(|head| (head.as_str(), facts)).collect();
        finds(&project, &package, &expected);
    }
}

#[test]
fn a_call_with_another_section_or_configuration_is_not_meant() {
    let project = project(&three());
    own(&project, "mine", "mine", "None");
    let text = "up:\n\talembic -n shop upgrade head\n\talembic -c other.ini upgrade head\n\talembic -c alembic.ini upgrade head\n";
    put(&project.root.join("Makefile"), text);
    finds(
        &project,
        &three(),
        &[("error[upgrade-head] Makefile:4", &["-c alembic.ini"])],
    );
}

/// What `alembic upgrade head` runs is decided by the revisions, and so is what mends it.
#[test]
fn a_merge_mends_it() {
    let project = project(&three());
    put(
        &project.root.join("Makefile"),
        "up:\n\talembic upgrade head\n",
    );
    own(&project, "mine", "mine", "None");
    finds(
        &project,
        &three(),
        &[("error[upgrade-head] Makefile:2", &[])],
    );
    let last = project.ids().pop().unwrap();
    own(&project, "merge", "merge", &format!("(\"mine\", {last:?})"));
    finds(&project, &three(), &[]);
    edit(
        &project,
        "alembic/versions/merge.py",
        "(\"mine\", ",
        "(\"mine\",  ",
    );
    finds(&project, &three(), &[]);
}

/// Files that apply Procrastinate's schema, and the line in each.
const APPLIES: [(&str, &str, usize); 9] = [
    (
        "docker/entrypoint.sh",
        "#!/bin/sh\nset -e\nalembic upgrade heads\nprocrastinate --app=app.queue.app schema --apply\nexec serve\n",
        4,
    ),
    (
        "compose.yaml",
        "services:\n  migrate:\n    command: [\"procrastinate\", \"schema\", \"--apply\"]\n",
        3,
    ),
    (
        ".github/workflows/ci.yml",
        "jobs:\n  test:\n    steps:\n      - run: uv run procrastinate -a app.queue.app schema\n",
        4,
    ),
    (
        "Makefile",
        "queue:\n\tpython -m procrastinate schema --apply\n",
        2,
    ),
    (
        "pyproject.toml",
        "[tool.poe.tasks]\nqueue = \"procrastinate schema --apply\"\n",
        2,
    ),
    (
        "scripts/setup.sh",
        "psql \"$URL\" -f .venv/lib/python3.13/site-packages/procrastinate/sql/schema.sql\n",
        1,
    ),
    (
        "app/main.py",
        "from app.queue import app\n\n\nasync def start():\n    async with app.open_async():\n        \
         await app.schema_manager.apply_schema_async()\n",
        6,
    ),
    (
        "app/setup.py",
        "from procrastinate.schema import SchemaManager\n\nSchemaManager(connector).apply_schema()\n",
        3,
    ),
    (
        "manage",
        "#!/usr/bin/env python3\nimport subprocess\nsubprocess.run([\"procrastinate\", \"schema\"], check=True)\n",
        3,
    ),
];

#[test]
fn what_applies_the_schema_is_named() {
    for package in packages() {
        let project = project(&package);
        for (file, text, _) in APPLIES {
            put(&project.root.join(file), text);
        }
        let mut heads: Vec<String> = APPLIES
            .iter()
            .map(|(file, _, line)| format!("error[schema-apply] {file}:{line}"))
            .collect();
        heads.sort();
        let facts: &[&str] = &["makes Procrastinate's tables", "already exists", "stamp"];
        let expected: Vec<(&str, &[&str])> =
            heads.iter().map(|head| (head.as_str(), facts)).collect();
        finds(&project, &package, &expected);
    }
}

#[test]
fn a_schema_that_is_not_applied_to_this_database_is_not_meant() {
    let project = project(&three());
    for (file, text) in [
        ("tests/conftest.py", "app.schema_manager.apply_schema()\n"),
        ("app/tests/db.sh", "procrastinate schema --apply\n"),
        ("test_queue.py", "app.schema_manager.apply_schema()\n"),
        ("README.md", "Run `procrastinate schema --apply`.\n"),
        (
            "show.sh",
            "procrastinate schema --read\n# procrastinate schema --apply\necho procrastinate schema --apply\n",
        ),
        ("dist/run.sh", "procrastinate schema --apply\n"),
    ] {
        put(&project.root.join(file), text);
    }
    // Revisions have findings of their own.
    let applies = "revision = \"own\"\ndown_revision = None\n\n\ndef upgrade():\n    app.schema_manager.apply_schema()\n";
    put(&project.root.join("alembic/versions/own.py"), applies);
    let own = (
        "error[own-schema] alembic/versions/own.py:6",
        &["apply_schema"][..],
    );
    finds(&project, &three(), &[own]);
}

#[test]
fn what_applies_the_schema_is_named_before_anything_is_vendored() {
    let project = Project::new();
    put(
        &project.root.join("run.sh"),
        "procrastinate schema --apply\n",
    );
    let outcome = project.check(&three(), &[]);
    outcome.exits(1).out_has(&[
        "error[schema-apply] run.sh:1",
        "Fix by hand, as the help above says: `schema-apply`\n  vendor-migrations sync\n",
    ]);
}

/// A connector needs nothing, and no image lacks anything, as long as there is nothing that they could lack.
#[test]
fn what_has_to_fit_vendored_revisions_is_not_named_before_there_are_any() {
    let project = Project::new();
    put(
        &project.root.join("app.py"),
        "PsycopgConnector(kwargs={\"options\": \"-c search_path=jobs\"})\n",
    );
    put(
        &project.root.join("Dockerfile"),
        "FROM python\nCOPY alembic/versions /app/alembic/versions\nCOPY alembic.ini /app/\n",
    );
    let outcome = project.check(&three(), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.exits(1).out).unwrap();
    let found = report["findings"].as_array().unwrap().iter();
    let codes: Vec<&str> = found.map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["not-vendored"]);
}

#[test]
fn what_applies_the_schema_can_be_accepted() {
    let project = project(&three());
    let (file, text, line) = APPLIES[0];
    put(&project.root.join(file), text);
    let head = format!("error[schema-apply] {file}:{line}");
    finds(&project, &three(), &[(&head, &[])]);
    let accept = format!(
        "[[accept]]\ncode = \"schema-apply\"\npath = {file:?}\nreason = \"another database\"\n"
    );
    put(&project.root.join("vendor-migrations.toml"), accept);
    finds(&project, &three(), &[]);
    let outcome = project.check(&three(), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.exits(0).out).unwrap();
    let accepted = &report["accepted"][0];
    assert_eq!(accepted["code"], "schema-apply");
    assert_eq!(
        (&accepted["path"], &accepted["line"]),
        (&file.into(), &line.into())
    );
}

/// What cannot be read is said, with one head, too.
#[test]
fn a_file_that_is_not_searched_is_noted() {
    let project = project(&three());
    put(&project.root.join("large.sh"), "#".repeat((1 << 20) + 1));
    let outcome = project.check(&three(), &["--strict"]);
    outcome
        .exits(0)
        .err_has(&["large.sh was not searched for calls of Alembic and Procrastinate"]);
}

/// A way to tell that the project is the root: a directory above is somebody else's.
#[test]
fn files_outside_of_the_project_are_not_searched() {
    let project: Project = project(&three());
    own(&project, "mine", "mine", "None");
    put(&project.beside("Makefile"), "up:\n\talembic upgrade head\n");
    finds(&project, &three(), &[]);
}

/// Directories of other people's code and of tools' output, with what a tool leaves in them where the name alone does not tell.
const FOREIGN: [&str; 14] = [
    "node_modules/x",
    "bower_components/x",
    "lib/site-packages/x",
    "__pypackages__/x",
    "__pycache__/x",
    "venv/x",
    "target/x",
    "dist/x",
    ".cache/x",
    "env/pyvenv.cfg",
    "conda/conda-meta/x",
    "build/bdist.linux-x86_64/x",
    "build/CMakeCache.txt",
    "vendor/modules.txt",
];

/// Directories that people write in.
const OWN: [&str; 4] = ["build/x", "vendor/x", "services/vendor/x", "deploy/x"];

/// The directory that is foreign, or not, by an entry of one of the lists above.
fn directory_of(entry: &str) -> &str {
    let name = entry.strip_suffix("/bdist.linux-x86_64/x");
    let name = name.or_else(|| entry.strip_suffix("/conda-meta/x"));
    name.or_else(|| entry.rsplit_once('/').map(|(name, _)| name))
        .unwrap()
}

#[test]
fn calls_in_foreign_directories_are_not_the_projects() {
    let project = project(&three());
    own(&project, "mine", "mine", "None");
    for (entries, found) in [(&FOREIGN[..], false), (&OWN[..], true)] {
        for entry in entries {
            let call = format!("{}/run.sh", directory_of(entry));
            let file = project.root.join(&call);
            put(&project.root.join(entry), "");
            put(&file, "alembic upgrade head\n");
            let head = format!("error[upgrade-head] {call}:1");
            let expected: &[(&str, &[&str])] = if found { &[(&head, &[])] } else { &[] };
            finds(&project, &three(), expected);
            std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
        }
    }
}

#[test]
fn configurations_in_foreign_directories_are_not_the_projects() {
    for (entries, found) in [(&FOREIGN[..], false), (&OWN[..], true)] {
        for entry in entries {
            let project = Project::bare();
            put(&project.root.join("backend/alembic.ini"), INI);
            put(&project.root.join("backend/alembic/env.py"), ENV);
            let other = format!("{}/alembic.ini", directory_of(entry));
            put(&project.root.join(entry), "");
            put(&project.root.join(&other), INI);
            let outcome = project.run(&["check"]);
            assert_eq!(outcome.err.contains(&other), found, "{entry}: {outcome}");
        }
    }
}

#[test]
fn an_image_that_leaves_the_vendored_directory_out_is_named() {
    let copies = |lines: &str, head: Option<&str>| {
        let project = project(&three());
        put(
            &project.root.join("Dockerfile"),
            format!("FROM python\n{lines}"),
        );
        let expected: Vec<(&str, &[&str])> = head
            .iter()
            .map(|head| (*head, &["alembic/versions_procrastinate"][..]))
            .collect();
        finds(&project, &three(), &expected);
    };
    copies(
        "COPY alembic.ini .\nCOPY alembic/env.py alembic/versions /app/alembic/\n",
        Some("error[not-in-image] Dockerfile:3"),
    );
    copies(
        "COPY ./alembic/versions/ \\\n  /app/alembic/versions/\n",
        Some("error[not-in-image] Dockerfile:2"),
    );
    for all in [
        "COPY . /app\n",
        "COPY alembic /app/alembic\n",
        "COPY alembic/versions /a\nCOPY alembic/versions_procrastinate /b\n",
        "COPY alembic/versions* /app/\n",
        "COPY $DIR alembic/versions /app/\n",
        "COPY --from=build alembic/versions /app/\n",
        "COPY src /app\n",
        "# COPY alembic/versions /app\n",
    ] {
        copies(all, None);
    }
}

#[test]
fn a_package_that_leaves_the_vendored_directory_out_is_named() {
    let lists = |backend: &str, settings: &str, line: Option<usize>| {
        let project = project(&three());
        let system = format!(
            "[build-system]\nrequires = [\"{backend}\"]\nbuild-backend = \"{backend}.build\"\n"
        );
        put(
            &project.root.join("pyproject.toml"),
            format!("{system}[project]\nname = \"my-app\"\n{settings}"),
        );
        let head = line.map(|line| format!("error[not-in-package] pyproject.toml:{line}"));
        let expected: Vec<(&str, &[&str])> = head
            .iter()
            .map(|head| (head.as_str(), &["alembic/versions_procrastinate"][..]))
            .collect();
        finds(&project, &three(), &expected);
    };
    let setuptools = "[tool.setuptools]\npackages = [\n  \"alembic\",\n  \"alembic.versions\",\n";
    lists("setuptools", &format!("{setuptools}]\n"), Some(8));
    let listed = format!("{setuptools}  \"alembic.versions_procrastinate\",\n]\n");
    lists("setuptools", &listed, None);
    for (data, line) in [
        ("versions/*.py", Some(8)),
        ("versions*/*.py", None),
        ("**/*.py", None),
    ] {
        let data =
            format!("{setuptools}]\n[tool.setuptools.package-data]\nalembic = [\"{data}\"]\n");
        lists("setuptools", &data, line);
    }
    let data = format!(
        "{}]\n[tool.setuptools.package-data]\nalembic = [\"versions/*.py\", \"*.mako\"]\n",
        "[tool.setuptools]\npackages = [\n  \"alembic\",\n"
    );
    lists("setuptools", &data, Some(8));
    let find = "[tool.setuptools.packages.find]\n";
    lists(
        "setuptools",
        &format!("{find}include = [\"alembic\", \"alembic.versions\"]\n"),
        Some(7),
    );
    lists(
        "setuptools",
        &format!("{find}include = [\"alembic*\"]\n"),
        None,
    );
    let data = "[tool.setuptools.package-data]\nalembic = [\"versions/*.py\"]\n";
    lists("setuptools", &format!("{find}{data}"), None);
    lists(
        "setuptools",
        &format!("{find}namespaces = false\n{data}"),
        Some(9),
    );

    let wheel = "[tool.hatch.build.targets.wheel]\n";
    lists(
        "hatchling",
        &format!("{wheel}include = [\"/alembic/versions/*.py\"]\n"),
        Some(7),
    );
    lists(
        "hatchling",
        &format!("{wheel}only-include = [\"src\", \"alembic/versions\"]\n"),
        Some(7),
    );
    let forced = "[tool.hatch.build.targets.wheel.force-include]\n\"alembic/versions\" = \"my_app/versions\"\n";
    lists("hatchling", forced, Some(7));
    lists(
        "hatchling",
        &format!("{forced}\"alembic/versions_procrastinate\" = \"my_app/p\"\n"),
        None,
    );
    lists(
        "hatchling",
        &format!("{wheel}include = [\"alembic\"]\n"),
        None,
    );
    lists(
        "hatchling",
        &format!("{wheel}packages = [\"src/my_app\"]\n"),
        None,
    );

    let poetry = |include: &str| {
        format!(
            "[tool.poetry]\npackages = [{{ include = \"my_app\", from = \"src\" }}]\ninclude = [{include}]\n"
        )
    };
    lists("poetry", &poetry("\"alembic/versions/*.py\""), Some(8));
    lists(
        "poetry",
        &poetry("{ path = \"alembic/versions\", format = \"wheel\" }"),
        Some(8),
    );
    lists("poetry", &poetry("\"alembic/**/*.py\""), None);

    lists(
        "pdm",
        "[tool.pdm.build]\nincludes = [\"src\", \"alembic/versions\"]\n",
        Some(7),
    );
    lists(
        "pdm",
        "[tool.pdm.build]\nincludes = [\"src\", \"alembic\"]\n",
        None,
    );
    lists("uv_build", "", None);
}

#[test]
fn what_a_manifest_or_git_may_add_is_not_missed() {
    let project = project(&three());
    let list = "[tool.setuptools]\npackages = [\"alembic\", \"alembic.versions\"]\n";
    let system = |requires: &str| {
        format!(
            "[build-system]\nrequires = [{requires}]\nbuild-backend = \"setuptools.build_meta\"\n{list}"
        )
    };
    put(
        &project.root.join("pyproject.toml"),
        system("\"setuptools\""),
    );
    let missed: (&str, &[&str]) = (
        "error[not-in-package] pyproject.toml:5",
        &["list alembic/versions_procrastinate"],
    );
    finds(&project, &three(), &[missed]);
    put(&project.root.join("MANIFEST.in"), "graft alembic\n");
    finds(&project, &three(), &[]);
    std::fs::remove_file(project.root.join("MANIFEST.in")).unwrap();
    put(
        &project.root.join("pyproject.toml"),
        system("\"setuptools\", \"setuptools-scm>=8\""),
    );
    finds(&project, &three(), &[]);
}
