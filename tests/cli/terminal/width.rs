//! Long texts are wrapped between words on a terminal, and nowhere else.

use crate::support::releases::{four, three};
use crate::support::terminal::{Which, on, on_terminal};
use crate::support::{Project, put};

/// Breaks lines where words do, and joins them again: two texts that only differ in their line breaks.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn lines_fit_the_terminal_and_lose_nothing() {
    let project = Project::with(&three());
    let site = project.install(&four());
    // Many findings, none of which shows a diff.
    put(
        &project.root.join("alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    let env = project.root.join("alembic/env.py");
    let text = std::fs::read_to_string(&env).unwrap();
    put(&env, text.replace("engine.connect()", "engine.begin()"));
    put(&project.root.join("alembic/versions/odd.py"), "x = 1\n");
    project.remove(".gitattributes");
    for command in ["check", "status", "rollout", "stamp", "releases"] {
        let options: &[&str] = match command {
            "check" | "status" => &["--from", site.as_str()],
            "rollout" => &["--from", "3.0.0"],
            "stamp" => &["3.0.0"],
            _ => &[],
        };
        let arguments = [&[command], options].concat();
        let piped = project.run(&arguments);
        for columns in [40, 60, 80, 120, 200] {
            let seen = on_terminal(&mut project.tool(&arguments), columns);
            let plain = seen.plain();
            let both: String = piped.err.clone() + &piped.out;
            let (mut one, mut other) = (words(&plain), words(&both));
            one.sort();
            other.sort();
            assert_eq!(one, other, "{command} in {columns} columns");
            for line in prose(&plain) {
                let fits = line.chars().count() <= usize::from(columns.min(120));
                assert!(fits, "{command} in {columns} columns: {line}");
            }
        }
    }
}

/// The lines that are sentences, and not a long word or a command.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| {
        let parts = line.split('`').step_by(2).flat_map(str::split_whitespace);
        parts.count() > 3
    })
}

#[test]
fn what_is_not_a_terminal_gets_one_line() {
    let project = Project::new();
    let wrong = ["sync", "--from", "nowhere", "-C", "."];
    let piped = project.run(&wrong);
    piped.fails(&[]);
    let mut command = project.tool(&wrong);
    let unwrapped = on(command.env("COLUMNS", "40"), 40, Which::Out);
    assert_eq!(unwrapped.piped, piped.err);
    let wrapped = on(&mut project.tool(&wrong), 40, Which::Err);
    assert!(wrapped.shown.lines().count() > piped.err.lines().count());
}

#[test]
fn diffs_are_never_broken() {
    let project = Project::with(&three());
    let long = format!("SELECT '{}';\n", "long words ".repeat(40));
    let site = project.install(&four().sql("01.02.00_02_pre_long.sql", &long));
    let diff = ["diff", "--from", site.as_str()];
    let seen = on(&mut project.tool(&diff), 40, Which::Out);
    assert_eq!(seen.plain(), project.run(&diff).out);
}

#[test]
fn commands_and_paths_are_never_broken() {
    let project = Project::new();
    put(
        &project
            .root
            .join("a configuration with a long name/alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    let options = [
        "-c",
        "a configuration with a long name/alembic.ini",
        "-C",
        ".",
    ];
    let site = project.install(&three());
    let sync = [&["sync", "--from", site.as_str()], &options[..]].concat();
    let seen = on_terminal(&mut project.tool(&sync), 40);
    let command = "alembic -c 'a configuration with a long name/alembic.ini' upgrade heads";
    let plain = seen.exits(0).plain();
    assert!(plain.lines().any(|line| line.trim() == command), "{plain}");
}

#[test]
fn a_terminal_without_a_width_is_asked_for_in_columns() {
    let project = Project::new();
    let wrong = ["sync", "--from", "nowhere"];
    let longest = |columns: Option<&str>| {
        let mut command = project.tool(&wrong);
        if let Some(columns) = columns {
            command.env("COLUMNS", columns);
        }
        let seen = on(&mut command, 0, Which::Err);
        seen.plain().lines().map(str::len).max().unwrap_or(0)
    };
    assert!(longest(Some("40")) <= 40);
    assert!((41..=80).contains(&longest(None)));
    assert!((41..=80).contains(&longest(Some("nonsense"))));
}
