//! `diff A B` and `diff A`, on made-up releases that a fake `uv` serves.

use crate::support::package::CONTRIB;
use crate::support::releases::{
    FIRST, FIRST_SQL, LATER, SECOND, SECOND_SQL, THIRD, THIRD_SQL, Wrapping, three, three_as,
    three_migrations,
};
use crate::support::{Outcome, Package, Project, put_script};

/// An empty directory, and a `uv` that serves these releases from 91.0.0 on.
fn with_index(packages: &[Package]) -> Project {
    let project = Project::bare();
    let mut cases = String::new();
    for (index, package) in packages.iter().enumerate() {
        let site = project.beside(&format!("served-{index}"));
        package.install(&site);
        cases.push_str(&format!(
            "procrastinate==91.{index}.0) /bin/cp -r {site}/. \"$target\";;\n"
        ));
    }
    let body = format!(
        "while [ $# -gt 1 ]; do [ \"$1\" = --target ] && target=$2; shift; done\n\
         case $1 in\n{cases}*) echo \"no version $1\" >&2; exit 1;; esac"
    );
    put_script(&project.programs().join("uv"), &body);
    project
}

/// Compares the two releases in a directory that is no project.
#[track_caller]
fn diff(a: Package, b: Package) -> Outcome {
    let project = with_index(&[a, b]);
    let before = project.tree();
    let outcome = project.run(&["diff", "91.0.0", "91.1.0"]);
    before.assert_untouched(&project.tree());
    outcome.does_not_panic();
    outcome
}

fn first() -> Package {
    three_as("91.0.0")
}

#[cfg(unix)]
#[test]
fn an_edit_is_shown_as_a_unified_diff_of_the_sql() {
    let outcome = diff(first(), three_as("91.1.0").sql(SECOND, "SELECT 1;\n"));
    let path = format!("procrastinate/sql/migrations/{SECOND}");
    assert_eq!(
        outcome.exits(1).out,
        format!("--- 91.0.0/{path}\n+++ 91.1.0/{path}\n@@ -1 +1 @@\n-{SECOND_SQL}+SELECT 1;\n")
    );
    outcome.err_has(&["Procrastinate 91.0.0", "Procrastinate 91.1.0"]);
}

#[cfg(unix)]
#[test]
fn additions_removals_and_renames_are_shown_as_such() {
    let added = diff(first(), three_as("91.1.0").sql(LATER, "SELECT 1;\n"));
    added
        .exits(1)
        .out_has(&["--- /dev/null\n+++ 91.1.0/", LATER, "\n+SELECT 1;\n"]);
    let path = format!("procrastinate/sql/migrations/{THIRD}");
    let removed = diff(first(), three_as("91.1.0").without(&path));
    removed
        .exits(1)
        .out_has(&[&format!("--- 91.0.0/{path}\n+++ /dev/null\n"), "\n-ALTER"]);
    let renamed = diff(
        first(),
        three_as("91.1.0").without(&path).sql(LATER, THIRD_SQL),
    );
    let new = format!("procrastinate/sql/migrations/{LATER}");
    assert_eq!(
        renamed.exits(1).out,
        format!("rename from 91.0.0/{path}\nrename to 91.1.0/{new}\n")
    );
    let moved = three_as("91.1.0").without(&format!("procrastinate/sql/migrations/{FIRST}"));
    let moved = diff(first(), moved.sql(LATER, FIRST_SQL));
    moved
        .exits(1)
        .err_has(&[&format!("{LATER} moved: it runs after "), THIRD]);
}

#[cfg(unix)]
#[test]
fn releases_that_ship_the_same_do_not_differ() {
    let same = diff(first(), three_as("91.1.0"));
    assert_eq!(same.exits(0).out, "");
    same.err_has(&["no difference"]);
    let project = with_index(&[first()]);
    assert_eq!(project.run(&["diff", "91.0.0", "91.0.0"]).exits(0).out, "");
}

#[cfg(unix)]
#[test]
fn revision_files_are_compared_too() {
    let wrapped = Wrapping::Call.release("91.1.0", &three_migrations());
    let outcome = diff(first(), wrapped.clone());
    outcome.exits(1).out_has(&[CONTRIB, "+revision = '0001'"]);
    outcome.out_lacks(&["sql/migrations"]);
    let before = Wrapping::Call.release("91.0.0", &three_migrations());
    let file = format!("{CONTRIB}{}", Wrapping::Call.file_name("0002", SECOND));
    let text = String::from_utf8(wrapped.bytes(&file).to_vec()).unwrap() + "# more\n";
    let outcome = diff(before, wrapped.file(&file, text));
    outcome
        .exits(1)
        .out_has(&[&format!("--- 91.0.0/{file}\n"), "\n+# more\n"]);
}

#[cfg(unix)]
#[test]
fn what_a_release_holds_cannot_steer_the_terminal() {
    let outcome = diff(
        first(),
        three_as("91.1.0").sql(LATER, "SELECT '\u{1b}[2J\u{202e}';\n"),
    );
    outcome.exits(1).out_has(&["\\x1b[2J\\u{202e}"]);
}

#[cfg(unix)]
#[test]
fn a_release_alone_is_compared_with_what_is_installed() {
    let project = Project::with(&three());
    let index = with_index(&[first().sql(LATER, "SELECT 1;\n")]);
    let copied = std::fs::read(index.programs().join("uv")).unwrap();
    put_script(
        &project.programs().join("uv"),
        std::str::from_utf8(&copied).unwrap(),
    );
    three().install_in_environment(&project.root.join(".venv"));
    let before = project.tree();
    let outcome = project.run(&["diff", "91.0.0"]);
    outcome.exits(1).out_has(&["+++ /dev/null", "-SELECT 1;"]);
    outcome.err_has(&["Procrastinate 91.1.0 (.venv)"]);
    before.assert_untouched(&project.tree());
}

#[cfg(unix)]
#[test]
fn a_release_that_cannot_be_had_names_the_nearest_ones() {
    let project = with_index(&[first()]);
    for (a, b, nearest) in [
        ("3.0.1", "91.0.0", "3.0.0 and 3.0.2"),
        ("91.0.0", "3.5.0.1", "3.4.0 and 3.5.1"),
        ("91.0.0", "91.7.0", "newest known release is"),
        ("91.0.0", "4.0.0rc1", "newest known release is"),
        ("91.0.0", "0.16.0", "older than 0.17.0"),
    ] {
        let outcome = project.run(&["diff", a, b]);
        outcome.exits(2).err_has(&["error:", "help:", nearest]);
        assert_eq!(outcome.out, "");
    }
    std::fs::remove_file(project.programs().join("uv")).unwrap();
    project
        .run(&["diff", "3.5.1", "3.5.2"])
        .fails(&["3.5.1", "uv", "pip"]);
}

#[test]
fn arguments_that_contradict_each_other_are_wrong_usage() {
    let project = Project::bare();
    for arguments in [
        &["diff", "3.5.1", "3.5.2", "--release", "3.6.0"][..],
        &["diff", "3.5.1", "3.5.2", "--from", "."],
        &["diff", "3.5.1", "--mode", "copy"],
        &["diff", "3.5.1", "3.5.2", "3.6.0"],
        &["diff", "3.5.1..3.5.2"],
        &["diff", "a", "b"],
    ] {
        project.run(arguments).exits(2).err_has(&["error:"]);
    }
}
