//! Long texts are wrapped between words on a terminal, and nowhere else.

use crate::support::releases::{FIRST, four, three, three_as};
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
    for command in ["check", "status", "rollout", "review", "stamp", "releases"] {
        let options: &[&str] = match command {
            "check" | "status" => &["--from", site.as_str()],
            "rollout" => &["--from", "3.0.0"],
            "review" => &["--from", "3.0.0", "--to", "3.4.0"],
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
fn long_lines_of_a_diff_are_broken_between_words() {
    let project = Project::with(&three());
    let long = format!("SELECT '{}';\n", "long words ".repeat(40));
    let site = project.install(&four().sql("01.02.00_02_pre_long.sql", &long));
    let diff = ["diff", "--from", site.as_str()];
    let seen = on(&mut project.tool(&diff), 40, Which::Out).plain();
    let piped = project.run(&diff).out;
    assert_eq!(words(&seen), words(&piped));
    assert!(seen.lines().count() > piped.lines().count());
    for line in seen.lines().filter(|line| line.contains("long words")) {
        assert!(line.len() <= 40, "{line}");
    }
}

#[test]
fn a_diff_begins_with_the_sql() {
    let project = Project::with(&three());
    let package = three_as("91.1.1").sql(FIRST, "SELECT 1;\n\n\n\n\n\n\n\n\nSELECT 3;\n");
    for command in ["check", "diff", "sync"] {
        let shown = project.against(&package, command, &[]);
        shown
            .out_has(&["+++ b/", "SELECT 3"])
            .out_lacks(&["SHA-256"]);
        if command != "sync" {
            let json = project.against(&package, command, &["--format", "json"]);
            json.out_has(&["SHA-256"]);
        }
    }
}

#[test]
fn a_long_list_is_put_together_unless_all_is_asked_for() {
    let project = Project::new();
    let package = three();
    let many = (0..12).map(|number| format!("01.03.{number:02}_01_pre_more.sql"));
    let package = many.fold(package, |package, name| package.sql(&name, "SELECT 1;\n"));
    let site = project.install(&package);
    let sync = |options: &[&str]| {
        project.run(&[&["sync", "--dry-run", "--from", site.as_str()], options].concat())
    };
    sync(&[]).exits(0).out_has(&[
        "Added  15 migrations, 01.00.00_01_initial.sql to 01.03.11_01_pre_more.sql; `-v` lists them\n",
    ]);
    let all = sync(&["-v"]);
    assert_eq!(
        all.out
            .lines()
            .filter(|line| line.starts_with("Added "))
            .count(),
        15
    );
    sync(&["-q"])
        .exits(0)
        .out_lacks(&["Next", "alembic upgrade", "stamp"]);
    let project = Project::with(&three());
    let check = project.check(&package, &[]);
    check.exits(1).out_has(&[
        "error[migration-missing] 12 migrations\n",
        "`-v` shows each.",
        "  … 9 more …\n",
        "\nNext\n  vendor-migrations sync\n",
    ]);
    assert_eq!(check.out.matches("help:").count(), 1, "{check}");
    let all = project.check(&package, &["-v"]);
    assert_eq!(
        all.out.matches("error[migration-missing] alembic/").count(),
        12
    );
    project
        .check(&package, &["-q"])
        .exits(1)
        .out_lacks(&["Next"]);
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
