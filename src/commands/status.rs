//! `status`: one screen.

use super::check::Comparison;
use super::first_run::{first_steps, own_options};
use super::pinned::Pinned;
use super::surroundings::surroundings;
use super::{Exit, Failure, Output, note, upstream};
use crate::cli::{Global, Status};
use crate::findings::{Code, Finding, Severity, local, unaccepted};
use crate::lockfile::Lock;
use crate::project::Project;
use crate::report::style::count;
use crate::report::text::{Value, table};
use crate::upstream::{Processes, UpstreamError};

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Status,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let (tree, lock) = project.load()?;
    let accepted = options.source.allow_modified_source;
    let comparison = match upstream(
        project,
        &options.source,
        Processes::Forbidden,
        (global, output),
    ) {
        Ok(upstream) => Some(Comparison::new(
            project,
            (&tree, lock.as_ref()),
            upstream,
            accepted,
        )?),
        Err(Failure::Upstream(error @ UpstreamError::NotFound(_))) => {
            note(output, &error.to_string())?;
            None
        }
        Err(failure) => return Err(failure),
    };
    let entries = &project.settings.accept;
    let own = local(&tree, lock.as_ref(), None, &|path| project.shown(path));
    let own = unaccepted(own, entries);
    let around = surroundings(project, &tree, lock.as_ref())?;
    let wiring = unaccepted(around.findings, entries);
    let installed = comparison.as_ref().map(|comparison| &comparison.upstream);
    let pinned = Pinned::look(project, lock.as_ref(), &options.source, installed);
    let mut drift = comparison
        .as_ref()
        .map(|comparison| comparison.findings.clone())
        .unwrap_or_default();
    drift.extend(pinned.beside(&drift));
    let drift = unaccepted(drift, entries);
    let upstream_notes = installed.map_or(&[][..], |upstream| upstream.notes.as_slice());
    for text in upstream_notes
        .iter()
        .chain(&pinned.notes)
        .chain(&around.notes)
    {
        note(output, text)?;
    }
    let upstream = match &comparison {
        Some(comparison) => {
            let number = count(comparison.upstream.migrations.len(), "migration");
            format!(
                "{}, {number}, layout {}",
                comparison.upstream.title(),
                comparison.upstream.layout
            )
        }
        None => "not found".to_owned(),
    };
    let compared = comparison.is_some() || pinned.compared.is_some();
    let next = match first_steps(project, global, &options.source)? {
        Some(steps) => Value::Commands([steps.commands, vec![steps.database]].concat().join("\n")),
        None => next(
            lock.as_ref(),
            (comparison.is_some(), &pinned),
            (&own, &wiring),
            &drift,
        )
        .with(&own_options(project, global)),
    };
    let mut rows = vec![
        ("Vendored", vendored(project, lock.as_ref()).into()),
        ("Directory", directory(&own).into()),
        (
            "Wiring",
            if wiring.is_empty() {
                "as it should be".to_owned()
            } else {
                by_code(&wiring)
            }
            .into(),
        ),
        ("Upstream", upstream.into()),
        ("Drift", summary(lock.as_ref(), &drift, compared).into()),
        ("Next", next),
    ];
    if !pinned.pins.pins.is_empty() {
        rows.insert(4, ("Pinned", pins(&pinned).into()));
    }
    table(output.out, &rows)?;
    let clean = own
        .iter()
        .chain(&wiring)
        .chain(&drift)
        .all(|finding| finding.severity == Severity::Warning);
    Ok(if clean { Exit::Fine } else { Exit::Drift })
}

fn vendored(project: &Project, lock: Option<&Lock>) -> String {
    match lock {
        None => format!("nothing in {}", project.directory),
        Some(lock) => format!(
            "Procrastinate {} in {}\n{}, mode {}, head {}",
            lock.upstream.release,
            project.directory,
            count(lock.revisions.len(), "revision"),
            lock.upstream.mode,
            lock.head().unwrap_or("none"),
        ),
    }
}

fn pins(pinned: &Pinned) -> String {
    let pins = pinned.pins.pins.iter();
    let lines = pins.map(|pin| format!("{} in {}", pin.release, pin.place));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    if pinned.compared.is_some() {
        text.push_str("\ncompared by digest");
    }
    text
}

fn directory(own: &[Finding]) -> String {
    if own.is_empty() {
        "as locked".to_owned()
    } else {
        by_code(own)
    }
}

fn summary(lock: Option<&Lock>, drift: &[Finding], compared: bool) -> String {
    match (compared, lock) {
        (false, _) => "unknown".to_owned(),
        (true, None) => "nothing is vendored".to_owned(),
        (true, Some(_)) if drift.is_empty() => "none".to_owned(),
        (true, Some(_)) => by_code(drift),
    }
}

/// A line for each finding, or one for all of a code where they are many: this is one screen.
pub(super) fn by_code(findings: &[Finding]) -> String {
    const MOST: usize = 4;
    let mut codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    codes.sort();
    codes.dedup();
    let lines = codes.into_iter().flat_map(|code| {
        let these: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.code == code)
            .collect();
        let name = |finding: &&Finding| {
            format!(
                "{code}: {}",
                finding.migration.as_ref().unwrap_or(&finding.path)
            )
        };
        match these.len() {
            0..=MOST => these.iter().map(name).collect(),
            many => vec![format!(
                "{code}: {many} (`vendor-migrations check` lists them)"
            )],
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The one command that helps most.
fn next(
    lock: Option<&Lock>,
    (installed, pinned): (bool, &Pinned),
    (own, wiring): (&[Finding], &[Finding]),
    drift: &[Finding],
) -> Next {
    let has = |code| {
        let mut all = own.iter().chain(wiring).chain(drift);
        all.any(|finding| finding.code == code)
    };
    let look = [
        Code::Edited,
        Code::ForeignFile,
        Code::ModifiedSource,
        Code::OlderUpstream,
        Code::NameClash,
        Code::PinsDisagree,
        Code::PinDiffers,
    ];
    let to_do = lock.is_none() || own.iter().chain(drift).any(mended_by_sync);
    if has(Code::LockMissing) {
        Next::Text("restore the lock from version control")
    } else if look.into_iter().any(has) {
        Next::command("check")
    } else if has(Code::NotWired) {
        Next::command("init")
    } else if let (false, Some(release)) = (installed, pinned.compared) {
        match to_do {
            true => Next::Command(format!("sync --release {}", release.name)),
            false if wiring.is_empty() => Next::Text("nothing"),
            false => Next::command("check"),
        }
    } else if !installed {
        Next::Text("install Procrastinate, or name it with `--from PATH` or `--python EXE`")
    } else if to_do {
        Next::command("sync")
    } else if wiring
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        Next::command("check")
    } else {
        Next::Text("nothing")
    }
}

/// What to do next.
enum Next {
    Text(&'static str),
    /// A verb of this program and its options.
    Command(String),
}

impl Next {
    fn command(verb: &str) -> Self {
        Self::Command(verb.to_owned())
    }

    /// With the options of every command that the user gave.
    fn with(self, options: &str) -> Value {
        match self {
            Self::Text(text) => text.to_owned().into(),
            Self::Command(verb) => Value::Commands(format!("vendor-migrations {verb}{options}")),
        }
    }
}

fn mended_by_sync(finding: &Finding) -> bool {
    !matches!(finding.code, Code::MigrationRemoved | Code::Gitattributes)
}
