//! What a review is made of: the two sides, their SQL where it is at hand, and the chain as it will be.

use std::collections::HashMap;

use pep440_rs::Version;

use crate::catalog::{self, File, Release};
use crate::cli::{Begin, Review as Options, Source};
use crate::digest::Digest;
use crate::failure::{Failure, ReviewError};
use crate::inspect::{OwnRevisions, env_file, pins_of};
use crate::lockfile::{Lock, Mode};
use crate::patch::Patch;
use crate::plan::{ChangeKind, Options as Wishes, Plan};
use crate::python_source::leaves_transaction;
use crate::review::{Commits, Input, Review, chain, review as reviewed};
use crate::session::{Session, doubts};
use crate::state::State;
use crate::upstream::{Processes, Upstream, UpstreamError};

/// The later side, and its files where they are at hand.
struct Later {
    release: &'static Release,
    upstream: Option<Upstream>,
    /// Where it is pinned, if it is not installed.
    note: Option<String>,
}

pub(super) fn review(session: &mut Session<'_>, options: &Options) -> Result<Review, Failure> {
    let state = State::read(&session.project)?;
    let whole = state.lock().map(Lock::whole);
    let lock = whole.as_deref();
    let later = later(session, options, lock)?;
    let doubts = later.upstream.iter().flat_map(doubts);
    let mut notes: Vec<String> = later.note.iter().cloned().chain(doubts).collect();
    let from = match (&options.from, lock) {
        (Some(Begin::Release(from)), _) => Some(session.release(from, lock)?),
        (None, Some(lock)) => Some(session.release(&lock.upstream.release, Some(lock))?),
        (Some(Begin::Nothing), _) | (None, None) => None,
    };
    let plan = later.upstream.as_ref().and_then(|upstream| match planned(session, &state, upstream) {
        Ok(plan) => Some(plan),
        Err(failure) => {
            notes.push(format!("`sync` cannot use this release, so the revision ids are those that it would choose: {failure}"));
            None
        }
    });
    let conflicts = plan.as_ref().map_or(0, |plan| plan.conflicts.len());
    if conflicts > 0 {
        notes.push(format!(
            "`sync` refuses this release in the project's current state: {}, which `vendor-migrations check` shows",
            match conflicts {
                1 => "there is 1 conflict".to_owned(),
                conflicts => format!("there are {conflicts} conflicts"),
            }
        ));
    }
    let will_be = plan.as_ref().map(|plan| plan.lock.whole());
    let base = will_be.as_deref().or(lock).cloned();
    let base = base.or_else(|| from.map(|from| chain(None, from)));
    let chain = chain(base.as_ref(), later.release);
    let sources = sources(session, &later, from);
    let before = match (&options.from, lock) {
        (None, Some(lock)) => of_lock(lock),
        _ => from.map_or_else(Vec::new, Release::sql_files),
    };
    let is_vendored = options.from.is_none();
    if is_vendored && lock.is_some() && before == later.files() {
        notes.push(format!(
            "{} is vendored already: `--from RELEASE` compares with what is deployed",
            later.release.name
        ));
    }
    let patches = plan.as_ref().filter(|_| is_vendored);
    let patches = patches.map_or_else(HashMap::new, |plan| edits(session, plan));
    Ok(reviewed(Input {
        from,
        to: later.release,
        before,
        after: later.files(),
        sql: sources.iter().flat_map(texts).collect(),
        patches,
        lock: &chain,
        commits: commits(session, chain.upstream.mode, &sources)?,
        notes,
    }))
}

/// What is to be deployed: the release that the user names, else what is installed, else what the project pins.
fn later(
    session: &mut Session<'_>,
    options: &Options,
    lock: Option<&Lock>,
) -> Result<Later, Failure> {
    if let Some(version) = &options.to {
        let release = session.release(version, lock)?;
        let upstream = at_hand(session, version);
        return Ok(Later {
            release,
            upstream,
            note: None,
        });
    }
    let source = Source {
        python: options.python.clone(),
        ..Source::default()
    };
    match session.upstream(&source, Processes::Forbidden) {
        Ok(upstream) => {
            let release = session.release(&upstream.version, lock)?;
            Ok(Later {
                release,
                upstream: Some(upstream),
                note: None,
            })
        }
        Err(Failure::Upstream(error @ UpstreamError::NotFound(_))) => {
            not_installed(session, options, lock, error)
        }
        Err(failure) => Err(failure),
    }
}

/// What the project pins; else, where the user names the earlier side, what is vendored.
fn not_installed(
    session: &Session<'_>,
    options: &Options,
    lock: Option<&Lock>,
    error: UpstreamError,
) -> Result<Later, Failure> {
    let pins = pins_of(&session.project);
    let Some(pin) = pins.newest() else {
        // It is never compared with itself.
        let is_later = |lock: &&Lock| match &options.from {
            Some(Begin::Release(from)) => *from != lock.upstream.release,
            from => from.is_some(),
        };
        let Some(lock) = lock.filter(is_later) else {
            return Err(Failure::Review(ReviewError::NotFound(error)));
        };
        let release = session.release(&lock.upstream.release, Some(lock))?;
        return Ok(Later {
            release,
            upstream: at_hand(session, &release.version()),
            note: Some(format!(
                "{} is the vendored release: no release is installed or pinned",
                release.name
            )),
        });
    };
    let place = pin.place.to_string();
    let release = catalog::known(&pin.release).map_err(|unknown| ReviewError::Pinned {
        place: place.clone(),
        unknown,
    })?;
    let others = pins
        .pins
        .iter()
        .filter(|other| other.release != pin.release);
    let others: Vec<String> = others
        .map(|other| format!("{} pins {}", other.place, other.release))
        .collect();
    let others = match others.is_empty() {
        true => String::new(),
        false => format!("; {}, and the newest is used", others.join(", ")),
    };
    Ok(Later {
        release,
        upstream: at_hand(session, &release.version()),
        note: Some(format!(
            "{} is the release that {place} pins, and is not installed{others}",
            release.name
        )),
    })
}

impl Later {
    /// An installation that was changed has other files than its release.
    fn files(&self) -> Vec<File<'_>> {
        let Some(upstream) = &self.upstream else {
            return self.release.sql_files();
        };
        let sql = upstream
            .migrations
            .iter()
            .filter_map(|one| one.sql.as_ref());
        let mut files: Vec<File<'_>> = sql
            .map(|sql| File {
                name: sql.name.as_str(),
                sha256: sql.digest,
            })
            .collect();
        // Several revisions may run one file.
        files.dedup();
        files
    }
}

/// The release as it is installed, or from the cache. Nothing is downloaded.
fn at_hand(session: &Session<'_>, version: &Version) -> Option<Upstream> {
    let installed = session
        .locate(&Source::default(), Processes::Forbidden)
        .ok();
    if let Some(installed) = installed.filter(|installed| installed.version == *version) {
        return Some(installed);
    }
    let source = Source {
        release: Some(version.clone()),
        ..Source::default()
    };
    session.locate(&source, Processes::Forbidden).ok()
}

/// All that have SQL of one of the sides.
fn sources(session: &Session<'_>, later: &Later, from: Option<&Release>) -> Vec<Upstream> {
    let from = from.and_then(|from| at_hand(session, &from.version()));
    later.upstream.iter().cloned().chain(from).collect()
}

fn texts(upstream: &Upstream) -> impl Iterator<Item = (Digest, String)> {
    let sql = upstream
        .migrations
        .iter()
        .filter_map(|one| one.sql.as_ref());
    sql.map(|sql| (sql.digest, sql.text.clone()))
}

fn planned(session: &Session<'_>, state: &State, upstream: &Upstream) -> Result<Plan, Failure> {
    let project = &session.project;
    let wishes = Wishes {
        mode: project.settings.mode,
        allow_downgrade: true,
        ..Wishes::default()
    };
    let revisions = project.own_revisions()?;
    let own = OwnRevisions::readable(project, &revisions);
    state.plan(upstream, &own, project.settings.target().as_ref(), wishes)
}

/// The migrations that are vendored, each once.
fn of_lock(lock: &Lock) -> Vec<File<'_>> {
    let revisions = lock.revisions.iter();
    let files = revisions.filter_map(|revision| {
        Some(File {
            name: revision.sql.as_ref()?.as_str(),
            sha256: revision.sql_sha256?,
        })
    });
    let mut files: Vec<File<'_>> = files.collect();
    files.dedup();
    files
}

/// The diffs of vendored files whose SQL changed, by the migration's name.
fn edits(session: &Session<'_>, plan: &Plan) -> HashMap<String, Vec<Patch>> {
    let changes = plan
        .changes
        .iter()
        .filter(|change| change.kind == ChangeKind::SqlChanged);
    let directory = &session.project.directory;
    changes
        .map(|change| (change.name.clone(), plan.patches_of(change, directory)))
        .collect()
}

/// When Alembic commits: what `env.py` says, and which revisions leave its transaction.
fn commits(session: &Session<'_>, mode: Mode, sources: &[Upstream]) -> Result<Commits, Failure> {
    let env = env_file(&session.project)?;
    let file = env.map(|env| env.file.ok());
    let per_migration = match (&file, &session.project.alembic) {
        (Some(Some(file)), _) => {
            let mut said = file
                .online()
                .map(|configure| configure.transaction_per_migration);
            let first = said.next().flatten();
            first.filter(|first| said.all(|other| other == Some(*first)))
        }
        // Alembic's own default, where there is no project.
        (None, None) => Some(false),
        (Some(None), _) | (None, Some(_)) => None,
    };
    let migrations = sources.iter().flat_map(|source| &source.migrations);
    let leaving = migrations.filter(|one| {
        let wrapper = one.wrapper.as_ref().filter(|_| mode != Mode::Render);
        wrapper.is_some_and(|wrapper| leaves_transaction(&wrapper.text))
    });
    Ok(Commits {
        per_migration,
        leaving: leaving
            .filter_map(|one| Some(one.sql.as_ref()?.digest))
            .collect(),
    })
}
