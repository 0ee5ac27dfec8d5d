//! The revisions as a whole: the project's own and the vendored ones.

use super::{finds, own, packages, project};
use crate::support::releases::{THIRD_ID, Wrapping, three};
use crate::support::{Project, put};

/// A revision file of the project's own, as it is.
fn raw(project: &Project, name: &str, text: &str) {
    put(&project.root.join("alembic/versions").join(name), text);
}

#[test]
fn one_id_twice() {
    let package = Wrapping::Call.three();
    let copied = project(&package);
    own(&copied, "mine", "0001", "None");
    let facts = ["`0001`", "alembic/versions_procrastinate/0001_", "only one"];
    let head = "error[duplicate-revision] alembic/versions/mine.py:3";
    finds(&copied, &package, &[(head, &facts)]);

    let rendered = project(&three());
    own(&rendered, "one", "same", "None");
    own(&rendered, "two", "same", "None");
    finds(
        &rendered,
        &three(),
        &[(
            "error[duplicate-revision] alembic/versions/two.py:3",
            &["`same`", "alembic/versions/one.py (line 3)"],
        )],
    );
}

#[test]
fn ids_that_alembic_or_its_table_refuses() {
    for package in packages() {
        for (id, fact) in [
            ("a_revision_id_of_thirty_three_ch_", "33 characters"),
            ("one@two", "`@`"),
            ("one-two", "`-`"),
            ("one+two", "`+`"),
            ("one:two", "`:`, which Alembic refuses (from 1.17.1 on)"),
        ] {
            let project = project(&package);
            own(&project, "mine", id, "None");
            let head = "error[revision-id] alembic/versions/mine.py:3";
            finds(&project, &package, &[(head, &[id, fact])]);
        }
    }
    let project = project(&three());
    own(&project, "mine", "a_revision_id_of_thirty_two_cha_", "None");
    finds(&project, &three(), &[]);
}

#[test]
fn a_chain_that_is_broken() {
    for package in packages() {
        let project = project(&package);
        own(&project, "mine", "mine", "\"gone\"");
        let head = "error[missing-down-revision] alembic/versions/mine.py:4";
        finds(&project, &package, &[(head, &["`gone`", "all commands"])]);
        raw(
            &project,
            "mine.py",
            "revision = \"mine\"\ndown_revision = None\n\ndepends_on = (\n    \"gone\",\n)\n",
        );
        let head = "error[unknown-dependency] alembic/versions/mine.py:4";
        finds(&project, &package, &[(head, &["`gone`", "`depends_on`"])]);
    }
}

#[test]
fn a_vendored_revision_that_the_project_builds_on_is_gone() {
    for package in packages() {
        let project = project(&package);
        let text = "revision = \"mine\"\ndown_revision = None\ndepends_on = \"procrastinate_09_00_00_01\"\n";
        raw(&project, "mine.py", text);
        let head = "error[vendored-id-gone] alembic/versions/mine.py:3";
        let facts = ["`procrastinate_09_00_00_01`", "version control"];
        finds(&project, &package, &[(head, &facts)]);
        own(&project, "mine", "mine", "\"procrastinate_09_00_00_01\"");
        let head = "error[vendored-id-gone] alembic/versions/mine.py:4";
        finds(&project, &package, &[(head, &["`down_revision`"])]);
    }
}

#[test]
fn a_circle() {
    let project = project(&three());
    own(&project, "one", "one", "\"two\"");
    own(&project, "two", "two", "\"one\"");
    own(&project, "root", "root", "None");
    let head = "error[revision-cycle] alembic/versions/one.py:4";
    finds(&project, &three(), &[(head, &["`one`, `two`", "circle"])]);
}

#[test]
fn one_branch_label_twice() {
    let project = project(&three());
    let labelled = |id: &str, label: &str| {
        let text =
            format!("revision = {id:?}\ndown_revision = None\nbranch_labels = ({label:?},)\n");
        raw(&project, &format!("{id}.py"), &text);
    };
    labelled("mine", "procrastinate");
    let head = "error[duplicate-label] alembic/versions/mine.py:3";
    let facts = [
        "`procrastinate`",
        "versions_procrastinate/procrastinate_01_00_00_01",
    ];
    finds(&project, &three(), &[(head, &facts)]);
    labelled("mine", "shop");
    labelled("other", "shop");
    let head = "error[duplicate-label] alembic/versions/other.py:3";
    finds(
        &project,
        &three(),
        &[(head, &["`shop`", "alembic/versions/mine.py"])],
    );
}

#[test]
fn python_files_that_are_no_revisions() {
    for package in packages() {
        let project = project(&package);
        raw(&project, "helpers.py", "def now():\n    return 1\n");
        raw(&project, "broken.py", "revision = \"x\"\n\ndef upgrade(:\n");
        project.write("conftest.py", "import pytest\n");
        finds(
            &project,
            &package,
            &[
                (
                    "error[not-a-revision] alembic/versions/broken.py:3",
                    &["not Python"],
                ),
                (
                    "error[not-a-revision] alembic/versions/helpers.py:1",
                    &["`revision`"],
                ),
                (
                    "error[not-a-revision] alembic/versions_procrastinate/conftest.py",
                    &["`revision`", "all commands of Alembic fail"],
                ),
            ],
        );
    }
}

/// `alembic revision --head procrastinate@head` writes it there.
#[test]
fn a_revision_of_the_users_in_the_vendored_directory() {
    for package in packages() {
        let project = project(&package);
        project.write("mine.py", "revision = \"mine\"\ndown_revision = None\n");
        let head = "error[foreign-file] alembic/versions_procrastinate/mine.py";
        finds(
            &project,
            &package,
            &[(head, &["does not know", "your own revisions"])],
        );
    }
}

#[test]
fn several_heads_in_a_linear_history() {
    for package in packages() {
        let project = project(&package);
        let last = project.ids().pop().unwrap();
        put(
            &project.root.join("vendor-migrations.toml"),
            "history = \"linear\"\n",
        );
        own(&project, "mine", "mine", "None");
        let head = "error[several-heads] alembic/versions/mine.py:4";
        let facts = [
            "2 heads".to_owned(),
            "`mine` (alembic/versions/mine.py)".to_owned(),
            format!("`{last}` (alembic/versions_procrastinate/"),
            "alembic merge heads".to_owned(),
        ];
        let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
        finds(&project, &package, &[(head, &facts)]);
        own(&project, "mine", "mine", &format!("{last:?}"));
        finds(&project, &package, &[]);
    }
    // On branches, two heads are as it should be.
    let project = project(&three());
    own(&project, "mine", "mine", "None");
    assert!(
        !project.ids().contains(&"mine".to_owned()) && project.ids().contains(&THIRD_ID.to_owned())
    );
    finds(&project, &three(), &[]);
}

#[test]
fn a_dependency_takes_no_target_of_a_command() {
    let project = project(&three());
    let text = "revision = 'a'\ndown_revision = None\ndepends_on = 'procrastinate@head'\n";
    put(&project.root.join("alembic/versions/a.py"), text);
    let head = "error[unknown-dependency] alembic/versions/a.py:3";
    finds(
        &project,
        &three(),
        &[(head, &["`procrastinate@head`", "branch label"])],
    );
}
