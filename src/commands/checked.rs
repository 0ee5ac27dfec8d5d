//! What `check` and `status` find.

use super::reporting;
use crate::cli::Source;
use crate::failure::Failure;
use crate::findings::{self, Accepted, Finding, Severity, accept, sort};
use crate::inspect::Pinned;
use crate::report::style::count;
use crate::report::{Compared, Report, Step, addressed};
use crate::session::{Session, options};
use crate::state::State;
use crate::upstream::{Processes, Upstream, UpstreamError};

pub(super) struct Checked {
    pub(super) state: State,
    /// The release that was compared; none if it was not found, or could not be used.
    pub(super) upstream: Option<Upstream>,
    pub(super) pinned: Pinned,
    pub(super) findings: Vec<Finding>,
    pub(super) accepted: Vec<Accepted>,
    /// What could not be checked, and what is worth knowing.
    pub(super) notes: Vec<String>,
    /// Upstream is in none of the places; the error lists them.
    pub(super) not_found: Option<UpstreamError>,
    /// That nothing was compared, and where it was looked for: no pin was compared, either.
    pub(super) uncompared: Option<String>,
    pub(super) failure: Option<Failure>,
}

impl Checked {
    /// Looks at everything. It writes nothing, starts no process that the user did not name, and needs no network.
    pub(super) fn of(session: &mut Session<'_>, source: &Source) -> Result<Self, Failure> {
        let state = State::read(&session.project)?;
        let revisions = state.revisions(&session.project)?;
        let found = session.upstream(source, Processes::Forbidden);
        let project = &session.project;
        let compared = found.and_then(|upstream| {
            let accepted = source.allow_modified_source;
            let (plan, drift) = state.compare(project, &upstream, &revisions, accepted)?;
            Ok((upstream, plan, drift))
        });
        let (upstream, plan, drift, failure) = match compared {
            Ok((upstream, plan, drift)) => (Some(upstream), plan, drift, None),
            Err(failure) => (None, None, Vec::new(), Some(failure)),
        };
        let local = state.local(project, plan.as_ref())?;
        let around = state.surroundings(project, upstream.as_ref(), revisions)?;
        let mut findings = [local.findings, around.findings, drift].concat();
        let pinned = Pinned::look(project, state.vendored_lock(), source, upstream.as_ref());
        findings.extend(pinned.beside(&findings));
        let differs = |upstream| findings::environment_differs(upstream, state.directory(project));
        findings.extend(upstream.as_ref().and_then(differs));
        let settings = &project.settings;
        let file = settings.file.unwrap_or_default();
        let accepted = accept(&mut findings, &settings.accept, file);
        findings::adopt_first(&mut findings);
        sort(&mut findings);
        let of_upstream = upstream.iter().flat_map(|upstream| &upstream.notes);
        let mut notes = [local.notes, around.notes].concat();
        notes.extend(of_upstream.chain(&pinned.notes).cloned());
        notes.extend(upstream.as_ref().and_then(Upstream::withdrawn));
        if session.global.verbose {
            notes.extend(pinned.details.iter().cloned());
        }
        let (not_found, failure) = match failure {
            Some(Failure::Upstream(error @ UpstreamError::NotFound(_))) => (Some(error), None),
            failure => (None, failure),
        };
        let uncompared = not_found.as_ref().filter(|_| pinned.compared.is_none());
        let uncompared = uncompared.map(|error| {
            format!("the vendored migrations were not compared with upstream. {error}")
        });
        Ok(Self {
            state,
            upstream,
            pinned,
            findings,
            accepted,
            notes,
            not_found,
            uncompared,
            failure,
        })
    }

    /// Whether no error is left to the user's hands.
    pub(super) fn is_mended_by_commands(&self) -> bool {
        let mut errors = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        errors.all(|finding| {
            finding
                .remedy
                .as_ref()
                .is_some_and(|remedy| remedy.command().is_some())
        })
    }

    /// Whether the lock was compared with a release, or with the digests of one.
    pub(super) fn compared(&self) -> bool {
        self.upstream.is_some() || self.pinned.compared.is_some()
    }

    /// What each format writes.
    pub(super) fn report(
        &self,
        session: &Session<'_>,
        command: &'static str,
        failure: Option<&Failure>,
        next: Vec<Step>,
    ) -> Report<'_> {
        let upstream = self.upstream.as_ref();
        Report {
            command,
            title: self.title(session),
            compared: Compared::Lock {
                directory: self.state.place(&session.project, upstream),
                lock: self.state.lock(),
                upstream,
                pins: &self.pinned.pins,
                pinned: self.pinned.compared,
            },
            findings: addressed(self.findings.clone(), &options(session.global)),
            accepted: self.accepted.clone(),
            notes: self.notes.clone(),
            patches: Vec::new(),
            failure: failure.map(Failure::explained),
            repository: reporting::in_repository(&session.project.root),
            next,
        }
    }

    fn title(&self, session: &Session<'_>) -> String {
        let upstream = self.upstream.as_ref();
        let place = self.state.place(&session.project, upstream);
        let vendored = match self.state.lock() {
            Some(lock) => format!(
                "{place}: {} of Procrastinate {}",
                count(lock.revisions.len(), "revision"),
                lock.upstream.release
            ),
            None => format!("{place}: nothing"),
        };
        let compared = match (upstream.map(Upstream::title), self.pinned.title()) {
            (Some(installed), Some(digests)) => format!("{installed} and {digests}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "the lock only".to_owned(),
        };
        format!("{vendored}, compared with {compared}")
    }
}
