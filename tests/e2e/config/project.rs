//! A case on disk, and what this program makes of it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use vendor_migrations::alembic::config::find::{Wanted, find};
use vendor_migrations::alembic::config::{AlembicConfig, ConfigError, Rules, Versions};
use vendor_migrations::environment::Environments;

use super::super::support::storage;
use super::Case;

/// What Alembic is asked.
#[derive(Serialize)]
pub(super) struct Question {
    directory: Utf8PathBuf,
    args: Vec<String>,
    sites: Vec<Utf8PathBuf>,
}

/// What Alembic makes of it, and what this program does.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Answer {
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
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Refused { .. }, Self::Refused { .. }) => true,
            (one, other) => one == other,
        }
    }
}

/// A case on disk.
pub(super) struct Project {
    pub(super) case: &'static Case,
    directory: TempDir,
}

impl Project {
    pub(super) fn new(case: &'static Case, alembic: &Utf8Path) -> Self {
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

    pub(super) fn question(&self) -> Question {
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

    pub(super) fn ours(&self, version: &str) -> Answer {
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
            script_location: None,
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
