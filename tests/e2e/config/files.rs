//! The syntax of ini files: sections, keys, values, interpolation.

use super::Case;

/// An `alembic.ini` beside scripts in `alembic`.
macro_rules! text {
    ($name:literal, $text:literal) => {
        Case::new(
            $name,
            &[("alembic.ini", $text), ("alembic/env.py", "")],
            &[],
        )
    };
}

pub(super) const CASES: &[Case] = &[
    text!("here", "[alembic]\nscript_location = %(here)s/alembic\n"),
    text!(
        "here, twice the slash",
        "[alembic]\nscript_location = %(here)s//./alembic/\n"
    ),
    text!("absolute", "[alembic]\nscript_location = {root}/alembic\n"),
    text!("over lines", "[alembic]\nscript_location =\n  alembic\n"),
    text!("upper case, colon", "[alembic]\nScript_Location: alembic\n"),
    text!(
        "an inline comment",
        "[alembic]\nscript_location = alembic ; scripts\n"
    ),
    text!(
        "line ends of Windows",
        "[alembic]\r\nscript_location = alembic\r\nversion_locations = a\r\n  b\r\n"
    ),
    text!(
        "line ends of old",
        "[alembic]\rscript_location = alembic\rversion_locations = a b\r"
    ),
    text!(
        "a byte order mark",
        "\u{feff}[alembic]\nscript_location = alembic\n"
    ),
    text!(
        "a byte order mark and a comment",
        "\u{feff}# c\n[alembic]\nscript_location = alembic\n"
    ),
    text!(
        "before the section",
        "x = 1\n[alembic]\nscript_location = alembic\n"
    ),
    text!(
        "DEFAULT twice",
        "[DEFAULT]\na=1\n[alembic]\nscript_location = alembic\n[DEFAULT]\nb=1\n"
    ),
    text!(
        "another section's name",
        "[ alembic ]\nscript_location = alembic\n"
    ),
    text!(
        "a comment behind the section",
        "[alembic] # c\nscript_location = alembic\n"
    ),
    text!(
        "a bracket behind the section",
        "[alembic] # [c]\nscript_location = alembic\n"
    ),
    text!(
        "all from DEFAULT",
        "[DEFAULT]\nscript_location = alembic\nversion_locations = a b\n[alembic]\n"
    ),
    text!(
        "DEFAULT, and no section",
        "[DEFAULT]\nscript_location = alembic\n[x]\n"
    ),
    text!(
        "DEFAULT's separator",
        "[DEFAULT]\npath_separator = os\nversion_path_separator = os\n[alembic]\nscript_location = alembic\nversion_locations = a:b\n"
    ),
    text!(
        "a name of DEFAULT",
        "[DEFAULT]\nbase = %(here)s\n[alembic]\nscript_location = %(BASE)s/alembic\n"
    ),
    text!(
        "a name of another section",
        "[x]\nbase = a\n[alembic]\nscript_location = %(base)s\n"
    ),
    text!(
        "names without end",
        "[alembic]\nscript_location = %(a)s\na = %(script_location)s\n"
    ),
    text!(
        "a bad default, and hooks",
        "[DEFAULT]\nx = %\n[alembic]\nscript_location = alembic\n[post_write_hooks]\n"
    ),
    text!(
        "a bad default, and no hooks",
        "[DEFAULT]\nx = %\n[alembic]\nscript_location = alembic\n"
    ),
    ini!("a key twice", "SCRIPT_LOCATION = b"),
    ini!("a key twice, elsewhere", "[x]", "a=1", "a=1"),
    ini!("a section twice", "[alembic]"),
    ini!("neither section nor key", "rubbish"),
    ini!("rubbish as a continuation", "x = 1", " rubbish"),
    ini!(
        "the section over DEFAULT",
        "[DEFAULT]",
        "script_location = b",
        "version_path_separator = x"
    ),
    ini!(
        "a bad value that nobody asks for",
        "sqlalchemy.url = a%b",
        "x = %(y)s"
    ),
    ini!("a bad file template", "file_template = %(year)d_%(rev)s"),
    ini!("a good file template", "file_template = %%(year)d_%%(rev)s"),
    ini!("a bad time zone", "timezone = %"),
    ini!("a bad encoding", "output_encoding = %("),
    ini!("sourceless, bad", "sourceless = 1%"),
    ini!("a slug's length", "truncate_slug_length = 1_0"),
    ini!("no slug's length", "truncate_slug_length = 40 # x"),
    ini!("an empty slug's length", "truncate_slug_length ="),
    ini!(
        "a bad hook",
        "[post_write_hooks]",
        "hooks = x",
        "x.options = 5%"
    ),
    ini!(
        "a good hook",
        "[post_write_hooks]",
        "hooks = x",
        "x.options = 5%%"
    ),
];
