//! The spinner: after a second, on a terminal, and gone without a trace.

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};

use crate::support::releases::three;
use crate::support::terminal::{Seen, Which, on, start};
use crate::support::{Project, put_script};

const CLEARED: &str = "\r\u{1b}[K";

/// A `uv` that takes so long, and then fails.
fn slow(seconds: &str) -> Project {
    let project = Project::new();
    let body = format!("/bin/sleep {seconds}; echo 'no such release' >&2; exit 1");
    put_script(&project.programs().join("uv"), &body);
    project
}

fn sync(project: &Project) -> Command {
    project.tool(&["sync", "--release", "3.5.1"])
}

/// The lines of the spinner that were shown.
fn drawn(seen: &Seen) -> Vec<&str> {
    let parts = seen.shown.split('\r');
    parts
        .filter(|part| part.contains("Downloading procrastinate==3.5.1"))
        .collect()
}

#[test]
fn a_slow_download_is_shown_and_cleared_before_the_error() {
    let project = slow("2");
    for which in [Which::Both, Which::Err] {
        let seen = on(&mut sync(&project), 80, which);
        seen.exits(2);
        assert!(drawn(&seen).len() > 3, "{:?}", seen.shown);
        let last = seen.shown.rfind("Downloading").unwrap();
        let rest = &seen.shown[last..];
        let cleared = rest.find(CLEARED).unwrap_or_else(|| panic!("{rest:?}"));
        assert!(cleared < rest.find("error:").unwrap(), "{rest:?}");
    }
}

#[test]
fn it_fits_the_terminal() {
    let seen = on(&mut sync(&slow("2")), 24, Which::Err);
    let widest = |shown: &str| {
        let parts = shown
            .split(['\r', '\u{1b}'])
            .filter(|part| part.contains("Downloading"));
        parts.map(|part| part.chars().count()).max()
    };
    assert!(widest(&seen.shown).unwrap() < 24, "{:?}", seen.shown);
}

#[test]
fn nobody_sees_it_who_did_not_wait_or_cannot() {
    let quick = on(&mut sync(&slow("0.2")), 80, Which::Both);
    assert!(
        drawn(&quick).is_empty() && !quick.shown.contains(CLEARED),
        "{:?}",
        quick.shown
    );
    let project = slow("1.5");
    let mut quiet = project.tool(&["sync", "--release", "3.5.1", "-q"]);
    let mut dumb = sync(&project);
    dumb.env("TERM", "dumb");
    for command in [&mut quiet, &mut dumb] {
        let seen = on(command, 80, Which::Both);
        assert!(
            drawn(&seen).is_empty() && !seen.shown.contains('\r'),
            "{:?}",
            seen.shown
        );
    }
    let piped = on(&mut sync(&project), 80, Which::Out);
    assert!(
        !piped.piped.contains("Downloading procrastinate"),
        "{}",
        piped.piped
    );
}

#[test]
fn it_is_plain_where_the_locale_is_not_utf_8() {
    let project = slow("1.5");
    for (variables, plain) in [
        (&[("LC_ALL", "C")][..], true),
        (&[("LANG", "de_DE.ISO-8859-1")], true),
        (&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")], true),
        (&[], true),
        (&[("LANG", "C.UTF-8")], false),
        (
            &[("LC_ALL", ""), ("LC_CTYPE", "en_US.utf8"), ("LANG", "C")],
            false,
        ),
    ] {
        let mut command = sync(&project);
        command.envs(variables.iter().copied());
        let seen = on(&mut command, 80, Which::Err);
        assert!(!drawn(&seen).is_empty(), "{:?}", seen.shown);
        let all = drawn(&seen).iter().all(|line| line.is_ascii());
        assert_eq!(all, plain, "{variables:?} {:?}", seen.shown);
    }
}

/// The command with the signals as a shell gives them to what it runs in the foreground. A job in the background, as this test
/// may be, ignores interrupts, and so does all that it starts.
fn in_the_foreground(command: &Command) -> Command {
    let mut outer = Command::new("/usr/bin/env");
    outer.arg("--default-signal=INT").arg(command.get_program());
    outer.args(command.get_args()).env_clear();
    let variables = command.get_envs();
    outer.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        outer.current_dir(directory);
    }
    outer
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_a_clean_line_and_ends_as_ever() {
    let project = slow("20");
    for (signal, wait) in [
        (Signal::INT, 1600),
        (Signal::TERM, 1600),
        (Signal::INT, 300),
    ] {
        let before = project.tree();
        let begin = Instant::now();
        let session = start(&mut in_the_foreground(&sync(&project)), 80, Which::Err);
        sleep(Duration::from_millis(wait));
        let pid = Pid::from_child(&session.child);
        kill_process(pid, signal).unwrap();
        let seen = session.ended();
        let ended = seen.status.signal();
        assert_eq!(ended, Some(signal.as_raw()), "{:?}", seen.shown);
        assert!(begin.elapsed() < Duration::from_secs(10));
        if wait > 1000 {
            assert!(!drawn(&seen).is_empty(), "{:?}", seen.shown);
            assert!(seen.shown.ends_with(CLEARED), "{:?}", seen.shown);
        }
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn a_small_run_draws_nothing_at_all() {
    let project = Project::with(&three());
    let site = project.install(&three());
    for command in ["check", "status", "sync", "diff"] {
        let seen = on(
            &mut project.tool(&[command, "--from", site.as_str()]),
            80,
            Which::Both,
        );
        assert!(!seen.exits(0).shown.contains('\r'), "{:?}", seen.shown);
    }
}
