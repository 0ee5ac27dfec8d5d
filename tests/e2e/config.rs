//! Where Alembic keeps its scripts: every configuration of the matrix, asked of the real Alembic in eight versions, and
//! of this program.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use vendor_migrations::alembic::config::find::{Wanted, find};
use vendor_migrations::alembic::config::{AlembicConfig, ConfigError, Rules, Versions};
use vendor_migrations::environment::Environments;

use super::support::process::{feed, run, scrub};
use super::support::{python, storage};

/// A configuration: a small project, and how alembic is run in it.
struct Case {
    name: &'static str,
    /// Paths and texts; `{root}` in a text is the project's root.
    files: &'static [(&'static str, &'static str)],
    /// `-c` and `-n`.
    args: &'static [&'static str],
    /// Below the project: its own root, and where alembic is run.
    root: &'static str,
    runs_in: &'static str,
}

impl Case {
    /// One that is run where it lies.
    const fn new(
        name: &'static str,
        files: &'static [(&'static str, &'static str)],
        args: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            files,
            args,
            root: "",
            runs_in: "",
        }
    }

    /// One that is run in `runs_in`, while `root` is taken for the project.
    const fn within(mut self, root: &'static str, runs_in: &'static str) -> Self {
        self.root = root;
        self.runs_in = runs_in;
        self
    }
}

/// An `alembic.ini` whose scripts are in `alembic`, and its further lines.
macro_rules! ini {
    ($name:literal, $($line:literal),*) => {
        Case::new(
            $name,
            &[
                ("alembic.ini", concat!("[alembic]\nscript_location = alembic\n", $($line, "\n"),*)),
                ("alembic/env.py", ""),
            ],
            &[],
        )
    };
}

/// A path among the packages in a project's environment.
macro_rules! concat_site {
    ($path:literal) => {
        concat!(".venv/lib/python3.11/site-packages/", $path)
    };
}

// The macros have to come first.
mod files;
mod lists;
mod packages;
mod places;
mod toml;

/// What Alembic is asked.
#[derive(Serialize)]
struct Question {
    directory: Utf8PathBuf,
    args: Vec<String>,
    sites: Vec<Utf8PathBuf>,
}

/// What Alembic makes of it, and what this program does.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Answer {
    Refused {
        refused: String,
    },
    Accepted {
        dir: Utf8PathBuf,
        locations: Vec<Utf8PathBuf>,
        recursive: bool,
        prepended: Vec<String>,
    },
}

impl Answer {
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Refused { .. }, Self::Refused { .. }) => true,
            (one, other) => one == other,
        }
    }
}

#[test]
fn locations_are_those_of_alembic_1_8() {
    compare("1.8.1");
}

#[test]
fn locations_are_those_of_alembic_1_12() {
    compare("1.12.1");
}

#[test]
fn locations_are_those_of_alembic_1_13() {
    compare("1.13.3");
}

#[test]
fn locations_are_those_of_alembic_1_14() {
    compare("1.14.1");
}

#[test]
fn locations_are_those_of_alembic_1_15() {
    compare("1.15.2");
}

#[test]
fn locations_are_those_of_alembic_1_16() {
    compare("1.16.5");
}

#[test]
fn locations_are_those_of_alembic_1_18() {
    compare("1.18.5");
}

#[test]
fn locations_are_those_of_the_newest_alembic() {
    compare("1.20.1");
}

/// The first and the last patch of what changed within a minor version.
#[test]
fn locations_are_those_of_the_versions_around_a_change() {
    for version in ["1.9.4", "1.10.4", "1.13.2", "1.16.0", "1.16.3", "1.17.2"] {
        compare(version);
    }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    let all = [
        files::CASES,
        lists::CASES,
        packages::CASES,
        places::CASES,
        toml::CASES,
    ];
    all.into_iter().flatten()
}

/// Asks Alembic once for all cases, and this program for each.
fn compare(version: &str) {
    let python = python::alembic_environment(version);
    let metadata = run(scrub(std::process::Command::new(&python).args([
        "-c",
        "from importlib.metadata import distribution as d; print(d('alembic')._path)",
    ])))
    .exits(0)
    .stdout;
    let metadata = Utf8Path::new(metadata.trim());
    let projects: Vec<Project> = cases().map(|case| Project::new(case, metadata)).collect();
    let questions: Vec<Question> = projects.iter().map(Project::question).collect();
    let script = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/locations.py");
    let mut command = std::process::Command::new(&python);
    let input = serde_json::to_vec(&questions).expect("questions are JSON");
    let output = feed(scrub(&mut command).arg(script), &input).exits(0);
    let answers: Vec<Answer> = serde_json::from_str(&output.stdout).expect("answers are JSON");
    assert_eq!(answers.len(), projects.len());
    let mut faults = String::new();
    let mut refused = 0;
    for (project, answer) in projects.iter().zip(&answers) {
        let ours = project.ours(version);
        refused += usize::from(matches!(answer, Answer::Refused { .. }));
        if !ours.agrees(answer) {
            let name = project.case.name;
            faults += &format!("{name}\n  Alembic {version}: {answer:?}\n  ours: {ours:?}\n");
        }
    }
    assert!(faults.is_empty(), "{faults}");
    let all = projects.len();
    assert!(
        refused > 10 && all - refused > 30,
        "{refused} of {all} are refused: the cases test only one side"
    );
}

/// A case on disk.
struct Project {
    case: &'static Case,
    directory: TempDir,
}

impl Project {
    fn new(case: &'static Case, alembic: &Utf8Path) -> Self {
        let project = Self {
            case,
            directory: storage::temporary(),
        };
        let root = project.path("");
        for (name, text) in case.files {
            let text = text.replace("{root}", root.as_str());
            put(&root.join(name), text.as_bytes());
        }
        let name = alembic.file_name().expect("it has a name");
        let metadata = fs::read(alembic.join("METADATA")).expect("Alembic has its metadata");
        put(&project.site().join(name).join("METADATA"), &metadata);
        for directory in [project.path(case.root), project.path(case.runs_in)] {
            fs::create_dir_all(directory).expect("a directory can be made");
        }
        project
    }

    fn path(&self, below: &str) -> Utf8PathBuf {
        let real = storage::path(&self.directory)
            .canonicalize_utf8()
            .expect("the temporary directory is there");
        // A blank in a path must not surprise anybody.
        let root = real.join("the project");
        if below.is_empty() {
            root
        } else {
            root.join(below)
        }
    }

    fn site(&self) -> Utf8PathBuf {
        self.path(self.case.root).join(concat_site!(""))
    }

    fn question(&self) -> Question {
        let args = self.case.args.iter();
        Question {
            directory: self.path(self.case.runs_in),
            args: args.map(|argument| self.argument(argument)).collect(),
            sites: vec![self.site()],
        }
    }

    /// A path among Alembic's options is relative to where it is run.
    fn argument(&self, argument: &str) -> String {
        argument.replace("{root}", self.path("").as_str())
    }

    fn ours(&self, version: &str) -> Answer {
        let root = self.path(self.case.root);
        let mut args = BTreeMap::new();
        for pair in self.case.args.chunks(2) {
            args.insert(pair[0], self.argument(pair[1]));
        }
        let environments = Environments {
            project: root.clone(),
            ..Environments::default()
        };
        let config = args.get("-c").map(Utf8Path::new);
        let found = find(&Wanted {
            root: &root,
            config,
            section: args.get("-n").map_or("alembic", String::as_str),
            environments: &environments,
        });
        match found {
            Ok(found) => self.answer(found, version),
            Err(error) => refused(error),
        }
    }

    fn answer(&self, found: AlembicConfig, version: &str) -> Answer {
        let expected = Rules::Installed {
            version: version.parse().expect("it is a version"),
            place: ".venv".to_owned(),
        };
        assert_eq!(found.rules, expected, "{}", self.case.name);
        if let Versions::Undecidable { why, .. } = found.versions {
            // Alembic cannot work with the files alone, either.
            return Answer::Refused { refused: why };
        }
        if let Some(refusal) = found.refusals.first() {
            return Answer::Refused {
                refused: format!("{refusal:?}"),
            };
        }
        let locations = found.versions.locations().iter();
        let locations: Result<Vec<Utf8PathBuf>, _> = locations
            .map(|location| location.resolved.clone())
            .collect();
        match (found.script_location.resolved, locations) {
            (Ok(dir), Ok(locations)) => Answer::Accepted {
                dir,
                locations,
                recursive: found.recursive,
                prepended: found.prepend_sys_path,
            },
            (Err(why), _) | (_, Err(why)) => Answer::Refused {
                refused: why.to_string(),
            },
        }
    }
}

fn refused(error: ConfigError) -> Answer {
    Answer::Refused {
        refused: error.to_string(),
    }
}

fn put(path: &Utf8Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("it lies in the project")).expect("it can be made");
    fs::write(path, bytes).expect("the project can be written");
}
