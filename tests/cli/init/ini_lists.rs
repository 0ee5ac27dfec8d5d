//! Ini files that list version locations already.

use super::{ALL, LATER, NEW, OLDEST, SPLITTING_LINES, Shape, shape};

#[test]
fn a_list_with_blanks() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         version_locations = alembic/versions db/more\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        ALL,
        "-version_locations = alembic/versions db/more\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = alembic/versions;db/more;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn a_list_with_commas() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         version_locations = alembic/versions, db/more\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        ALL,
        "-version_locations = alembic/versions, db/more\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = alembic/versions;db/more;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn a_list_with_blanks_that_says_so() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         version_path_separator = space\n\
         version_locations = alembic/versions db/more\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        ALL,
        "-version_path_separator = space\n\
         -version_locations = alembic/versions db/more\n\
         +version_path_separator = ;\n\
         +path_separator = ;\n\
         +version_locations = alembic/versions;db/more;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[test]
fn a_list_on_lines_with_a_comment() {
    shape(&[("alembic.ini", "[alembic]\n\
         script_location = %(here)s/alembic\n\
         version_locations =\n    %(here)s/alembic/versions\n    # ours, too\n    %(here)s/db/more\n\
         version_path_separator = newline\n\n\
         # the end\n"), ("db/more/.keep", ""), ("alembic/env.py", "")]).gives(SPLITTING_LINES, "+    %(here)s/alembic/versions_procrastinate\n\
         +path_separator = newline\n").gives(OLDEST, "-version_locations =\n\
         -    %(here)s/alembic/versions\n\
         -    # ours, too\n\
         -    %(here)s/db/more\n\
         -version_path_separator = newline\n\
         +# ours, too\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/db/more;%(here)s/alembic/versions_procrastinate\n\
         +version_path_separator = ;\n\
         +path_separator = ;\n").holds();
}

#[test]
fn a_list_on_lines() {
    shape(&[("alembic.ini", "[alembic]\n\
         script_location = %(here)s/alembic\n\
         path_separator = newline\n\
         version_locations =\n\
         \t%(here)s/alembic/versions\n\
         \t%(here)s/db/more\n"), ("db/more/.keep", ""), ("alembic/env.py", "")]).gives(NEW, "+version_path_separator = newline\n\
         +\t%(here)s/alembic/versions_procrastinate\n").gives(OLDEST, "-path_separator = newline\n\
         -version_locations =\n\
         -\t%(here)s/alembic/versions\n\
         -\t%(here)s/db/more\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = %(here)s/alembic/versions;%(here)s/db/more;%(here)s/alembic/versions_procrastinate\n").gives(LATER, "+version_path_separator = newline\n\
         +\t%(here)s/alembic/versions_procrastinate\n").holds();
}

#[cfg(unix)]
#[test]
fn a_list_with_colons() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         path_separator = os\n\
         version_locations = alembic/versions:db/more\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        ALL,
        "-version_locations = alembic/versions:db/more\n\
         +version_path_separator = os\n\
         +version_locations = alembic/versions:db/more:%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[cfg(unix)]
#[test]
fn a_list_with_colons_and_the_older_separator() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         version_path_separator = os\n\
         version_locations = alembic/versions:db/more\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        ALL,
        "-version_locations = alembic/versions:db/more\n\
         +path_separator = os\n\
         +version_locations = alembic/versions:db/more:%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[cfg(unix)]
#[test]
fn a_separator_at_the_end() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         path_separator = os\n\
         version_locations = alembic/versions:db/more:\n",
        ),
        ("db/more/.keep", ""),
        ("alembic/env.py", ""),
    ])
    .gives(
        ALL,
        "-version_locations = alembic/versions:db/more:\n\
         +version_path_separator = os\n\
         +version_locations = alembic/versions:db/more:%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

#[cfg(unix)]
#[test]
fn a_list_beside_a_comment_behind_the_separator() {
    shape(&[("alembic.ini", "# A generic, single database configuration.\n\n\
         [alembic]\n\
         script_location = alembic\n\n\
         version_locations = %(here)s/alembic/versions:db/more\n\n\
         # Valid values for version_path_separator are:\n\
         # version_path_separator = space\n\
         version_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\n\n\
         sqlalchemy.url = driver://user:pass@localhost/dbname\n\n\n\
         [loggers]\n\
         keys = root,sqlalchemy,alembic\n"), ("db/more/.keep", ""), ("alembic/env.py", "")]).gives(ALL, "-version_locations = %(here)s/alembic/versions:db/more\n\
         +version_locations = %(here)s/alembic/versions:db/more:%(here)s/alembic/versions_procrastinate\n\
         -version_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\n\
         +# Use os.pathsep. Default configuration used for new projects.\n\
         +version_path_separator = os\n\
         +path_separator = os\n").holds();
}

#[test]
fn a_list_in_the_default_section() {
    Shape::ini(
        "[DEFAULT]\n\
         version_locations = alembic/versions\n\n\
         [alembic]\n\
         script_location = alembic\n",
    )
    .gives(
        ALL,
        "+path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

/// One entry, on a line of its own: without a separator, Alembic takes the line end for a part of it.
#[test]
fn one_entry_on_a_line() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         version_locations =\n    alembic/versions\n",
        ),
        ("alembic/env.py", ""),
    ])
    .gives(
        SPLITTING_LINES,
        "+path_separator = newline\n\
         +version_path_separator = newline\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        OLDEST,
        "-version_locations =\n\
         -    alembic/versions\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}

/// `check` says so without a line end in its text, and `init` no more once it has mended it.
#[test]
fn lines_that_are_one_location() {
    let project = shape(&[
        (
            "alembic.ini",
            "[alembic]\nscript_location = alembic\nversion_locations =\n    alembic/versions\n",
        ),
        ("alembic/env.py", ""),
    ])
    .project("1.20.1");
    let found = project.run(&["check"]);
    found.exits(1).out_has(&[
        "error[location-missing] alembic.ini:3",
        "`\\nalembic/versions` is one location",
        "run `vendor-migrations init`, which fixes separators",
    ]);
    project.run(&["init"]).exits(0).err_lacks(&["warning"]);
    project.run(&["check"]).out_lacks(&["location-missing"]);
}

/// An Alembic that does not split the lines looks nowhere; mended, the list has the project's own directory already.
#[test]
fn lines_with_the_projects_own_directory() {
    shape(&[
        (
            "alembic.ini",
            "[alembic]\n\
         script_location = alembic\n\
         path_separator = newline\n\
         version_locations =\n    alembic/versions\n",
        ),
        ("alembic/env.py", ""),
        (
            "alembic/versions/own.py",
            "revision = 'own'\ndown_revision = None\n",
        ),
    ])
    .gives(
        OLDEST,
        "-path_separator = newline\n\
         -version_locations =\n\
         -    alembic/versions\n\
         +path_separator = ;\n\
         +version_path_separator = ;\n\
         +version_locations = alembic/versions;%(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        LATER,
        "+version_path_separator = newline\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .gives(
        NEW,
        "+version_path_separator = newline\n\
         +    %(here)s/alembic/versions_procrastinate\n",
    )
    .holds();
}
