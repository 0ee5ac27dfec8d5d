//! What a `check` allocates, where time is no measure. Without a harness: this program is `vendor-migrations` itself, under an allocator
//! that counts, where [`COUNTED`] is set.
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
use std::process::{Command, ExitCode};

const COUNTED: &str = "COUNT_ALLOCATIONS";

/// For an empty project, most of them to read the command line; and for each of the vendored revisions, its own and the release's file together.
const MOST_ALLOCATIONS: (u64, u64) = (3_500, 80);
/// At once, in bytes: the same. A revision here has some 200 bytes.
const MOST_BYTES: (u64, u64) = (320 << 10, 4 << 10);

fn main() -> ExitCode {
    if std::env::var_os(COUNTED).is_some() {
        return counted();
    }
    let [few, many] = [20, 120].map(|number| (number, count(number)));
    for (number, (allocations, bytes)) in [few, many] {
        eprintln!("{number} revisions: {allocations} allocations, at most {bytes} bytes at once");
        assert!(allocations <= MOST_ALLOCATIONS.0 + number * MOST_ALLOCATIONS.1);
        assert!(bytes <= MOST_BYTES.0 + number * MOST_BYTES.1);
    }
    ExitCode::SUCCESS
}

/// Runs the program, and writes to standard error how often it allocated, and how many bytes it had at once.
fn counted() -> ExitCode {
    let mut status = ExitCode::FAILURE;
    let info = allocation_counter::measure(|| status = vendor_migrations::main());
    eprintln!("{} {}", info.count_total, info.bytes_max);
    status
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
    let information = site.join("procrastinate-91.0.0.dist-info");
    put(
        &information.join("METADATA"),
        "Metadata-Version: 2.1\nName: procrastinate\nVersion: 91.0.0\n",
    );
    for at in 0..number {
        let name = format!("procrastinate/sql/migrations/01.{at:02}.00_01_pre_step_{at}.sql");
        put(
            &site.join(name),
            &format!("ALTER TABLE a ADD COLUMN step_{at} text;\n"),
        );
    }
    let run = |program: &str, verb: &str| {
        let mut command = Command::new(program);
        command
            .args([verb, "--from", "site"])
            .current_dir(root)
            .env_clear();
        command
    };
    let synced = run(env!("CARGO_BIN_EXE_vendor-migrations"), "sync")
        .output()
        .unwrap();
    assert!(
        synced.status.success(),
        "{}",
        String::from_utf8_lossy(&synced.stderr)
    );
    let this = std::env::current_exe().unwrap();
    let checked = run(this.to_str().unwrap(), "check")
        .env(COUNTED, "yes")
        .output()
        .unwrap();
    let said = String::from_utf8(checked.stderr).unwrap();
    assert!(checked.status.code().is_some_and(|code| code < 2), "{said}");
    let last = said.lines().last().unwrap();
    let (allocations, bytes) = last.split_once(' ').unwrap_or_else(|| panic!("{said}"));
    (allocations.parse().unwrap(), bytes.parse().unwrap())
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
