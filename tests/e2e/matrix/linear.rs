//! `init --history linear`: one line of revisions, the project's own and Procrastinate's by turns.

use super::site::{RELEASE, Site, VENDORED};
use super::{LAST, MIGRATIONS};
use crate::support::schema::Schema;

/// The application's own table, created by its first revision.
const OWN: &str = "shop_orders";

pub(super) fn one_line(version: &str) {
    let site = Site::new(version, "generic");
    let made = site.alembic(&["revision", "-m", "first"]);
    let file = made
        .split_whitespace()
        .find(|word| word.ends_with("_first.py"));
    let file = file.expect("it names the file").to_owned();
    let text = site.read(&file);
    let create = format!("    op.execute(\"CREATE TABLE {OWN} ()\")");
    site.write(&file, &text.replacen("    pass", &create, 1));

    let printed = site.tool(&["init", "--history", "linear"]).exits(0).stdout;
    assert!(printed.contains("alembic upgrade head\n"), "{printed}");
    site.sync().says("alembic upgrade head");
    site.is_faultless();
    let [upgraded, heads] = site.commands([&["upgrade", "head"], &["heads"]]);
    upgraded.exits(0);
    assert_eq!(heads.exits(0).stdout.trim(), format!("{LAST} (head)"));
    let schema = Schema::of(&site.database);
    assert!(!schema.lines(OWN).is_empty());
    schema.without(OWN).assert_is(&Schema::of_release(RELEASE));

    // Alembic writes a revision beside the one that it follows, unless it is told where.
    let second = site.alembic(&[
        "revision",
        "-m",
        "second",
        "--version-path",
        "alembic/versions",
    ]);
    assert!(second.contains("/alembic/versions/"), "{second}");
    // From then on, the one that it follows is the project's own.
    let third = site.alembic(&["revision", "-m", "third"]);
    assert!(third.contains("/alembic/versions/"), "{third}");
    let [upgraded, history] = site.commands([&["upgrade", "head"], &["history"]]);
    upgraded.exits(0);
    assert_eq!(history.exits(0).stdout.lines().count(), MIGRATIONS + 3);
    site.is_faultless();
}

/// Without `--version-path` the project's revision lands among the vendored ones; `check` says so, and moving it is all
/// that has to be done.
#[test]
fn a_revision_in_the_wrong_directory_is_moved() {
    let site = Site::new("1.20.1", "generic");
    site.tool(&["init", "--history", "linear"]).exits(0);
    site.sync();
    let made = site.alembic(&["revision", "-m", "second"]);
    let file = made
        .split_whitespace()
        .find(|word| word.ends_with("_second.py"));
    let file = camino::Utf8Path::new(file.expect("it names the file"));
    assert!(
        file.parent()
            .is_some_and(|parent| parent.ends_with(VENDORED)),
        "{made}"
    );
    let name = file.file_name().expect("a file has a name");
    site.tool(&["check"])
        .exits(1)
        .says("foreign-file")
        .says(name);
    fs_err::rename(file, site.root().join("alembic/versions").join(name)).expect("it can be moved");
    site.is_faultless();
    site.alembic(&["upgrade", "head"]);
}
