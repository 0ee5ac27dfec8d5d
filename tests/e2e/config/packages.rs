//! `package:path` locations.

use super::Case;

/// One with such files.
const fn case(name: &'static str, files: &'static [(&'static str, &'static str)]) -> Case {
    Case::new(name, files, &[])
}

const APP: &str = "[alembic]\nscript_location = app:migrations\nprepend_sys_path = .\n";

pub(super) const CASES: &[Case] = &[
    case(
        "in the working directory",
        &[
            ("alembic.ini", APP),
            ("app/__init__.py", ""),
            ("app/migrations/env.py", ""),
        ],
    ),
    case(
        "without an __init__",
        &[("alembic.ini", APP), ("app/migrations/env.py", "")],
    ),
    case("nowhere", &[("alembic.ini", APP)]),
    case(
        "a package without the directory",
        &[("alembic.ini", APP), ("app/__init__.py", "")],
    ),
    case(
        "a module",
        &[
            ("alembic.ini", APP),
            ("app.py", ""),
            ("migrations/env.py", ""),
        ],
    ),
    case(
        "a module beside a directory",
        &[
            ("alembic.ini", APP),
            ("app.py", ""),
            ("app/migrations/env.py", ""),
        ],
    ),
    case(
        "in a prepended directory",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:migrations\nprepend_sys_path = lib\n",
            ),
            ("lib/app/__init__.py", ""),
            ("lib/app/migrations/env.py", ""),
            ("app/__init__.py", ""),
            ("app/migrations/env.py", ""),
        ],
    ),
    case(
        "a prepended directory without it",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:migrations\nprepend_sys_path = lib\n",
            ),
            ("lib/other/__init__.py", ""),
            ("app/__init__.py", ""),
            ("app/migrations/env.py", ""),
        ],
    ),
    case(
        "a regular package hides a namespace before it",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:migrations\nprepend_sys_path = lib\n",
            ),
            ("lib/app/migrations/env.py", ""),
            ("app/__init__.py", ""),
            ("app/migrations/env.py", ""),
        ],
    ),
    case(
        "dotted",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app.db:migrations/main\n",
            ),
            ("app/__init__.py", ""),
            ("app/db/__init__.py", ""),
            ("app/db/migrations/main/env.py", ""),
        ],
    ),
    case(
        "dotted, below a namespace",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app.db:migrations\n",
            ),
            ("app/db/__init__.py", ""),
            ("app/db/migrations/env.py", ""),
        ],
    ),
    case(
        "dotted, missing",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app.gone:migrations\n",
            ),
            ("app/__init__.py", ""),
        ],
    ),
    case(
        "several parts",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:db:migrations\n",
            ),
            ("app/__init__.py", ""),
            ("app/db/migrations/env.py", ""),
        ],
    ),
    case(
        "the package itself",
        &[
            ("alembic.ini", "[alembic]\nscript_location = app:\n"),
            ("app/__init__.py", ""),
            ("app/env.py", ""),
        ],
    ),
    case(
        "no package's name",
        &[
            ("alembic.ini", "[alembic]\nscript_location = :migrations\n"),
            ("migrations/env.py", ""),
        ],
    ),
    case(
        "a relative name",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = .app:migrations\n",
            ),
            ("app/__init__.py", ""),
            ("app/migrations/env.py", ""),
        ],
    ),
    case(
        "a path's slash in the name",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = a/app:migrations\n",
            ),
            ("a/app/__init__.py", ""),
            ("a/app/migrations/env.py", ""),
        ],
    ),
    case(
        "above the package",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:../scripts\n",
            ),
            ("app/__init__.py", ""),
            ("scripts/env.py", ""),
        ],
    ),
    case(
        "installed",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:migrations\nversion_locations = other:versions app:v\n",
            ),
            (concat_site!("app/__init__.py"), ""),
            (concat_site!("app/migrations/env.py"), ""),
            (concat_site!("other/__init__.py"), ""),
        ],
    ),
    case(
        "the project before what is installed",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:migrations\n",
            ),
            (concat_site!("app/__init__.py"), ""),
            (concat_site!("app/migrations/env.py"), ""),
            ("app/__init__.py", ""),
            ("app/migrations/env.py", ""),
        ],
    ),
    case(
        "by a path file",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:migrations\n",
            ),
            (
                concat_site!("app.pth"),
                "# a comment\nimport os\n\n{root}/code\n",
            ),
            ("code/app/__init__.py", ""),
            ("code/app/migrations/env.py", ""),
        ],
    ),
    case(
        "by a relative path file",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = app:migrations\n",
            ),
            (concat_site!("app.pth"), "../../../../code\n"),
            ("code/app/__init__.py", ""),
            ("code/app/migrations/env.py", ""),
        ],
    ),
    case(
        "versions with blanks",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = scripts\nversion_locations = app:v1 app.db:v2 plain\n",
            ),
            ("scripts/env.py", ""),
            ("app/__init__.py", ""),
            ("app/db/__init__.py", ""),
        ],
    ),
    case(
        "versions with colons",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = scripts\npath_separator = os\nversion_path_separator = os\nversion_locations = app:v1\n",
            ),
            ("scripts/env.py", ""),
            ("app/__init__.py", ""),
        ],
    ),
    case(
        "versions in lines",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = scripts\npath_separator = newline\nversion_path_separator = newline\nversion_locations = app:v1\n  %(here)s/x y\n",
            ),
            ("scripts/env.py", ""),
            ("app/__init__.py", ""),
        ],
    ),
    case(
        "a missing package among the versions",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = scripts\nversion_locations = plain gone:v1\n",
            ),
            ("scripts/env.py", ""),
        ],
    ),
];
