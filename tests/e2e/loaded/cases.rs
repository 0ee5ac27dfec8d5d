//! The cases: what is added to a project whose own revisions are `a1` and `a2`.

pub(super) struct Case {
    pub(super) name: &'static str,
    /// More lines of the ini; with `version_locations`, in place of the usual ones; with a section, the whole file.
    pub(super) ini: &'static str,
    /// Paths and bytes; a path that ends with `/` is a directory.
    pub(super) files: &'static [(&'static str, &'static [u8])],
    /// Paths and what they link to.
    pub(super) links: &'static [(&'static str, &'static str)],
    /// Paths of compiled files and the texts of their sources.
    pub(super) compiled: &'static [(&'static str, &'static str)],
    pub(super) removed: &'static [&'static str],
    /// The ids that are meant to run.
    pub(super) wanted: &'static [&'static str],
    /// Of the error, where Alembic does not load them.
    pub(super) code: &'static str,
}

const NONE: Case = Case {
    name: "",
    ini: "",
    files: &[],
    links: &[],
    compiled: &[],
    removed: &[],
    wanted: &[],
    code: "not-a-revision",
};

pub(super) const A1: &str = "revision = 'a1'\ndown_revision = None\n";
pub(super) const A2: &str = "revision = 'a2'\ndown_revision = 'a1'\n";
const A3: &str = "revision = 'a3'\ndown_revision = 'a2'\n";

/// One more revision, `alembic/versions/x.py`.
macro_rules! file {
    ($name:literal, $bytes:expr) => {
        file!($name, $bytes, "not-a-revision")
    };
    ($name:literal, $bytes:expr, $code:literal) => {
        Case {
            name: $name,
            files: &[("alembic/versions/x.py", $bytes)],
            code: $code,
            ..NONE
        }
    };
}

/// A revision that only a `.py` in a directory below has.
macro_rules! below {
    ($name:literal, $ini:literal) => {
        Case {
            name: $name,
            ini: $ini,
            files: &[("alembic/versions/2024/a3.py", A3.as_bytes())],
            wanted: &["a3"],
            code: "own-versions",
            ..NONE
        }
    };
}

/// Files where compiled ones count.
macro_rules! compiled {
    ($name:literal, $files:expr, $compiled:expr, $wanted:expr) => {
        Case {
            name: $name,
            ini: "sourceless = true",
            files: $files,
            compiled: $compiled,
            wanted: $wanted,
            ..NONE
        }
    };
}

macro_rules! link {
    ($name:literal, $link:literal, $target:literal, $wanted:expr) => {
        Case {
            name: $name,
            files: &[
                ("other/a3", A3.as_bytes()),
                ("other/a4.py", b"revision = 'a4'\ndown_revision = 'a2'\n"),
            ],
            links: &[($link, $target)],
            wanted: $wanted,
            ..NONE
        }
    };
}

pub(super) const CASES: &[Case] = &[
    Case { name: "nothing wrong", wanted: &["a1", "a2"], ..NONE },
    // The header.
    file!("no down_revision", b"revision = 'x'\n"),
    file!("no down_revision, annotated", b"revision: str = 'x'\nbranch_labels = None\n"),
    file!("down_revision without a value", b"revision = 'x'\ndown_revision: str\n"),
    file!("down_revision from another file", b"from os.path import *\nrevision = 'x'\nglobals()['down_revision'] = 'a2'\n"),
    file!("down_revision is a number", b"revision = 'x'\ndown_revision = 7\n"),
    file!("down_revision is bytes", b"revision = 'x'\ndown_revision = b'a2'\n"),
    file!("revision is a number", b"revision = 7\ndown_revision = 'a2'\n"),
    file!("revision is None", b"revision = None\ndown_revision = 'a2'\n"),
    file!("revision is bytes", b"revision = b'x'\ndown_revision = 'a2'\n"),
    file!("revision is a tuple", b"revision = ('x',)\ndown_revision = 'a2'\n"),
    file!("revision is a list", b"revision = ['x']\ndown_revision = 'a2'\n"),
    file!("revision is joined", b"revision = 'x' 'y'\ndown_revision = 'a2'\n"),
    Case {
        name: "the name is the id",
        files: &[("alembic/versions/abc1.py", b"down_revision = 'a2'\n")],
        wanted: &["abc1"],
        ..NONE
    },
    Case {
        name: "the name is the id, and no down_revision",
        files: &[("alembic/versions/add.py", b"def add():\n    pass\n")],
        ..NONE
    },
    // Bytes and syntax.
    file!("NUL in a comment", b"revision = 'x'\ndown_revision = 'a2'\n# \0\n"),
    file!("NUL in a string", b"revision = 'x'\ndown_revision = 'a2'\nx = '\0'\n"),
    file!("unknown coding", b"# -*- coding: klingon -*-\nrevision = 'x'\ndown_revision = 'a2'\n"),
    file!("unknown coding, line 2", b"\n# vim: set fileencoding=foo :\nrevision = 'x'\ndown_revision = 'a2'\n"),
    file!("unknown coding, line 3", b"\n\n# coding: foo\nrevision = 'x'\ndown_revision = 'a2'\n"),
    file!("latin-1", b"# coding: latin-1\nrevision = 'x'\ndown_revision = 'a2'\nx = '\xe4'\n"),
    file!("latin-1 and a mark", b"\xef\xbb\xbf# coding: latin-1\nrevision = 'x'\ndown_revision = 'a2'\n"),
    file!("UTF-8 and a mark", b"\xef\xbb\xbf# coding: utf-8\nrevision = 'x'\ndown_revision = 'a2'\n"),
    file!("not UTF-8", b"revision = 'x'\ndown_revision = 'a2'\nx = '\xe4'\n"),
    file!("not UTF-8, in a comment", b"revision = 'x'\ndown_revision = 'a2'  # \xe4\n"),
    file!("since 3.10", b"revision = 'x'\ndown_revision = 'a2'\nmatch 1:\n    case _:\n        pass\n"),
    file!("since 3.11", b"revision = 'x'\ndown_revision = 'a2'\ntry:\n    pass\nexcept* ValueError:\n    pass\n"),
    file!("since 3.12: type", b"revision = 'x'\ndown_revision = 'a2'\ntype X = int\n"),
    file!("since 3.12: parameters", b"revision = 'x'\ndown_revision = 'a2'\ndef f[T](x: T):\n    pass\n"),
    file!("since 3.12: quotes", b"revision = 'x'\ndown_revision = 'a2'\ny = f'{'a'}'\n"),
    file!("since 3.13", b"revision = 'x'\ndown_revision = 'a2'\nclass C[T = int]:\n    pass\n"),
    file!("since 3.14", b"revision = 'x'\ndown_revision = 'a2'\ntry:\n    pass\nexcept ValueError, TypeError:\n    pass\n"),
    // Ids.
    file!("head", b"revision = 'head'\ndown_revision = 'a2'\n", "revision-id"),
    file!("heads", b"revision = 'heads'\ndown_revision = 'a2'\n", "revision-id"),
    file!("base", b"revision = 'base'\ndown_revision = None\n", "revision-id"),
    file!("HEAD", b"revision = 'HEAD'\ndown_revision = 'a2'\n"),
    file!("a colon", b"revision = 'a:b'\ndown_revision = 'a2'\n", "revision-id"),
    file!("a plus", b"revision = 'a+b'\ndown_revision = 'a2'\n", "revision-id"),
    // One cause, one finding.
    Case {
        name: "what others follow is no Python",
        files: &[("alembic/versions/a1.py", b"revision = 'a1'\ndown_revision = None\ndef upgrade(:\n")],
        ..NONE
    },
    Case {
        name: "what others follow has no down_revision",
        files: &[("alembic/versions/a1.py", b"revision = 'a1'\n")],
        ..NONE
    },
    // Links and directories.
    link!("a link to nothing", "alembic/versions/x.py", "gone.py", &[]),
    link!("a link to nothing that is Python", "alembic/versions/x.py", "gone", &[]),
    link!("a link to itself", "alembic/versions/x.py", "x.py", &[]),
    link!("a link of an editor", "alembic/versions/.#x.py", "me@host.123", &[]),
    link!("a link to a directory", "alembic/versions/x.py", "../../other", &[]),
    link!("a link to a revision", "alembic/versions/x.py", "../../other/a4.py", &["a4"]),
    Case { name: "a directory", files: &[("alembic/versions/x.py/", b"")], ..NONE },
    Case { name: "a package", files: &[("alembic/versions/x.py/__init__.py", b"")], ..NONE },
    // Below the locations.
    below!("below", ""),
    below!("below: true", "recursive_version_locations = true"),
    below!("below: True", "recursive_version_locations = True"),
    below!("below: 1", "recursive_version_locations = 1"),
    below!("below: with a comment", "recursive_version_locations = true  # all of them"),
    Case {
        name: "all below",
        files: &[
            ("alembic/versions/2023/a1.py", A1.as_bytes()),
            ("alembic/versions/2024/a2.py", A2.as_bytes()),
        ],
        removed: &["alembic/versions/a1.py", "alembic/versions/a2.py"],
        wanted: &["a1", "a2"],
        code: "own-versions",
        ..NONE
    },
    Case {
        name: "below, and listed",
        ini: "path_separator = os\nversion_path_separator = os\n\
              version_locations = alembic/versions:alembic/versions_procrastinate:alembic/versions/2024",
        files: &[("alembic/versions/2024/a3.py", A3.as_bytes())],
        wanted: &["a3"],
        ..NONE
    },
    Case {
        name: "put away",
        files: &[("alembic/versions/old/z9.py", b"revision = 'z9'\ndown_revision = 'z8'\n")],
        ..NONE
    },
    Case {
        name: "listed twice",
        ini: "path_separator = os\nversion_path_separator = os\n\
              version_locations = alembic/versions:alembic/versions_procrastinate:%(here)s/alembic/versions",
        wanted: &["a1", "a2"],
        ..NONE
    },
    // The configuration.
    Case {
        name: "lines without a separator",
        ini: "version_locations =\n  alembic/versions\n  alembic/versions_procrastinate\n  json:versions",
        code: "version-locations",
        ..NONE
    },
    Case {
        name: "lines without a separator, the package first",
        ini: "version_locations =\n  json:versions\n  alembic/versions\n  alembic/versions_procrastinate",
        code: "version-locations",
        ..NONE
    },
    Case { name: "no script location", ini: "[alembic]\nx = y\n", code: "version-locations", ..NONE },
    Case { name: "an empty section", ini: "[alembic]\n", code: "version-locations", ..NONE },
    // Compiled revisions.
    compiled!("compiled", &[], &[("alembic/versions/a3.pyc", A3)], &["a3"]),
    compiled!("compiled, in the cache", &[], &[("alembic/versions/__pycache__/a3.cpython-3.pyc", A3)], &["a3"]),
    compiled!(
        "compiled, and another follows",
        &[("alembic/versions/a4.py", b"revision = 'a4'\ndown_revision = 'a3'\n")],
        &[("alembic/versions/a3.pyc", A3)],
        &["a4"]
    ),
    compiled!("compiled, with its source", &[], &[("alembic/versions/a2.pyc", "x = 1\n")], &["a2"]),
    compiled!("compiled package", &[], &[("alembic/versions/__pycache__/__init__.cpython-3.pyc", "x = 1\n")], &[]),
    compiled!("compiled helper", &[], &[("alembic/versions/helper.pyc", "x = 1\n")], &[]),
    compiled!("compiled helper, in the cache", &[], &[("alembic/versions/__pycache__/helper.cpython-3.pyc", "x = 1\n")], &[]),
    compiled!("compiled without down_revision", &[], &[("alembic/versions/a3.pyc", "revision = 'a3'\n")], &[]),
    compiled!("compiled by something else", &[("alembic/versions/a3.pyc", b"\0\0\r\n\0\0\0\0\0\0\0\0\0\0\0\0 8revision down_revision")], &[], &[]),
    compiled!("compiled, cut off", &[("alembic/versions/a3.pyc", b"x")], &[], &[]),
    compiled!("compiled, empty", &[("alembic/versions/__pycache__/a3.cpython-3.pyc", b"")], &[], &[]),
    Case {
        name: "compiled, and not asked for",
        files: &[("alembic/versions/a3.pyc", b"x")],
        ..NONE
    },
    Case {
        name: "compiled, and asked for in another word",
        ini: "sourceless = True",
        files: &[("alembic/versions/a3.pyc", b"x")],
        ..NONE
    },
    // The vendored directory.
    Case {
        name: "vendored: compiled helper",
        ini: "sourceless = true",
        compiled: &[("alembic/versions_procrastinate/__pycache__/helper.cpython-3.pyc", "x = 1\n")],
        ..NONE
    },
    Case {
        name: "vendored: a directory",
        files: &[("alembic/versions_procrastinate/x.py/", b"")],
        ..NONE
    },
    Case {
        name: "vendored: no down_revision",
        files: &[("alembic/versions_procrastinate/x.py", b"revision = 'x'\n")],
        ..NONE
    },
];
