//! `diff A B`: what changed in the migrations from one release to another, wherever the command runs.

use pep440_rs::Version;

use super::diff::Differences;
use super::{
    Exit, Failure, Output, cache_directory, note, open, say_what_is_odd, upstream, what_is_odd,
};
use crate::catalog::{self, Change, File, compare};
use crate::cli::{Diff, Global};
use crate::digest::Digest;
use crate::escape::one_line;
use crate::patch::Patch;
use crate::procrastinate::SQL;
use crate::report::differences as report;
use crate::report::outcome::{Entry, Level, Place, Rule};
use crate::upstream::{Fetch, Processes, Upstream, fetch};

/// Release `a` against `b`, or else against what upstream is for the project.
pub(super) fn run(
    global: &Global,
    options: &Diff,
    (a, b): (&Version, Option<&Version>),
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let before = fetched(global, a)?;
    let after = match b {
        Some(b) => fetched(global, b)?,
        None => {
            let project = open(global, output)?;
            let processes = match options.source.release {
                Some(_) => Processes::Allowed,
                None => Processes::Forbidden,
            };
            upstream(&project, &options.source, processes, (global, output))?
        }
    };
    for upstream in [&before, &after] {
        say_what_is_odd(upstream, output)?;
    }
    let title = format!("{} to {}", before.title(), after.title());
    if !global.quiet {
        writeln!(output.err, "{title}")?;
    }
    let mut found = Found {
        notes: [what_is_odd(&before), what_is_odd(&after)].concat(),
        ..Found::default()
    };
    for files in [sql, revision_files] {
        let (old, new) = (Side::of(&before, files), Side::of(&after, files));
        for change in &compare(&old.files(), &new.files()) {
            found.add(change, &old, &new, output)?;
        }
    }
    let differences = Differences {
        title,
        before: report::Side::of(&before),
        after: report::Side::of(&after),
        entries: found.entries,
        notes: found.notes,
        patches: found.patches,
    };
    let exit = differences.report(options.format, &global.project, output)?;
    if exit == Exit::Fine && !global.quiet {
        writeln!(output.err, "no difference")?;
    }
    Ok(exit)
}

/// The release from the cache or from the package index. The project only serves `uv`, which reads its configuration.
fn fetched(global: &Global, release: &Version) -> Result<Upstream, Failure> {
    let cache = cache_directory();
    Ok(fetch(&Fetch {
        release,
        sha256: catalog::release(release).map(|release| release.wheel.sha256),
        cache: cache.as_deref(),
        directory: &global.project,
        processes: Processes::Allowed,
    })?)
}

/// One side of the comparison: files by path relative to site-packages, in the order in which they run.
struct Side<'a> {
    release: String,
    texts: Vec<(String, &'a str)>,
}

fn sql(upstream: &Upstream) -> Vec<(String, &str)> {
    let sql = upstream.migrations.iter().filter_map(|m| m.sql.as_ref());
    sql.map(|sql| (format!("{SQL}{}", sql.name), sql.text.as_str()))
        .collect()
}

fn revision_files(upstream: &Upstream) -> Vec<(String, &str)> {
    let wrappers = upstream
        .migrations
        .iter()
        .filter_map(|m| m.wrapper.as_ref());
    wrappers
        .map(|wrapper| (wrapper.path.clone(), wrapper.text.as_str()))
        .collect()
}

impl<'a> Side<'a> {
    fn of(upstream: &'a Upstream, files: fn(&Upstream) -> Vec<(String, &str)>) -> Self {
        Self {
            release: upstream.release.to_string(),
            texts: files(upstream),
        }
    }

    fn files(&self) -> Vec<File<'_>> {
        self.texts
            .iter()
            .map(|(name, text)| File {
                name,
                sha256: Digest::of(text),
            })
            .collect()
    }

    fn text(&self, name: &str) -> &str {
        let found = self.texts.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, text)| text)
    }

    fn label(&self, name: &str) -> String {
        format!("{}/{name}", self.release)
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    notes: Vec<String>,
    patches: Vec<Patch>,
}

impl Found {
    fn add(
        &mut self,
        change: &Change<'_>,
        old: &Side<'_>,
        new: &Side<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        const NOTHING: &str = "/dev/null";
        let name = change.name();
        let (before, after) = (old.text(name), new.text(name));
        let (old_label, new_label) = (old.label(name), new.label(name));
        let patch = match change {
            Change::Added(_) => Some(Patch::between("", after, NOTHING, &new_label)),
            Change::Removed(_) => Some(Patch::between(before, "", &old_label, NOTHING)),
            Change::Changed { .. } => Some(Patch::between(before, after, &old_label, &new_label)),
            Change::Renamed { before, after } => Some(Patch::renamed(
                &one_line(&old.label(before.name)),
                &one_line(&new.label(after.name)),
            )),
            Change::Moved { behind, .. } => {
                let text = moved(name, *behind);
                note(output, &text)?;
                self.notes.push(text);
                None
            }
        };
        self.entries
            .push(entry(change, (&old.release, &new.release)));
        self.patches.extend(patch.filter(|patch| !patch.is_empty()));
        Ok(())
    }
}

fn moved(name: &str, behind: Option<&str>) -> String {
    let place = behind.map_or("it runs first".to_owned(), |behind| {
        format!("it runs after {behind}")
    });
    format!("{name} moved: {place}")
}

/// A change for the services. The ids are those of `releases --format json`.
fn entry(change: &Change<'_>, (old, new): (&str, &str)) -> Entry {
    let (id, about, message) = match change {
        Change::Added(_) => (
            "added",
            "A migration that only the later release has.",
            format!("Procrastinate {new} has it, {old} has not"),
        ),
        Change::Removed(_) => (
            "removed",
            "A migration that only the earlier release has.",
            format!("Procrastinate {old} has it, {new} has not"),
        ),
        Change::Changed { .. } => (
            "changed",
            "A migration whose text is another.",
            format!("Its text in Procrastinate {new} is not that in {old}"),
        ),
        Change::Renamed { before, .. } => (
            "renamed",
            "A migration with the same text and another name.",
            format!("It was `{}` in Procrastinate {old}", before.name),
        ),
        Change::Moved { file, behind } => (
            "moved",
            "A migration that runs at another place in the order.",
            moved(file.name, *behind),
        ),
    };
    Entry {
        rule: Rule {
            id,
            about,
            page: ("reports.md", "diff"),
        },
        level: Level::Note,
        path: change.name().to_owned(),
        place: Place::SitePackages,
        line: None,
        migration: None,
        revisions: Vec::new(),
        message,
        remedy: None,
        diff: None,
    }
}
