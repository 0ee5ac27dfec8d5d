//! A project with an environment of Procrastinate's own.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use vendor_migrations::wiring::separate::{Separate, Url};

use crate::support::database::{Database, Driver};
use crate::support::process::{Outcome, run, scrub};
use crate::support::project::Project;
use crate::support::{python, releases};

/// The environment's configuration.
pub(super) const INI: &str = "alembic_procrastinate.ini";

/// The environment variable that its URL may come from.
pub(super) const VARIABLE: &str = "PROCRASTINATE_URL";

/// What an application that has both in one database writes into its `env.py`.
const METADATA: &str = "\
import sqlalchemy

target_metadata = sqlalchemy.MetaData()
sqlalchemy.Table(\"own\", target_metadata)


def leave_out(object, name, type_, reflected, compare_to):
    return type_ == \"column\" or \"procrastinate\" not in (name or \"\")
";

/// A project, and how Alembic is called in it.
pub(super) struct Separated {
    project: Project,
    variable: Option<String>,
    python: Option<Utf8PathBuf>,
}

impl Separated {
    /// Beside the environment that `alembic init` made for the application, whose ini names the database.
    pub(super) fn beside_an_application(driver: Driver) -> Self {
        let project = Project::new(driver);
        project.edit_env("target_metadata = None\n", METADATA);
        let arguments = "connection=connection, target_metadata=target_metadata";
        project.edit_env(arguments, &format!("{arguments}, include_object=leave_out"));
        project.write_own_revision("0001", "CREATE TABLE own ()");
        let application = Some((Utf8Path::new("alembic.ini"), "alembic"));
        let separated = Self::new(project, application);
        separated.edit_ini("alembic.ini", |line| !line.starts_with("version_locations"));
        separated.sync("3.10.0");
        separated
    }

    /// Without an application: the URL has to come from the environment variable.
    pub(super) fn alone(release: &str) -> Self {
        let separated = Self::new(Project::new(Driver::Psycopg), None);
        fs::remove_file(separated.root().join("alembic.ini")).expect("it is there");
        fs::remove_dir_all(separated.root().join("alembic")).expect("it is there");
        separated.sync(release);
        separated
    }

    fn new(project: Project, application: Option<(&Utf8Path, &str)>) -> Self {
        let separate = Separate {
            directory: Utf8Path::new("alembic_procrastinate"),
            ini: Utf8Path::new(INI),
            section: "alembic",
            url: Url {
                variable: Some(VARIABLE),
                application,
            },
            upstreams_env: false,
        };
        for file in separate.files().expect("these can be written down") {
            let path = project.root().join(file.path);
            fs::create_dir_all(path.parent().expect("it lies in the project"))
                .expect("the project can be written");
            fs::write(path, file.text).expect("the project can be written");
        }
        let settings = format!("directory = \"{}\"\n", separate.vendored());
        fs::write(project.root().join("vendor-migrations.toml"), settings)
            .expect("the project can be written");
        Self {
            project,
            variable: None,
            python: None,
        }
    }

    pub(super) fn with_variable(mut self, url: &str) -> Self {
        self.variable = Some(url.to_owned());
        self
    }

    pub(super) fn with_alembic(mut self, version: &str) -> Self {
        self.python = Some(python::alembic_environment(version));
        self
    }

    pub(super) fn root(&self) -> Utf8PathBuf {
        self.project.root()
    }

    pub(super) fn database(&self) -> &Database {
        &self.project.database
    }

    /// Keeps the lines of a file for which this holds.
    pub(super) fn edit_ini(&self, file: &str, keep: impl Fn(&str) -> bool) {
        let path = self.root().join(file);
        let text = fs::read_to_string(&path).expect("it is there");
        let kept: Vec<&str> = text.lines().filter(|line| keep(line)).collect();
        fs::write(path, kept.join("\n") + "\n").expect("the project can be written");
    }

    /// Adds a line to the environment's section.
    pub(super) fn add_to_ini(&self, line: &str) {
        let path = self.root().join(INI);
        let text = fs::read_to_string(&path).expect("it is there");
        let text = text.replacen("[alembic]\n", &format!("[alembic]\n{line}\n"), 1);
        fs::write(path, text).expect("the project can be written");
    }

    /// The tool, with the environment's configuration.
    #[track_caller]
    pub(super) fn tool(&self, args: &[&str]) -> Outcome {
        self.project.tool(&[args, &["-c", INI]].concat())
    }

    #[track_caller]
    pub(super) fn sync(&self, release: &str) {
        let wheel = releases::wheel(release);
        self.tool(&["sync", "--from", wheel.as_str()]).exits(0);
        assert!(self.root().join("alembic_procrastinate/versions").is_dir());
    }

    /// Alembic, every warning shown.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = match &self.python {
            Some(python) => Command::new(python),
            None => python::python(),
        };
        scrub(&mut command)
            .args(["-m", "alembic"])
            .args(args)
            .current_dir(self.root())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONWARNINGS", "always")
            .env_remove(VARIABLE);
        if let Some(url) = &self.variable {
            command.env(VARIABLE, url);
        }
        command
    }

    /// Alembic in the environment of Procrastinate's own.
    #[track_caller]
    pub(super) fn own(&self, args: &[&str]) -> Outcome {
        run(&mut self.command(&[&["-c", INI], args].concat()))
    }

    /// Alembic in the application's environment.
    #[track_caller]
    pub(super) fn application(&self, args: &[&str]) -> Outcome {
        run(&mut self.command(args))
    }
}
