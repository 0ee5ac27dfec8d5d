//! Pages of the docs, done: every block of the pages below is a file that is written or a command that is run, and what it
//! shows is what is printed.

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

/// The pages, or sections of pages, whose blocks are all run.
macro_rules! pages {
    ($($page:literal $all:ident: $($name:ident)*;)*) => {
        pub(crate) const PAGES: &[&str] = &[$($page),*];
        $(projects! { $page $all: $($name)* })*
    };
}

pages! {
    "../README.md## A new project" no_new_project_of_the_readme_is_left_out:
    readme_new;

    "../README.md## A project whose databases have the tables" no_existing_project_of_the_readme_is_left_out:
    readme_existing;

    "../README.md## In CI and before a commit" no_check_of_the_readme_is_left_out:
    readme_ci;

    "start.md" no_project_of_the_start_is_left_out:
    install
    first_run
    env_py
    autogenerate
    asyncpg
    from_python
    whole_run
    second_location_by_hand
    pyproject_by_hand;

    "existing.md" no_existing_project_is_left_out:
    existing
    stamp
    stamp_refused
    stamp_linear;

    "adopt.md" no_adoption_is_left_out:
    adopt
    adopt_ages;

    "take-over.md" no_take_over_is_left_out:
    take_over;

    "upgrade.md" no_upgrade_is_left_out:
    upgrade
    several
    upgrading
    conflicts
    taken_back;

    "review.md" no_review_is_left_out:
    review;

    "ci.md## Check" no_check_is_left_out:
    checked;

    "database.md" no_database_is_left_out:
    database;

    "schema.md" no_schema_is_left_out:
    another_schema;

    "history.md" no_history_is_left_out:
    linear
    own_directory
    separate
    separate_by_hand
    own_revisions
    squashed;

    "how-it-works.md" no_revision_is_left_out:
    rendered;

    "shipped-revisions.md" no_shipped_revision_is_left_out:
    copied
    nothing_in_place
    in_place
    in_place_by_hand
    in_place_pyproject;

    "procrastinate-guide.md" no_step_of_the_guide_is_left_out:
    nothing_to_copy
    locations_in_env_py
    second_location
    shared_version_table
    begin
    raw_connection
    asyncpg_wrappers
    stamp_head;
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
