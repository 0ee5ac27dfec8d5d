//! What a `check` allocates, where time is no measure. It runs in a process of its own, in which one thread allocates.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and says why"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare what the program must not touch"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Where it is set, the process is the one whose allocations are counted.
const COUNTED: &str = "COUNT_ALLOCATIONS";

/// How often: for an empty project, most of it to read the command line; and for each vendored revision, its own and the release's file
/// together.
const MOST_ALLOCATIONS: (u64, u64) = (3_500, 80);
/// At once, in bytes: the same. A revision here has some 200 bytes.
const MOST_BYTES: (u64, u64) = (320 << 10, 4 << 10);

#[test]
fn a_check_allocates_in_proportion_to_the_revisions() {
    for number in [20, 120] {
        let (allocations, bytes) = count(number);
        let most = MOST_ALLOCATIONS.0 + number * MOST_ALLOCATIONS.1;
        assert!(allocations <= most, "{number}: {allocations} > {most}");
        let most = MOST_BYTES.0 + number * MOST_BYTES.1;
        assert!(bytes <= most, "{number}: {bytes} > {most}");
    }
}

/// In a process of its own, the `check` that is counted.
#[test]
fn counted() {
    if std::env::var_os(COUNTED).is_none() {
        return;
    }
    let words = ["vendor-migrations", "check", "--from", "site"];
    let words = words.map(Into::into);
    let info = allocation_counter::measure(|| {
        vendor_migrations::run(&words);
    });
    eprintln!("counted {} {}", info.count_total, info.bytes_max);
}

/// Counts those of a `check` in a project with so many revisions vendored.
fn count(number: u64) -> (u64, u64) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    put(
        &root.join("alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    put(
        &root.join("alembic/env.py"),
        "from alembic import context\n",
    );
    put(&root.join("alembic/versions/.keep"), "");
    let site = root.join("site");
    put(
        &site.join("procrastinate-91.0.0.dist-info/METADATA"),
        "Metadata-Version: 2.1\nName: procrastinate\nVersion: 91.0.0\n",
    );
    for at in 0..number {
        let name = format!("procrastinate/sql/migrations/01.{at:02}.00_01_pre_step_{at}.sql");
        let sql = format!("ALTER TABLE a ADD COLUMN step_{at} text;\n");
        put(&site.join(name), &sql);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_vendor-migrations"));
    let synced = run(root, program, &["sync", "--from", "site"]);
    assert!(synced.status.success(), "{}", text(&synced.stderr));
    let this = std::env::current_exe().unwrap();
    let checked = run(root, &this, &["--exact", "counted", "--nocapture"]);
    let (out, err) = (text(&checked.stdout), text(&checked.stderr));
    let compared = format!("{number} revisions of Procrastinate 91.0.0, compared with");
    assert!(out.contains(&compared), "{out}\n{err}");
    let counted = err.lines().find_map(|line| line.strip_prefix("counted "));
    let counted = counted.and_then(|numbers| numbers.split_once(' '));
    let (allocations, bytes) = counted.unwrap_or_else(|| panic!("{out}\n{err}"));
    (allocations.parse().unwrap(), bytes.parse().unwrap())
}

fn run(root: &Path, program: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(words).current_dir(root);
    command.env_clear().env(COUNTED, "yes");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
