//! The help: there for every command, pleasant at any width, and the same as the reference.

use std::collections::BTreeSet;

use super::VERBS;
use crate::support::Project;
use crate::support::terminal::on_terminal;

fn help(arguments: &[&str]) -> String {
    Project::bare().run(arguments).exits(0).out.clone()
}

#[test]
fn every_command_has_a_short_and_a_long_help_with_examples() {
    for verb in VERBS {
        for (argument, other) in [("-h", "--help"), ("--help", "-h")] {
            let text = help(&[verb, argument]);
            for fact in [
                "Usage: ",
                "Examples:\n",
                &format!("\n  vendor-migrations {verb}"),
                "Global options:",
            ] {
                assert!(text.contains(fact), "{fact:?} in {text}");
            }
            let long = argument == "--help";
            assert_eq!(text.len() > help(&[verb, other]).len(), long, "{verb}");
        }
        assert_eq!(help(&["help", verb]), help(&[verb, "--help"]));
    }
    assert!(help(&["-h"]).contains("Exit status:"));
    assert!(!help(&["--help"]).contains("catalogue"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let project = Project::bare();
    for columns in [60, 80, 120] {
        for verb in VERBS.iter().copied().map(Some).chain([None]) {
            for argument in ["-h", "--help"] {
                let arguments: Vec<&str> = verb.into_iter().chain([argument]).collect();
                let seen = on_terminal(&mut project.tool(&arguments), columns);
                let text = seen.exits(0).plain();
                for line in text.lines() {
                    // A command that is there to be copied is longer than a narrow terminal.
                    let command = line.trim_start().starts_with("vendor-migrations ");
                    let fits = line.chars().count() <= usize::from(columns);
                    assert!(fits || command, "{columns} columns: {line}");
                }
                // A purpose that is wrapped stays below its command.
                let examples = text.split("Examples:\n").nth(1).unwrap();
                let examples = examples.split("\n\n").next().unwrap();
                for line in examples.lines() {
                    let place = line.len() - line.trim_start().len();
                    let command = line.contains("vendor-migrations ");
                    assert_eq!(
                        place,
                        if command { 2 } else { 6 },
                        "{columns} columns: {examples}"
                    );
                }
            }
        }
    }
}

/// The long options in a text.
fn options(text: &str) -> BTreeSet<String> {
    let of_a_name = |c: char| c.is_ascii_lowercase() || c == '-';
    let places = text
        .match_indices("--")
        .filter(|(at, _)| !text[..*at].ends_with(of_a_name));
    places
        .map(|(at, _)| {
            let rest = &text[at + 2..];
            rest[..rest.find(|c| !of_a_name(c)).unwrap_or(rest.len())].to_owned()
        })
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

/// The options that the help of a command lists.
fn listed(verb: &str) -> BTreeSet<String> {
    let text = help(&[verb, "-h"]);
    let lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with('-'));
    lines
        .flat_map(|line| {
            options(
                line.split("  ")
                    .find(|part| !part.is_empty())
                    .unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn every_option_is_in_the_reference_and_every_option_of_the_reference_is_one() {
    let reference = include_str!("../../../docs/reference.md");
    let documented = options(reference);
    let mut all = BTreeSet::new();
    for verb in VERBS {
        let of_verb = listed(verb);
        assert!(of_verb.len() > 4, "{verb}: {of_verb:?}");
        all.extend(of_verb);
    }
    for option in &all {
        let general = ["help", "version"].contains(&option.as_str());
        assert!(
            general || documented.contains(option),
            "--{option} is not in the reference"
        );
    }
    // Of other programs: `git fetch --tags`, `procrastinate schema --apply`, `alembic revision --autogenerate`, `--version-path`.
    let others = ["apply", "autogenerate", "tags", "version-path"];
    for option in documented
        .iter()
        .filter(|option| !others.contains(&option.as_str()))
    {
        assert!(
            all.contains(option),
            "--{option} of the reference is no option"
        );
    }
    for verb in VERBS {
        assert!(
            reference.contains(&format!("`{verb}")),
            "{verb} is not in the reference"
        );
    }
}
