//! What somebody wants a schema to have: the project, the code, or a release.

use super::finding::{Code, Finding, Help};
use super::sides::{Agreement, Expect, Sides, quoted};
use super::states::State;
use crate::catalog::{self, Matches, Migration, Release};
use crate::digest::Digest;
use crate::lockfile::{Lock, LockedRevision};
use crate::plan::standing;
use crate::procrastinate::{Phase, runs_before_deploy};
use crate::steps;
use crate::upstream::Upstream;

/// A migration that somebody wants the database to have.
struct Wanted<'a> {
    name: &'a str,
    sha256: Option<Digest>,
    phase: Phase,
}

impl Agreement {
    /// Compares with what is vendored, the code, or a release, as is expected.
    pub(super) fn with_others(&mut self, state: Option<&State>, sides: &Sides<'_>) {
        // Nothing at all is told as one finding.
        let Some(state) = state else { return };
        let has = match state.position.is_end() {
            true => state.chain,
            false => &state.chain[..state.chain.len() - 1],
        };
        let mut told = Vec::new();
        if let (Expect::All | Expect::Vendored, Some(lock)) = (sides.expect, sides.lock) {
            let wanted: Vec<Wanted<'_>> = of_lock(lock);
            let Differences {
                missing, edited, ..
            } = differences(has, &wanted);
            match around_deploys(state, lock) {
                Some(from) if !missing.is_empty() && !sides.before_deploy => {
                    let list: Vec<&str> = missing.iter().map(|one| one.name).collect();
                    let message = format!(
                        "the schema lacks migrations of what is vendored, and deploys belong between them: {}",
                        quoted(&list)
                    );
                    let finding = Finding::error(Code::BehindVendored, message);
                    self.findings.push(finding.with(Help::Rollout(from)));
                }
                _ => self.missing(Code::BehindVendored, "what is vendored", &missing, sides),
            }
            if !edited.is_empty() {
                let message = format!(
                    "the schema comes from a text of {} that is not the vendored one: upstream edited it",
                    names(&edited)
                );
                self.findings.push(Finding::note(Code::Variant, message));
            }
            told = missing.iter().map(|one| one.name.to_owned()).collect();
        }
        if let (Expect::All | Expect::Code, Some(code)) = (sides.expect, sides.code) {
            let wanted = of_code(code);
            let Differences { missing, extra, .. } = differences(has, &wanted);
            let title = code.title();
            if told.is_empty()
                || missing
                    .iter()
                    .any(|one| !told.iter().any(|told| told == one.name))
            {
                self.missing(Code::BehindCode, &title, &missing, sides);
            }
            self.too_new(&title, &extra);
        }
        if let Expect::Release(release) = sides.expect {
            let wanted = of_release(release);
            let Differences { missing, extra, .. } = differences(has, &wanted);
            let title = format!("Procrastinate {}", release.name);
            self.missing(Code::BehindRelease, &title, &missing, sides);
            if !extra.is_empty() {
                let message = format!("the schema has more than {title}: {}", names(&extra));
                self.findings
                    .push(Finding::error(Code::AheadOfRelease, message));
            }
        }
    }

    fn missing(&mut self, code: Code, title: &str, missing: &[&Wanted<'_>], sides: &Sides<'_>) {
        if missing.is_empty() {
            return;
        }
        let list: Vec<&str> = missing.iter().map(|one| one.name).collect();
        let message = format!("the schema lacks migrations of {title}: {}", quoted(&list));
        let is_late = |one: &&Wanted<'_>| !runs_before_deploy(one.name, one.phase);
        if sides.before_deploy && missing.iter().all(is_late) {
            let message = format!("{message}; they belong after the deploy");
            self.findings.push(Finding::note(code, message));
            return;
        }
        self.findings
            .push(Finding::error(code, message).with(way_to(missing, sides.lock)));
    }

    /// Migrations of a release newer than the code: those that run after its deploy take away what older code calls.
    fn too_new(&mut self, title: &str, extra: &[&Migration]) {
        let (early, late): (Vec<_>, Vec<_>) = extra
            .iter()
            .copied()
            .partition(|one| runs_before_deploy(one.name, one.phase));
        if !late.is_empty() {
            let message = format!(
                "the schema has migrations that belong after the deploy of a release newer than {title}: {}. Functions that this code \
                 calls may be gone",
                names(&late)
            );
            let help = "deploy the release that they belong to";
            let finding = Finding::error(Code::AheadOfCode, message);
            self.findings
                .push(finding.with(Help::Text(help.to_owned())));
        } else if !early.is_empty() {
            let message = format!(
                "the schema has migrations of a release newer than {title}, which may run before its deploy: {}",
                names(&early)
            );
            self.findings
                .push(Finding::note(Code::AheadOfCode, message));
        }
    }
}

/// The release of the schema, if what is vendored after it does not run at once: deploys come between.
fn around_deploys(state: &State, lock: &Lock) -> Option<&'static str> {
    let from = state.releases.last().copied()?;
    let to = catalog::release(&lock.upstream.release)?;
    if from.version() >= to.version() {
        return None;
    }
    let rollout = steps::rollout(lock, from, to).ok()?;
    let actions = rollout.steps.iter().flat_map(|step| &step.actions);
    let upgrades = actions.filter(|action| matches!(action, steps::Action::Upgrade(_)));
    (upgrades.count() > 1).then_some(from.name)
}

/// How a database gets these migrations.
fn way_to(missing: &[&Wanted<'_>], lock: Option<&Lock>) -> Help {
    let Some(lock) = lock else {
        let text = "run these migrations with Alembic in the project (`vendor-migrations check` says there what comes first), or with Procrastinate's own \
             files";
        return Help::Text(text.to_owned());
    };
    let chain = standing(lock, &[]).chain;
    let last = chain.iter().filter_map(|group| group.last());
    let last: Vec<&LockedRevision> = last.collect();
    let place = |one: &&Wanted<'_>| {
        let is_it = |locked: &&LockedRevision| {
            locked.name() == one.name || one.sha256.is_some() && locked.sql_sha256 == one.sha256
        };
        last.iter().position(is_it)
    };
    let places: Option<Vec<usize>> = missing.iter().map(place).collect();
    match places.and_then(|places| places.into_iter().max()) {
        // Some are not vendored.
        None => Help::Sync,
        Some(place) if place + 1 == last.len() => Help::Upgrade,
        Some(place) => Help::UpgradeTo(last[place].id.clone()),
    }
}

fn of_lock(lock: &Lock) -> Vec<Wanted<'_>> {
    let chain = standing(lock, &[]).chain;
    let last = chain.into_iter().filter_map(<[LockedRevision]>::last);
    last.map(|last| Wanted {
        name: last.name(),
        sha256: last.sql_sha256,
        phase: last.phase,
    })
    .collect()
}

fn of_code(code: &Upstream) -> Vec<Wanted<'_>> {
    let sql = code.migrations.iter().filter_map(|one| one.sql.as_ref());
    sql.map(|sql| Wanted {
        name: sql.name.as_str(),
        sha256: Some(sql.digest),
        phase: sql.name.phase(),
    })
    .collect()
}

fn of_release(release: &'static Release) -> Vec<Wanted<'static>> {
    let migrations = release.migrations.iter();
    migrations
        .map(|migration| Wanted {
            name: migration.name,
            sha256: Some(migration.sha256),
            phase: migration.phase,
        })
        .collect()
}

/// What is wanted, and what is there.
struct Differences<'w, 'm> {
    missing: Vec<&'w Wanted<'w>>,
    extra: Vec<&'m Migration>,
    /// What ran with another text, which made something else.
    edited: Vec<&'m Migration>,
}

fn differences<'w, 'm>(has: &[&'m Migration], wanted: &'w [Wanted<'_>]) -> Differences<'w, 'm> {
    let mut matches = Matches::new(wanted.len(), has.len());
    let digest = |index: usize| wanted[index].sha256;
    let name = |index: usize| Some(wanted[index].name);
    matches.by(
        |one| digest(one).zip(name(one)),
        |other| Some((has[other].sha256, has[other].name)),
    );
    matches.by(digest, |other| Some(has[other].sha256));
    matches.by(name, |other| Some(has[other].name));
    let Matches { matched, free } = matches;
    let pairs = || wanted.iter().zip(&matched);
    let missing = pairs().filter(|(_, found)| found.is_none());
    let extra = has.iter().copied().zip(free).filter(|(_, free)| *free);
    let made = |sha256| catalog::effects_of(sha256).map(|effects| effects.statements);
    let edited = pairs().filter_map(|(one, found)| {
        let found = has[(*found)?];
        (made(one.sha256.as_ref()?) != made(&found.sha256)).then_some(found)
    });
    Differences {
        missing: missing.map(|(one, _)| one).collect(),
        extra: extra.map(|(one, _)| one).collect(),
        edited: edited.collect(),
    }
}

fn names(migrations: &[&Migration]) -> String {
    let names: Vec<&str> = migrations.iter().map(|one| one.name).collect();
    quoted(&names)
}
