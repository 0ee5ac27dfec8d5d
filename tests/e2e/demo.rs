//! The demo application, which the README's first command vendors into.

use crate::support::database::Driver;
use crate::support::project::Project;

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
