//! Files whose lines end in two ways: what `init` adds ends like most lines, and those that are there keep every byte.

use super::{Shape, UNKNOWN, shape};
use crate::support::{Project, put};

const INI: &str = "[alembic]\n# where\nscript_location = %(here)s/alembic\nprepend_sys_path = .\npath_separator = newline\n\
                   version_locations =\n    %(here)s/alembic/versions\n\nsqlalchemy.url = x\n";
const TOML: &str = "[project]\nname = \"x\"\n\n[tool.alembic]\nscript_location = \"alembic\"\nversion_locations = [\n  \
                    \"alembic/versions\",\n]\n";
const HOOKS: &str = "repos:\n  - repo: local\n    hooks:\n      - id: mine\n        name: mine\n        entry: \"true\"\n\n  \
                     - repo: local\n    hooks:\n      - id: other\n        name: other\n        entry: \"true\"\n";

/// The file with one line end of the other kind, for each of its lines.
fn strays<'a>(text: &'a str, most: &'a str, stray: &'a str) -> impl Iterator<Item = String> + 'a {
    let count = text.lines().count();
    (0..count).map(move |odd| {
        let end = |at| if at == odd { stray } else { most };
        let lines = text.lines().enumerate();
        lines
            .map(|(at, line)| format!("{line}{}", end(at)))
            .collect()
    })
}

#[track_caller]
fn keeps_lines(project: &Project, file: &str, before: &str, end: &str) {
    put(&project.root.join(file), before);
    project.run(&["init"]).exits(0);
    let after = std::fs::read_to_string(project.root.join(file)).unwrap();
    let lines =
        |text: &str| -> Vec<String> { text.split_inclusive('\n').map(str::to_owned).collect() };
    let (old, new) = (lines(before), lines(&after));
    let mut kept = old.iter().peekable();
    let added = new.iter().filter(|line| kept.next_if_eq(line).is_none());
    let added: Vec<&String> = added.collect();
    assert_eq!(added.len(), new.len() - old.len(), "{before:?}\n{after:?}");
    assert!(!added.is_empty());
    for line in added {
        let is_right = line.ends_with(end) && line.matches('\r').count() == end.len() - 1;
        assert!(is_right, "{before:?}\n{after:?}");
    }
}

#[test]
fn one_line_that_ends_otherwise_decides_nothing() {
    for (file, text) in [
        ("alembic.ini", INI),
        ("pyproject.toml", TOML),
        (".pre-commit-config.yaml", HOOKS),
    ] {
        for (most, stray) in [("\n", "\r\n"), ("\r\n", "\n")] {
            for before in strays(text, most, stray) {
                let project = match file {
                    "pyproject.toml" => shape(&[("alembic/env.py", "")]).project(UNKNOWN),
                    _ => Shape::ini("[alembic]\nscript_location = alembic\n").project(UNKNOWN),
                };
                keeps_lines(&project, file, &before, most);
            }
        }
    }
}
