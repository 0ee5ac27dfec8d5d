//! A project as one Alembic's `alembic init` makes it, in an environment with that Alembic.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde::Deserialize;
use tempfile::TempDir;

use crate::support::database::{Database, Driver};
use crate::support::process::{Outcome, feed, run, scrub};
use crate::support::{python, releases, storage};

pub(super) const RELEASE: &str = "3.10.0";
pub(super) const VENDORED: &str = "alembic/versions_procrastinate";

pub(super) struct Site {
    directory: TempDir,
    pub(super) database: Database,
    python: Utf8PathBuf,
}

#[derive(Deserialize)]
struct Answer {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Site {
    pub(super) fn new(version: &str, template: &str) -> Self {
        let site = Self {
            directory: storage::temporary(),
            database: Database::new(),
            python: python::alembic_environment(version),
        };
        fs::create_dir(site.root()).expect("a directory can be made");
        site.alembic(&["init", "-t", template, "alembic"]);
        let driver = match template {
            "async" => Driver::Asyncpg,
            _ => Driver::Psycopg,
        };
        let url = site.database.url(driver).replace('%', "%%");
        site.edit("alembic.ini", "driver://user:pass@localhost/dbname", &url);
        let environment = site.python.parent().and_then(Utf8Path::parent);
        let environment = environment.expect("an environment has programs in a directory");
        std::os::unix::fs::symlink(environment, site.root().join(".venv")).expect("a link");
        site
    }

    pub(super) fn root(&self) -> Utf8PathBuf {
        let real = storage::path(&self.directory).canonicalize_utf8();
        real.expect("it is there").join("project")
    }

    pub(super) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root().join(file)).expect("the project has it")
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().expect("it lies in the project")).expect("a directory");
        fs::write(path, text).expect("the project can be written");
    }

    #[track_caller]
    pub(super) fn edit(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        assert_eq!(text.matches(old).count(), 1, "{old:?} in {text}");
        self.write(file, &text.replace(old, new));
    }

    /// The tool; no program is in reach.
    #[track_caller]
    pub(super) fn tool(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        scrub(&mut command)
            .env("PATH", self.root().join("no-programs"))
            .env("XDG_CACHE_HOME", self.root().with_file_name("cache"))
            .current_dir(self.root())
            .args(arguments);
        run(&mut command)
    }

    #[track_caller]
    pub(super) fn sync(&self) -> Outcome {
        self.sync_release(RELEASE)
    }

    #[track_caller]
    pub(super) fn sync_release(&self, release: &str) -> Outcome {
        let wheel = releases::wheel(release);
        self.tool(&["sync", "--from", wheel.as_str()]).exits(0)
    }

    /// `check --strict` against the release finds nothing.
    #[track_caller]
    pub(super) fn is_faultless(&self) {
        let wheel = releases::wheel(RELEASE);
        self.tool(&["check", "--strict", "--from", wheel.as_str()])
            .exits(0);
    }

    /// Python of the environment, in the project's root.
    pub(super) fn python(&self) -> Command {
        let mut command = Command::new(&self.python);
        // Bytecode would stand for a file that is edited in the same second and stays as long.
        scrub(&mut command)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(self.root());
        command
    }

    /// One of Alembic's commands, which has to succeed; what it prints.
    #[track_caller]
    pub(super) fn alembic(&self, arguments: &[&str]) -> String {
        let [outcome] = self.commands([arguments]);
        outcome.exits(0).stdout
    }

    /// Several of them in one process.
    #[track_caller]
    pub(super) fn commands<const N: usize>(&self, commands: [&[&str]; N]) -> [Outcome; N] {
        let script =
            Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/commands.py");
        let input = serde_json::to_vec(&commands[..]).expect("it is text");
        let found = feed(self.python().arg(script), &input).exits(0);
        let answers: Vec<Answer> = serde_json::from_str(&found.stdout).expect("it prints JSON");
        let outcomes: Vec<Outcome> = answers
            .into_iter()
            .zip(commands)
            .map(|(answer, arguments)| Outcome {
                command: format!("alembic {}", arguments.join(" ")),
                status: Some(answer.status),
                stdout: answer.stdout,
                stderr: answer.stderr,
            })
            .collect();
        let count = outcomes.len();
        outcomes
            .try_into()
            .unwrap_or_else(|_| panic!("{count} answers to {N} commands"))
    }

    /// Where the real Alembic looks for revisions.
    pub(super) fn locations(&self) -> Vec<Utf8PathBuf> {
        #[derive(Deserialize)]
        struct Locations {
            locations: Vec<Utf8PathBuf>,
        }
        let script =
            Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/locations.py");
        let question = serde_json::json!([{"directory": self.root(), "args": [], "sites": []}]);
        let found = feed(self.python().arg(script), question.to_string().as_bytes()).exits(0);
        let answers: Vec<Locations> = serde_json::from_str(&found.stdout).expect("no refusal");
        answers
            .into_iter()
            .flat_map(|answer| answer.locations)
            .collect()
    }

    /// Pastes the filter that `init` printed into `env.py`, where it said.
    #[track_caller]
    pub(super) fn paste_filter(&self, printed: &str) {
        const CALL: &str = "`: add `include_name=include_name`";
        let lines = || {
            printed
                .lines()
                .skip_while(|line| !line.starts_with("In alembic/env.py"))
        };
        let function: String = lines()
            .filter_map(|line| line.strip_prefix("    "))
            .take(2)
            .map(|line| format!("{line}\n"))
            .collect();
        let place = lines()
            .find(|line| line.contains(CALL))
            .expect("it names the call");
        let number = place
            .split(|c: char| !c.is_ascii_digit())
            .find(|part| !part.is_empty());
        let number: usize = number
            .and_then(|number| number.parse().ok())
            .expect("a line");
        let env = self.read("alembic/env.py");
        let mut lines: Vec<String> = env.lines().map(str::to_owned).collect();
        let call = &mut lines[number - 1];
        assert!(call.contains("context.configure("), "{call}");
        *call = call.replace("configure(", "configure(include_name=include_name, ");
        let text = lines.join("\n").replace(
            "target_metadata = None",
            &format!(
                "from sqlalchemy import MetaData\n\ntarget_metadata = MetaData()\n\n\n{function}"
            ),
        );
        self.write("alembic/env.py", &text);
    }
}
