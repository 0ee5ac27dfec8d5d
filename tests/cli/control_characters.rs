//! What a migration says reaches the terminal as text, never as a command to it.

use crate::support::releases::{FIRST, FIRST_PY, SECOND, THIRD, Wrapping, three, three_migrations};
use crate::support::{Outcome, Package, Project};

/// Clears the screen, sets the title, rings, returns the carriage, the same in C1, and reverses the text.
const NASTY: &str =
    "SELECT 'a\u{1b}[2Jb\u{1b}]0;title\u{7}c\rd\u{9b}2Je\u{202e}f\u{7f}g\u{2066}h';\n";
const NEVER_RAW: [char; 7] = [
    '\u{1b}', '\u{7}', '\r', '\u{9b}', '\u{202e}', '\u{7f}', '\u{2066}',
];

/// The text without the colours that the program itself sets.
fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after
            .find(|c: char| !c.is_ascii_digit() && c != ';')
            .unwrap();
        if after[end..].starts_with('m') {
            rest = &after[end + 1..];
        } else {
            plain.push('\u{1b}');
            rest = after;
        }
    }
    plain + rest
}

#[track_caller]
fn assert_escaped(outcome: &Outcome, arguments: &[&str]) {
    for (name, text) in [("stdout", &outcome.out), ("stderr", &outcome.err)] {
        let plain = without_colours(text);
        let raw = NEVER_RAW.iter().find(|c| plain.contains(**c));
        assert!(
            raw.is_none(),
            "{raw:?} is raw in {name} of {arguments:?}\n{plain:?}"
        );
    }
}

#[track_caller]
fn assert_shown_escaped(project: &Project, package: &Package, commands: &[&[&str]]) {
    let site = project.install(package);
    for color in ["never", "always"] {
        for command in commands {
            let arguments = [*command, &["--from", site.as_str(), "--color", color]].concat();
            let outcome = project.run(&arguments);
            outcome.exits(1).out_has(&["\\x1b", "202e"]);
            assert_escaped(&outcome, &arguments);
        }
    }
}

#[test]
fn rendered_migrations_are_shown_escaped() {
    let project = Project::with(&three());
    let nasty = three().sql(SECOND, NASTY);
    assert_shown_escaped(&project, &nasty, &[&["check"], &["diff"]]);
    for color in ["never", "always"] {
        for dry in [&["--dry-run"][..], &[]] {
            let project = Project::with(&three());
            let options = [&["--color", color], dry].concat();
            let outcome = project.syncs(&nasty, &options);
            outcome.out_has(&["\\x1b", "202e"]);
            assert_escaped(&outcome, &options);
        }
    }
}

#[test]
fn copied_migrations_are_shown_escaped() {
    let mut migrations = three_migrations();
    migrations[1] = (SECOND, NASTY);
    let nasty = Wrapping::Call.release("91.1.0", &migrations);
    let project = Project::with(&Wrapping::Call.three());
    assert_shown_escaped(&project, &nasty, &[&["check"], &["diff"]]);
    let outcome = project.syncs(&nasty, &["--color", "never"]);
    outcome.out_has(&["\\x1b", "202e"]);
    assert_escaped(&outcome, &["sync"]);
}

#[test]
fn what_the_user_wrote_is_shown_escaped_too() {
    let project = Project::with(&three());
    let text = project.text(FIRST_PY) + "# " + NASTY;
    project.write(FIRST_PY, text);
    assert_shown_escaped(&project, &three(), &[&["sync"], &["check"], &["diff"]]);
}

#[test]
fn what_is_not_text_is_not_shown() {
    let project = Project::with(&three());
    project.write(FIRST_PY, [0xff, 0x1b, b'[', b'2', b'J']);
    let outcome = project.sync(&three(), &[]);
    outcome.refuses(&[FIRST_PY]);
    assert_escaped(&outcome, &["sync"]);
}

#[cfg(unix)]
#[test]
fn file_names_are_shown_escaped() {
    let project = Project::with(&three());
    project.write("a\u{1b}[2Jb\nc\u{202e}.py", "");
    for arguments in [&["check"][..], &["status"]] {
        let outcome = project.against(&three(), arguments[0], &["--color", "never"]);
        outcome.exits(1).out_has(&["\\x1b"]);
        assert_escaped(&outcome, arguments);
    }
}

#[cfg(unix)]
#[test]
fn paths_of_sources_are_shown_escaped() {
    let project = Project::with(&three());
    let site = project.beside("a\u{1b}[2Jb\u{202e}");
    three().install(&site);
    for command in ["sync", "check", "diff", "status"] {
        let outcome = project.run(&[command, "--from", site.as_str(), "--color", "never"]);
        outcome.exits(0);
        assert_escaped(&outcome, &[command]);
    }
}

#[test]
fn json_holds_no_raw_control_characters() {
    let project = Project::with(&three());
    let outcome = project.check(&three().sql(THIRD, NASTY), &["--format", "json"]);
    outcome.exits(1);
    assert!(
        !outcome.out.contains(['\u{1b}', '\u{7}', '\r']),
        "{outcome}"
    );
    let report: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert!(report["findings"][0]["diff"].is_string());
}

#[test]
fn a_vendored_file_keeps_the_characters_that_upstream_ships() {
    let package = Wrapping::Call.release("91.1.0", &[(FIRST, NASTY)]);
    let project = Project::with(&package);
    assert_eq!(
        project.text(&Wrapping::Call.kept_name("0001", FIRST)),
        NASTY
    );
}

#[test]
fn what_the_command_line_repeats_is_no_command_of_a_runner() {
    let project = Project::new();
    for arguments in [
        &["check", "--format", "x\n::error::y"][..],
        &["x\n ::stop-commands::y"],
        &["rollout", "--from", "1\n::add-path::/x ##vso[task.x]"],
        &["-C", "\n::error::x", "check"],
        &["check", "-c", "\n::error::x"],
        &["check", "-n", "\n::error::x"],
    ] {
        let outcome = project.run(arguments);
        let outcome = outcome.exits(2);
        let commands = |line: &str| line.trim_start().starts_with("::") || line.contains("##vso[");
        assert!(!outcome.err.lines().any(commands), "{outcome}");
    }
}
