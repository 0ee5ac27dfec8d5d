//! `docs/alembic-guide.md`, done: every block of it is a file that is written or a command that is run, and what it shows
//! is what is printed.

mod markdown;
mod shown;
mod walk;

use fs_err as fs;

use self::markdown::{Scenario, scenarios};
use self::walk::walk;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/alembic-guide.md");

/// One test for each project of the page, and one that all projects have theirs.
macro_rules! projects {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let page = page();
                let found = page.iter().find(|scenario| scenario.name == stringify!($name));
                walk(found.expect("the page has this project"));
            }
        )*

        #[test]
        fn no_project_is_left_out() {
            let page = page();
            let names: Vec<&str> = page.iter().map(|scenario| scenario.name.as_str()).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

projects! {
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
    asyncpg_wrappers
    asyncpg
    from_python
    own_revisions
    linear
    own_directory
    upgrading
    stamp
}

fn page() -> Vec<Scenario> {
    scenarios(&fs::read_to_string(PAGE).expect("the page can be read"))
}
