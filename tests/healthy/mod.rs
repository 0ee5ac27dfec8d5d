//! Healthy projects, laid out as common templates are: `check` has nothing to say of them, and Alembic runs all their revisions.
//!
//! Each is a text file: what it is, how it is used, and its files, each behind a line `-- NAME --`. How it is used:
//!
//! | line | meaning |
//! |---|---|
//! | `project: backend` | the vendoring project's directory in the repository; else its root |
//! | `init: --history linear` | options of `init`; `none` if nothing is left to wire |
//! | `alembic: 1.20.1` | the only Alembic that reads its syntax |
//! | `in: elsewhere` | where its commands run; else in the project |
//! | `path: src` | what is on Python's path, as if it was installed |
//! | `env: NAME=value` | a variable of its commands |
//! | `run: alembic heads` | a command that shows heads or prints SQL; else `alembic heads` and `alembic upgrade heads --sql` |
//! | `writes: x.sql` | files in which its commands put SQL |
//! | `own: a1 a2` | the revisions of its own |

use camino::{Utf8Path, Utf8PathBuf};

const KEYS: [&str; 9] = [
    "project", "init", "alembic", "in", "path", "env", "run", "writes", "own",
];

#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) name: String,
    settings: Vec<(String, String)>,
    files: Vec<(String, String)>,
}

/// All of them, by name.
pub(crate) fn setups() -> Vec<Setup> {
    let directory = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/healthy");
    let entries = directory.read_dir_utf8().expect("it is there");
    let mut paths: Vec<Utf8PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").into_path())
        .filter(|path| path.extension() == Some("txt"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 25, "{paths:?}");
    paths.iter().map(|path| Setup::read(path)).collect()
}

impl Setup {
    fn read(path: &Utf8Path) -> Self {
        let mut setup = Self {
            name: path.file_stem().expect("it has a name").to_owned(),
            settings: Vec::new(),
            files: Vec::new(),
        };
        for line in fs_err::read_to_string(path)
            .expect("it can be read")
            .lines()
        {
            let file = line.strip_prefix("-- ");
            let setting = line.split_once(": ").filter(|(key, _)| KEYS.contains(key));
            match (file.and_then(|rest| rest.strip_suffix(" --")), setting) {
                (Some(name), _) => setup.files.push((name.to_owned(), String::new())),
                (None, Some((key, value))) if setup.files.is_empty() => {
                    setup.settings.push((key.to_owned(), value.to_owned()));
                }
                _ => {
                    if let Some((_, text)) = setup.files.last_mut() {
                        text.push_str(line);
                        text.push('\n');
                    }
                }
            }
        }
        setup
    }

    /// The values of a key: one a line.
    pub(crate) fn all(&self, key: &str) -> Vec<&str> {
        let settings = self.settings.iter().filter(|(name, _)| name == key);
        settings.map(|(_, value)| value.as_str()).collect()
    }

    /// The words of a key's values.
    pub(crate) fn words(&self, key: &str) -> Vec<&str> {
        let lines = self.all(key).into_iter();
        lines.flat_map(str::split_whitespace).collect()
    }

    /// Writes the repository, and gives the project's directory.
    pub(crate) fn write(&self, repository: &Utf8Path) -> Utf8PathBuf {
        let head = (".git/HEAD".to_owned(), "ref: refs/heads/main\n".to_owned());
        for (name, text) in self.files.iter().chain([&head]) {
            let path = repository.join(name);
            fs_err::create_dir_all(path.parent().expect("it lies in the repository"))
                .expect("it can be made");
            fs_err::write(path, text).expect("it can be written");
        }
        let below = self.words("project");
        repository.join(below.first().unwrap_or(&""))
    }

    /// The arguments of `init`; none if nothing is left to wire.
    pub(crate) fn init(&self) -> Option<Vec<&str>> {
        let options = self.words("init");
        (options != ["none"]).then(|| [vec!["init"], options].concat())
    }
}
