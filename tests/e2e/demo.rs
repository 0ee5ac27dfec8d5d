//! The demo application, which the README's first command vendors into.

use fs_err as fs;

use crate::support::database::Driver;
use crate::support::project::Project;
use crate::support::releases;

#[test]
fn migrates_itself_and_procrastinate() {
    for driver in [Driver::Psycopg, Driver::Psycopg2] {
        let project = Project::demo(driver);
        project.sync("3.10.0");
        project.upgrade();
        project.assert_at_head();
        assert_eq!(project.current().len(), 2);

        // Alembic would propose to drop Procrastinate's tables, were they not filtered.
        let compared = project.alembic(&["check"]).exits(0);
        compared.says("No new upgrade operations detected");
        project.tool(&["check"]).exits(0);
    }
}

#[test]
fn migrates_offline() {
    let project = Project::demo(Driver::Psycopg);
    project.sync("3.10.0");
    project.upgrade_offline();
    project.assert_at_head();
}

/// The README shows what its first command prints.
#[test]
fn the_readme_shows_what_is_printed() {
    let project = Project::demo(Driver::Psycopg);
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(readme).expect("it is there");
    let (_, shown) = readme
        .split_once("$ cargo run -- sync --release 3.10.0 --project fixtures/demo\n")
        .expect("it has the command");
    let shown = shown.split_once("\n```").expect("the block ends").0;
    let wheel = releases::wheel("3.10.0");
    let synced = project.tool(&["sync", "--from", wheel.as_str()]).exits(0);
    let printed = (synced.stderr + &synced.stdout)
        .replace(wheel.as_str(), "release 3.10.0 of the package index")
        .replace(project.root().as_str(), "fixtures/demo");
    assert_eq!(printed.trim_end(), shown);
}
