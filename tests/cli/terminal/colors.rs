//! Colours: who gets them, who decides, and which words of a diff stand out.

use crate::support::releases::{SECOND, four, three};
use crate::support::terminal::{Which, on, on_terminal, plain};
use crate::support::{Package, Project};

const ESCAPE: char = '\u{1b}';

/// A release that changes one word of a migration.
fn other_word() -> Package {
    let text = String::from_utf8(
        three()
            .bytes(&format!("procrastinate/sql/migrations/{SECOND}"))
            .to_vec(),
    );
    let text = text.unwrap();
    assert!(text.contains("note"));
    three().sql(SECOND, &text.replacen("note", "remark", 1))
}

#[test]
fn every_diff_marks_the_words_that_changed() {
    let project = Project::with(&three());
    let site = project.install(&other_word());
    for (arguments, status) in [
        (&["diff"][..], 1),
        (&["check"], 1),
        (&["sync", "--dry-run"], 0),
        (&["sync"], 0),
    ] {
        let arguments = [arguments, &["--from", site.as_str()]].concat();
        let seen = on_terminal(&mut project.tool(&arguments), 80);
        seen.exits(status);
        for word in ["note", "remark"] {
            // Reversed, and switched off right behind the word.
            let marked = format!("{ESCAPE}[7m");
            let at = seen.shown.match_indices(&marked).any(|(at, _)| {
                let rest = plain(&seen.shown[at..]);
                rest.starts_with(word)
            });
            assert!(at, "{word} in {:?}", seen.shown);
        }
    }
}

#[test]
fn without_colours_a_diff_is_the_same_bytes() {
    let project = Project::with(&three());
    let site = project.install(&other_word());
    let diff = ["diff", "--from", site.as_str()];
    let piped = project.run(&diff);
    assert!(
        !piped.out.contains(ESCAPE) && !piped.err.contains(ESCAPE),
        "{piped}"
    );
    let forced = project.run(&[&diff[..], &["--color", "always"]].concat());
    assert_ne!(forced.out, piped.out);
    assert_eq!(plain(&forced.out), piped.out);
    assert_eq!(plain(&forced.err), piped.err);
}

#[test]
fn the_two_outputs_are_judged_apart() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let diff = ["diff", "--from", site.as_str()];
    let seen = on(&mut project.tool(&diff), 80, Which::Out);
    assert!(seen.shown.contains(ESCAPE));
    assert!(!seen.piped.contains(ESCAPE), "{}", seen.piped);
    let wrong = ["sync", "--from", "nowhere"];
    let seen = on(&mut project.tool(&wrong), 80, Which::Err);
    assert!(
        seen.shown.contains(&format!("{ESCAPE}[31merror:")),
        "{:?}",
        seen.shown
    );
    assert!(!seen.piped.contains(ESCAPE));
}

/// Whether an error is coloured: one of this program's own, and one of the parser of its arguments.
#[track_caller]
fn assert_colored(environment: &[(&str, &str)], options: &[&str], tty: bool, expected: bool) {
    let project = Project::new();
    for wrong in [
        &["sync", "--from", "nowhere"][..],
        &["snyc"],
        &["sync", "--nonsense"],
    ] {
        for arguments in [[options, wrong].concat(), [wrong, options].concat()] {
            let mut command = project.tool(&arguments);
            command
                .env("TERM", "xterm")
                .envs(environment.iter().copied());
            let which = if tty { Which::Err } else { Which::Out };
            let seen = on(&mut command, 80, which);
            seen.exits(2);
            let err = if tty { &seen.shown } else { &seen.piped };
            assert!(err.contains("error:"), "{err}");
            assert_eq!(
                err.contains(ESCAPE),
                expected,
                "{environment:?} {arguments:?} terminal {tty}: {err:?}"
            );
        }
    }
}

#[test]
fn who_decides_about_colours() {
    // The variables by themselves: no-color.org, bixense.com/clicolors.
    assert_colored(&[], &[], true, true);
    assert_colored(&[], &[], false, false);
    assert_colored(&[("NO_COLOR", "1")], &[], true, false);
    assert_colored(&[("NO_COLOR", "")], &[], true, true);
    assert_colored(&[("CLICOLOR", "0")], &[], true, false);
    assert_colored(&[("CLICOLOR", "1")], &[], false, false);
    assert_colored(&[("CLICOLOR_FORCE", "1")], &[], false, true);
    assert_colored(&[("CLICOLOR_FORCE", "0")], &[], false, false);
    assert_colored(
        &[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")],
        &[],
        false,
        true,
    );
    assert_colored(
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
        &[],
        true,
        false,
    );
    assert_colored(&[("TERM", "dumb")], &[], true, false);
    assert_colored(&[("TERM", "")], &[], true, false);
    // The option over all of them.
    for variables in [
        &[("NO_COLOR", "1")][..],
        &[("CLICOLOR", "0")],
        &[("TERM", "dumb")],
        &[],
    ] {
        assert_colored(variables, &["--color", "always"], false, true);
        assert_colored(variables, &["--color=always"], true, true);
    }
    assert_colored(
        &[("CLICOLOR_FORCE", "1")],
        &["--color", "never"],
        true,
        false,
    );
    assert_colored(&[("CLICOLOR_FORCE", "1")], &["--color=never"], false, false);
}

#[test]
fn help_obeys_the_option_too() {
    let project = Project::new();
    for arguments in [&["sync", "--help"][..], &["--help"], &["check", "-h"]] {
        let never = [&["--color", "never"], arguments].concat();
        let seen = on_terminal(&mut project.tool(&never), 80);
        assert!(!seen.shown.contains(ESCAPE), "{:?}", seen.shown);
        let always = [&["--color", "always"], arguments].concat();
        assert!(project.run(&always).exits(0).out.contains(ESCAPE));
    }
}

/// A link is an escape sequence around its text, with the address in it.
#[test]
fn a_code_is_a_link_where_the_terminal_knows_links() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let check = ["check", "--from", site.as_str()];
    let link = format!("{ESCAPE}]8;;{}/blob/v", env!("CARGO_PKG_REPOSITORY"));
    let on = |variables: &[(&str, &str)], which: Which| {
        let mut command = project.tool(&check);
        for name in [
            "VTE_VERSION",
            "TERM_PROGRAM",
            "WT_SESSION",
            "KONSOLE_VERSION",
            "DOMTERM",
            "COLORTERM",
        ] {
            command.env_remove(name);
        }
        on(command.envs(variables.iter().copied()), 80, which)
    };
    let vte = ("VTE_VERSION", "7600");
    assert!(on(&[vte], Which::Both).shown.contains(&link));
    for (variables, which) in [
        (&[][..], Which::Both),
        (&[vte, ("NO_COLOR", "1")], Which::Both),
        (&[vte, ("FORCE_HYPERLINK", "0")], Which::Both),
    ] {
        let seen = on(variables, which);
        assert!(!seen.shown.contains("]8;;"), "{variables:?}");
    }
    // Never where standard output is no terminal.
    let forced = [vte, ("FORCE_HYPERLINK", "1"), ("CLICOLOR_FORCE", "1")];
    assert!(!on(&forced, Which::Err).piped.contains("]8;;"));
}
