//! The two layouts in which Procrastinate may ship Alembic revisions. No release has either yet, so
//! these are written here, after the shape that the published guide and the proposal give them.

use super::package::Package;

/// `procrastinate/contrib/alembic`: numbered wrappers around a function that reads the SQL.
pub(crate) const CONTRIB: Layout = Layout {
    directory: "procrastinate/contrib/alembic",
    file: contrib_file,
    init: CONTRIB_INIT,
    wrapper: contrib_wrapper,
};

/// `procrastinate/alembic`: a branch of its own, each revision with its SQL's name in a constant.
pub(crate) const PACKAGE: Layout = Layout {
    directory: "procrastinate/alembic",
    file: package_file,
    init: "",
    wrapper: package_wrapper,
};

pub(crate) struct Layout {
    directory: &'static str,
    /// The wrapper's file name, from its place in the chain (from 0) and the SQL file's name.
    file: fn(usize, &str) -> String,
    init: &'static str,
    wrapper: fn(usize, &str) -> String,
}

impl Layout {
    /// Adds a revision for every migration of the package. `Package::release` has to follow.
    pub(crate) fn add_to(&self, package: &Package) {
        package.write(&format!("{}/__init__.py", self.directory), self.init);
        package.write(&format!("{}/versions/__init__.py", self.directory), "");
        for (index, sql) in package.migrations().iter().enumerate() {
            package.write(&self.path(index, sql), &(self.wrapper)(index, sql));
        }
    }

    /// Where in the package the revision for one migration lies.
    pub(crate) fn path(&self, index: usize, sql: &str) -> String {
        format!("{}/versions/{}", self.directory, (self.file)(index, sql))
    }
}

/// `03.00.00_01_pre_slug.sql` as a part of a Python module's name.
fn slug(sql: &str) -> String {
    sql.trim_end_matches(".sql").replace('.', "_")
}

fn contrib_file(index: usize, sql: &str) -> String {
    format!("{:04}_{}.py", index + 1, slug(sql))
}

const CONTRIB_INIT: &str = r#""""Procrastinate's migrations for Alembic."""

from importlib import resources


def list_migration_files():
    directory = resources.files("procrastinate.sql.migrations")
    names = (entry.name for entry in directory.iterdir())
    return sorted(name for name in names if name.endswith(".sql"))


def get_migration_sql(name):
    directory = resources.files("procrastinate.sql.migrations")
    return directory.joinpath(name).read_text(encoding="utf-8")
"#;

fn contrib_wrapper(index: usize, sql: &str) -> String {
    let revision = index + 1;
    let down = match index {
        0 => "None".to_owned(),
        _ => format!("\"{index:04}\""),
    };
    format!(
        r#""""Migration {sql}."""

from alembic import op

from procrastinate.contrib.alembic import get_migration_sql

revision = "{revision:04}"
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade():
    op.execute(get_migration_sql("{sql}"))


def downgrade():
    raise NotImplementedError("these migrations go one way")
"#
    )
}

fn package_file(index: usize, sql: &str) -> String {
    format!("procrastinate_{index:04}_{}.py", slug(sql))
}

fn package_wrapper(index: usize, sql: &str) -> String {
    let (down, labels) = match index {
        0 => ("None".to_owned(), "(\"procrastinate\",)"),
        _ => (format!("\"procrastinate_{:04}\"", index - 1), "None"),
    };
    format!(
        r#""""Migration {sql}."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from alembic import op

revision: str = "procrastinate_{index:04}"
down_revision: str | None = {down}
branch_labels: str | Sequence[str] | None = {labels}
depends_on: str | Sequence[str] | None = None

MIGRATION_FILE = "{sql}"


def upgrade() -> None:
    directory = resources.files("procrastinate.sql.migrations")
    sql = directory.joinpath(MIGRATION_FILE).read_text(encoding="utf-8")
    with op.get_context().autocommit_block():
        op.execute(sql)


def downgrade() -> None:
    raise NotImplementedError("these migrations go one way")
"#
    )
}
