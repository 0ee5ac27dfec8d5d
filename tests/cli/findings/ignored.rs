//! What git leaves out of the repository, of what a clone needs.

use std::process::Command;

use camino::Utf8Path;

use super::{finds, packages, project};
use crate::support::releases::{Wrapping, four, three};
use crate::support::{Package, Project, put};

/// In a directory of a repository.
fn project_below(package: &Package) -> Project {
    let mut project = project(package);
    let root = project.beside("repository/app");
    std::fs::create_dir_all(root.parent().unwrap()).unwrap();
    std::fs::rename(&project.root, &root).unwrap();
    project.root = root;
    put(&project.beside(".git/HEAD"), "ref: refs/heads/main\n");
    project
}

const LOCK: &str = "alembic/versions_procrastinate/vendor-migrations.lock";

#[test]
fn the_pattern_and_its_line_are_named() {
    for package in packages() {
        let project = project_below(&package);
        finds(&project, &package, &[]);
        for (file, text, line, back) in [
            (
                "../.gitignore",
                "# tools\n*.pyc\n*.lock\n",
                3,
                "`!/app/alembic/versions_procrastinate/vendor-migrations.lock`",
            ),
            (
                ".gitignore",
                "alembic/**/*.lock\n",
                1,
                "`!/alembic/versions_procrastinate/vendor-migrations.lock`",
            ),
            (
                "alembic/.gitignore",
                "vendor-*\n",
                1,
                "`!/versions_procrastinate/vendor-migrations.lock`",
            ),
            (
                "../.git/info/exclude",
                "\n*.lock\n",
                2,
                "`!/app/alembic/versions_procrastinate/vendor-migrations.lock`",
            ),
            (
                ".gitignore",
                "versions_*/\n",
                1,
                "`!/alembic/versions_procrastinate/`",
            ),
            ("../.gitignore", "/app/alembic\n", 1, "`!/app/alembic/`"),
        ] {
            put(&project.root.join(file), text);
            let head = format!("warning[git-ignored] {file}:{line}");
            finds(&project, &package, &[(&head, &[LOCK, "a clone", back])]);
            let outcome = project.syncs(&package, &[]);
            outcome
                .out_has(&["Up to date"])
                .err_has(&[&format!("{file}:{line}: git ignores {LOCK}")]);
            // What the remedy says mends it.
            put(
                &project.root.join(file),
                format!("{text}{}\n", back.trim_matches('`')),
            );
            finds(&project, &package, &[]);
            project.syncs(&package, &[]).err_lacks(&["git ignores"]);
            std::fs::remove_file(project.root.join(file)).unwrap();
        }
    }
}

#[test]
fn what_is_taken_is_not_named() {
    let project = project_below(&three());
    for (file, text) in [
        ("../.gitignore", "*.lock\n!vendor-migrations.lock\n"),
        ("../.gitignore", "*.lock\n!/app/**/*.lock\n"),
        (
            "../.gitignore",
            "/*.lock\n/alembic/\nlock\nvendor-migrations.lock/\n#*.lock\n\\!x\n",
        ),
        ("../other/.gitignore", "*.lock\n"),
        ("../.dockerignore", "*.lock\n"),
    ] {
        put(&project.root.join(file), text);
        finds(&project, &three(), &[]);
    }
    put(&project.root.join("../.gitignore"), "*.lock\n");
    put(&project.root.join("alembic/.gitignore"), "!*.lock\n");
    finds(&project, &three(), &[]);
}

#[test]
fn one_pattern_is_one_finding() {
    let package = Wrapping::Call.three();
    let project = project_below(&package);
    put(&project.root.join(".gitignore"), "*.sql\n");
    let facts = [
        "alembic/versions_procrastinate/sql/",
        " and 2 more",
        "`!/alembic/versions_procrastinate/sql/*.sql`",
    ];
    finds(
        &project,
        &package,
        &[("warning[git-ignored] .gitignore:1", &facts)],
    );
    put(&project.root.join(".gitignore"), "*.sql\n*.lock\n");
    finds(
        &project,
        &package,
        &[
            ("warning[git-ignored] .gitignore:1", &[]),
            ("warning[git-ignored] .gitignore:2", &[LOCK]),
        ],
    );
}

#[test]
fn the_first_sync_says_it_and_an_acceptance_silences_it() {
    let project = project_below(&three());
    put(&project.root.join(".gitignore"), "*.lock\n");
    project
        .syncs(&four(), &[])
        .out_has(&["Wrote"])
        .err_has(&["warning: .gitignore:1: git ignores"]);
    let accept =
        "[[accept]]\ncode = \"git-ignored\"\npath = \".gitignore\"\nreason = \"added by force\"\n";
    put(&project.root.join("vendor-migrations.toml"), accept);
    finds(&project, &four(), &[]);
    project.syncs(&four(), &[]).err_lacks(&["git ignores"]);
}

#[test]
fn without_a_repository_nothing_is_ignored() {
    let project = project(&three());
    put(&project.root.join(".gitignore"), "*.lock\n");
    finds(&project, &three(), &[]);
}

/// Runs git; whether it succeeded.
fn git(directory: &Utf8Path, arguments: &str) -> bool {
    let mut command = Command::new("git");
    command
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ])
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
        .args(arguments.split(' '))
        .current_dir(directory);
    command.output().unwrap().status.success()
}

fn is_said(project: &Project) -> bool {
    let outcome = project.check(&three(), &[]);
    outcome.out.contains(&format!("git ignores {LOCK}"))
}

/// Files with patterns; those of a line count together.
const PATTERNS: [&[(&str, &str)]; 22] = [
    &[(".gitignore", "*.lock\n")],
    &[(".gitignore", "*.lock   \r\n")],
    &[(".gitignore", "*.lock\n!vendor-migrations.lock\n")],
    &[(".gitignore", "!vendor-migrations.lock\n*.lock\n")],
    &[(".gitignore", "/*.lock\n")],
    &[(".gitignore", "alembic/*.lock\n")],
    &[(".gitignore", "alembic/**/*.lock\n")],
    &[(".gitignore", "**/vendor-migrations.lock\n")],
    &[(".gitignore", "vendor-migrations.lock/\n")],
    &[(".gitignore", "#*.lock\n")],
    &[(".gitignore", "vendor?migrations.[a-l]ock\n")],
    &[(".gitignore", "vendor-migrations.loc[!k]\n")],
    &[(
        ".gitignore",
        "versions_procrastinate/\n!vendor-migrations.lock\n",
    )],
    &[(
        ".gitignore",
        "versions_procrastinate/*\n!vendor-migrations.lock\n",
    )],
    &[(
        ".gitignore",
        "alembic/**\n!alembic/versions_procrastinate/\n",
    )],
    &[(".gitignore", "*\n!*/\n!*.py\n")],
    &[("alembic/.gitignore", "/versions_procrastinate\n")],
    &[
        (".gitignore", "*.lock\n"),
        ("alembic/.gitignore", "!*.lock\n"),
    ],
    &[
        (".gitignore", "!*.lock\n"),
        ("alembic/.gitignore", "*.lock\n"),
    ],
    &[(".git/info/exclude", "*.lock\n")],
    &[
        (".git/info/exclude", "*.lock\n"),
        (".gitignore", "!*.lock\n"),
    ],
    &[("alembic/versions_procrastinate/.gitignore", "/*.lock\n")],
];

#[test]
fn git_is_of_the_same_opinion() {
    let project = project(&three());
    assert!(git(&project.root, "init -q"));
    let mut ignored = 0;
    for files in PATTERNS {
        for (file, text) in files {
            put(&project.root.join(file), text);
        }
        let by_git = git(&project.root, &format!("check-ignore -q {LOCK}"));
        assert_eq!(is_said(&project), by_git, "{files:?}");
        ignored += usize::from(by_git);
        for (file, _) in files {
            std::fs::remove_file(project.root.join(file)).unwrap();
        }
    }
    assert!(ignored > 5 && PATTERNS.len() - ignored > 5, "{ignored}");
}

#[test]
fn what_the_index_has_is_not_ignored() {
    let mut project = project(&three());
    let root = project.root.clone();
    let run = |arguments: &str| assert!(git(&root, arguments), "{arguments}");
    put(&root.join(".gitignore"), "*.lock\n");
    run("init -q");
    run("add --all");
    assert!(is_said(&project));
    run("commit -qm first");
    run("clone -q . ../clone");
    run(&format!("add --force {LOCK}"));
    assert!(!is_said(&project));
    run("commit -qm second");
    run("worktree add -q ../tree");
    // An index that is not read says nothing.
    run(&format!("rm -q --cached {LOCK}"));
    assert!(is_said(&project));
    run("update-index --index-version 4");
    assert!(!is_said(&project));

    project.root = project.beside("tree");
    assert!(!is_said(&project));
    project.root = project.beside("clone");
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["error[lock-missing]"]);
}
