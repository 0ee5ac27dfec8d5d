//! Ini files in the shape of Alembic's templates, and what people make of them.

use super::{ALL, NEW_ONLY, OLD, Shape, UNKNOWN_ONLY};

#[test]
fn a_comment_behind_the_separator() {
    Shape::ini("# A generic, single database configuration.\n\n\
         [alembic]\n\
         script_location = alembic\n\n\
         # version_locations = %(here)s/bar:%(here)s/bat:alembic/versions\n\n\
         # Valid values for version_path_separator are:\n\
         # version_path_separator = space\n\
         version_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\n\n\
         sqlalchemy.url = driver://user:pass@localhost/dbname\n\n\n\
         [loggers]\n\
         keys = root,sqlalchemy,alembic\n").gives(ALL, "+path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n\
         -version_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\n\
         +# Use os.pathsep. Default configuration used for new projects.\n\
         +version_path_separator = ;\n").holds();
}

#[test]
fn the_older_separator() {
    Shape::ini(
        "# A generic, single database configuration.\n\n\
         [alembic]\n\
         script_location = alembic\n\n\
         # version_locations = %(here)s/bar:%(here)s/bat:alembic/versions\n\n\
         # Valid values for version_path_separator are:\n\
         # version_path_separator = space\n\
         version_path_separator = os\n\n\
         sqlalchemy.url = driver://user:pass@localhost/dbname\n\n\n\
         [loggers]\n\
         keys = root,sqlalchemy,alembic\n",
    )
    .gives(
        ALL,
        "+path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n\
         -version_path_separator = os\n\
         +version_path_separator = ;\n",
    )
    .holds();
}

#[test]
fn the_newer_separator() {
    Shape::ini(
        "[alembic]\n\
         # path to migration scripts.\n\
         script_location = %(here)s/alembic\n\n\
         prepend_sys_path = .\n\n\
         # version location specification\n\
         # version_locations = %(here)s/bar:%(here)s/bat:%(here)s/alembic/versions\n\n\
         # path_separator; This indicates what character is used\n\
         # path_separator = :\n\
         path_separator = os\n\n\
         sqlalchemy.url = driver://user:pass@localhost/dbname\n\n\
         [loggers]\n\
         keys = root\n",
    )
    .gives(
        ALL,
        "+version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n\
         -path_separator = os\n\
         +path_separator = ;\n",
    )
    .holds();
}

#[test]
fn no_separator() {
    Shape::ini(
        "[alembic]\n\
         script_location = alembic\n\
         sqlalchemy.url = x\n",
    )
    .gives(
        UNKNOWN_ONLY,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        OLD,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        NEW_ONLY,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn windows_line_ends_and_a_comment_behind_the_separator() {
    Shape::ini("# A generic, single database configuration.\r\n\
         \r\n\
         [alembic]\r\n\
         script_location = alembic\r\n\
         \r\n\
         # version_locations = %(here)s/bar:%(here)s/bat:alembic/versions\r\n\
         \r\n\
         # Valid values for version_path_separator are:\r\n\
         # version_path_separator = space\r\n\
         version_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\r\n\
         \r\n\
         sqlalchemy.url = driver://user:pass@localhost/dbname\r\n\
         \r\n\
         \r\n\
         [loggers]\r\n\
         keys = root,sqlalchemy,alembic\r\n").gives(ALL, "+path_separator = ;\r\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\r\n\
         -version_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\r\n\
         +# Use os.pathsep. Default configuration used for new projects.\r\n\
         +version_path_separator = ;\r\n").holds();
}

#[test]
fn blanks_in_prepend_sys_path() {
    Shape::ini(
        "[alembic]\n\
         script_location = alembic\n\
         prepend_sys_path = . src\n\
         version_path_separator = os\n",
    )
    .gives(
        ALL,
        "-version_path_separator = os\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

/// `path_separator` would make one directory of them, from Alembic 1.16 on.
#[test]
fn colons_in_prepend_sys_path() {
    Shape::ini(
        "[alembic]\n\
         script_location = alembic\n\
         prepend_sys_path = .:src\n",
    )
    .gives(
        ALL,
        "+version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn blanks_in_prepend_sys_path_and_no_separator() {
    Shape::ini(
        "[alembic]\n\
         script_location = alembic\n\
         prepend_sys_path = . src\n",
    )
    .gives(
        ALL,
        "+version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn an_empty_value() {
    Shape::ini(
        "[alembic]\n\
         script_location = alembic\n\
         version_locations =\n\
         path_separator = os\n",
    )
    .gives(
        ALL,
        "-version_locations =\n\
         -path_separator = os\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n",
    )
    .holds();
}
