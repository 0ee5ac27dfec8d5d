//! Ini files with scripts in other places, and several sections.

use super::{ALL, NEW, NEW_ONLY, OLD, Shape, UNKNOWN_ONLY, shape};

#[test]
fn settings_in_the_default_section() {
    Shape::ini(
        "[DEFAULT]\n\
         version_path_separator = os\n\
         root = %(here)s/alembic\n\n\
         [alembic]\n\
         script_location = %(root)s\n\n\
         [other]\n\
         script_location = other\n",
    )
    .gives(
        ALL,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(root)s/versions;%(root)s/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn one_of_several_sections() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = one\n\
         path_separator = os\n\
         version_path_separator = os\n\n\
         [shop]\n\
         # the shop\n\
         script_location = two\n\
         path_separator = os\n\
         version_path_separator = os\n\
         ; the end\n\n\
         [loggers]\n\
         keys = root\n",
        ),
        ("one/env.py", ""),
        ("two/env.py", ""),
    ])
    .options(&["-n", "shop"])
    .directory("two/versions_procrastinate")
    .gives(
        ALL,
        "-path_separator = os\n\
         -version_path_separator = os\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/two/versions;%(here)s/two/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn flask_migrates_file() {
    shape(&[
        (
            "migrations/alembic.ini",
            "[alembic]\n\
         # template used to generate migration files\n\
         # file_template = %%(rev)s_%%(slug)s\n\n\
         [loggers]\n\
         keys = root,sqlalchemy\n",
        ),
        ("migrations/env.py", ""),
    ])
    .directory("migrations/versions_procrastinate")
    .gives(
        UNKNOWN_ONLY,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/versions;%(here)s/versions_procrastinate\n",
    )
    .gives(
        OLD,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/versions;%(here)s/versions_procrastinate\n",
    )
    .gives(
        NEW_ONLY,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/versions;%(here)s/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn scripts_in_a_package() {
    shape(&[("alembic.ini", "[alembic]\n\
         script_location = shop:migrations\n\
         prepend_sys_path = .\n"), ("shop/__init__.py", ""), ("shop/migrations/env.py", "")]).directory("shop/migrations/versions_procrastinate").gives(UNKNOWN_ONLY, "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/shop/migrations/versions;%(here)s/shop/migrations/versions_procrastinate\n").gives(OLD, "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/shop/migrations/versions;%(here)s/shop/migrations/versions_procrastinate\n").gives(NEW_ONLY, "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/shop/migrations/versions;%(here)s/shop/migrations/versions_procrastinate\n").holds();
}

#[test]
fn an_absolute_path() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = ROOT/db/scripts\n\
         path_separator = os\n",
        ),
        ("db/scripts/env.py", ""),
    ])
    .directory("db/scripts/versions_procrastinate")
    .gives(
        ALL,
        "-path_separator = os\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = ROOT/db/scripts/versions;ROOT/db/scripts/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn a_blank_in_the_script_location() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = my scripts\n",
        ),
        ("my scripts/env.py", ""),
    ])
    .directory("my scripts/versions_procrastinate")
    .gives(
        UNKNOWN_ONLY,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/my scripts/versions;%(here)s/my scripts/versions_procrastinate\n",
    )
    .gives(OLD, "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/my scripts/versions;%(here)s/my scripts/versions_procrastinate\n")
    .gives(NEW_ONLY, "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/my scripts/versions;%(here)s/my scripts/versions_procrastinate\n")
    .holds();
}

#[test]
fn a_percent_sign_in_the_script_location() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = %(here)s/100%%db\n\
         path_separator = os\n",
        ),
        ("100%db/env.py", ""),
    ])
    .directory("100%db/versions_procrastinate")
    .gives(
        ALL,
        "-path_separator = os\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/100%%db/versions;%(here)s/100%%db/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn a_file_below_the_root() {
    shape(&[
        (
            "backend/alembic.ini",
            "[alembic]\n\
         script_location = %(here)s/alembic\n\
         path_separator = os\n",
        ),
        ("backend/alembic/env.py", ""),
    ])
    .directory("backend/alembic/versions_procrastinate")
    .gives(
        ALL,
        "-path_separator = os\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn an_ini_that_names_scripts_and_a_table_that_names_locations() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         path_separator = os\n",
        ),
        (
            "pyproject.toml",
            "[project]\n\
         name = \"x\"  # a name\n\n\
         [tool.alembic]\n\
         script_location = \"%(here)s/alembic\"\n\
         version_locations = [\"db/more\"]\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "-version_locations = [\"db/more\"]\n\
         +version_locations = [\"db/more\", \"%(here)s/alembic/versions_procrastinate\"]\n",
    )
    .gives(
        OLD,
        "-path_separator = os\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}
