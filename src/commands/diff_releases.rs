//! `diff A B`: what changed in the migrations from one release to another, wherever the command runs.

use pep440_rs::Version;

use super::reporting;
use crate::catalog::{self, Change, File, compare};
use crate::cli::{Diff, Global};
use crate::digest::Digest;
use crate::escape::one_line;
use crate::failure::{Exit, Failure};
use crate::findings::release_difference;
use crate::patch::Patch;
use crate::procrastinate::SQL;
use crate::report::{Report, Side};
use crate::session::{Output, Session, cache_directory, doubts};
use crate::upstream::{Fetch, Processes, Upstream, fetch};

/// Compares release `a` with the second one, or else with the project's upstream.
pub(super) fn run(
    global: &Global,
    options: &Diff,
    a: &Version,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let before = fetched(global, a)?;
    let after = match &options.b {
        Some(b) => fetched(global, b)?,
        None => {
            let processes = Processes::Download;
            Session::open(global, output)?.upstream(&options.source, processes)?
        }
    };
    let mut report = Report::of_sides(
        format!("{} to {}", before.title(), after.title()),
        Side::of(&before),
        Side::of(&after),
        reporting::in_repository(global.root()),
    );
    for upstream in [&before, &after] {
        output.doubts(upstream)?;
        report.notes.extend(doubts(upstream));
    }
    if !global.quiet {
        writeln!(output.err, "{}", report.title)?;
    }
    for files in [sql, revision_files] {
        let (old, new) = (Files::of(&before, files), Files::of(&after, files));
        add(&mut report, &old, &new, output)?;
    }
    report.patches.retain(|patch| !patch.is_empty());
    reporting::write(options.format, &report, reporting::detail(global), output)?;
    if !report.findings.is_empty() {
        return Ok(Exit::Drift);
    }
    if !global.quiet {
        writeln!(output.err, "no difference")?;
    }
    Ok(Exit::Fine)
}

/// Adds the differences between the files of the two sides. A moved migration is in no patch, so a note says it.
fn add(
    report: &mut Report<'_>,
    old: &Files<'_>,
    new: &Files<'_>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    for change in &compare(&old.digests(), &new.digests()) {
        let finding = release_difference(change, &old.release, &new.release);
        if let Change::Moved { .. } = change {
            output.note(&finding.message)?;
            report.notes.push(finding.message.clone());
        } else {
            report.patches.push(patch(change, old, new));
        }
        report.findings.push(finding);
    }
    Ok(())
}

/// The release from the cache or from the package index. The project only serves `uv`, which reads its configuration.
fn fetched(global: &Global, release: &Version) -> Result<Upstream, Failure> {
    let cache = cache_directory();
    Ok(fetch(&Fetch {
        release,
        sha256: catalog::release(release).and_then(|release| Some(release.wheel.as_ref()?.sha256)),
        cache: cache.as_deref(),
        directory: global.root(),
        processes: Processes::Allowed,
    })?)
}

/// The files of one side by path relative to site-packages, in the order in which they run.
struct Files<'a> {
    release: String,
    texts: Vec<(String, &'a str)>,
}

fn sql(upstream: &Upstream) -> Vec<(String, &str)> {
    let sql = upstream.migrations.iter().filter_map(|m| m.sql.as_ref());
    sql.map(|sql| (format!("{SQL}{}", sql.name), sql.text.as_str()))
        .collect()
}

fn revision_files(upstream: &Upstream) -> Vec<(String, &str)> {
    let migrations = upstream.migrations.iter();
    let wrappers = migrations.filter_map(|m| m.wrapper.as_ref());
    wrappers
        .map(|wrapper| (wrapper.path.clone(), wrapper.text.as_str()))
        .collect()
}

impl<'a> Files<'a> {
    fn of(upstream: &'a Upstream, files: fn(&Upstream) -> Vec<(String, &str)>) -> Self {
        Self {
            release: upstream.release.to_string(),
            texts: files(upstream),
        }
    }

    fn digests(&self) -> Vec<File<'_>> {
        let texts = self.texts.iter();
        texts
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

/// The change of one file, labelled with the releases.
fn patch(change: &Change<'_>, old: &Files<'_>, new: &Files<'_>) -> Patch {
    const NOTHING: &str = "/dev/null";
    let name = change.name();
    match change {
        Change::Added(_) => Patch::between("", new.text(name), NOTHING, &new.label(name)),
        Change::Removed(_) => Patch::between(old.text(name), "", &old.label(name), NOTHING),
        Change::Renamed { before, after } => Patch::renamed(
            &one_line(&old.label(before.name)),
            &one_line(&new.label(after.name)),
        ),
        Change::Changed { .. } | Change::Moved { .. } => Patch::between(
            old.text(name),
            new.text(name),
            &old.label(name),
            &new.label(name),
        ),
    }
}
