//! Hooks that rewrite files, beside this program's: the pattern that `init` prints keeps them away from vendored files.

use std::collections::BTreeMap;

use super::repository::{CONFIGURATION, Repository, VENDORED};
use crate::support::layouts::PACKAGE;
use crate::support::package::Package;

/// From the package index, pinned; one environment for all of them.
const PACKAGES: &str =
    "[pre-commit-hooks==6.0.0, ruff==0.17.6, black==26.10.1, isort==9.0.2, pyupgrade==3.22.0]";

/// The hooks, as their repositories declare them.
const HOOKS: [(&str, &str, &str); 9] = [
    (
        "ruff",
        "ruff check --force-exclude --fix --select ALL",
        "python",
    ),
    ("ruff-format", "ruff format --force-exclude", "python"),
    ("black", "black", "python"),
    ("isort", "isort --profile black", "python"),
    ("pyupgrade", "pyupgrade --py310-plus", "python"),
    ("trailing-whitespace", "trailing-whitespace-fixer", "text"),
    ("end-of-file-fixer", "end-of-file-fixer", "text"),
    ("mixed-line-ending", "mixed-line-ending --fix=lf", "text"),
    ("double-quotes", "double-quote-string-fixer", "python"),
];

/// `trailing` stands in each hook.
fn configuration(trailing: &str) -> String {
    let mut text = String::from("repos:\n  - repo: local\n    hooks:\n");
    for (id, entry, types) in HOOKS {
        text.push_str(&format!(
            "      - id: {id}\n        name: {id}\n        entry: {entry}\n        language: python\n        \
             types: [{types}]\n        additional_dependencies: {PACKAGES}\n{trailing}"
        ));
    }
    text
}

/// A release whose SQL no formatter likes: blanks at the end of lines, other line ends, no end of the last line.
fn release() -> Package {
    let package = Package::unpack("3.10.0");
    package.write_migration(
        "99.00.00_01_pre_odd.sql",
        "CREATE TABLE odd (  \n\tid int\t\n);\r\nSELECT 'a  \n b';\n\n\n-- end  ",
    );
    PACKAGE.add_to(&package);
    package.release("3.90.0")
}

fn vendored(repository: &Repository) -> BTreeMap<String, Vec<u8>> {
    let files = repository.tree().into_iter();
    files.filter(|(path, _)| path.contains(VENDORED)).collect()
}

/// In mode `copy`, upstream's own revision files and the SQL beside them are vendored.
#[test]
fn keep_away_from_vendored_files_as_init_advises() {
    let release = release().wheel();
    for mode in ["render", "copy"] {
        let repository = Repository::wired("", &configuration(""));
        let unconfigured = repository.read(CONFIGURATION);
        let advice = repository.tool(&["init"]).exits(0).stdout;
        let line = advice
            .lines()
            .find(|line| line.trim().starts_with("exclude: "));
        let exclude = line.expect("init says what to exclude").trim().to_owned();
        let sync = ["sync", "--mode", mode, "--from", release.path.as_str()];
        repository.tool(&sync).exits(0);
        repository.install_wheel(".venv", &release.path);
        let before = vendored(&repository);
        assert!(before.len() > 38);

        // Without the advice they are rewritten, which the check sees.
        repository.git(&["add", "--all"]).exits(0);
        repository
            .pre_commit(&["run", "--all-files"])
            .exits(1)
            .says("error[edited]");
        assert_ne!(vendored(&repository), before);
        repository.git(&["checkout", "--quiet", "--", "."]).exits(0);
        assert_eq!(vendored(&repository), before);

        let (_, own) = unconfigured.split_at(configuration("").len());
        assert!(own.contains("id: vendor-migrations-check"), "{own}");
        let configured = configuration(&format!("        {exclude}\n")) + own;
        repository.write(CONFIGURATION, &configured);
        repository.git(&["add", "--all"]).exits(0);
        // What they make of the project's other files is the user's to add.
        repository.pre_commit(&["run", "--all-files"]);
        assert_eq!(vendored(&repository), before);
        let checked = repository.pre_commit(&["run", "--all-files", "vendor-migrations-check"]);
        checked.exits(0).says("Passed");
        repository.tool(&["init"]).exits(0);
        assert_eq!(repository.read(CONFIGURATION), configured);
    }
}

/// A pattern for all hooks would hide vendored files from the check, too. `init` makes up for it.
#[test]
fn a_pattern_for_all_hooks_keeps_them_away_and_the_check_at_work() {
    let release = release().wheel();
    let configuration = format!("exclude: ^{VENDORED}/\n{}", configuration(""));
    let repository = Repository::wired("", &configuration);
    assert!(
        repository
            .read(CONFIGURATION)
            .ends_with("always_run: true\n")
    );
    let sync = ["sync", "--mode", "copy", "--from", release.path.as_str()];
    repository.tool(&sync).exits(0);
    let before = vendored(&repository);
    repository.git(&["add", "--all"]).exits(0);
    repository.pre_commit(&["run", "--all-files"]);
    assert_eq!(vendored(&repository), before);
    repository.git(&["add", "--all"]).exits(0);
    repository
        .git(&["commit", "--quiet", "-m", "Vendor Procrastinate"])
        .exits(0);

    let path = before
        .keys()
        .find(|path| path.ends_with(".sql"))
        .expect("SQL is kept");
    let path = path
        .split_once(VENDORED)
        .map(|(_, name)| format!("{VENDORED}{name}"));
    let path = path.expect("it is vendored");
    repository.write(&path, "SELECT 1;\n");
    repository.git(&["add", "--all"]).exits(0);
    let checked = repository.pre_commit(&["run", "vendor-migrations-check"]);
    checked.exits(1).says("error[edited]");
    // pre-commit passes no deleted file on; a hook that always runs sees that one is gone.
    repository.git(&["reset", "--quiet", "--hard"]).exits(0);
    repository.git(&["rm", "--quiet", &path]).exits(0);
    let checked = repository.pre_commit(&["run", "vendor-migrations-check"]);
    checked.exits(1).says("error[missing]");
}
