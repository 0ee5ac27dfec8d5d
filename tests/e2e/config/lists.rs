//! `version_locations`, `prepend_sys_path`, and what separates their entries.

use super::Case;

pub(super) const CASES: &[Case] = &[
    ini!("no locations",),
    ini!(
        "blanks and commas",
        "version_locations = a/v, b/v c/v   d/v,e"
    ),
    ini!("a comma between blanks", "version_locations = a , b"),
    ini!("a comma at the end", "version_locations = a,b,"),
    ini!(
        "lines without a separator",
        "version_locations =",
        "  a/v",
        "  b/v"
    ),
    ini!("tabs without a separator", "version_locations = a/v\tb/v"),
    ini!("colons without a separator", "version_locations = a/v:b/v"),
    ini!(
        "old key: space",
        "version_path_separator = space",
        "version_locations = a/v  b/v, c"
    ),
    ini!(
        "old key: os",
        "version_path_separator = os",
        "version_locations = a/v:b/v c/v"
    ),
    ini!(
        "old key: colon, with blanks",
        "version_path_separator = :",
        "version_locations = a/v : b/v : "
    ),
    ini!(
        "old key: colon, empty entries",
        "version_path_separator = :",
        "version_locations = :a/v::b/v:"
    ),
    ini!(
        "old key: colon, nothing but",
        "version_path_separator = :",
        "version_locations = ::"
    ),
    ini!(
        "old key: semicolon",
        "version_path_separator = ;",
        "version_locations = a/v;b/v:c"
    ),
    ini!(
        "old key: newline",
        "version_path_separator = newline",
        "version_locations =",
        "  a/v",
        "  b v",
        ""
    ),
    ini!(
        "old key: newline, one line",
        "version_path_separator = newline",
        "version_locations = a/v b/v"
    ),
    ini!(
        "old key: os over lines",
        "version_path_separator = os",
        "version_locations =",
        "  a/v:",
        "  b/v"
    ),
    ini!(
        "old key: space over lines",
        "version_path_separator = space",
        "version_locations =",
        "  a/v",
        "  b/v"
    ),
    ini!(
        "old key: the template's comment",
        "version_path_separator = os  # Use os.pathsep. Default.",
        "version_locations = a:b"
    ),
    ini!(
        "old key: the template's comment, no locations",
        "version_path_separator = os  # Use os.pathsep."
    ),
    ini!(
        "old key: unknown",
        "version_path_separator = comma",
        "version_locations = a,b"
    ),
    ini!(
        "old key: unknown, no locations",
        "version_path_separator = comma"
    ),
    ini!(
        "old key: empty",
        "version_path_separator =",
        "version_locations = a,b"
    ),
    ini!(
        "old key: upper case",
        "version_path_separator = OS",
        "version_locations = a:b"
    ),
    ini!(
        "new key: os",
        "path_separator = os",
        "version_locations = a/v:b/v"
    ),
    ini!(
        "new key: space",
        "path_separator = space",
        "version_locations = a/v b/v"
    ),
    ini!(
        "new key: newline",
        "path_separator = newline",
        "version_locations = a/v",
        "  b/v"
    ),
    ini!(
        "new key: unknown",
        "path_separator = |",
        "version_locations = a/v|b/v"
    ),
    ini!("new key: unknown, no locations", "path_separator = |"),
    ini!(
        "new key: empty",
        "path_separator =",
        "version_locations = a/v:b/v"
    ),
    ini!(
        "both keys: os",
        "path_separator = os",
        "version_path_separator = os",
        "version_locations = a/v:b/v"
    ),
    ini!(
        "both keys: newline",
        "path_separator = newline",
        "version_path_separator = newline",
        "version_locations = a",
        "  b"
    ),
    ini!(
        "both keys differ",
        "path_separator = os",
        "version_path_separator = space",
        "version_locations = a/v:b c:d"
    ),
    ini!(
        "the new key is good, the old one bad",
        "path_separator = os",
        "version_path_separator = os # x",
        "version_locations = a:b"
    ),
    ini!(
        "the old key is good, the new one bad",
        "path_separator = os # x",
        "version_path_separator = os",
        "version_locations = a:b"
    ),
    ini!(
        "the separator is interpolated",
        "s = os",
        "path_separator = %(s)s",
        "version_path_separator = %(S)s",
        "version_locations = a:b"
    ),
    ini!(
        "the separator cannot be interpolated",
        "path_separator = %(no)s",
        "version_path_separator = %(no)s",
        "version_locations = a:b"
    ),
    ini!(
        "empty locations",
        "path_separator = os",
        "version_path_separator = os",
        "version_locations ="
    ),
    ini!(
        "locations without a value's blank",
        "path_separator=os",
        "version_path_separator=os",
        "version_locations=a:b"
    ),
    ini!(
        "here in the list",
        "path_separator = os",
        "version_path_separator = os",
        "version_locations = %(here)s/alembic/versions:%(here)s/x y"
    ),
    ini!(
        "absolute, and dots",
        "path_separator = os",
        "version_path_separator = os",
        "version_locations = {root}/a:./b/../c/.://d:e//f/"
    ),
    ini!(
        "above the project",
        "path_separator = os",
        "version_path_separator = os",
        "version_locations = ../a:../../../../../../../../b"
    ),
    ini!("the same one twice", "version_locations = a a ./a"),
    ini!(
        "a comment in the list",
        "path_separator = newline",
        "version_path_separator = newline",
        "version_locations =",
        "  a",
        "# c",
        "  ; b",
        "",
        "  d ; e"
    ),
    ini!(
        "the next key is indented less",
        "  version_locations = a",
        "   b",
        " path_separator = newline",
        " version_path_separator = newline"
    ),
    ini!("prepend: nothing", "prepend_sys_path ="),
    ini!("prepend: one", "prepend_sys_path = ."),
    ini!(
        "prepend: blanks, commas, colons",
        "prepend_sys_path = . src:lib, x"
    ),
    ini!("prepend: empty entries", "prepend_sys_path = :a:"),
    ini!(
        "prepend: os",
        "path_separator = os",
        "prepend_sys_path = . src:lib"
    ),
    ini!(
        "prepend: the old key is not asked",
        "version_path_separator = os",
        "prepend_sys_path = . src:lib"
    ),
    ini!(
        "prepend: newline",
        "path_separator = newline",
        "prepend_sys_path = .",
        "  src"
    ),
    ini!(
        "prepend: unknown separator",
        "path_separator = pipe",
        "prepend_sys_path = ."
    ),
    ini!("prepend: bad interpolation", "prepend_sys_path = %(x)s"),
    ini!("recursive", "recursive_version_locations = true"),
    ini!(
        "recursive, upper case",
        "recursive_version_locations = True"
    ),
    ini!(
        "recursive, with a comment",
        "recursive_version_locations = true # x"
    ),
    ini!(
        "recursive, bad interpolation",
        "recursive_version_locations = %x"
    ),
];
