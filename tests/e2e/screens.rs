//! What a terminal of 60, 80 and 120 columns shows, as files that somebody has looked at: `tests/e2e/screens/COLUMNS/NAME.txt`.
//!
//! Of the SQL that diffs show, only the shape is kept: it is not this project's.
//!
//! `ACCEPT_SCREENS=1 cargo test --test e2e screens` rewrites them. Look at the difference before it is committed.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use similar::TextDiff;
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

use crate::support::package::Package;
use crate::support::process::{run, scrub};
use crate::support::{python, storage};
use crate::terminal::on_terminal;

const COLUMNS: [u16; 3] = [60, 80, 120];
/// Of a terminal with 24, one for the prompt.
const ROWS: usize = 23;

/// A project as `alembic init` makes it, with a release in its `.venv`.
pub(crate) struct Site {
    directory: TempDir,
    packages: Vec<Package>,
}

impl Site {
    fn new() -> Self {
        let site = Self {
            directory: storage::temporary(),
            packages: Vec::new(),
        };
        let mut init = python::program("alembic");
        run(init
            .args(["init", "-t", "generic", "alembic"])
            .current_dir(site.root()))
        .exits(0);
        site
    }

    /// A project with this release vendored.
    pub(crate) fn vendored(release: &str) -> Self {
        let mut site = Self::new();
        site.install(release);
        run(&mut site.command("init")).exits(0);
        run(&mut site.command("sync")).exits(0);
        site
    }

    pub(crate) fn root(&self) -> &Utf8Path {
        storage::path(&self.directory)
    }

    fn put(&self, path: &str, text: &str) {
        fs::write(self.root().join(path), text).expect("the project can be written");
    }

    pub(crate) fn install(&mut self, release: &str) {
        self.link(Package::unpack(release));
    }

    /// Makes it the one in `.venv`.
    fn link(&mut self, package: Package) {
        let environment = self.root().join(".venv");
        let library = environment.join("lib/python3.11");
        fs::create_dir_all(&library).expect("the project can be written");
        fs::write(environment.join("pyvenv.cfg"), "").expect("the project can be written");
        let link = library.join("site-packages");
        if link.exists() {
            fs::remove_file(&link).expect("the project can be written");
        }
        fs_err::os::unix::fs::symlink(package.site_packages(), link)
            .expect("the project can be written");
        self.packages.push(package);
    }

    /// Installs the release as another one, with these files beside its own.
    pub(crate) fn install_changed(&mut self, release: &str, version: &str, files: &[(&str, &str)]) {
        let package = Package::unpack(release);
        for (path, text) in files {
            fs::write(package.site_packages().join(path), text)
                .expect("the package can be written");
        }
        let package = package.release(version);
        self.link(package);
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        scrub(&mut command)
            .args(arguments.split(' '))
            .current_dir(self.root());
        command
    }

    /// Looks at what a command shows, in each width: it has to fit the terminal.
    fn shows(&self, name: &str, arguments: &str) {
        self.looks(name, arguments, ROWS);
    }

    /// The same with so many rows.
    fn looks(&self, name: &str, arguments: &str, rows: usize) {
        for columns in COLUMNS {
            let plain = on_terminal(&mut self.command(arguments), columns).plain();
            let screen = format!("$ vendor-migrations {arguments}\n{}", without_sql(&plain));
            if !is_known(&path(columns, name), &screen) {
                continue;
            }
            let beside = beside_diffs(&plain);
            // A path that is longer than the terminal is wide cannot be helped.
            for line in beside.iter().filter(|line| line.trim().contains(' ')) {
                let fits = line.width() <= usize::from(columns);
                assert!(
                    fits,
                    "{name} in {columns} columns is broken in a word: {line}"
                );
            }
            assert!(
                columns < 80 || beside.len() <= rows,
                "{name} in {columns} columns scrolls:\n{plain}"
            );
        }
    }
}

fn path(columns: u16, name: &str) -> Utf8PathBuf {
    let directory = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/screens");
    directory.join(format!("{columns}/{name}.txt"))
}

/// Whether it is the known screen; if it is to be accepted, it is written, and nothing is asked of it.
fn is_known(path: &Utf8Path, screen: &str) -> bool {
    if std::env::var_os("ACCEPT_SCREENS").is_some() {
        fs::create_dir_all(path.parent().expect("it lies in a directory"))
            .expect("the checkout can be written");
        fs::write(path, screen).expect("the checkout can be written");
        return false;
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    let diff = TextDiff::from_lines(known.as_str(), screen);
    let diff = diff.unified_diff().header("known", "shown").to_string();
    assert!(
        known == screen,
        "{path} differs; `ACCEPT_SCREENS=1 cargo test --test e2e screens` accepts this:\n{diff}"
    );
    true
}

/// The text with an `x` for each letter and digit in the diffs of vendored revisions.
fn without_sql(text: &str) -> String {
    let (mut in_diff, mut in_hunk) = (false, false);
    let hidden = |line: &str| -> String {
        line.chars()
            .map(|c| if c.is_alphanumeric() { 'x' } else { c })
            .collect()
    };
    let lines = text.split('\n').map(|line| {
        if line.starts_with("--- ") {
            (in_diff, in_hunk) = (line.contains("versions_procrastinate/"), false);
        } else if line.starts_with("@@ ") {
            in_hunk = in_diff;
            return line.to_owned();
        } else if !line.starts_with([' ', '+', '-']) {
            (in_diff, in_hunk) = (false, false);
        }
        if in_hunk {
            hidden(line)
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines that belong to no diff: one ends where a line begins like none of its own.
fn beside_diffs(text: &str) -> Vec<&str> {
    let mut in_diff = false;
    let lines = text.lines().filter(|line| {
        in_diff = line.starts_with("--- ") || (in_diff && line.starts_with([' ', '+', '-', '@']));
        !in_diff
    });
    lines.collect()
}

#[test]
fn of_a_new_project() {
    let mut site = Site::new();
    site.shows("without-release", "sync --dry-run");
    site.install("3.0.0");
    site.shows("check-new", "check");
    site.shows("status-new", "status");
    site.shows("init", "init --dry-run");
    site.put("pyproject.toml", "[tool.ruff]\nline-length = 100\n");
    site.put(
        ".pre-commit-config.yaml",
        "repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v0.14.0\n    hooks:\n      - id: ruff-format\n",
    );
    site.shows("init-with-formatters", "init --dry-run");
    run(&mut site.command("init")).exits(0);
    site.shows("init-again", "init");
    site.shows("sync-first", "sync --dry-run");
    run(&mut site.command("sync")).exits(0);
    site.shows("sync-nothing", "sync");
    site.shows("check-nothing", "check");
    site.shows("status-nothing", "status");
}

#[test]
fn after_an_upgrade() {
    for (name, from, to) in [
        ("one-release", "3.3.0", "3.4.0"),
        ("changed-sql", "3.0.0", "3.1.0"),
        ("ten-releases", "3.1.0", "3.7.1"),
        ("many-releases", "2.9.2", "3.10.0"),
    ] {
        let mut site = Site::vendored(from);
        site.install(to);
        for verb in ["check", "status", "sync"] {
            let arguments = match verb {
                "sync" => "sync --dry-run",
                verb => verb,
            };
            site.shows(&format!("{verb}-{name}"), arguments);
        }
    }
}

#[test]
fn of_a_project_with_many_findings() {
    let mut site = Site::vendored("3.0.0");
    site.install("3.10.0");
    let vendored = "alembic/versions_procrastinate";
    let names = [
        "00_00_00_01_initial",
        "03_00_00_50_post_cancel_notification",
    ];
    for name in names {
        let path = format!("{vendored}/procrastinate_{name}.py");
        let text = fs::read_to_string(site.root().join(&path)).expect("it is vendored");
        site.put(&path, &text.replace("Licence:", "License:"));
    }
    let ini = fs::read_to_string(site.root().join("alembic.ini")).expect("alembic init wrote it");
    let lines = ini
        .lines()
        .filter(|line| !line.starts_with("version_locations"));
    let ini: String = lines.map(|line| format!("{line}\n")).collect();
    site.put("alembic.ini", &ini);
    site.put("deploy.sh", "alembic upgrade head\n");
    site.looks("check-many-findings", "check", usize::MAX);
    site.shows("status-many-findings", "status");
}
