//! `--recursive`: the same command in every project below a directory, several at a time, reported in the order of their paths.

mod found;
mod merge;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::reporting;
use crate::alembic::invocations::share_around;
use crate::cli::{Global, ReportFormat};
use crate::environment::Memo;
use crate::escape::one_line;
use crate::failure::{Exit, Failure};
use crate::links;
use crate::lockfile::LOCK_NAME;
use crate::parallel;
use crate::pins;
use crate::progress;
use crate::project::Project;
use crate::report::prose::labelled;
use crate::report::screen::Screen;
use crate::report::style::{BAD, GOOD, count};
use crate::session::{Output, Session, options};
use crate::upstream::Upstreams;

use found::{Found, Place, found};

/// The command, of which `run` does the work in one project.
pub(super) struct Recursive<'a> {
    pub(super) verb: &'static str,
    /// The directory, relative to the one that `-C` names.
    pub(super) below: &'a Utf8Path,
    pub(super) format: ReportFormat,
    pub(super) run: &'a (dyn Fn(&Global, &mut Output<'_>) -> Result<Exit, Failure> + Sync),
}

/// How the command ended in one project.
struct Ended {
    root: Utf8PathBuf,
    /// The directory of its lock, without links, if it could be opened.
    lock: Option<Utf8PathBuf>,
    status: u8,
    /// Standard output.
    report: Vec<u8>,
    /// Standard error.
    said: Vec<u8>,
    error: Option<Error>,
    /// The page for the summary of a step on GitHub.
    page: Vec<u8>,
}

struct Error {
    message: String,
    help: Option<String>,
}

impl Recursive<'_> {
    pub(super) fn run(self, global: &Global, output: &mut Output<'_>) -> Result<Exit, Failure> {
        // One line of progress cannot tell of several projects.
        progress::silence();
        share_around();
        pins::share();
        let base = match global.project.as_deref() {
            Some(root) => root.join(self.below),
            None => self.below.to_owned(),
        };
        if !base.is_dir() {
            return Err(Failure::NoDirectory(base));
        }
        let global = Global {
            memo: Memo::default(),
            upstreams: Upstreams::shared(),
            found: None,
            ..global.clone()
        };
        let in_project = |root: &Utf8Path| Global {
            project: Some(root.to_owned()),
            ..global.clone()
        };
        let open = |root: &Utf8Path| {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut unseen = Output::new(&mut out, &mut err);
            let global = in_project(root);
            let opened = Session::open(&global, &mut unseen);
            opened.ok().map(|session| session.project)
        };
        let found = found(&base, &open);
        if found.roots.is_empty() && found.unsearched.is_empty() {
            return Err(Failure::NoProjects(base));
        }
        // Those that share a directory are worked on one after the other.
        let mut groups: BTreeMap<&Utf8Path, Vec<&Utf8Path>> = BTreeMap::new();
        for (root, lock) in &found.roots {
            groups.entry(lock).or_default().push(root);
        }
        let groups: Vec<Vec<&Utf8Path>> = groups.into_values().collect();
        let screen = Seen::of(output);
        let in_one = |root: &&Utf8Path| {
            let global = in_project(root);
            self.in_one(root, &global, open(root).as_ref(), &screen)
        };
        let in_group = |group: &Vec<&Utf8Path>| group.iter().map(in_one).collect::<Vec<Ended>>();
        let ended = parallel::each(&groups, in_group).into_iter().flatten();
        let ended = with_those_left_out(&found, ended.collect());
        self.report(&base, &ended, output)?;
        if !global.quiet || ended.iter().any(|one| one.status > 0) {
            self.sum_up(&ended, output)?;
        }
        Ok(worst(&ended))
    }

    fn in_one(
        &self,
        root: &Utf8Path,
        global: &Global,
        project: Option<&Project>,
        screen: &Seen,
    ) -> Ended {
        let lock = project.map(|project| match project.vendored() {
            vendored if vendored.join(LOCK_NAME).is_file() => vendored,
            _ => project.root.clone(),
        });
        let mut out = screen.buffer(options(global));
        let mut err = screen.buffer(options(global));
        let mut output = Output::new(&mut out, &mut err);
        let mut page = Vec::new();
        output.page = Some(&mut page);
        let result = (self.run)(global, &mut output);
        let (status, error) = match result {
            Ok(exit) => (exit.status(), None),
            Err(failure) => {
                let message = failure.explained();
                let help = failure.hint();
                (2, Some(Error { message, help }))
            }
        };
        Ended {
            root: root.to_owned(),
            lock: lock.and_then(|lock| links::real(lock).ok()),
            status,
            report: out.bytes,
            said: err.bytes,
            error,
            page,
        }
    }

    fn is_text(&self) -> bool {
        matches!(self.format, ReportFormat::Text | ReportFormat::Github)
    }

    fn report(
        &self,
        base: &Utf8Path,
        ended: &[Ended],
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        for one in ended {
            if self.is_text() && !one.report.is_empty() {
                writeln!(output.out, "{}", heading(&one.root))?;
                output.out.write_all(&one.report)?;
            }
            one.say(output.err)?;
        }
        match self.format {
            ReportFormat::Text | ReportFormat::Github => {}
            ReportFormat::Markdown => merge::markdown(output.out, ended)?,
            ReportFormat::Json => merge::json(output.out, self.verb, ended)?,
            ReportFormat::Gitlab => merge::gitlab(output.out, ended)?,
            ReportFormat::Sarif => merge::sarif(output.out, self.verb, ended)?,
        }
        if self.format == ReportFormat::Github {
            let page: Vec<u8> = ended.iter().flat_map(|one| one.page.clone()).collect();
            let repository = reporting::in_repository(base);
            reporting::append_page(&page, &repository, output)?;
        }
        Ok(())
    }

    /// In a program's format, standard output holds the report only.
    fn sum_up(&self, ended: &[Ended], output: &mut Output<'_>) -> io::Result<()> {
        let summary = summary(ended);
        match self.is_text() {
            true => writeln!(output.out, "{summary}"),
            false => writeln!(output.err, "{summary}"),
        }
    }
}

impl Ended {
    fn failed(root: Utf8PathBuf, message: String) -> Self {
        Self {
            root,
            lock: None,
            status: 2,
            report: Vec::new(),
            said: Vec::new(),
            error: Some(Error {
                message,
                help: None,
            }),
            page: Vec::new(),
        }
    }

    /// Its messages, behind its path.
    fn say(&self, err: &mut dyn Screen) -> io::Result<()> {
        if self.said.is_empty() && self.error.is_none() {
            return Ok(());
        }
        writeln!(err, "{}", heading(&self.root))?;
        err.write_all(&self.said)?;
        if let Some(error) = &self.error {
            labelled(err, BAD, "error:", &error.message)?;
            if let Some(help) = &error.help {
                labelled(err, GOOD, "help:", help)?;
            }
        }
        Ok(())
    }
}

fn heading(root: &Utf8Path) -> String {
    format!("== {} ==", one_line(root.as_str()))
}

/// The same and an error for each place in which nothing was done, in the order of paths.
fn with_those_left_out(found: &Found, mut ended: Vec<Ended>) -> Vec<Ended> {
    ended.extend(unclaimed(found, &ended));
    ended.extend(found.unsearched.iter().map(|(place, why)| {
        let message = format!("it could not be searched for projects: {why}");
        Ended::failed(place.into(), message)
    }));
    ended.sort_by(|one, other| one.root.cmp(&other.root));
    ended
}

fn worst(ended: &[Ended]) -> Exit {
    match ended.iter().map(|ended| ended.status).max() {
        None | Some(0) => Exit::Fine,
        Some(1) => Exit::Drift,
        Some(_) => Exit::Usage,
    }
}

/// `3 projects: 2 fine, 1 with something to do`.
fn summary(ended: &[Ended]) -> String {
    let with = |status: u8| ended.iter().filter(|one| one.status == status).count();
    let parts = [
        (with(0), "fine"),
        (with(1), "with something to do"),
        (with(2), "where it could not be done"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    format!("{}: {}", count(ended.len(), "project"), parts.join(", "))
}

/// Locks that no project's configuration leads to: what they record would be passed over.
fn unclaimed(found: &Found, ended: &[Ended]) -> Vec<Ended> {
    let claimed: HashSet<&Utf8Path> = ended.iter().filter_map(|one| one.lock.as_deref()).collect();
    // Of a project that cannot be opened, its own error tells.
    let broken: HashSet<&Utf8Path> = ended
        .iter()
        .filter(|one| one.lock.is_none())
        .map(|one| one.root.as_path())
        .collect();
    let locks = found.locks.iter().filter(|(lock, place)| {
        !claimed.contains(lock.as_path()) && !broken.contains(place.root.as_path())
    });
    let error = |(_, Place { directory, root }): (&Utf8PathBuf, &Place)| {
        let message = format!(
            "it holds a lock, but no Alembic configuration around it uses this directory (this program looked in \
             `{root}`): name its configuration with `-C` and `--config`"
        );
        Ended::failed(directory.clone(), message)
    };
    locks.map(error).collect()
}

/// How wide texts may be, and whether they may hold links: as on the real output.
struct Seen {
    width: Option<usize>,
    links: bool,
}

struct Buffer {
    bytes: Vec<u8>,
    width: Option<usize>,
    links: bool,
    options: String,
}

impl Seen {
    fn of(output: &Output<'_>) -> Self {
        Self {
            width: output.out.width(),
            links: output.out.links(),
        }
    }

    fn buffer(&self, options: String) -> Buffer {
        Buffer {
            bytes: Vec::new(),
            width: self.width,
            links: self.links,
            options,
        }
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Screen for Buffer {
    fn width(&self) -> Option<usize> {
        self.width
    }

    fn links(&self) -> bool {
        self.links
    }

    fn options(&self) -> &str {
        &self.options
    }
}
