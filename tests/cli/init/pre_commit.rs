//! `init` and the configuration of pre-commit: one entry more, and nothing else.

#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{Shape, UNKNOWN};
use crate::support::{Outcome, Project, put};

const INI: &str = "[alembic]\nscript_location = %(here)s/alembic\npath_separator = os\n";
const NAME: &str = ".pre-commit-config.yaml";
const THERE: &str = "repos:\n  - repo: local\n    hooks:\n      - id: mine\n        name: mine\n        entry: \"true\"\n        \
                     language: system\n";

fn entry(args: &str) -> String {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    let args = match args {
        "" => String::new(),
        args => format!("        args: [{args}]\n"),
    };
    format!(
        "  - repo: {repository}\n    rev: v{version}\n    hooks:\n      - id: vendor-migrations-check\n{args}"
    )
}

/// A project that is not wired, with this configuration of pre-commit.
fn project(configuration: &str) -> Project {
    let project = Shape::ini(INI).project(UNKNOWN);
    put(&project.root.join(NAME), configuration);
    project
}

/// The same, in a directory of a repository whose root has the configuration.
fn project_below(configuration: &str, directory: &str) -> (Project, camino::Utf8PathBuf) {
    let mut project = Shape::ini(INI).project(UNKNOWN);
    let repository = project.beside("repository");
    put(&repository.join(".git/HEAD"), "ref: refs/heads/main\n");
    put(&repository.join(NAME), configuration);
    let root = repository.join(directory);
    std::fs::create_dir_all(root.parent().unwrap()).unwrap();
    std::fs::rename(&project.root, &root).unwrap();
    project.root = root;
    (project, repository.join(NAME))
}

#[track_caller]
fn read(path: &camino::Utf8Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_entry_is_added_once_and_shown() {
    let project = project(THERE);
    let before = project.tree();
    let shown = project.run(&["init", "--dry-run"]);
    shown.exits(0).out_has(&[
        "+++ b/.pre-commit-config.yaml",
        "+      - id: vendor-migrations-check",
        "Would write alembic.ini, .pre-commit-config.yaml, alembic/versions_procrastinate/",
    ]);
    before.assert_untouched(&project.tree());
    let done = project.run(&["init"]);
    done.exits(0)
        .out_has(&["Wrote alembic.ini, .pre-commit-config.yaml, alembic/versions_procrastinate/"]);
    assert_eq!(shown.out.replace("Would write", "Wrote"), done.out);
    assert_eq!(
        read(&project.root.join(NAME)),
        format!("{THERE}{}", entry(""))
    );
    let tree = project.tree();
    project.run(&["init"]).exits(0).out_has(&["Wired already"]);
    tree.assert_untouched(&project.tree());
}

#[test]
fn a_project_that_is_wired_gets_the_entry_alone() {
    let project = project("repos: []\n");
    std::fs::remove_file(project.root.join(NAME)).unwrap();
    project.run(&["init"]).exits(0).out_lacks(&["pre-commit"]);
    put(&project.root.join(NAME), "repos: []\n");
    let before = project.tree();
    project
        .run(&["init"])
        .exits(0)
        .out_has(&["Wrote .pre-commit-config.yaml\n"]);
    before.assert_only_changed(&project.tree(), &[NAME]);
}

#[test]
fn a_repository_above_the_project_is_told_where_the_project_is() {
    for (directory, args) in [
        ("backend", "--project, backend"),
        ("services/a b/api", "--project, \"services/a b/api\""),
    ] {
        let (project, configuration) = project_below(THERE, directory);
        let shown = "../".repeat(directory.split('/').count()) + NAME;
        let outcome = project.run(&["init"]);
        outcome.exits(0).out_has(&[
            &shown,
            &format!("exclude: ^{directory}/alembic/versions_procrastinate/"),
        ]);
        assert_eq!(read(&configuration), format!("{THERE}{}", entry(args)));
        let tree = project.tree();
        project.run(&["init"]).exits(0).out_has(&["Wired already"]);
        tree.assert_untouched(&project.tree());
    }
}

#[test]
fn the_options_that_the_hook_needs_are_its_own() {
    let (project, configuration) = project_below("repos: []\n", "api");
    std::fs::rename(
        project.root.join("alembic.ini"),
        project.root.join("db.ini"),
    )
    .unwrap();
    project
        .run(&["init", "-c", "db.ini", "-n", "alembic"])
        .exits(0);
    let args = "--project, api, --config, db.ini";
    assert_eq!(read(&configuration), format!("repos:\n{}", entry(args)));
}

#[test]
fn an_environment_of_its_own_is_found_by_the_settings() {
    let project = project(THERE);
    project.run(&["init", "--separate"]).exits(0).out_has(&[
        ".pre-commit-config.yaml",
        "exclude: ^alembic_procrastinate/versions/",
    ]);
    assert_eq!(
        read(&project.root.join(NAME)),
        format!("{THERE}{}", entry(""))
    );
}

/// One entry, and a hook for each project.
#[test]
fn another_project_gets_another_hook() {
    let (project, configuration) = project_below("repos: []\n", "api");
    project.run(&["init"]).exits(0);
    let one = read(&configuration);
    let web = project.root.parent().unwrap().join("web");
    std::fs::create_dir_all(web.join("alembic/versions")).unwrap();
    put(&web.join("alembic.ini"), INI);
    put(&web.join("alembic/env.py"), "");
    project.run(&["init", "-C", web.as_str()]).exits(0);
    let hook = "      - id: vendor-migrations-check\n        args: [--project, web]\n";
    assert_eq!(read(&configuration), format!("{one}{hook}"));
    project.run(&["init", "-C", web.as_str()]).exits(0);
    assert_eq!(read(&configuration), format!("{one}{hook}"));
}

/// What is wrong with the file is said, with the lines to add; the rest is done.
#[track_caller]
fn is_left(project: &Project, why: &str) -> Outcome {
    let before = project.tree();
    let outcome = project.run(&["init"]);
    outcome
        .exits(0)
        .out_has(&[
            "Wrote alembic.ini, alembic/versions_procrastinate/\n",
            &entry(""),
        ])
        .err_has(&["note: `.pre-commit-config.yaml` was not edited: ", why])
        .does_not_panic();
    let directory = "alembic/versions_procrastinate";
    let attributes = format!("{directory}/.gitattributes");
    before.assert_only_changed(&project.tree(), &["alembic.ini", directory, &attributes]);
    outcome
}

#[test]
fn what_cannot_be_edited_is_left_and_said() {
    let list = "its `repos` is not a list";
    for (text, why) in [
        ("repos:\n  - repo: [\n", "it cannot be read"),
        ("a: 1\n---\nrepos: []\n", "several documents"),
        ("repos: x\n", list),
        ("repos: []\nrepos: []\n", list),
        (
            "repos: &a\n  - repo: local\n    hooks: []\nx: *a\n",
            "found no way",
        ),
        (&"[".repeat(100_000), "it cannot be read"),
        (&"- ".repeat(100), "nested too deeply"),
        (&"# x\n".repeat(300_000), "longer than"),
        (
            "# was: vendor-migrations-check\nrepos:\n  - repo: [\n",
            "it cannot be read",
        ),
    ] {
        is_left(&project(text), why);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_text_file_is_left_and_said() {
    let path = |project: &Project| project.root.join(NAME);
    let one = project("");
    std::fs::write(path(&one), b"repos: [] # \xff\n").unwrap();
    is_left(&one, "not UTF-8");
    let one = project("");
    std::fs::remove_file(path(&one)).unwrap();
    std::fs::create_dir(path(&one)).unwrap();
    is_left(&one, "not a regular file");
    let one = project("");
    std::fs::remove_file(path(&one)).unwrap();
    symlink("/dev/zero", path(&one)).unwrap();
    is_left(&one, "not a regular file");
    let one = project("");
    std::fs::remove_file(path(&one)).unwrap();
    symlink("nowhere", path(&one)).unwrap();
    is_left(&one, "not found");
    let one = project("");
    let shared = one.beside("shared.yaml");
    std::fs::write(&shared, "repos: []\n").unwrap();
    std::fs::remove_file(path(&one)).unwrap();
    symlink(&shared, path(&one)).unwrap();
    is_left(&one, "outside of the repository");
    assert_eq!(std::fs::read_to_string(shared).unwrap(), "repos: []\n");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_left_and_said() {
    use crate::support::project::outcome;
    use crate::support::user::{disown, unprivileged};
    let project = project("repos: []\n");
    let mut command = unprivileged(&project, ["init"]);
    std::fs::set_permissions(
        project.root.join(NAME),
        std::fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    disown(&project, &project.root.join(NAME));
    outcome(&mut command).exits(0).err_has(&[
        "`.pre-commit-config.yaml` was not edited",
        "permission denied",
    ]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let project = project("");
    std::fs::remove_file(project.root.join(NAME)).unwrap();
    put(&project.root.join("etc/hooks.yaml"), THERE);
    symlink("etc/hooks.yaml", project.root.join(NAME)).unwrap();
    project.run(&["init"]).exits(0);
    assert!(project.root.join(NAME).is_symlink());
    let text = read(&project.root.join("etc/hooks.yaml"));
    assert_eq!(text, format!("{THERE}{}", entry("")));
}

#[test]
fn a_pattern_for_all_hooks_that_hides_the_directory_is_made_up_for() {
    let exclude = "exclude: ^alembic/versions_procrastinate/\n";
    let project = project(&format!("{exclude}repos: []\n"));
    project.run(&["init"]).exits(0).out_lacks(&["in each hook"]);
    let text = read(&project.root.join(NAME));
    assert_eq!(
        text,
        format!("{exclude}repos:\n{}        always_run: true\n", entry(""))
    );
    put(
        &project.root.join(NAME),
        text.replace("        always_run: true\n", ""),
    );
    project
        .run(&["init"])
        .exits(0)
        .err_has(&["`exclude` or `files` at the top", "always_run: true"]);
}

/// prek reads it; pre-commit does not.
#[test]
fn the_other_suffix_counts_where_it_is_alone() {
    let project = project("");
    std::fs::remove_file(project.root.join(NAME)).unwrap();
    let other = project.root.join(".pre-commit-config.yml");
    put(&other, "repos: []\n");
    project
        .run(&["init"])
        .exits(0)
        .out_has(&["Wrote", ".pre-commit-config.yml"]);
    assert_eq!(read(&other), format!("repos:\n{}", entry("")));
}

/// PyYAML, which pre-commit reads it with, allows what YAML does not.
#[test]
fn an_entry_in_what_cannot_be_read_is_believed() {
    let odd = "exclude: \"^(\\\n  a|\\\n)$\"\n";
    is_left(&project(&format!("{odd}repos: []\n")), "it cannot be read");
    let project = project(&format!("{odd}repos:\n{}", entry("")));
    let outcome = project.run(&["init"]);
    outcome.exits(0).out_lacks(&["under `repos:`"]);
    assert_eq!(outcome.err, "");
}

/// Only the one in the repository's root is pre-commit's; prek has another notion of one below it.
#[test]
fn one_that_pre_commit_does_not_read_is_left() {
    let (project, configuration) = project_below("repos: []\n", "api");
    std::fs::rename(&configuration, project.root.join(NAME)).unwrap();
    let outcome = is_left(&project, "not in the root of the repository");
    outcome.err_has(&[configuration.parent().unwrap().as_str()]);
}

#[test]
fn the_guide_shows_the_entry_of_this_version() {
    let guide = include_str!("../../../docs/ci.md");
    assert!(guide.contains(&format!("```yaml\nrepos:\n{}```\n", entry(""))));
    let wheel = format!("[vendor-migrations=={}]", env!("CARGO_PKG_VERSION"));
    assert!(guide.contains(&wheel));
}
