//! Where the files lie, and how they are named.

use super::Case;

/// The scripts.
const ENV: (&str, &str) = ("alembic/env.py", "");

/// One that is run where it lies.
const fn text(name: &'static str, files: &'static [(&'static str, &'static str)]) -> Case {
    Case::new(name, files, &[])
}

pub(super) const CASES: &[Case] = &[
    text("nothing at all", &[]),
    text("no script location", &[("alembic.ini", "[alembic]\n")]),
    text(
        "the scripts do not exist",
        &[("alembic.ini", "[alembic]\nscript_location = alembic\n")],
    ),
    text(
        "the scripts are a file",
        &[
            ("alembic.ini", "[alembic]\nscript_location = s\n"),
            ("s", ""),
        ],
    ),
    text(
        "an empty script location",
        &[("alembic.ini", "[alembic]\nscript_location =\n")],
    ),
    text(
        "an inline comment that exists",
        &[
            ("alembic.ini", "[alembic]\nscript_location = a # b\n"),
            ("a # b/env.py", ""),
        ],
    ),
    text(
        "letters beyond ASCII",
        &[
            ("alembic.ini", "[alembic]\nscript_location = é\n"),
            ("é/env.py", ""),
        ],
    ),
    text(
        "here is taken",
        &[
            (
                "alembic.ini",
                "[DEFAULT]\nhere = nowhere\n[alembic]\nscript_location = %(here)s/alembic\n",
            ),
            ("nowhere/alembic/env.py", ""),
        ],
    ),
    text(
        "a lone percent sign",
        &[
            ("alembic.ini", "[alembic]\nscript_location = a%b\n"),
            ("a%b/env.py", ""),
        ],
    ),
    text(
        "two percent signs",
        &[
            ("alembic.ini", "[alembic]\nscript_location = a%%b\n"),
            ("a%b/env.py", ""),
        ],
    ),
    Case::new(
        "another section",
        &[
            (
                "alembic.ini",
                "[alembic]\nscript_location = alembic\n[b]\nscript_location = b\nversion_locations = c d\n",
            ),
            ("b/env.py", ""),
        ],
        &["-n", "b"],
    ),
    Case::new(
        "no such section",
        &[
            ("alembic.ini", "[alembic]\nscript_location = alembic\n"),
            ENV,
        ],
        &["-n", "b"],
    ),
    Case::new(
        "the section DEFAULT",
        &[
            ("alembic.ini", "[DEFAULT]\nscript_location = alembic\n"),
            ENV,
        ],
        &["-n", "DEFAULT"],
    ),
    Case::new(
        "the section DEFAULT, with locations",
        &[
            (
                "alembic.ini",
                "[DEFAULT]\nscript_location = alembic\nversion_locations = a\n",
            ),
            ENV,
        ],
        &["-n", "DEFAULT"],
    ),
    Case::new(
        "another file",
        &[
            (
                "conf/db.ini",
                "[alembic]\nscript_location = %(here)s/scripts\nversion_locations = a b\n",
            ),
            ("conf/scripts/env.py", ""),
        ],
        &["-c", "conf/db.ini"],
    ),
    Case::new(
        "another file, relative to the project",
        &[
            (
                "conf/db.ini",
                "[alembic]\nscript_location = alembic\nversion_locations = a\n",
            ),
            ENV,
        ],
        &["-c", "conf/db.ini"],
    ),
    Case::new(
        "another file, with dots",
        &[
            (
                "conf/db.ini",
                "[alembic]\nscript_location = %(here)s/../alembic\n",
            ),
            ENV,
        ],
        &["-c", "conf/../conf/./db.ini"],
    ),
    Case::new(
        "another file, absolute",
        &[
            ("conf/db.ini", "[alembic]\nscript_location = alembic\n"),
            ENV,
        ],
        &["-c", "{root}/conf/db.ini"],
    ),
    Case::new(
        "another file that is not there",
        &[
            ("alembic.ini", "[alembic]\nscript_location = alembic\n"),
            ENV,
        ],
        &["-c", "gone.ini"],
    ),
    Case::new(
        "run below the root",
        &[
            (
                "backend/alembic.ini",
                "[alembic]\nscript_location = alembic\nversion_locations = a b\n",
            ),
            ("backend/alembic/env.py", ""),
        ],
        &[],
    )
    .within("", "backend"),
    Case::new(
        "run two below the root",
        &[
            (
                "services/a/alembic.ini",
                "[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = .\n",
            ),
            ("services/a/alembic/env.py", ""),
        ],
        &[],
    )
    .within("", "services/a"),
    Case::new(
        "named, and run below the root",
        &[
            (
                "backend/alembic.ini",
                "[alembic]\nscript_location = alembic\nversion_locations = a b\n",
            ),
            ("backend/alembic/env.py", ""),
        ],
        &["-c", "{root}/backend/alembic.ini"],
    )
    .within("", "backend"),
    Case::new(
        "named, and run at the root",
        &[
            (
                "backend/alembic.ini",
                "[alembic]\nscript_location = alembic\nversion_locations = a b\n",
            ),
            ENV,
        ],
        &["-c", "{root}/backend/alembic.ini"],
    ),
    Case::new(
        "a percent sign in here",
        &[
            (
                "50%/alembic.ini",
                "[alembic]\nscript_location = %(here)s/alembic\n",
            ),
            ("50%/alembic/env.py", ""),
        ],
        &[],
    )
    .within("50%", "50%"),
    Case::new(
        "a percent sign in here, not asked for",
        &[
            ("50%/alembic.ini", "[alembic]\nscript_location = alembic\n"),
            ("50%/alembic/env.py", ""),
        ],
        &[],
    )
    .within("50%", "50%"),
    Case::new(
        "a percent sign in here, and hooks",
        &[
            (
                "50%/alembic.ini",
                "[alembic]\nscript_location = alembic\n[post_write_hooks]\n",
            ),
            ("50%/alembic/env.py", ""),
        ],
        &[],
    )
    .within("50%", "50%"),
    Case::new(
        "two percent signs in here",
        &[
            (
                "50%%/alembic.ini",
                "[alembic]\nscript_location = %(here)s/alembic\n",
            ),
            ("50%%/alembic/env.py", ""),
            ("50%/alembic/env.py", ""),
        ],
        &[],
    )
    .within("50%%", "50%%"),
];
