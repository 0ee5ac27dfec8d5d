//! The ways in which projects made Procrastinate's schema.

use fs_err as fs;
use vendor_migrations::sql::statements::split;

use super::{Adopter, OLD};
use crate::support::package::read_from_wheel;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    GetSchema,
    PackageFile,
    Transcribed,
    Subprocess,
    SqlFile,
}

impl Way {
    pub(super) const ALL: [Self; 5] = [
        Self::GetSchema,
        Self::PackageFile,
        Self::Transcribed,
        Self::Subprocess,
        Self::SqlFile,
    ];

    /// Whether a database gets the schema of the release that is installed when it runs.
    pub(super) fn is_at_run_time(self) -> bool {
        match self {
            Self::GetSchema | Self::PackageFile | Self::Subprocess => true,
            Self::Transcribed | Self::SqlFile => false,
        }
    }

    /// The imports of the revision, and the body of its `upgrade()`. All of it runs on every driver: statement by statement.
    pub(super) fn code(self, adopter: &Adopter) -> (String, String) {
        let schema = read_from_wheel(OLD, "procrastinate/sql/schema.sql");
        let statements = split(&schema).expect("it is SQL");
        let root = adopter.project.root();
        let marked = statements
            .iter()
            .map(|one| format!("{};", one.text()))
            .collect::<Vec<_>>()
            .join("\n-- next\n");
        // A colon would be a parameter.
        let escaped = |text: &str| text.replace(':', "\\:");
        let split_by_hand = "import sqlparse_by_hand\n";
        fs::write(
            adopter.project.root().join("sqlparse_by_hand.py"),
            include_str!("split_by_hand.py"),
        )
        .expect("the project can be written");
        let run = |sql: &str| {
            format!(
                "for statement in sqlparse_by_hand.split({sql}):\n        op.execute(statement)"
            )
        };
        match self {
            Self::GetSchema => (
                format!("from procrastinate.schema import SchemaManager\n{split_by_hand}"),
                run("SchemaManager.get_schema()"),
            ),
            Self::PackageFile => (
                format!("import importlib.resources\n{split_by_hand}"),
                format!(
                    "sql = importlib.resources.files(\"procrastinate.sql\").joinpath(\"schema.sql\").read_text()\n    {}",
                    run("sql")
                ),
            ),
            Self::Transcribed => {
                let calls = statements
                    .iter()
                    .map(|one| format!("op.execute(r\"\"\"{}\"\"\")", escaped(one.text())));
                (String::new(), calls.collect::<Vec<_>>().join("\n    "))
            }
            Self::SqlFile => {
                fs::create_dir_all(root.join("alembic/sql")).expect("the project can be written");
                fs::write(root.join("alembic/sql/queue.sql"), marked)
                    .expect("the project can be written");
                (
                    format!("from pathlib import Path\n{split_by_hand}"),
                    run("(Path(__file__).parent.parent / \"sql\" / \"queue.sql\").read_text()"),
                )
            }
            Self::Subprocess => {
                fs::write(
                    root.join("queue_app.py"),
                    "import os\nimport procrastinate\napp = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ['DATABASE_DSN']))\n",
                )
                .expect("the project can be written");
                (
                    "import subprocess\nimport sys\n".to_owned(),
                    "subprocess.run([sys.executable, \"-m\", \"procrastinate\", \"--app=queue_app.app\", \"schema\", \"--apply\"], check=True)".to_owned(),
                )
            }
        }
    }
}
