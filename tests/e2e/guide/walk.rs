//! Does what a page says, as its reader would, in a project with an activated environment.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command as Process;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use super::markdown::{Block, Command, Kind, Scenario};
use super::shown;
use crate::database::takes_all;
use crate::support::database::{Database, Driver};
use crate::support::layouts;
use crate::support::package::{Package, Wheel};
use crate::support::process::{run, scrub};
use crate::support::{python, releases, storage};
use crate::wheel::built;

/// A release that ships revision files, made by the tests.
const WITH_REVISIONS: &str = "3.90.0";
/// The next one, which changed the SQL of a migration.
const WITH_CHANGED_SQL: &str = "3.91.0";
/// That migration.
const CHANGED: &str = "03.04.00_50_post_add_retry_failed_job_procedure.sql";

/// What a page has for the URL of the reader's database: that of `alembic init`, and its own.
const PLACEHOLDERS: [(&str, Driver); 4] = [
    ("driver://user:pass@localhost/dbname", Driver::Psycopg),
    ("postgresql+psycopg://localhost/app", Driver::Psycopg),
    ("postgresql+psycopg2://localhost/app", Driver::Psycopg2),
    ("postgresql+asyncpg://localhost/app", Driver::Asyncpg),
];

/// A directory with an environment in `.venv` that has Alembic and the drivers, and a database.
struct Reader {
    directory: TempDir,
    database: Database,
    made: Vec<Wheel>,
    /// The directory with this program's own wheel, where the page installs it.
    program: Option<Utf8PathBuf>,
}

/// Runs all blocks of a scenario in order, on the first of its Alembics; `WHOLE_MATRIX` takes each of them.
pub(super) fn walk(scenario: &Scenario) {
    let number = if takes_all() { usize::MAX } else { 1 };
    for version in scenario.alembic.iter().take(number) {
        let mut reader = Reader::new(version);
        for block in &scenario.blocks {
            reader.follow(block, version);
        }
    }
}

impl Reader {
    fn new(alembic: &str) -> Self {
        let reader = Self {
            directory: storage::temporary(),
            database: Database::new(),
            made: Vec::new(),
            program: None,
        };
        fs::create_dir(reader.root()).expect("a directory can be made");
        let programs = python::alembic_environment(alembic);
        reader.make_environment(&programs);
        reader
    }

    fn root(&self) -> Utf8PathBuf {
        storage::path(&self.directory).join("app")
    }

    /// `.venv` as `pip install` fills it, but that Alembic and the drivers lie in an environment that outlives the test.
    fn make_environment(&self, alembic: &Utf8Path) {
        let venv = self.root().join(".venv");
        run(python::python().args(["-m", "venv", "--without-pip", venv.as_str()])).exits(0);
        let probe = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let site_packages = |python: &Utf8Path| {
            let mut command = Process::new(python);
            let found = run(scrub(&mut command).args(["-c", probe])).exits(0);
            Utf8PathBuf::from(found.stdout.trim())
        };
        let own = site_packages(&venv.join("bin/python"));
        let shared = site_packages(alembic);
        fs::write(own.join("shared.pth"), format!("{shared}\n")).expect("a file can be written");
        for entry in shared.read_dir_utf8().expect("it can be read") {
            let entry = entry.expect("it can be read");
            // What tells the tool which Alembic is installed has to lie where `pip install` puts it.
            if entry.file_name().starts_with("alembic") {
                symlink(entry.path(), own.join(entry.file_name())).expect("a link can be made");
            }
        }
        program(
            &venv.join("bin/alembic"),
            &format!(
                "#!{venv}/bin/python\nimport sys\nfrom alembic.config import main\nsys.exit(main(prog=\"alembic\"))\n"
            ),
        );
        program(
            &venv.join("bin/pip"),
            &format!(
                "#!/bin/sh\nexec {} -m pip --python {venv}/bin/python \"$@\"\n",
                python::bin().join("python")
            ),
        );
    }

    fn follow(&mut self, block: &Block, alembic: &str) {
        match &block.kind {
            Kind::Console { status } => {
                let commands = block.commands();
                let last = commands.len().saturating_sub(1);
                for (index, command) in commands.iter().enumerate() {
                    let status = if index == last { *status } else { 0 };
                    self.execute(command, status, alembic);
                }
            }
            Kind::Settings { file } => self.set(file, &block.text),
            Kind::File { path, language } => self.write(path, language, &block.text),
            Kind::Shown { path } => {
                let text =
                    fs::read_to_string(self.root().join(path)).expect("the page shows a file");
                let shown: Vec<String> = block.text.lines().map(str::to_owned).collect();
                if let Err(difference) = shown::compare(&shown, &text) {
                    panic!("line {}: {difference}\nin {path}:\n{text}", block.line);
                }
            }
        }
    }

    fn execute(&mut self, command: &Command, status: i32, alembic: &str) {
        self.provide(&command.text);
        let mut shell = self.shell(&command.text);
        let outcome = run(&mut shell);
        let place = format!("line {} on Alembic {alembic}", command.line);
        assert_eq!(outcome.status, Some(status), "{place}: {outcome}");
        // The program's data and its messages, in the order in which they are read on a terminal.
        let printed = format!("{}{}", outcome.stderr, outcome.stdout);
        if let Err(difference) = shown::compare(&command.shown, &printed) {
            panic!("{place}: {difference}\nof {outcome}");
        }
        self.name_the_database();
    }

    fn shell(&self, text: &str) -> Process {
        let root = self.root();
        let tool = Utf8Path::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        let tool = tool.parent().expect("a program lies in a directory");
        let path = std::env::var("PATH").unwrap_or_default();
        let wheels = releases::wheel("3.10.0");
        let wheels = wheels.parent().expect("a wheel lies in a directory");
        let made = self.made.iter().filter_map(|wheel| wheel.path.parent());
        let program = self.program.as_deref();
        let links: Vec<&str> = std::iter::once(wheels)
            .chain(made)
            .chain(program)
            .map(Utf8Path::as_str)
            .collect();
        let mut command = Process::new("sh");
        scrub(&mut command)
            .env(
                "PATH",
                format!(
                    "{root}/.venv/bin:{tool}:{}:{path}",
                    self.database.programs()
                ),
            )
            .env("URL", self.database.libpq_url())
            .env(
                "XDG_CACHE_HOME",
                storage::path(&self.directory).join("cache"),
            )
            .env("DATABASE_URL", self.database.url(Driver::Psycopg))
            .env("PIP_NO_INDEX", "1")
            .env("PIP_NO_DEPS", "1")
            .env("PIP_QUIET", "1")
            .env("PIP_FIND_LINKS", links.join(" "))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .current_dir(&root)
            // Both streams in one, as a terminal has them.
            .args(["-c", &format!("exec 2>&1; {text}")]);
        if let Some(program) = program {
            let outside = storage::path(&self.directory);
            command
                .env("PATH", format!("{root}/.venv/bin:{}:{path}", python::bin()))
                .env("UV_FIND_LINKS", program)
                .env("UV_NO_INDEX", "1")
                .env("UV_CACHE_DIR", storage::uv_cache())
                .env("UV_PYTHON", python::bin().join("python"))
                .env("UV_TOOL_DIR", outside.join("tools"))
                .env("UV_TOOL_BIN_DIR", outside.join("bin"));
        }
        command
    }

    /// Fetches, or makes, what the command will ask the package index for.
    fn provide(&mut self, command: &str) {
        for (_, release) in command.match_indices("procrastinate==").map(|(at, name)| {
            let rest = &command[at + name.len()..];
            let end = rest.find(|char: char| !(char.is_ascii_digit() || char == '.'));
            (at, &rest[..end.unwrap_or(rest.len())])
        }) {
            if [WITH_REVISIONS, WITH_CHANGED_SQL].contains(&release) {
                let package = Package::unpack("3.10.0");
                layouts::CONTRIB.add_to(&package);
                if release == WITH_CHANGED_SQL {
                    let sql = package.read_migration(CHANGED);
                    package.write_migration(CHANGED, &format!("{sql}\nSELECT 1;\n"));
                }
                self.made.push(package.release(release).wheel());
            } else {
                releases::wheel(release);
            }
        }
        if command.contains("install vendor-migrations") {
            let wheel = built::wheel();
            let directory = storage::path(&self.directory).join("wheels");
            fs::create_dir_all(&directory).expect("a directory can be made");
            let name = wheel.file_name().expect("a wheel has a name");
            fs::copy(wheel, directory.join(name)).expect("the wheel can be copied");
            self.program = Some(directory);
        }
    }

    /// Puts settings where a reader would: in place of the line that is there, commented or not, else below the
    /// section's heading.
    fn set(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        let Ok(before) = fs::read_to_string(&path) else {
            fs::write(path, text).expect("the project can be written");
            return self.name_the_database();
        };
        let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
        let mut settings: Vec<Vec<String>> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('[')) {
            match settings.last_mut() {
                Some(setting) if line.starts_with(' ') => setting.push(line.to_owned()),
                _ => settings.push(vec![line.to_owned()]),
            }
        }
        for setting in settings {
            let key = setting[0].split('=').next().unwrap_or_default().trim();
            let is_key = |line: &String, start: &str| {
                line.strip_prefix(start)
                    .and_then(|line| line.strip_prefix(key))
                    .is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            let at = lines
                .iter()
                .position(|line| is_key(line, ""))
                .or_else(|| lines.iter().position(|line| is_key(line, "# ")));
            match at {
                Some(at) => lines.splice(at..=at, setting),
                None => {
                    let heading = lines.iter().position(|line| line == "[alembic]");
                    let at = heading.expect("the file has Alembic's section") + 1;
                    lines.splice(at..at, setting)
                }
            };
        }
        fs::write(path, lines.join("\n") + "\n").expect("the project can be written");
        self.name_the_database();
    }

    /// A Python file is written whole; everything else is added to what is there.
    fn write(&self, path: &str, language: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("a directory");
        let before = match language {
            "python" => String::new(),
            _ => fs::read_to_string(&path).unwrap_or_default(),
        };
        fs::write(path, before + text).expect("the project can be written");
        self.name_the_database();
    }

    /// Puts the database's URL in place of what stands for it on the page.
    fn name_the_database(&self) {
        let files = walkdir::WalkDir::new(self.root()).into_iter();
        let files =
            files.filter_entry(|entry| entry.file_name() != ".venv" && entry.file_name() != ".git");
        for entry in files {
            let entry = entry.expect("the project can be read");
            let Some(path) = Utf8Path::from_path(entry.path()) else {
                continue;
            };
            if !matches!(path.extension(), Some("ini" | "py" | "toml")) {
                continue;
            }
            let before = fs::read_to_string(path).expect("the project can be read");
            let mut text = before.clone();
            for (placeholder, driver) in PLACEHOLDERS {
                let url = self.database.url(driver);
                let url = match path.extension() {
                    Some("ini") => url.replace('%', "%%"),
                    _ => url,
                };
                text = text.replace(placeholder, &url);
            }
            if text != before {
                fs::write(path, text).expect("the project can be written");
            }
        }
    }
}

fn program(path: &Utf8Path, text: &str) {
    fs::write(path, text).expect("the environment can be written");
    fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
}
