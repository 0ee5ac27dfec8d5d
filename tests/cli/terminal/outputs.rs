//! Outputs that close early, are full, or are not there; locales and names of any kind.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use crate::support::project::outcome;
use crate::support::releases::{four, three};
use crate::support::{Package, Project};

/// A release with so much text that no pipe holds it.
fn long() -> Package {
    let text: String = (0..20_000)
        .map(|number| format!("SELECT {number};\n"))
        .collect();
    four().sql("01.02.00_02_pre_long.sql", &text)
}

/// Runs the command, reads one line of its output, and leaves.
fn head(command: &mut Command) -> (Option<i32>, String) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(!line.is_empty());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    (child.wait().unwrap().code(), err)
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let project = Project::with(&three());
    let site = project.install(&long());
    for (arguments, status) in [
        (&["diff", "--from", site.as_str()][..], 1),
        (&["check", "--from", site.as_str()], 1),
        (&["check", "--from", site.as_str(), "--format", "json"], 1),
        (&["sync", "--dry-run", "--from", site.as_str()], 0),
        (&["releases", "--format", "json"], 0),
        (&["man"], 0),
        (&["completions", "bash"], 0),
        (&["completions", "zsh"], 0),
        (&["--help"], 0),
        (&["sync", "--help"], 0),
        (&["--version"], 0),
    ] {
        let (code, err) = head(&mut project.tool(arguments));
        assert_eq!(code, Some(status), "{arguments:?}: {err}");
        assert!(
            !err.contains("panicked") && !err.contains("error:"),
            "{arguments:?}: {err}"
        );
    }
}

#[cfg(unix)]
#[test]
fn an_output_that_is_full_is_a_failure() {
    let project = Project::with(&three());
    let site = project.install(&four());
    for arguments in [
        &["diff", "--from", site.as_str()][..],
        &["check", "--from", site.as_str()],
        &["status"],
        &["releases"],
        &["man"],
        &["completions", "fish"],
        &["--help"],
        &["--version"],
    ] {
        let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
        let outcome = outcome(
            project
                .tool(arguments)
                .stdout(full())
                .stderr(Stdio::piped()),
        );
        outcome
            .exits(2)
            .err_has(&["error:", "writing the report failed"])
            .does_not_panic();
        // Nowhere to say it: the exit status is left.
        let status = project
            .tool(arguments)
            .stdout(full())
            .stderr(full())
            .status();
        assert_eq!(status.unwrap().code(), Some(2), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn closed_outputs_are_quiet() {
    let project = Project::with(&three());
    let site = project.install(&four());
    for (closed, status) in [(">&-", 1), ("2>&-", 1), (">&- 2>&-", 1), ("<&-", 1)] {
        let line = format!("exec \"$@\" {closed}");
        let mut shell = project.command("/bin/sh");
        shell.args(["-c", &line, "sh", crate::support::project::PROGRAM]);
        shell.args(["diff", "--from", site.as_str()]);
        outcome(&mut shell).exits(status).does_not_panic();
    }
}

/// One file at a time is enough to compare with the lock. What takes more says so, and nothing is written.
#[cfg(unix)]
#[test]
fn few_open_files_are_enough_or_an_error() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let before = project.tree();
    for (arguments, status) in [
        (&["check"][..], 0),
        (&["status"], 0),
        (&["diff", "--from", site.as_str()], 2),
        (&["sync", "--from", site.as_str()], 2),
    ] {
        let mut shell = project.command("/bin/sh");
        let line = "ulimit -n 4; exec \"$@\"";
        shell.args(["-c", line, "sh", crate::support::project::PROGRAM]);
        let outcome = outcome(shell.args(arguments));
        outcome.exits(status).does_not_panic();
        assert_eq!(
            outcome.err.contains("(os error 24)"),
            status == 2,
            "{outcome}"
        );
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn any_locale_and_no_terminal_give_the_same_bytes() {
    let project = Project::with(&three());
    let site = project.install(&four().sql("01.02.00_03_pre_ünïcode.sql", "SELECT 'ä';\n"));
    let check = ["check", "--from", site.as_str()];
    let usual = project.run(&check);
    for (name, value) in [
        ("LC_ALL", "C"),
        ("LC_ALL", "POSIX"),
        ("LANG", "de_DE.ISO-8859-1"),
        ("LC_ALL", "no_SUCH"),
        ("TERM", "dumb"),
        ("TERM", ""),
        ("COLUMNS", "30"),
    ] {
        let other = outcome(project.tool(&check).env(name, value));
        assert_eq!(
            (other.code, other.out, other.err),
            (usual.code, usual.out.clone(), usual.err.clone()),
            "{name}={value}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8_is_named_safely() {
    let project = Project::with(&three());
    let name = std::ffi::OsStr::from_bytes(b"odd\xff\x1b[31m.py");
    File::create(project.vendored().as_std_path().join(name)).unwrap();
    for command in ["check", "status", "sync", "diff"] {
        let outcome = project.against(&three(), command, &["--color", "never"]);
        outcome.does_not_panic();
        assert!(
            !outcome.out.contains('\u{1b}') && !outcome.err.contains('\u{1b}'),
            "{outcome}"
        );
        assert!(
            outcome.err.contains("odd") || outcome.out.contains("odd"),
            "{outcome}"
        );
    }
    let mut odd = project.tool(&["check", "-C"]);
    odd.arg(name);
    outcome(&mut odd).exits(2).does_not_panic();
}

#[test]
fn no_repository_is_needed() {
    let project = Project::with(&three());
    assert!(!project.root.join(".git").exists());
    for command in ["check", "status", "sync", "diff"] {
        project.against(&three(), command, &[]).exits(0);
    }
}
