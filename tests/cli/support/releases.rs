//! Releases that many tests begin from. Their SQL is made up.

use super::package::{ALEMBIC, CONTRIB, SQL};
use super::{Package, Project};

pub(crate) const FIRST: &str = "01.00.00_01_initial.sql";
pub(crate) const SECOND: &str = "01.01.00_01_pre_add_note.sql";
pub(crate) const THIRD: &str = "01.01.00_50_post_drop_mark.sql";
pub(crate) const LATER: &str = "01.02.00_01_pre_add_owner.sql";

pub(crate) const FIRST_SQL: &str = "CREATE TABLE example_jobs (id bigint PRIMARY KEY);\n\nCREATE INDEX example_ids ON example_jobs (id);\n";
pub(crate) const SECOND_SQL: &str = "ALTER TABLE example_jobs ADD COLUMN note text;\n";
pub(crate) const THIRD_SQL: &str = "ALTER TABLE example_jobs DROP COLUMN mark;\n";
pub(crate) const LATER_SQL: &str = "ALTER TABLE example_jobs ADD COLUMN owner text;\n";

pub(crate) const FIRST_ID: &str = "procrastinate_01_00_00_01";
pub(crate) const SECOND_ID: &str = "procrastinate_01_01_00_01";
pub(crate) const THIRD_ID: &str = "procrastinate_01_01_00_50";
pub(crate) const LATER_ID: &str = "procrastinate_01_02_00_01";

pub(crate) const FIRST_PY: &str = "procrastinate_01_00_00_01_initial.py";
pub(crate) const SECOND_PY: &str = "procrastinate_01_01_00_01_pre_add_note.py";
pub(crate) const THIRD_PY: &str = "procrastinate_01_01_00_50_post_drop_mark.py";
pub(crate) const LATER_PY: &str = "procrastinate_01_02_00_01_pre_add_owner.py";

/// Release 91.1.0: three migrations, SQL only.
pub(crate) fn three() -> Package {
    three_as("91.1.0")
}

/// The same three migrations under another release.
pub(crate) fn three_as(release: &str) -> Package {
    Package::new(release)
        .sql(FIRST, FIRST_SQL)
        .sql(SECOND, SECOND_SQL)
        .sql(THIRD, THIRD_SQL)
}

/// Release 91.2.0: one migration more.
pub(crate) fn four() -> Package {
    three_as("91.2.0").sql(LATER, LATER_SQL)
}

/// Where a release keeps revision files, and how they name their SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// `contrib/alembic/versions`, `get_migration_sql("…")`.
    Call,
    /// `alembic/versions`, a `MIGRATION_FILE` constant, annotated assignments.
    Constant,
}

pub(crate) const WRAPPINGS: [Wrapping; 2] = [Wrapping::Call, Wrapping::Constant];

impl Wrapping {
    pub(crate) fn directory(self) -> &'static str {
        match self {
            Self::Call => CONTRIB,
            Self::Constant => ALEMBIC,
        }
    }

    fn text(self, id: &str, down: Option<&str>, sql: &str) -> String {
        let down = down.map_or("None".to_owned(), |down| format!("'{down}'"));
        match self {
            Self::Call => format!(
                "from alembic import op\n\nfrom procrastinate.example import get_migration_sql\n\n\
                 revision = '{id}'\ndown_revision = {down}  # kept\nbranch_labels = None\ndepends_on = None\n\n\n\
                 def upgrade():\n    op.execute(get_migration_sql(\"{sql}\"))\n"
            ),
            Self::Constant => format!(
                "from alembic import op\n\nfrom procrastinate.example import run\n\n\
                 revision: str = '{id}'\ndown_revision: str | None = {down}\nbranch_labels: str | None = None\n\
                 depends_on: str | None = None\nMIGRATION_FILE: str = \"{sql}\"\n\n\n\
                 def upgrade() -> None:\n    run(op, MIGRATION_FILE)\n"
            ),
        }
    }

    /// A release whose migrations are numbered `0001`, `0002` and so on, in the given order.
    pub(crate) fn release(self, release: &str, migrations: &[(&str, &str)]) -> Package {
        self.add_to(Package::new(release), migrations)
    }

    /// Adds these migrations, with their revision files.
    pub(crate) fn add_to(self, mut package: Package, migrations: &[(&str, &str)]) -> Package {
        let mut down: Option<String> = None;
        for (index, (name, text)) in migrations.iter().enumerate() {
            let id = format!("{:04}", index + 1);
            let wrapper = self.text(&id, down.as_deref(), name);
            let file = format!("{}{}", self.directory(), self.file_name(&id, name));
            package = package
                .file(&format!("{SQL}{name}"), text)
                .file(&file, wrapper);
            down = Some(id);
        }
        package
    }

    pub(crate) fn file_name(self, id: &str, sql: &str) -> String {
        let stem = sql.strip_suffix(".sql").unwrap().replace('.', "_");
        format!("{id}_{stem}.py")
    }

    /// Where the SQL of a copied wrapper is kept in the vendored directory.
    pub(crate) fn kept_name(self, id: &str, sql: &str) -> String {
        let file = self.file_name(id, sql);
        format!("sql/{}.sql", file.strip_suffix(".py").unwrap())
    }

    /// Release 91.1.0 with revision files.
    pub(crate) fn three(self) -> Package {
        self.release("91.1.0", &three_migrations())
    }
}

pub(crate) fn three_migrations() -> [(&'static str, &'static str); 3] {
    [(FIRST, FIRST_SQL), (SECOND, SECOND_SQL), (THIRD, THIRD_SQL)]
}

/// `sync` cannot use the installation: it says so with the facts, and touches nothing.
#[track_caller]
pub(crate) fn unusable(package: &Package, facts: &[&str]) {
    let project = Project::with(&three_as("91.0.0"));
    let site = project.install(package);
    project.sync_fails(&site, facts);
}
