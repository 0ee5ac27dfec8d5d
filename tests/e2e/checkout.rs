//! What must not stand in this repository.

use std::collections::BTreeSet;

use camino::Utf8Path;
use fs_err as fs;

use crate::support::package::Package;
use crate::support::process::run;

/// Releases between which most of upstream's files changed.
const RELEASES: [&str; 8] = [
    "0.17.0", "1.1.2", "2.15.1", "3.0.0", "3.0.2", "3.1.0", "3.5.1", "3.10.0",
];

/// Shorter lines are anybody's.
const SHORTEST: usize = 18;

/// A line of a file, without a diff's sign and the blanks around it.
fn bare(line: &str) -> &str {
    line.trim().trim_start_matches(['+', '-', '>', ' '])
}

/// Tests read upstream's SQL from the package index; pages and screens leave it out.
#[test]
fn no_line_of_upstreams_sql_stands_in_the_repository() {
    let mut upstream = BTreeSet::new();
    for release in RELEASES {
        let package = Package::unpack(release);
        let directory = package.site_packages().join("procrastinate/sql/migrations");
        for entry in fs::read_dir(directory).expect("the release has it") {
            let path = entry.expect("it can be read").path();
            let text = fs::read_to_string(path).expect("it is UTF-8");
            let lines = text.lines().map(bare);
            upstream.extend(
                lines
                    .filter(|line| line.len() >= SHORTEST)
                    .map(str::to_owned),
            );
        }
    }
    assert!(upstream.len() > 400, "{}", upstream.len());
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = run(std::process::Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root))
    .exits(0);
    let mut found = Vec::new();
    for name in listed.stdout.split('\0').filter(|name| !name.is_empty()) {
        // What is deleted and not yet committed, and what is no text, holds none.
        let Ok(text) = fs::read_to_string(root.join(name)) else {
            continue;
        };
        let lines = text.lines().enumerate();
        let lines = lines.filter(|(_, line)| upstream.contains(bare(line)));
        found.extend(lines.map(|(index, line)| format!("{name}:{}: {line}", index + 1)));
    }
    assert!(found.is_empty(), "upstream's SQL:\n{}", found.join("\n"));
}
