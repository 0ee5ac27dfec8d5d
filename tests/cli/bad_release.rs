//! `--release`: versions that are none, that do not exist, or that no network brings.

use crate::support::index::{pip_serves, program, started, uv_serves};
use crate::support::releases::{FIRST, THIRD_PY, four, three};
use crate::support::{Project, put};

/// `sync --release 91.1.0` fails with the facts, and touches neither the project nor, for good, the cache.
#[track_caller]
fn fails(project: &Project, facts: &[&str]) {
    let before = project.tree();
    project.run(&["sync", "--release", "91.1.0"]).fails(facts);
    before.assert_untouched(&project.tree());
    let kept = project.cache().join("vendor-migrations/releases");
    let left = kept.read_dir_utf8().map(Iterator::count).unwrap_or(0);
    assert_eq!(left, 0, "the cache holds what could not be used");
}

#[cfg(unix)]
#[test]
fn what_is_no_version_is_refused_before_anything_runs() {
    let project = Project::new();
    program(&project, "uv", "exit 0");
    let before = project.tree();
    for text in ["latest", "3.x", "../3.0", "", "--upload", "3.0; rm -rf /"] {
        let argument = format!("--release={text}");
        project
            .run(&["sync", &argument])
            .exits(2)
            .err_has(&["error:", "--release"]);
    }
    before.assert_untouched(&project.tree());
    assert!(!started(&project, "uv").exists());
}

#[test]
fn without_uv_and_python_it_says_what_is_needed() {
    fails(&Project::new(), &["91.1.0", "uv", "pip", "--from"]);
}

#[cfg(unix)]
#[test]
fn a_release_that_does_not_exist_is_told_in_the_words_of_uv() {
    let project = Project::new();
    program(
        &project,
        "uv",
        "echo 'no version of procrastinate==91.1.0' >&2; exit 1",
    );
    fails(
        &project,
        &[
            "uv",
            "91.1.0",
            "no version of procrastinate==91.1.0",
            "--from",
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_release_that_does_not_exist_is_told_in_the_words_of_pip() {
    let project = Project::new();
    program(
        &project,
        "python3",
        "echo 'No matching distribution found' >&2; exit 1",
    );
    fails(
        &project,
        &["pip", "91.1.0", "No matching distribution found"],
    );
}

#[cfg(unix)]
#[test]
fn what_the_programs_say_is_escaped() {
    let project = Project::new();
    program(
        &project,
        "uv",
        "printf 'bad \\033[2J \\033]0;x\\007 \\302\\233 end\\n' >&2; exit 1",
    );
    let outcome = project.run(&["sync", "--release", "91.1.0", "--color", "never"]);
    outcome.fails(&["bad", "end"]);
    assert!(
        !outcome.err.contains(['\u{1b}', '\u{7}', '\u{9b}']),
        "{outcome}"
    );
}

#[cfg(unix)]
#[test]
fn a_download_that_left_nothing_is_an_error() {
    let project = Project::new();
    program(&project, "uv", "exit 0");
    fails(&project, &["uv", "91.1.0"]);
}

#[cfg(unix)]
#[test]
fn a_download_of_another_release_is_an_error() {
    let project = Project::new();
    uv_serves(&project, &four());
    fails(&project, &["91.1.0", "91.2.0"]);
}

#[cfg(unix)]
#[test]
fn a_download_that_does_not_match_its_record_is_an_error() {
    let project = Project::new();
    uv_serves(&project, &three().sealed().sql(FIRST, "SELECT 1;\n"));
    fails(&project, &[FIRST]);
    let project = Project::new();
    pip_serves(&project, &three().sealed().sql(FIRST, "SELECT 1;\n"));
    fails(&project, &[FIRST]);
}

#[cfg(unix)]
#[test]
fn a_download_that_is_no_wheel_is_an_error() {
    let project = Project::new();
    let body = "while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && target=$2; shift; done\n\
                echo '<html>' > \"$target/procrastinate-91.1.0-py3-none-any.whl\"";
    program(&project, "python3", body);
    fails(&project, &["wheel"]);
}

#[cfg(unix)]
#[test]
fn a_cache_that_cannot_be_written_is_an_error() {
    let project = Project::new();
    uv_serves(&project, &three());
    put(&project.cache(), "a file");
    let before = project.tree();
    project
        .run(&["sync", "--release", "91.1.0"])
        .fails(&["cache", "XDG_CACHE_HOME"]);
    before.assert_untouched(&project.tree());
}

#[cfg(unix)]
#[test]
fn releases_that_are_too_old_are_refused_without_a_download() {
    let project = Project::new();
    uv_serves(&project, &three());
    project
        .run(&["sync", "--release", "0.16.0"])
        .fails(&["0.16.0", "0.17.0"]);
    assert!(!started(&project, "uv").exists());
}

#[cfg(unix)]
#[test]
fn uv_downloads_once_and_the_cache_serves_from_then_on() {
    let project = Project::new();
    uv_serves(&project, &three());
    project.run(&["sync", "--release", "91.1.0"]).exits(0);
    assert!(project.vendored().join(THIRD_PY).is_file());
    std::fs::remove_file(project.programs().join("uv")).unwrap();
    for command in ["sync", "check", "diff", "status"] {
        project.run(&[command, "--release", "91.1.0"]).exits(0);
    }
}

#[cfg(unix)]
#[test]
fn pip_downloads_where_there_is_no_uv() {
    let project = Project::new();
    pip_serves(&project, &three());
    project.run(&["sync", "--release", "91.1.0"]).exits(0);
    std::fs::remove_file(project.programs().join("python3")).unwrap();
    project.run(&["check", "--release", "91.1.0"]).exits(0);
}

#[cfg(unix)]
#[test]
fn a_python_without_pip_is_no_pip() {
    let project = Project::new();
    for name in ["python3", "python"] {
        program(&project, name, "echo 'No module named pip' >&2\nexit 1");
    }
    project
        .run(&["sync", "--release", "91.1.0"])
        .fails(&["needs `uv` or `python3 -m pip`", "install `uv` or `pip`"]);
}

#[cfg(unix)]
#[test]
fn a_damaged_cache_is_downloaded_again() {
    let project = Project::new();
    uv_serves(&project, &three());
    project.run(&["sync", "--release", "91.1.0"]).exits(0);
    let kept = project.cache().join("vendor-migrations/releases/91.1.0");
    put(
        &kept.join("procrastinate/sql/migrations").join(FIRST),
        "SELECT 'damaged';\n",
    );
    project
        .run(&["sync", "--release", "91.1.0"])
        .exits(0)
        .out_lacks(&["damaged"]);
    let starts = std::fs::read_to_string(started(&project, "uv")).unwrap();
    assert_eq!(starts.lines().count(), 2);
}

#[cfg(unix)]
#[test]
fn read_only_commands_take_a_release_from_the_cache_only() {
    let project = Project::with(&three());
    uv_serves(&project, &four());
    pip_serves(&project, &four());
    let before = project.tree();
    for command in ["check", "status"] {
        project
            .run(&[command, "--release", "91.2.0"])
            .fails(&["91.2.0"]);
    }
    before.assert_untouched(&project.tree());
    assert!(!started(&project, "uv").exists());
    assert!(!started(&project, "python3").exists());
    assert!(!project.cache().exists());
}

#[cfg(unix)]
#[test]
fn a_release_that_nobody_has_names_the_nearest_ones() {
    let project = Project::with(&three());
    program(&project, "uv", "echo 'no such version' >&2; exit 1");
    for (release, nearest) in [
        ("3.0.1", "3.0.0 and 3.0.2"),
        ("3.5.0.1", "3.4.0 and 3.5.1"),
        ("2.0.0b1", "1.1.2 and 2.0.0"),
        ("999", "newest known release is 3."),
    ] {
        for command in ["sync", "check", "status", "diff"] {
            project
                .run(&[command, "--release", release])
                .fails(&[release, nearest]);
        }
    }
}
