//! `diff A B`: what changed in the migrations from one release to another, wherever the command runs.

use pep440_rs::Version;

use super::{Exit, Failure, Output, cache_directory, note, open, say_what_is_odd, upstream};
use crate::catalog::{self, Change, File, compare};
use crate::cli::{Diff, Global};
use crate::digest::Digest;
use crate::report::escape::one_line;
use crate::report::{diff, style};
use crate::upstream::{Fetch, Processes, SQL, Upstream, fetch};

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
            upstream(&project, &options.source, processes)?
        }
    };
    for upstream in [&before, &after] {
        say_what_is_odd(upstream, output)?;
    }
    if !global.quiet {
        writeln!(output.err, "{} to {}", before.title(), after.title())?;
    }
    let mut differ = false;
    for files in [sql, revision_files] {
        let (old, new) = (Side::of(&before, files), Side::of(&after, files));
        let changes = compare(&old.files(), &new.files());
        differ |= !changes.is_empty();
        for change in &changes {
            show(change, &old, &new, output)?;
        }
    }
    if !differ && !global.quiet {
        writeln!(output.err, "no difference")?;
    }
    Ok(if differ { Exit::Drift } else { Exit::Fine })
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

fn show(
    change: &Change<'_>,
    old: &Side<'_>,
    new: &Side<'_>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    const NOTHING: &str = "/dev/null";
    let name = change.name();
    let text = match change {
        Change::Added(_) => diff::unified("", new.text(name), (NOTHING, &new.label(name))),
        Change::Removed(_) => diff::unified(old.text(name), "", (&old.label(name), NOTHING)),
        Change::Changed { .. } => {
            let labels = (old.label(name), new.label(name));
            diff::unified(old.text(name), new.text(name), (&labels.0, &labels.1))
        }
        // As git writes it.
        Change::Renamed { before, after } => format!(
            "rename from {}\nrename to {}\n",
            one_line(&old.label(before.name)),
            one_line(&new.label(after.name))
        ),
        Change::Moved { behind, .. } => {
            let place = behind.map_or("it runs first".to_owned(), |behind| {
                format!("it runs after {behind}")
            });
            return note(output, &format!("{name} moved: {place}"));
        }
    };
    Ok(style::diff(output.out, &text)?)
}
