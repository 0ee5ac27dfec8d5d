//! A small Alembic project, and the program run in it with nothing of the caller's environment.

use std::ffi::OsStr;
use std::process::Command;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;
use vendor_migrations::vendored::{Exclusive, VendoredError};

use super::releases::{FIRST_PY, SECOND_PY, THIRD_PY, three};
use super::{Outcome, Package, Snapshot, put};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_vendor-migrations");

const INI: &str = "[alembic]\nscript_location = alembic\npath_separator = ;\n\
                   version_locations = alembic/versions;alembic/versions_procrastinate\n";

/// A project in a temporary directory, beside a cache directory and an empty PATH.
pub(crate) struct Project {
    workspace: TempDir,
    pub(crate) root: Utf8PathBuf,
}

const ENV: &str = "from alembic import context\n\nfrom app import engine\n\n\
                   with engine.connect() as connection:\n    context.configure(connection=connection)\n    \
                   with context.begin_transaction():\n        context.run_migrations()\n";

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self::bare();
        put(&project.root.join("alembic.ini"), INI);
        put(&project.root.join("alembic/env.py"), ENV);
        put(&project.root.join("alembic/versions/.keep"), "");
        project
    }

    /// A project with a release vendored.
    #[track_caller]
    pub(crate) fn with(package: &Package) -> Self {
        let project = Self::new();
        project.sync(package, &[]).exits(0);
        project
    }

    /// A project that is wrong in many ways.
    pub(crate) fn damaged() -> Self {
        let project = Self::with(&three());
        project.edit(SECOND_PY);
        project.remove(FIRST_PY);
        project.write("mine.py", "revision = 'mine'\ndown_revision = None\n");
        let text = project.text(THIRD_PY).replace('\n', "\r\n");
        project.write(THIRD_PY, text);
        project.remove(".gitattributes");
        project
    }

    /// An empty directory.
    pub(crate) fn bare() -> Self {
        let workspace = TempDir::new().unwrap();
        let real = dunce::canonicalize(workspace.path()).unwrap();
        let root = Utf8PathBuf::from_path_buf(real).unwrap().join("project");
        std::fs::create_dir(&root).unwrap();
        let project = Self { workspace, root };
        std::fs::create_dir(project.programs()).unwrap();
        project
    }

    /// A path beside the project.
    pub(crate) fn beside(&self, name: &str) -> Utf8PathBuf {
        self.root.with_file_name(name)
    }

    /// The only directory on the PATH.
    pub(crate) fn programs(&self) -> Utf8PathBuf {
        self.beside("programs")
    }

    pub(crate) fn cache(&self) -> Utf8PathBuf {
        self.beside("cache")
    }

    pub(crate) fn vendored(&self) -> Utf8PathBuf {
        self.root.join("alembic/versions_procrastinate")
    }

    pub(crate) fn lock_path(&self) -> Utf8PathBuf {
        self.vendored().join("vendor-migrations.lock")
    }

    #[track_caller]
    pub(crate) fn lock(&self) -> String {
        std::fs::read_to_string(self.lock_path()).unwrap()
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.vendored().join(name)).unwrap()
    }

    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        put(&self.vendored().join(name), bytes);
    }

    /// Adds a line to a vendored file.
    pub(crate) fn edit(&self, name: &str) {
        let text = self.text(name) + "# mine\n";
        self.write(name, text);
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.vendored().join(name)).unwrap();
    }

    /// `id` and `down` of every revision in the lock, in order; the base's `down` is empty.
    pub(crate) fn chain(&self) -> Vec<(String, String)> {
        let downs = self.locked("down");
        self.ids().into_iter().zip(downs).collect()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.locked("id")
    }

    pub(crate) fn locked_files(&self) -> Vec<String> {
        self.locked("file")
    }

    /// One value of every revision in the lock, in order.
    fn locked(&self, key: &str) -> Vec<String> {
        let lock: toml::Table = toml::from_str(&self.lock()).unwrap();
        let revisions = lock["revision"].as_array().unwrap().iter();
        revisions
            .map(|revision| {
                let value = revision.get(key).and_then(toml::Value::as_str);
                value.unwrap_or_default().to_owned()
            })
            .collect()
    }

    pub(crate) fn tree(&self) -> Snapshot {
        Snapshot::of(&self.root)
    }

    /// The vendored directory only.
    pub(crate) fn vendored_tree(&self) -> Snapshot {
        Snapshot::of(&self.vendored())
    }

    /// A command with a scrubbed environment, in the project's root.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", self.programs())
            .env("HOME", self.beside("home"))
            .env("XDG_CACHE_HOME", self.cache())
            // Where Windows keeps what is the user's.
            .env("LOCALAPPDATA", self.beside("local"))
            .current_dir(&self.root);
        #[cfg(windows)]
        command.env("TEMP", std::env::temp_dir());
        command
    }

    /// The program with some arguments.
    pub(crate) fn tool(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(PROGRAM);
        command.args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        outcome(&mut self.tool(arguments))
    }

    /// Installs the release into a directory beside the project, and says which.
    pub(crate) fn install(&self, package: &Package) -> Utf8PathBuf {
        let number = self.workspace.path().read_dir().unwrap().count();
        let site = self.beside(&format!("site-{number}"));
        package.install(&site);
        site
    }

    /// One command against a release.
    pub(crate) fn against(&self, package: &Package, command: &str, options: &[&str]) -> Outcome {
        let site = self.install(package);
        self.run(&[&[command, "--from", site.as_str()], options].concat())
    }

    pub(crate) fn sync(&self, package: &Package, options: &[&str]) -> Outcome {
        self.against(package, "sync", options)
    }

    pub(crate) fn check(&self, package: &Package, options: &[&str]) -> Outcome {
        self.against(package, "check", options)
    }

    /// Runs `sync`, which must fail, name the facts, and leave the project as it was.
    #[track_caller]
    pub(crate) fn sync_fails(&self, source: &Utf8Path, facts: &[&str]) {
        let before = self.tree();
        self.run(&["sync", "--from", source.as_str()]).fails(facts);
        before.assert_untouched(&self.tree());
    }

    /// Runs `sync`, which must refuse, name the facts, and leave the project as it was.
    #[track_caller]
    pub(crate) fn sync_refuses(&self, package: &Package, options: &[&str], facts: &[&str]) {
        let before = self.tree();
        self.sync(package, options).refuses(facts);
        before.assert_untouched(&self.tree());
    }

    /// Runs `sync` on a release, which must succeed.
    #[track_caller]
    pub(crate) fn syncs(&self, package: &Package, options: &[&str]) -> Outcome {
        let outcome = self.sync(package, options);
        outcome.exits(0);
        outcome
    }
}

/// What a run holds that writes to the directory.
pub(crate) fn held(directory: &Utf8Path) -> Exclusive {
    let waits = || panic!("nobody else is at work");
    Exclusive::of::<VendoredError>(directory, Duration::ZERO, waits).unwrap()
}

pub(crate) fn outcome(command: &mut Command) -> Outcome {
    command.output().unwrap().into()
}

/// A chain as [`Project::chain`] gives it.
pub(crate) fn pairs(chain: &[(&str, &str)]) -> Vec<(String, String)> {
    chain
        .iter()
        .map(|(id, down)| ((*id).to_owned(), (*down).to_owned()))
        .collect()
}
