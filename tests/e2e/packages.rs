//! What a wheel of the project has of the vendored directory, held against what `check` says of its `pyproject.toml`.

use fs_err as fs;

use crate::support::database::Driver;
use crate::support::process::run;
use crate::support::project::Project;
use crate::support::python;

/// Build backends, each with what it requires.
const SETUPTOOLS: (&str, &str) = ("setuptools.build_meta", "setuptools==80.9.0");
const HATCHLING: (&str, &str) = ("hatchling.build", "hatchling==1.27.0");
const POETRY: (&str, &str) = ("poetry.core.masonry.api", "poetry-core==2.1.3");
const PDM: (&str, &str) = ("pdm.backend", "pdm-backend==2.4.5");

/// Lists with the project's own revisions, and whether they have the vendored ones.
const LISTS: [((&str, &str), &str, bool); 11] = [
    (
        SETUPTOOLS,
        "[tool.setuptools]\npackages = [\"alembic\", \"alembic.versions\"]\n",
        false,
    ),
    (
        SETUPTOOLS,
        "[tool.setuptools]\npackages = [\"alembic\"]\npackage-data = { alembic = [\"versions/*.py\"] }\n",
        false,
    ),
    (
        SETUPTOOLS,
        "[tool.setuptools]\npackages = [\"alembic\"]\npackage-data = { alembic = [\"versions*/*.py\"] }\n",
        true,
    ),
    (
        SETUPTOOLS,
        "[tool.setuptools.packages.find]\nnamespaces = false\n[tool.setuptools.package-data]\nalembic = [\"versions/*.py\"]\n",
        false,
    ),
    (
        SETUPTOOLS,
        "[tool.setuptools.packages.find]\ninclude = [\"alembic*\"]\n",
        true,
    ),
    (
        HATCHLING,
        "[tool.hatch.build.targets.wheel]\ninclude = [\"/alembic/__init__.py\", \"/alembic/env.py\", \"/alembic/versions\"]\n",
        false,
    ),
    (
        HATCHLING,
        "[tool.hatch.build.targets.wheel]\ninclude = [\"alembic\"]\n",
        true,
    ),
    (
        POETRY,
        "[tool.poetry]\npackages = [{ include = \"alembic/*.py\" }]\ninclude = [{ path = \"alembic/versions/*.py\", format = \"wheel\" }]\n",
        false,
    ),
    (
        POETRY,
        "[tool.poetry]\ninclude = [\"alembic/versions/*.py\"]\n",
        true,
    ),
    (
        PDM,
        "[tool.pdm.build]\nincludes = [\"alembic/*.py\", \"alembic/versions\"]\n",
        false,
    ),
    (PDM, "", true),
];

#[test]
fn check_says_what_the_wheel_leaves_out() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    let root = project.root();
    fs::write(root.join("alembic/__init__.py"), "").expect("the project can be written");
    fs::write(
        root.join("alembic/versions/own.py"),
        "revision = 'own'\ndown_revision = None\n",
    )
    .expect("the project can be written");
    for ((backend, requires), lists, has_them) in LISTS {
        let text = format!(
            "[build-system]\nrequires = [\"{requires}\"]\nbuild-backend = \"{backend}\"\n\
             [project]\nname = \"alembic\"\nversion = \"1\"\n{lists}"
        );
        fs::write(root.join("pyproject.toml"), &text).expect("the project can be written");
        let wheels = root.join("dist");
        run(python::program("uv")
            .current_dir(&root)
            .args(["build", "--wheel", "--quiet", "--out-dir"])
            .arg(&wheels))
        .exits(0);
        let built: Vec<_> = wheels
            .read_dir_utf8()
            .expect("it was built")
            .map(|entry| entry.expect("it was built").into_path())
            .filter(|path| path.extension() == Some("whl"))
            .collect();
        let [wheel] = &built[..] else {
            panic!("{built:?}: {text}");
        };
        let wheel = fs::read(wheel).expect("it was built");
        fs::remove_dir_all(&wheels).expect("it was built");
        let _ = fs::remove_dir_all(root.join("build"));
        let _ = fs::remove_dir_all(root.join("alembic.egg-info"));
        let has = |name: &str| {
            wheel
                .windows(name.len())
                .any(|bytes| bytes == name.as_bytes())
        };
        assert!(has("alembic/versions/own.py"), "{text}");
        assert_eq!(has("alembic/versions_procrastinate/"), has_them, "{text}");
        let checked = project.tool(&["check"]);
        assert_eq!(
            checked
                .stdout
                .contains("error[not-in-package] pyproject.toml:"),
            !has_them,
            "{text}{checked}"
        );
    }
}
