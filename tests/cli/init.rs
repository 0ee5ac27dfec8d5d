//! `init` on configurations of every format: it changes the lines that it must and no other, and Alembic then looks into
//! the vendored directory.

mod all_or_nothing;
mod behaviour;
mod ini_lines;
mod ini_lists;
mod ini_places;
mod ini_templates;
mod line_ends;
mod pre_commit;
mod toml;

use crate::support::releases::three;
use crate::support::{Project, put};

/// No Alembic is installed: the newest one's rules hold, and what is written suits all.
const UNKNOWN: &str = "";
/// All that is tried.
const VERSIONS: [&str; 7] = [
    UNKNOWN, "1.8.1", "1.13.1", "1.13.3", "1.15.2", "1.16.5", "1.20.1",
];
/// Those that know neither `path_separator` nor `pyproject.toml`.
const OLD: &[&str] = &["1.8.1", "1.13.1", "1.13.3", "1.15.2"];
/// Those of them that do not split at line ends, and those that do.
const OLDEST: &[&str] = &["1.8.1", "1.13.1"];
const LATER: &[&str] = &["1.13.3", "1.15.2"];
/// Those that do, and the rules that hold where none is known.
const NEW: &[&str] = &[UNKNOWN, "1.16.5", "1.20.1"];
const SPLITTING_LINES: &[&str] = &[UNKNOWN, "1.13.3", "1.15.2", "1.16.5", "1.20.1"];
const NEW_ONLY: &[&str] = &["1.16.5", "1.20.1"];
const UNKNOWN_ONLY: &[&str] = &[UNKNOWN];
const ALL: &[&str] = &VERSIONS;

/// One format: the files before, and what `init` makes of them under each Alembic.
struct Shape {
    files: Vec<(&'static str, String)>,
    options: &'static [&'static str],
    directory: &'static str,
    /// The lines that are taken away and added, in the order of the file.
    diffs: Vec<(&'static [&'static str], String)>,
    refused_by: &'static [&'static str],
}

fn shape(files: &[(&'static str, &str)]) -> Shape {
    Shape {
        files: files
            .iter()
            .map(|(file, text)| (*file, (*text).to_owned()))
            .collect(),
        options: &[],
        directory: "alembic/versions_procrastinate",
        diffs: Vec::new(),
        refused_by: &[],
    }
}

impl Shape {
    /// With `alembic/env.py`.
    fn ini(text: &str) -> Self {
        shape(&[("alembic.ini", text), ("alembic/env.py", "")])
    }

    fn options(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }

    fn directory(mut self, directory: &'static str) -> Self {
        self.directory = directory;
        self
    }

    fn gives(mut self, versions: &'static [&'static str], diff: &str) -> Self {
        self.diffs.push((versions, diff.to_owned()));
        self
    }

    /// An Alembic that does not read `pyproject.toml`.
    fn refused_by(mut self, versions: &'static [&'static str]) -> Self {
        self.refused_by = versions;
        self
    }

    /// Holds for every Alembic, and in a directory whose name has a blank.
    #[track_caller]
    fn holds(&self) {
        let tried: usize = self.diffs.iter().map(|(versions, _)| versions.len()).sum();
        let refused = self.refused_by.len();
        assert_eq!(tried + refused, VERSIONS.len(), "each Alembic once");
        for (versions, diff) in &self.diffs {
            for version in *versions {
                self.holds_for(version, diff);
            }
        }
        for version in self.refused_by {
            let project = self.project(version);
            let before = project.tree();
            let outcome = project.run(&["init"]);
            outcome.fails(&[version, "does not read", "pyproject.toml", "1.16"]);
            before.assert_untouched(&project.tree());
        }
    }

    #[track_caller]
    fn holds_for(&self, version: &str, diff: &str) {
        let project = self.project(version);
        let before = texts(&project);
        let tree = project.tree();
        let shown = self.run(&project, &["init", "--dry-run"]);
        tree.assert_untouched(&project.tree());
        let done = self.run(&project, &["init"]);
        let root = project.root.as_str();
        let changed = changed(&before, &texts(&project));
        assert_eq!(
            changed,
            diff.replace("ROOT", root),
            "Alembic {version:?}\n{done}"
        );
        // What is shown is what is done.
        assert_eq!(shown.out.replace("\nWould write ", "\nWrote "), done.out);
        for sign in ['-', '+'] {
            let lines = |text: &str| text.lines().filter(|line| line.starts_with(sign)).count();
            let headers = lines(&done.out) - lines(diff);
            assert_eq!(headers, 1, "{done}");
        }
        self.is_wired(&project, version == UNKNOWN);
    }

    /// Alembic finds the directory; another run changes nothing.
    #[track_caller]
    fn is_wired(&self, project: &Project, newest: bool) {
        let tree = project.tree();
        let again = self.run(project, &["init"]);
        again.out_has(&["Wired already"]);
        tree.assert_untouched(&project.tree());
        // `check` is of the same opinion, whether or not there is something to find.
        let unwired = ["[not-wired]", "[version-locations]", "[location-missing]"];
        project
            .run(&[&["check"], self.options].concat())
            .exits(1)
            .out_lacks(&unwired);
        if newest {
            project.syncs(&three(), self.options);
            let lock = project
                .root
                .join(self.directory)
                .join("vendor-migrations.lock");
            assert!(lock.is_file(), "{lock}");
            project
                .check(&three(), self.options)
                .exits(0)
                .out_lacks(&unwired);
        }
    }

    fn project(&self, version: &str) -> Project {
        let mut project = Project::bare();
        let root = project.beside("my project");
        std::fs::rename(&project.root, &root).unwrap();
        project.root = root;
        for (file, text) in &self.files {
            let text = text.replace("ROOT", project.root.as_str());
            put(&project.root.join(file), text);
        }
        if version != UNKNOWN {
            install_alembic(&project, version);
        }
        project
    }

    #[track_caller]
    fn run(&self, project: &Project, command: &[&str]) -> crate::support::Outcome {
        let outcome = project.run(&[command, self.options].concat());
        outcome.exits(0);
        outcome
    }
}

/// Makes it look as if this Alembic were installed in the project's environment.
fn install_alembic(project: &Project, version: &str) {
    let venv = project.root.join(".venv");
    put(&venv.join("pyvenv.cfg"), "home = /nowhere\n");
    let name = format!("lib/python3.12/site-packages/alembic-{version}.dist-info/METADATA");
    let text = format!("Metadata-Version: 2.1\nName: alembic\nVersion: {version}\n");
    put(&venv.join(name), text);
}

/// Every file by its path, but for the vendored directory's `.gitattributes`.
fn texts(project: &Project) -> Vec<(String, String)> {
    let paths = project.tree().paths().into_iter();
    let paths = paths.filter(|path| !path.ends_with("versions_procrastinate/.gitattributes"));
    paths
        .map(|path| {
            let text = std::fs::read_to_string(project.root.join(&path)).unwrap();
            (path, text)
        })
        .collect()
}

/// The lines that were taken away and added, file by file.
#[track_caller]
fn changed(before: &[(String, String)], after: &[(String, String)]) -> String {
    let paths = |files: &[(String, String)]| -> Vec<String> {
        files.iter().map(|(path, _)| path.clone()).collect()
    };
    assert_eq!(paths(before), paths(after), "no file comes or goes");
    let mut lines = String::new();
    for ((_, before), (_, after)) in before.iter().zip(after) {
        let diff = similar::TextDiff::from_lines(before.as_str(), after.as_str());
        for change in diff.iter_all_changes() {
            let sign = match change.tag() {
                similar::ChangeTag::Equal => continue,
                similar::ChangeTag::Delete => '-',
                similar::ChangeTag::Insert => '+',
            };
            lines.push(sign);
            lines.push_str(change.value());
            if !change.value().ends_with('\n') {
                lines.push_str("(no end)\n");
            }
        }
    }
    lines
}
