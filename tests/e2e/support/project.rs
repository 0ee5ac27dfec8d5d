//! A project as `alembic init` makes it, and the tool run in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;
use walkdir::WalkDir;

use super::database::{Database, Driver};
use super::process::{Outcome, run, scrub};
use super::{python, releases, storage};

/// Where the tool puts revisions, seen from the project.
const VENDORED: &str = "alembic/versions_procrastinate";

/// An Alembic project with a database. The project, the tool's cache and an empty directory that
/// serves as PATH lie side by side in one temporary directory.
pub(crate) struct Project {
    directory: TempDir,
    pub(crate) database: Database,
    /// What Alembic finds in its environment beside what this process has.
    environment: BTreeMap<&'static str, String>,
}

impl Project {
    pub(crate) fn new(driver: Driver) -> Self {
        let project = Self::empty();
        let template = match driver {
            Driver::Asyncpg => "async",
            Driver::Psycopg | Driver::Psycopg2 => "generic",
        };
        project
            .alembic(&["init", "-t", template, "alembic"])
            .exits(0);
        project.configure(driver);
        project
    }

    /// The demo application, without what the README's first command wrote into it.
    pub(crate) fn demo(driver: Driver) -> Self {
        let mut project = Self::empty();
        let url = project.database.url(driver);
        project.environment.insert("DATABASE_URL", url);
        let demo = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        let left_out = ["versions_procrastinate", ".venv", "__pycache__"];
        let entries = WalkDir::new(&demo).into_iter();
        let kept = |name: &OsStr| !left_out.iter().any(|left_out| name == *left_out);
        for entry in entries.filter_entry(|entry| kept(entry.file_name())) {
            let entry = entry.expect("the demo application can be read");
            let path = entry.path().strip_prefix(&demo).expect("it lies there");
            let target = project.root().into_std_path_buf().join(path);
            if entry.file_type().is_dir() {
                fs::create_dir_all(target).expect("a directory can be made");
            } else {
                fs::copy(entry.path(), target).expect("a file can be copied");
            }
        }
        project
    }

    fn empty() -> Self {
        let project = Self {
            directory: storage::temporary(),
            database: Database::new(),
            environment: BTreeMap::new(),
        };
        fs::create_dir(project.root()).expect("a directory can be made");
        fs::create_dir(project.empty_path()).expect("a directory can be made");
        project
    }

    pub(crate) fn root(&self) -> Utf8PathBuf {
        storage::path(&self.directory).join("project")
    }

    pub(crate) fn vendored(&self) -> Utf8PathBuf {
        self.root().join(VENDORED)
    }

    pub(crate) fn cache(&self) -> Utf8PathBuf {
        storage::path(&self.directory).join("cache")
    }

    fn empty_path(&self) -> Utf8PathBuf {
        storage::path(&self.directory).join("empty")
    }

    /// The same project files before an empty database.
    pub(crate) fn with_new_database(self, driver: Driver) -> Self {
        self.before(Database::new(), driver)
    }

    /// The same project files before another database.
    pub(crate) fn before(mut self, database: Database, driver: Driver) -> Self {
        let ini = self.root().join("alembic.ini");
        let old = self.database.url(driver);
        self.database = database;
        let text = fs::read_to_string(&ini).expect("the project has it");
        let text = text.replace(&escape(&old), &escape(&self.database.url(driver)));
        fs::write(&ini, text).expect("the project can be written");
        self
    }

    /// From now on Alembic can import what lies in this directory.
    pub(crate) fn set_python_path(&mut self, directory: &Utf8Path) {
        self.environment.insert("PYTHONPATH", directory.to_string());
    }

    /// Replaces a text in `env.py`, which has to be there.
    pub(crate) fn edit_env(&self, old: &str, new: &str) {
        let path = self.root().join("alembic/env.py");
        let text = fs::read_to_string(&path).expect("alembic init wrote it");
        assert_eq!(text.matches(old).count(), 1, "{old:?} in {text}");
        fs::write(&path, text.replace(old, new)).expect("the project can be written");
    }

    /// Names the database and the vendored directory in `alembic.ini`, which already has
    /// `path_separator = os`.
    fn configure(&self, driver: Driver) {
        let ini = self.root().join("alembic.ini");
        let text = fs::read_to_string(&ini).expect("alembic init wrote it");
        assert!(text.contains("\npath_separator = os\n"));
        let placeholder = "sqlalchemy.url = driver://user:pass@localhost/dbname";
        assert!(text.contains(placeholder));
        let settings = format!(
            "sqlalchemy.url = {}\nversion_locations = %(here)s/alembic/versions:%(here)s/{VENDORED}",
            escape(&self.database.url(driver)),
        );
        fs::write(&ini, text.replace(placeholder, &settings)).expect("the project can be written");
    }

    /// The tool, with no environment and no program in reach but what its arguments name.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        scrub(&mut command)
            .env("PATH", self.empty_path())
            .env("XDG_CACHE_HOME", self.cache())
            .current_dir(storage::path(&self.directory))
            .arg("-C")
            .arg(self.root())
            .args(args);
        command
    }

    #[track_caller]
    pub(crate) fn tool(&self, args: &[&str]) -> Outcome {
        run(&mut self.command(args))
    }

    /// Vendors from a wheel, a package directory or a site-packages directory.
    #[track_caller]
    pub(crate) fn sync_from(&self, source: impl AsRef<Utf8Path>) -> Outcome {
        self.tool(&["sync", "--from", source.as_ref().as_str()])
            .exits(0)
    }

    /// Vendors a published release.
    #[track_caller]
    pub(crate) fn sync(&self, release: &str) -> Outcome {
        self.sync_from(releases::wheel(release))
    }

    pub(crate) fn alembic_command(&self, args: &[&str]) -> Command {
        let mut command = python::program("alembic");
        // Bytecode would stand for a file that is edited in the same second and stays as long.
        command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(self.root())
            .args(args);
        command.envs(&self.environment);
        command
    }

    #[track_caller]
    pub(crate) fn alembic(&self, args: &[&str]) -> Outcome {
        run(&mut self.alembic_command(args))
    }

    /// A shell in the project's root that finds this program and Alembic: for what the program prints.
    #[track_caller]
    pub(crate) fn shell(&self, script: &str) -> Outcome {
        let tool = Utf8Path::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        let tool = tool.parent().expect("it lies in a directory");
        let mut command = Command::new("sh");
        scrub(&mut command)
            .env("PATH", format!("{tool}:{}:/usr/bin:/bin", python::bin()))
            .env("XDG_CACHE_HOME", self.cache())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(&self.environment)
            .current_dir(self.root())
            .args(["-c", script]);
        run(&mut command)
    }

    #[track_caller]
    pub(crate) fn upgrade(&self) -> Outcome {
        self.alembic(&["upgrade", "heads"]).exits(0)
    }

    /// Runs the upgrade's offline script with psql, as one does where Alembic may not connect.
    #[track_caller]
    pub(crate) fn upgrade_offline(&self) {
        let script = self.alembic(&["upgrade", "heads", "--sql"]).exits(0).stdout;
        self.database.psql(&script).exits(0);
    }

    /// A first revision of the application's own.
    pub(crate) fn write_own_revision(&self, id: &str, sql: &str) {
        let text = format!(
            "from alembic import op\n\nrevision = {id:?}\ndown_revision = None\n\n\n\
             def upgrade():\n    op.execute({sql:?})\n"
        );
        let path = self.root().join(format!("alembic/versions/{id}_own.py"));
        fs::write(path, text).expect("the project can be written");
    }
}

/// `%` begins an escape in an ini file.
fn escape(url: &str) -> String {
    url.replace('%', "%%")
}
