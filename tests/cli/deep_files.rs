//! Python files that are nested deeper than anybody's: they are not read, and nothing overflows.

use crate::support::releases::{SECOND_PY, three};
use crate::support::{Project, put};

const NESTS: [(&str, &str); 12] = [
    ("f(", ")"),
    ("[", "]"),
    ("{1: ", "}"),
    ("a.", ""),
    ("1 + ", ""),
    ("2 ** ", ""),
    ("not ", ""),
    ("-", ""),
    ("lambda: ", ""),
    ("1 if a else ", ""),
    ("(a := ", ")"),
    ("f(a)[0].b + ", ""),
];

fn nested((before, after): (&str, &str), times: usize) -> String {
    format!("x = {}a{}\n", before.repeat(times), after.repeat(times))
}

const REVISION: &str = "revision = 'own'\ndown_revision = None\n";

#[test]
fn a_file_that_is_nested_too_deeply_is_said_to_be_unread() {
    for nest in NESTS {
        let text = nested(nest, 20_000);
        for (file, text) in [
            ("alembic/env.py", text.clone()),
            ("alembic/versions/own.py", format!("{REVISION}{text}")),
            (
                "alembic/versions_procrastinate/foreign.py",
                format!("{REVISION}{text}"),
            ),
            (
                "manage.py",
                format!("from alembic.config import Config\n# upgrade\n{text}"),
            ),
        ] {
            let project = Project::with(&three());
            put(&project.root.join(file), &text);
            for command in ["check", "status", "init"] {
                let outcome = project.run(&[command]);
                outcome.does_not_panic();
                assert!(
                    matches!(outcome.code, Some(0..=2)),
                    "{command} {file} {nest:?}: {outcome}"
                );
                let is_read =
                    command != "init" && file.starts_with("alembic/") && !file.contains("foreign");
                assert!(
                    !is_read || outcome.err.contains("nested too deeply"),
                    "{command} {file} {nest:?}: {outcome}"
                );
            }
        }
    }
}

/// What is as deep as the bound allows is read.
/// Of many revisions, some are read by another thread.
#[test]
fn among_many_files_one_may_be_as_deep() {
    let project = Project::with(&three());
    for number in 0..300 {
        let text = format!("revision = 'own_{number}'\ndown_revision = None\n");
        put(
            &project
                .root
                .join(format!("alembic/versions/own_{number}.py")),
            text,
        );
    }
    for nest in NESTS {
        for times in [240, 330, 490, 990] {
            for name in ["a_first.py", "z_last.py"] {
                let text = REVISION.to_owned() + &nested(nest, times);
                put(&project.root.join("alembic/versions").join(name), text);
            }
            project.run(&["check"]).does_not_panic();
        }
    }
}

#[test]
fn a_file_as_deep_as_the_bound_is_read() {
    for nest in NESTS {
        let project = Project::with(&three());
        let text = std::fs::read_to_string(project.root.join("alembic/env.py")).unwrap();
        put(
            &project.root.join("alembic/env.py"),
            nested(nest, 240) + &text,
        );
        put(
            &project.root.join("alembic/versions/own.py"),
            REVISION.to_owned() + &nested(nest, 240),
        );
        let checked = project.run(&["check"]);
        checked.does_not_panic();
        assert!(
            !checked.err.contains("nested too deeply"),
            "{nest:?}: {checked}"
        );
    }
    // A vendored file is the lock's, or edited: neither needs to be read.
    let project = Project::with(&three());
    let text = project.text(SECOND_PY) + &nested(NESTS[0], 20_000);
    project.write(SECOND_PY, text);
    project.run(&["check"]).exits(1).out_has(&["error[edited]"]);
}
