//! Releases of Procrastinate, each installed in an environment of its own, and their workers.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::database::Database;
use super::process::{run, scrub};
use super::{python, releases, storage};

/// A release that is deployed.
pub(crate) struct Worker {
    release: String,
    python: Utf8PathBuf,
    /// Of its connections, for the server.
    options: Option<String>,
}

impl Worker {
    /// Installs the release, once a machine: the file `complete` is written last.
    pub(crate) fn of(release: &str) -> Self {
        let _lock = storage::lock("workers");
        let root = storage::root().join("workers").join(release);
        let python = root.join("bin/python");
        let complete = root.join("complete");
        if !complete.exists() {
            if root.exists() {
                fs::remove_dir_all(&root).expect("an old environment can be removed");
            }
            let requirements =
                Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/requirements.txt");
            run(python::program("uv")
                .args(["venv", "--quiet", "--python"])
                .arg(python::bin().join("python"))
                .arg(&root))
            .exits(0);
            run(python::program("uv")
                .args(["pip", "install", "--quiet", "--python"])
                .arg(&python)
                .arg("--constraint")
                .arg(requirements)
                .arg(releases::wheel(release))
                .arg("psycopg[binary]"))
            .exits(0);
            fs::write(&complete, "").expect("the target directory can be written");
        }
        Self {
            release: release.to_owned(),
            python,
            options: None,
        }
    }

    /// The Python in which it is installed.
    pub(crate) fn python(&self) -> &Utf8Path {
        &self.python
    }

    /// With `options` for the server, such as `-c search_path=jobs`.
    pub(crate) fn with_options(self, options: &str) -> Self {
        let options = Some(options.to_owned());
        Self { options, ..self }
    }

    /// Runs the release's own `procrastinate schema --apply`.
    #[track_caller]
    pub(crate) fn apply_schema(&self, database: &Database) {
        let directory = storage::temporary();
        let app = format!(
            "import procrastinate\napp = procrastinate.App(connector=procrastinate.PsycopgConnector(\n    \
             conninfo={:?}, kwargs={{\"options\": {:?}}}))\n",
            database.dsn(),
            self.options.as_deref().unwrap_or_default()
        );
        fs::write(storage::path(&directory).join("application.py"), app)
            .expect("a file can be written");
        let mut command = Command::new(&self.python);
        run(scrub(&mut command).current_dir(directory.path()).args([
            "-m",
            "procrastinate",
            "--app",
            "application.app",
            "schema",
            "--apply",
        ]))
        .exits(0);
    }

    /// Defers jobs into each queue.
    #[track_caller]
    pub(crate) fn defer(&self, database: &Database, queues: &[&str]) {
        run(self.script(database).arg("defer").args(queues)).exits(0);
    }

    /// Runs the jobs of each queue, each of which has to end as it should.
    #[track_caller]
    pub(crate) fn work(&self, database: &Database, queues: &[&str]) {
        let found = run(self.script(database).arg("work").args(queues)).exits(0);
        let ended = r#"[["tests:add", "succeeded", 1], ["tests:add", "succeeded", 1], ["tests:again", "failed", 2]]"#;
        assert_eq!(
            found.stdout.lines().collect::<Vec<_>>(),
            vec![ended; queues.len()],
            "jobs of {queues:?}, run by {}: {found}",
            self.release
        );
        // What the worker survives, such as a listener that fails, it only logs.
        assert!(!found.stderr.contains("TypeError"), "{found}");
    }

    fn script(&self, database: &Database) -> Command {
        let mut command = Command::new(&self.python);
        scrub(&mut command)
            .arg(Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/worker.py"))
            .arg(database.dsn());
        if let Some(options) = &self.options {
            command.env("WORKER_OPTIONS", options);
        }
        command
    }
}
