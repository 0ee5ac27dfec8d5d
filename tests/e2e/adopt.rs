//! Projects whose own revisions made Procrastinate's tables, on real servers.

mod histories;
mod orders;
mod schemas;
mod ways;

use camino::Utf8PathBuf;
use fs_err as fs;

use crate::support::database::{Database, Driver};
use crate::support::package::Package;
use crate::support::process::{Outcome, run};
use crate::support::project::Project;
use crate::support::python;
use crate::support::schema::Schema;
use ways::Way;

/// The release whose schema the project's own revision made, and the one that is vendored.
const OLD: &str = "3.3.0";
const NEW: &str = "3.10.0";

/// The version of Alembic that most tests use.
const NEWEST: &str = "1.20.1";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum History {
    Branch,
    Linear,
}

impl History {
    fn heads(self) -> &'static str {
        match self {
            Self::Branch => "heads",
            Self::Linear => "head",
        }
    }
}

/// A project with the revisions `a1`, `a2` (which makes Procrastinate's tables) and `a3`.
struct Adopter {
    project: Project,
    driver: Driver,
    history: History,
    alembic: Utf8PathBuf,
    /// Databases that the old history made, by the revision that they are at.
    old: Vec<(&'static str, Database)>,
    _package: Package,
}

impl Adopter {
    fn new(way: Way, history: History, driver: Driver, version: &str) -> Self {
        let package = Package::unpack(OLD);
        let mut project = Project::new(driver);
        project.set_python_path(package.site_packages());
        let ini = project.root().join("alembic.ini");
        let text = fs::read_to_string(&ini).expect("it is there");
        // Before 1.16, the setting had another name.
        let both = "version_path_separator = os\npath_separator = os";
        fs::write(&ini, text.replace("path_separator = os", both)).expect("it can be written");
        project.edit_env(
            "target_metadata = None",
            "from sqlalchemy import Column, Integer, MetaData, Table\ntarget_metadata = MetaData()\n\
             for name in (\"users\", \"orders\"):\n    Table(name, target_metadata, Column(\"id\", Integer, primary_key=True))\n\n\n\
             def include_name(name, type_, parent_names):\n    return not (type_ == \"table\" and name.startswith(\"procrastinate_\"))",
        );
        let env = project.root().join("alembic/env.py");
        let text = fs::read_to_string(&env).expect("it is there");
        let text = text.replace(
            "target_metadata=target_metadata",
            "target_metadata=target_metadata, include_name=include_name",
        );
        fs::write(&env, text).expect("it can be written");
        if history == History::Linear {
            fs::write(
                project.root().join("vendor-migrations.toml"),
                "history = \"linear\"\n",
            )
            .expect("it can be written");
        }
        let adopter = Self {
            project,
            driver,
            history,
            alembic: python::alembic_environment(version),
            old: Vec::new(),
            _package: package,
        };
        adopter.write(
            "a1",
            None,
            [
                "op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True))",
                "op.drop_table('users')",
            ],
            "",
        );
        let (imports, upgrade) = way.code(&adopter);
        adopter.write(
            "a2",
            Some("a1"),
            [
                &upgrade,
                "op.execute('DROP TABLE procrastinate_jobs CASCADE')",
            ],
            &imports,
        );
        adopter.write(
            "a3",
            Some("a2"),
            [
                "op.create_table('orders', sa.Column('id', sa.Integer(), primary_key=True))",
                "op.drop_table('orders')",
            ],
            "",
        );
        adopter.commit();
        adopter
    }

    /// The databases that the old history made.
    fn with_old_databases(mut self) -> Self {
        for revision in ["a1", "a2", "a3"] {
            self.alembic(&["upgrade", revision]).exits(0);
            self.old.push((revision, self.project.database.copy()));
        }
        self
    }

    fn write(&self, id: &str, down: Option<&str>, body: [&str; 2], imports: &str) {
        let [upgrade, downgrade] = body;
        let down = down.map_or("None".to_owned(), |down| format!("{down:?}"));
        let text = format!(
            "\"\"\"{id}\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\n{imports}\nrevision = \"{id}\"\ndown_revision = {down}\n\
             branch_labels = None\ndepends_on = None\n\n\ndef upgrade() -> None:\n    {upgrade}\n\n\ndef downgrade() -> None:\n    {downgrade}\n"
        );
        fs::write(self.path(id), text).expect("the project can be written");
    }

    fn path(&self, id: &str) -> Utf8PathBuf {
        self.project
            .root()
            .join(format!("alembic/versions/{id}_own.py"))
    }

    fn commit(&self) {
        let git = "git init -q . && git add -A && git -c user.name=t -c user.email=t@t commit -q --allow-empty -m x";
        self.project.shell(git).exits(0);
    }

    #[track_caller]
    fn alembic(&self, args: &[&str]) -> Outcome {
        let command = self.project.alembic_command(args);
        let mut python = std::process::Command::new(&self.alembic);
        python
            .args(["-m", "alembic"])
            .args(args)
            .current_dir(self.project.root());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => python.env(name, value),
                None => python.env_remove(name),
            };
        }
        run(python.env("DATABASE_DSN", self.project.database.dsn()))
    }

    #[track_caller]
    fn upgrade(&self) -> Outcome {
        self.alembic(&["upgrade", self.history.heads()]).exits(0)
    }

    /// `adopt`, vendoring the newest release.
    #[track_caller]
    fn adopt(&self, args: &[&str]) -> Outcome {
        self.adopt_of(NEW, args)
    }

    #[track_caller]
    fn adopt_of(&self, release: &str, args: &[&str]) -> Outcome {
        let wheel = crate::support::releases::wheel(release);
        let args = [&["adopt", "--from", wheel.as_str()], args].concat();
        let mut command = self.project.command(&args);
        // It asks git.
        run(command.env(
            "PATH",
            format!("{}:/usr/bin:/bin", self.project.database.programs()),
        ))
    }

    #[track_caller]
    fn database(&self) -> Outcome {
        let url = self.project.database.libpq_url();
        let mut command = self.project.command(&["database", &url]);
        run(command.env("PATH", self.project.database.programs()))
    }

    #[track_caller]
    fn check(&self) -> Outcome {
        self.project.tool(&["check"])
    }

    /// The same project before another database.
    fn before(mut self, database: Database) -> Self {
        self.project = self.project.before(database, self.driver);
        self
    }

    /// Everything is there, and nothing else but the project's own.
    #[track_caller]
    fn assert_is(&self, release: &str) {
        self.assert_has(&Schema::of_release(release));
    }

    #[track_caller]
    fn assert_has(&self, wanted: &Schema) {
        let all = Schema::of(&self.project.database);
        let own = ["users", "orders", "notes"].iter();
        own.fold(all, |schema, table| schema.without(table))
            .assert_is(wanted);
    }

    /// The databases that the old history made, and an empty one.
    fn databases(&mut self) -> Vec<Database> {
        let old = std::mem::take(&mut self.old).into_iter();
        old.map(|(_, database)| database)
            .chain([Database::new()])
            .collect()
    }

    /// Upgrades each of the databases, and looks at what it has then.
    #[track_caller]
    fn upgrade_each(mut self, databases: Vec<Database>, wanted: &Schema) -> Self {
        for database in databases {
            self = self.before(database);
            self.upgrade();
            self.assert_has(wanted);
        }
        self
    }
}
