//! A git repository with an Alembic project in it, wired and vendored.

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;
use walkdir::WalkDir;

use super::OLD;
use crate::support::hook::hook;
use crate::support::process::{Outcome, run};
use crate::support::{python, releases, storage};

pub(super) const CONFIGURATION: &str = ".pre-commit-config.yaml";
/// Relative to the project.
pub(super) const VENDORED: &str = "alembic/versions_procrastinate";

pub(super) struct Repository {
    directory: TempDir,
    /// The project's directory, relative to the repository.
    below: &'static str,
}

impl Repository {
    /// A project that `init` wired, with pre-commit's configuration in the repository's root, and the old release vendored.
    pub(super) fn vendored(below: &'static str) -> Self {
        let repository = Self::wired(below, "repos: []\n");
        repository
            .tool(&["sync", "--from", releases::wheel(OLD).as_str()])
            .exits(0);
        repository
    }

    /// A project that `init` wired, with this configuration of pre-commit before.
    pub(super) fn wired(below: &'static str, configuration: &str) -> Self {
        let repository = Self {
            directory: storage::temporary(),
            below,
        };
        fs::create_dir_all(repository.project()).expect("a directory can be made");
        repository.git(&["init", "--quiet", "."]).exits(0);
        run(python::program("alembic")
            .current_dir(repository.project())
            .args(["init", "alembic"]))
        .exits(0);
        for (path, text) in [
            (".gitignore", ".venv/\n__pycache__/\n"),
            ("README.md", "# A project\n"),
            ("app/main.py", "print(1)\n"),
            (CONFIGURATION, configuration),
        ] {
            repository.write(path, text);
        }
        repository.tool(&["init"]).exits(0);
        repository
    }

    pub(super) fn root(&self) -> Utf8PathBuf {
        storage::path(&self.directory).join("repository")
    }

    pub(super) fn project(&self) -> Utf8PathBuf {
        self.root().join(self.below)
    }

    /// Writes a file relative to the repository's root.
    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// A file relative to the repository's root; empty if there is none.
    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap_or_default()
    }

    /// Changes pre-commit's configuration.
    #[track_caller]
    pub(super) fn configure(&self, edit: impl FnOnce(&str) -> String) {
        let before = self.read(CONFIGURATION);
        let after = edit(&before);
        assert_ne!(before, after);
        self.write(CONFIGURATION, &after);
    }

    /// Writes a lock file that pins this release.
    pub(super) fn pin(&self, release: &str) {
        let text = format!(
            "version = 1\n\n[[package]]\nname = \"procrastinate\"\nversion = \"{release}\"\nsource = {{ registry = \
             \"https://pypi.org/simple\" }}\n"
        );
        fs::write(self.project().join("uv.lock"), text).expect("a file can be written");
    }

    /// Installs a release into an environment relative to the project, in place of what is there.
    pub(super) fn install(&self, environment: &str, release: &str) -> Utf8PathBuf {
        self.install_wheel(environment, &releases::wheel(release))
    }

    /// The same for any wheel.
    pub(super) fn install_wheel(&self, environment: &str, wheel: &Utf8Path) -> Utf8PathBuf {
        let environment = self.project().join(environment);
        if !environment.exists() {
            let venv = ["-m", "venv", "--without-pip"];
            run(python::python().args(venv).arg(&environment)).exits(0);
        }
        let environment = environment.canonicalize_utf8().expect("it was made");
        run(python::python()
            .args(["-m", "pip", "--python"])
            .arg(environment.join("bin/python"))
            .args(["install", "--quiet", "--no-deps"])
            .arg(wheel))
        .exits(0);
        environment
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>, path: &[&Utf8Path]) -> Command {
        let mut command = hook().command(program, path);
        command.current_dir(self.root());
        command
    }

    #[track_caller]
    pub(super) fn git(&self, arguments: &[&str]) -> Outcome {
        run(self.command("git", &[]).args(arguments))
    }

    /// pre-commit, as in a shell where no environment is active.
    #[track_caller]
    pub(super) fn pre_commit(&self, arguments: &[&str]) -> Outcome {
        run(self
            .command(python::bin().join("pre-commit"), &[])
            .args(arguments))
    }

    /// pre-commit, as in a shell where this environment is active.
    #[track_caller]
    pub(super) fn active_in(&self, environment: &Utf8Path, arguments: &[&str]) -> Outcome {
        run(self
            .command(
                python::bin().join("pre-commit"),
                &[&environment.join("bin")],
            )
            .env("VIRTUAL_ENV", environment)
            .args(arguments))
    }

    /// The program of the tests, in the project.
    #[track_caller]
    pub(super) fn tool(&self, arguments: &[&str]) -> Outcome {
        run(self
            .command(env!("CARGO_BIN_EXE_vendor-migrations"), &[])
            .current_dir(self.project())
            .args(arguments))
    }

    pub(super) fn commits(&self) -> usize {
        let log = self.git(&["log", "--oneline"]).exits(0).stdout;
        log.lines().count()
    }

    /// Every file with its bytes, but for git's own and installed packages.
    pub(super) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let left_out = [".git", ".venv"];
        WalkDir::new(self.root())
            .into_iter()
            .filter_entry(|entry| !left_out.iter().any(|name| entry.file_name() == *name))
            .map(|entry| entry.expect("the repository can be read"))
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let bytes = fs::read(entry.path()).expect("it can be read");
                (entry.path().to_string_lossy().into_owned(), bytes)
            })
            .collect()
    }
}
