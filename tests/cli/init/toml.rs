//! `[tool.alembic]` in `pyproject.toml`.

use super::{NEW, OLD, shape};

#[test]
fn no_locations() {
    shape(&[("pyproject.toml", "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         # path\n\
         script_location = \"%(here)s/alembic\"  # here\n\
         prepend_sys_path = [\n    \".\"\n\
         ]\n\n\
         [tool.ruff]\n\
         line-length = 100\n"), ("alembic/env.py", "")]).gives(NEW, "+version_locations = [\"%(here)s/alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"]\n").refused_by(OLD).holds();
}

#[test]
fn an_array_on_one_line() {
    shape(&[
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"alembic\"\n\
         version_locations = [\"alembic/versions\"]  # one\n\n\
         [tool.ruff]\n\
         line-length = 100\n",
        ),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "-version_locations = [\"alembic/versions\"]  # one\n\
         +version_locations = [\"alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"]  # one\n",
    )
    .refused_by(OLD)
    .holds();
}

#[test]
fn an_array_on_lines_with_comments() {
    shape(&[
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"alembic\"\n\
         version_locations = [\n  # ours\n  \"alembic/versions\", # first\n  'db/more',  # second\n\
         ]\n\n\
         [tool.ruff]\n\
         line-length = 100\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(NEW, "+  \"%(here)s/alembic/versions_procrastinate\",\n")
    .refused_by(OLD)
    .holds();
}

#[test]
fn an_array_without_a_comma_at_the_end() {
    shape(&[
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"alembic\"\n\
         version_locations = [\n    \"alembic/versions\",\n    \"db/more\" # last\n    # end\n\
         ]\n\n\
         [tool.ruff]\n\
         line-length = 100\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "-    \"db/more\" # last\n\
         +    \"db/more\", # last\n\
         +    \"%(here)s/alembic/versions_procrastinate\",\n",
    )
    .refused_by(OLD)
    .holds();
}

#[test]
fn an_empty_array() {
    shape(&[
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"alembic\"\n\
         version_locations = []\n\n\
         [tool.ruff]\n\
         line-length = 100\n",
        ),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "-version_locations = []\n\
         +version_locations = [\"%(here)s/alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"]\n",
    )
    .refused_by(OLD)
    .holds();
}

#[test]
fn a_table_with_tables_below_it() {
    shape(&[
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"alembic\"\n\n\
         [[tool.alembic.post_write_hooks]]\n\
         name = \"ruff2\"\n\n\
         [tool.ruff]\n\
         line-length = 100\n",
        ),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "+version_locations = [\"%(here)s/alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"]\n",
    )
    .refused_by(OLD)
    .holds();
}

#[test]
fn dotted_keys() {
    shape(&[
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool]\n\
         alembic.script_location = \"alembic\"\n\n\
         [tool.ruff]\n\
         line-length = 100\n",
        ),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "+alembic.version_locations = [\"%(here)s/alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"]\n",
    )
    .refused_by(OLD)
    .holds();
}

#[test]
fn an_inline_table() {
    shape(&[("pyproject.toml", "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool]\n\
         alembic = { script_location = \"alembic\" }\n\n\
         [tool.ruff]\n\
         line-length = 100\n"), ("alembic/env.py", "")]).gives(NEW, "-alembic = { script_location = \"alembic\" }\n\
         +alembic = { script_location = \"alembic\", version_locations = [\"%(here)s/alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"] }\n").refused_by(OLD).holds();
}

#[test]
fn an_array_on_one_line_with_a_comma_at_the_end() {
    shape(&[
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"alembic\"\n\
         version_locations = [ \"alembic/versions\", ]\n\n\
         [tool.ruff]\n\
         line-length = 100\n",
        ),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "-version_locations = [ \"alembic/versions\", ]\n\
         +version_locations = [ \"alembic/versions\", \"%(here)s/alembic/versions_procrastinate\", ]\n",
    )
    .refused_by(OLD)
    .holds();
}

#[test]
fn an_ini_beside_the_table() {
    shape(&[("alembic.ini", "[alembic]\n\
         sqlalchemy.url = x\n"), ("pyproject.toml", "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"%(here)s/alembic\"\n"), ("alembic/env.py", "")]).gives(NEW, "+version_locations = [\"%(here)s/alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"]\n").refused_by(OLD).holds();
}
