//! Pages of the docs, done: every block of `docs/alembic-guide.md`, `docs/first-run.md`, `docs/database.md`, `docs/adopt.md`, `docs/review.md` and `docs/take-over.md`, and of a section of `docs/guide.md`, is a file that is written or a command
//! that is run, and what it shows is what is printed.

mod markdown;
mod shown;
mod walk;

use fs_err as fs;

use self::markdown::{Scenario, scenarios};
use self::walk::walk;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");

/// One test for each project of a page, and one that all projects have theirs.
macro_rules! projects {
    ($page:literal $all:ident: $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let page = page($page);
                let found = page.iter().find(|scenario| scenario.name == stringify!($name));
                walk(found.expect("the page has this project"));
            }
        )*

        #[test]
        fn $all() {
            let page = page($page);
            let names: Vec<&str> = page.iter().map(|scenario| scenario.name.as_str()).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

projects! {
    "alembic-guide.md" no_project_is_left_out:
    nothing_to_copy
    locations_in_env_py
    second_location
    second_location_by_hand
    pyproject_by_hand
    nothing_in_place
    in_place
    in_place_by_hand
    in_place_pyproject
    shared_version_table
    separate
    separate_by_hand
    begin
    raw_connection
    env_py
    autogenerate
    whole_run
    asyncpg_wrappers
    asyncpg
    from_python
    own_revisions
    squashed
    linear
    own_directory
    upgrading
    taken_back
    stamp
    another_schema
}

projects! {
    "first-run.md" no_first_run_is_left_out:
    first_run
}

projects! {
    "database.md" no_database_is_left_out:
    database
}

projects! {
    "guide.md## An existing project" no_existing_project_is_left_out:
    existing
}

projects! {
    "adopt.md" no_adoption_is_left_out:
    adopt
}

projects! {
    "review.md" no_review_is_left_out:
    review
}

projects! {
    "take-over.md" no_take_over_is_left_out:
    take_over
}

/// A page, or the section of a page behind its name.
fn page(name: &str) -> Vec<Scenario> {
    let (file, section) = name.split_once('#').unwrap_or((name, ""));
    let text = fs::read_to_string(format!("{DOCS}/{file}"));
    let text = text.expect("the page can be read");
    if section.is_empty() {
        return scenarios(&text);
    }
    let (_, rest) = text
        .split_once(&format!("#{section}\n"))
        .expect("the page has this section");
    scenarios(rest.split("\n## ").next().unwrap_or(rest))
}
