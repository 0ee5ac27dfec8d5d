//! `[tool.alembic]` in `pyproject.toml`, alone and beside an ini file.

use super::Case;

/// The scripts.
const ENV: (&str, &str) = ("alembic/env.py", "");

/// A `pyproject.toml` whose scripts are in `alembic`, and the further lines of its table.
macro_rules! toml {
    ($name:literal, $($line:literal),*) => {
        Case::new(
            $name,
            &[
                ("pyproject.toml", concat!("[tool.alembic]\nscript_location = \"%(here)s/alembic\"\n", $($line, "\n"),*)),
                ENV,
            ],
            &[],
        )
    };
}

/// The same beside an `alembic.ini`.
macro_rules! both {
    ($name:literal, $ini:literal, $($line:literal),*) => {
        Case::new(
            $name,
            &[
                ("alembic.ini", $ini),
                ("pyproject.toml", concat!("[tool.alembic]\nscript_location = \"%(here)s/alembic\"\n", $($line, "\n"),*)),
                ENV,
                ("other/env.py", ""),
            ],
            &[],
        )
    };
}

/// A whole `pyproject.toml` beside scripts in `alembic`, and beside an ini file if there is one.
macro_rules! whole {
    ($name:literal, $toml:literal) => {
        Case::new($name, &[("pyproject.toml", $toml), ENV], &[])
    };
    ($name:literal, $toml:literal, ini) => {
        Case::new(
            $name,
            &[
                ("alembic.ini", "[alembic]\nscript_location = alembic\n"),
                ("pyproject.toml", $toml),
                ENV,
            ],
            &[],
        )
    };
}

pub(super) const CASES: &[Case] = &[
    toml!("toml alone",),
    toml!(
        "a list",
        "version_locations = [\"a b\", \"%(here)s/c\", \"{root}/d\"]"
    ),
    toml!("an empty list", "version_locations = []"),
    toml!("an empty entry", "version_locations = [\"\", \" a \"]"),
    toml!("a string for a list", "version_locations = \"ab/\""),
    toml!(
        "a string with a colon for a list",
        "version_locations = \"a:b\""
    ),
    toml!("an empty string for a list", "version_locations = \"\""),
    toml!("false for a list", "version_locations = false"),
    toml!("true for a list", "version_locations = true"),
    toml!("zero for a list", "version_locations = 0x00"),
    toml!("a number for a list", "version_locations = 10"),
    toml!("a float for a list", "version_locations = 1.5"),
    toml!("a date for a list", "version_locations = 2026-01-01"),
    toml!("a table for a list", "version_locations = { b = \"x\" }"),
    toml!("tables for a list", "version_locations = [{ b = \"x\" }]"),
    toml!("a number in the list", "version_locations = [\"a\", 1]"),
    toml!("a list in the list", "version_locations = [[\"a\"]]"),
    toml!("a percent sign", "version_locations = [\"a%b\"]"),
    toml!("two percent signs", "version_locations = [\"a%%b\"]"),
    toml!("another name", "version_locations = [\"%(there)s\"]"),
    toml!("upper case here", "version_locations = [\"%(HERE)s\"]"),
    toml!("another conversion", "version_locations = [\"%(here)d\"]"),
    toml!("no conversion", "version_locations = [\"%(here)\"]"),
    toml!("a package", "version_locations = [\"app:v\"]"),
    toml!("recursive, true", "recursive_version_locations = true"),
    toml!("recursive, false", "recursive_version_locations = false"),
    toml!(
        "recursive, a string",
        "recursive_version_locations = \"true\""
    ),
    toml!("recursive, a number", "recursive_version_locations = 1"),
    toml!("sourceless, true", "sourceless = true"),
    toml!(
        "prepend: a list",
        "prepend_sys_path = [\".\", \"%(here)s/src\"]"
    ),
    toml!("prepend: a string", "prepend_sys_path = \".a\""),
    toml!("prepend: true", "prepend_sys_path = true"),
    toml!("prepend: zero", "prepend_sys_path = 0"),
    toml!(
        "a separator is not asked for",
        "path_separator = \"rubbish\"",
        "version_locations = [\"a\"]"
    ),
    toml!("a slug's length as a number", "truncate_slug_length = 20"),
    toml!(
        "a slug's length as a string",
        "truncate_slug_length = \"20\""
    ),
    toml!("a slug's length as a list", "truncate_slug_length = [20]"),
    toml!("a bad template", "file_template = \"%(year)d\""),
    toml!("a good template", "file_template = \"%%(year)d\""),
    toml!(
        "hooks",
        "post_write_hooks = [{ name = \"ruff\", type = \"exec\", cwd = \"%(here)s\" }]"
    ),
    toml!(
        "a hook without a name",
        "post_write_hooks = [{ type = \"exec\" }]"
    ),
    toml!(
        "a hook with a number",
        "post_write_hooks = [{ name = \"ruff\", x = 1 }]"
    ),
    toml!("a hook as a string", "post_write_hooks = \"ruff\""),
    toml!("no hooks", "post_write_hooks = []"),
    toml!(
        "hooks as tables",
        "[[tool.alembic.post_write_hooks]]",
        "name = \"a\"",
        "[[tool.alembic.post_write_hooks]]",
        "name = \"b\""
    ),
    toml!("a hook that is a number", "post_write_hooks = 1"),
    toml!("does not parse", "x ="),
    both!("an empty ini", "", "version_locations = [\"a\"]"),
    both!(
        "an ini without the key",
        "[alembic]\nsqlalchemy.url = x\n",
        "version_locations = [\"a\"]"
    ),
    both!(
        "the ini's script location",
        "[alembic]\nscript_location = other\n",
        "version_locations = [\"a\"]"
    ),
    both!(
        "the ini's locations",
        "[alembic]\npath_separator = os\nversion_locations = x:y\n",
        "version_locations = [\"a\"]"
    ),
    both!(
        "the ini's empty locations",
        "[alembic]\nversion_locations =\n",
        "version_locations = [\"a\"]"
    ),
    both!(
        "the ini's locations without a separator",
        "[alembic]\nversion_locations = x y\n",
        "path_separator = \"os\""
    ),
    both!(
        "the ini's bad separator, and toml's locations",
        "[alembic]\npath_separator = bad\n",
        "version_locations = [\"a\"]"
    ),
    both!(
        "the ini's empty script location",
        "[alembic]\nscript_location =\n",
        "version_locations = [\"a\"]"
    ),
    both!(
        "the ini is recursive",
        "[alembic]\nrecursive_version_locations = true\n",
        "recursive_version_locations = \"bad\""
    ),
    both!(
        "the ini's hooks",
        "[post_write_hooks]\nhooks = a\n",
        "post_write_hooks = 1"
    ),
    both!("a bad ini", "[alembic\n", ""),
    both!(
        "only DEFAULT in the ini",
        "[DEFAULT]\nscript_location = other\n",
        ""
    ),
    both!(
        "a script location that is no string",
        "[alembic]\n",
        "",
        "[tool.other]"
    ),
    whole!(
        "a number as script location",
        "[tool.alembic]\nscript_location = 1\n"
    ),
    whole!(
        "a list as script location",
        "[tool.alembic]\nscript_location = [\"alembic\"]\n"
    ),
    whole!(
        "relative",
        "[tool.alembic]\nscript_location = \"alembic\"\nversion_locations = [\"./a\"]\n"
    ),
    whole!(
        "an empty script location in toml",
        "[tool.alembic]\nscript_location = \"\"\n"
    ),
    whole!("an ini beside a broken toml", "[tool\n", ini),
    whole!("an ini beside a tool that is no table", "tool = 1\n", ini),
    whole!(
        "an ini beside a table that is none",
        "[tool]\nalembic = \"x\"\n",
        ini
    ),
    whole!(
        "an ini beside others' toml",
        "[project]\nname = \"x\"\n",
        ini
    ),
    Case::new(
        "named",
        &[
            (
                "conf/pyproject.toml",
                "[tool.alembic]\nscript_location = \"%(here)s/alembic\"\n",
            ),
            ("conf/alembic/env.py", ""),
        ],
        &["-c", "conf/pyproject.toml"],
    ),
    Case::new(
        "named, and an ini at the root",
        &[
            (
                "conf/pyproject.toml",
                "[tool.alembic]\nscript_location = \"%(here)s/alembic\"\n",
            ),
            ("alembic.ini", "[alembic]\nversion_locations = x\n"),
            ("conf/alembic/env.py", ""),
        ],
        &["-c", "conf/pyproject.toml"],
    ),
    Case::new(
        "an ini is named, toml at the root",
        &[
            (
                "pyproject.toml",
                "[tool.alembic]\nscript_location = \"%(here)s/alembic\"\n",
            ),
            ("conf/db.ini", "[alembic]\nversion_locations = x\n"),
            ENV,
        ],
        &["-c", "conf/db.ini"],
    ),
    Case::new(
        "an ini is named, toml beside it",
        &[
            (
                "conf/pyproject.toml",
                "[tool.alembic]\nscript_location = \"%(here)s/alembic\"\nversion_locations = [\"t\"]\n",
            ),
            ("conf/db.ini", "[alembic]\nscript_location = alembic\n"),
            ENV,
        ],
        &["-c", "conf/db.ini"],
    ),
    Case::new(
        "another section leaves toml as it is",
        &[
            (
                "pyproject.toml",
                "[tool.alembic]\nscript_location = \"%(here)s/alembic\"\n",
            ),
            (
                "alembic.ini",
                "[alembic]\nscript_location = other\n[b]\nversion_locations = x\n",
            ),
            ENV,
        ],
        &["-n", "b"],
    ),
    Case::new(
        "run below, toml below",
        &[
            (
                "backend/pyproject.toml",
                "[tool.alembic]\nscript_location = \"alembic\"\n",
            ),
            ("backend/alembic/env.py", ""),
        ],
        &[],
    )
    .within("", "backend"),
];
