//! Adds the hook's entry to the repository's pre-commit configuration, if there is one.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Global;
use crate::escape::one_line;
use crate::failure::Failure;
use crate::links;
use crate::patch::FileChange;
use crate::place::slashed;
use crate::project::Project;
use crate::read;
use crate::report::init::{self as report, Done};
use crate::repository;
use crate::session::Output;
use crate::wiring::pre_commit::{Edit, Entry, HOOK, PROJECT};

/// pre-commit reads the first, prek both.
const NAMES: [&str; 2] = [".pre-commit-config.yaml", ".pre-commit-config.yml"];
/// In bytes. A longer file is no configuration.
const LONGEST: u64 = 1 << 20;

/// The configuration of the repository that the project lies in.
pub(super) struct PreCommit {
    /// Relative to the project.
    path: Utf8PathBuf,
    /// The project in the repository; empty if it is the repository's root.
    project: Utf8PathBuf,
    /// Its text; none if it cannot be read.
    text: Option<String>,
    entry: Entry,
    /// Why it was not edited.
    problem: Option<String>,
    hidden: bool,
    /// The file with the entry.
    pub(super) file: Option<FileChange>,
}

/// Looks for the configuration in the root of the repository; none if there is none. `directory` is the vendored one, and
/// `options` are those that the hook's program needs, too.
pub(super) fn look(
    project: &Project,
    directory: Option<&Utf8Path>,
    options: &[(&str, String)],
) -> Result<Option<PreCommit>, Failure> {
    let root = links::canonical(&project.root).map_err(Failure::Read)?;
    let repository = repository::root(&root).unwrap_or(&root);
    let below = root.strip_prefix(repository).unwrap_or(Utf8Path::new(""));
    let below = Utf8PathBuf::from(slashed(below.as_str()));
    let (name, below, is_read) = match (named(repository), named(&root)) {
        (Some(name), _) => (name, below, true),
        (None, Some(name)) => (name, Utf8PathBuf::new(), false),
        (None, None) => return Ok(None),
    };
    let mut found = PreCommit {
        path: Utf8PathBuf::from("../".repeat(below.components().count())).join(name),
        project: below.clone(),
        text: None,
        entry: entry(&below, directory, options),
        problem: None,
        hidden: false,
        file: None,
    };
    match text(&root.join(&found.path), repository) {
        Ok(text) => found.edit(text),
        Err(why) => found.problem = Some(why),
    }
    if found.file.is_some() && !is_read {
        // The program that reads it may run its hooks here or in the repository's root.
        found.file = None;
        found.problem = Some(format!(
            "it is not in the root of the repository, `{repository}`, where pre-commit looks for its configuration"
        ));
    }
    Ok(Some(found))
}

fn entry(below: &Utf8Path, directory: Option<&Utf8Path>, options: &[(&str, String)]) -> Entry {
    let project = Some((PROJECT, below.as_str())).filter(|(_, below)| !below.is_empty());
    let options = options
        .iter()
        .map(|(option, value)| (*option, value.as_str()));
    let options = project.into_iter().chain(options);
    Entry {
        args: options
            .flat_map(|(option, value)| match value.starts_with('-') {
                // As a word of its own it would be read as an option.
                true => vec![format!("{option}={value}")],
                false => vec![option.to_owned(), value.to_owned()],
            })
            .collect(),
        directory: directory.map(|directory| slashed(below.join(directory))),
    }
}

/// The configuration's name in a directory that has one.
fn named(directory: &Utf8Path) -> Option<&'static str> {
    let is_there = |name: &&str| directory.join(name).symlink_metadata().is_ok();
    NAMES.into_iter().find(is_there)
}

/// The options of this run that the hook needs as well, as every system reads them.
pub(super) fn options(global: &Global) -> Vec<(&'static str, String)> {
    let root = links::canonical(global.root());
    let root = root.as_deref().unwrap_or(global.root());
    let config = global.config.as_deref().map(|config| {
        // On another machine the project has another path.
        let inner = config.strip_prefix(root).unwrap_or(config);
        ("--config", slashed(inner.as_str()))
    });
    let section = Some(("--name", global.name.clone())).filter(|(_, name)| name != "alembic");
    let scripts = global.script_location.as_deref();
    let scripts = scripts.map(|directory| ("--script-location", slashed(directory.as_str())));
    config.into_iter().chain(scripts).chain(section).collect()
}

/// The text of a regular file in the repository; the error is why there is none.
fn text(path: &Utf8Path, repository: &Utf8Path) -> Result<String, String> {
    let words = |error: io::Error| error.kind().to_string();
    let metadata = path.metadata().map_err(words)?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let real = links::canonical(path).map_err(words)?;
    if !real.starts_with(repository) {
        return Err(format!(
            "it is a link to `{real}`, outside of the repository"
        ));
    }
    if metadata.len() > LONGEST {
        return Err("it is longer than a configuration should be".to_owned());
    }
    String::from_utf8(read::bytes(path).map_err(words)?)
        .map_err(|_| "it is not UTF-8 text".to_owned())
}

impl PreCommit {
    fn edit(&mut self, text: String) {
        match self.entry.added_to(&text) {
            Ok(Edit::Present) => {}
            Ok(Edit::Hidden) => self.hidden = true,
            Ok(Edit::Added(after)) => {
                self.file = Some(FileChange::of_text(&self.path, Some(text.clone()), after));
            }
            // pre-commit's parser may accept what this one refuses.
            Err(_) if is_named(&text) => {}
            Err(why) => self.problem = Some(why.to_string()),
        }
        self.text = Some(text);
    }

    /// Prints what the user has to do.
    pub(super) fn advise(&self, done: &mut Done, output: &mut Output<'_>) -> Result<(), Failure> {
        let path = one_line(self.path.as_str());
        if let Some(why) = &self.problem {
            output.note(&format!("`{path}` was not edited: {why}"))?;
            let hides = |line: &str| line.starts_with("exclude:") || line.starts_with("files:");
            let always_run = self.text.iter().any(|text| text.lines().any(hides));
            let step = report::hook(&path, &self.entry.lines(always_run));
            done.leave(output.out, Some(step))?;
        }
        if self.hidden {
            let text = format!(
                "`exclude` or `files` at the top of `{path}` may hide vendored files from `{HOOK}`: give that hook \
                 `always_run: true`"
            );
            output.note(&text)?;
        }
        Ok(())
    }

    /// The pattern that keeps other hooks away from a directory of the project, if there are any, and the configuration does not name it.
    pub(super) fn exclude(&self, directory: &Utf8Path) -> Option<report::Exclude> {
        let names = |text: &String| text.contains(directory.as_str());
        let named = self.text.as_ref().is_some_and(names);
        let directory = slashed(self.project.join(directory));
        let has_others = self.text.as_deref().is_some_and(has_other_hooks);
        (has_others && !named).then(|| report::Exclude {
            path: self.path.to_string(),
            pattern: format!("^{}/", pattern(&directory)),
        })
    }
}

/// Whether a line outside of comments names the hook.
fn is_named(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|line| !line.starts_with('#') && line.contains(HOOK))
}

/// Whether it has a hook that is not this program's.
fn has_other_hooks(text: &str) -> bool {
    let lines = text
        .lines()
        .map(|line| line.trim_start_matches([' ', '-', '{']));
    let mut ids = lines.filter_map(|line| line.strip_prefix("id:"));
    ids.any(|id| !id.contains(env!("CARGO_PKG_NAME")))
}

/// The text as a regular expression of Python's.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if "\\.^$*+?{}[]|()".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
