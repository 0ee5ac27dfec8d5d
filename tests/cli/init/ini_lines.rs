//! Ini files whose lines end, begin or break in other ways.

use super::{ALL, LATER, NEW, NEW_ONLY, OLD, OLDEST, Shape, UNKNOWN_ONLY, shape};

#[test]
fn windows_line_ends() {
    Shape::ini(
        "[alembic]\r\n\
         # path to migration scripts.\r\n\
         script_location = %(here)s/alembic\r\n\
         \r\n\
         prepend_sys_path = .\r\n\
         \r\n\
         # version location specification\r\n\
         # version_locations = %(here)s/bar:%(here)s/bat:%(here)s/alembic/versions\r\n\
         \r\n\
         # path_separator; This indicates what character is used\r\n\
         # path_separator = :\r\n\
         path_separator = os\r\n\
         \r\n\
         sqlalchemy.url = driver://user:pass@localhost/dbname\r\n\
         \r\n\
         [loggers]\r\n\
         keys = root\r\n",
    )
    .gives(
        ALL,
        "+version_path_separator = ;\r\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\r\n\
         -path_separator = os\r\n\
         +path_separator = ;\r\n",
    )
    .holds();
}

#[test]
fn no_line_end_at_the_end() {
    Shape::ini(
        "[alembic]\n\
         script_location = alembic\n\
         path_separator = os",
    )
    .gives(ALL, "-path_separator = os(no end)\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate(no end)\n")
    .holds();
}

#[test]
fn no_line_end_and_no_separator() {
    Shape::ini(
        "[alembic]\n\
         script_location = alembic",
    )
    .gives(
        UNKNOWN_ONLY,
        "-script_location = alembic(no end)\n\
         +script_location = alembic\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate(no end)\n",
    )
    .gives(OLD, "-script_location = alembic(no end)\n\
         +script_location = alembic\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate(no end)\n")
    .gives(NEW_ONLY, "-script_location = alembic(no end)\n\
         +script_location = alembic\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate(no end)\n")
    .holds();
}

#[test]
fn tabs_and_indented_comments() {
    Shape::ini(
        "[alembic]\n\
         \t# indented\n\
         script_location\t=\talembic\n\
         path_separator\t:\tos\n   ; indented too\n\
         sqlalchemy.url = x\n",
    )
    .gives(
        ALL,
        "-path_separator\t:\tos\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn a_comment_behind_the_header() {
    Shape::ini(
        "# [alembic]\n\
         [loggers]\n\
         keys = root\n\n\
         [alembic]  # ours\n\
         script_location = alembic\n\
         path_separator = os\n\n\n",
    )
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
fn keys_in_capitals() {
    Shape::ini(
        "[alembic]\n\
         Script_Location = alembic\n\
         Version_Locations: alembic/versions\n\
         PATH_SEPARATOR = os\n",
    )
    .gives(
        ALL,
        "-Version_Locations: alembic/versions\n\
         -PATH_SEPARATOR = os\n\
         +version_locations = alembic/versions;%(here)s/alembic/versions_procrastinate\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n",
    )
    .holds();
}

#[test]
fn lines_that_no_separator_splits() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         version_locations = alembic/versions\n   db/more\n\
         sqlalchemy.url = x\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        UNKNOWN_ONLY,
        "-version_locations = alembic/versions\n\
         -   db/more\n\
         +path_separator = newline\n\
         +version_path_separator = newline\n\
         +version_locations =\n\
         +    alembic/versions\n\
         +    db/more\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        OLDEST,
        "-version_locations = alembic/versions\n\
         -   db/more\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = alembic/versions;db/more;%(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        LATER,
        "-version_locations = alembic/versions\n\
         -   db/more\n\
         +path_separator = newline\n\
         +version_path_separator = newline\n\
         +version_locations =\n\
         +    alembic/versions\n\
         +    db/more\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        NEW_ONLY,
        "-version_locations = alembic/versions\n\
         -   db/more\n\
         +path_separator = newline\n\
         +version_path_separator = newline\n\
         +version_locations =\n\
         +    alembic/versions\n\
         +    db/more\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn lines_that_the_separator_does_not_split() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         version_path_separator = space\n\
         version_locations =\n  alembic/versions\n  db/more\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        NEW,
        "-version_path_separator = space\n\
         +version_path_separator = newline\n\
         +path_separator = newline\n\
         -  alembic/versions\n\
         -  db/more\n\
         +    alembic/versions\n\
         +    db/more\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        OLDEST,
        "-version_path_separator = space\n\
         -version_locations =\n\
         -  alembic/versions\n\
         -  db/more\n\
         +version_path_separator = ;\n\
         +path_separator = ;\n\
         +version_locations = alembic/versions;db/more;%(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        LATER,
        "-version_path_separator = space\n\
         +version_path_separator = newline\n\
         +path_separator = newline\n\
         -  alembic/versions\n\
         -  db/more\n\
         +    alembic/versions\n\
         +    db/more\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}
