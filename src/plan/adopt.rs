//! The vendored chain in the place of the project's own revisions: edges at its root, and behind each release that one of them
//! stands for. No id, no SQL and no order changes.

use super::{Input, Options, Plan, PlanError, plan};
use crate::digest::Digest;
use crate::lockfile::{Adopted, Baseline, Lock, LockedChain, LockedRevision};
use crate::patch::FileChange;
use crate::python_source::{Header, RevisionFile};
use crate::vendored::tree::Tree;

/// What is to be adopted.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// In the order in which databases ran them.
    pub taken: Vec<Taken>,
    /// The heads of the project's own revisions.
    pub heads: Vec<String>,
    /// Whether the project has one line of revisions.
    pub linear: bool,
}

/// A revision of the project's own whose place vendored ones take.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The revision before it.
    pub parent: Option<String>,
    pub adopted: Adopted,
}

/// Vendors the release of `input`, which has no lock yet, with the edges of an adoption. Each `is` names a revision that the
/// plan `without` them has.
pub fn adopt_new(without: Plan, input: Input<'_>, adoption: &Adoption) -> Result<Plan, PlanError> {
    if !without.conflicts.is_empty() {
        return Ok(without);
    }
    let mut lock = without.lock;
    add_edges(&mut lock, adoption);
    let options = Options {
        rerender: true,
        ..input.options
    };
    let with = plan(Input {
        lock: Some(&lock),
        options,
        ..input
    })?;
    Ok(Plan {
        changes: without.changes,
        warnings: without.warnings,
        ..with
    })
}

/// Vendors what comes behind a baseline; `without` is the plan without it.
pub fn keep(without: Plan, input: Input<'_>, baseline: Baseline) -> Result<Plan, PlanError> {
    if !without.conflicts.is_empty() {
        return Ok(without);
    }
    let lock = Lock {
        baseline: Some(baseline),
        revisions: LockedChain::default(),
        ..without.lock
    };
    plan(Input {
        lock: Some(&lock),
        ..input
    })
}

/// Adds the edges to what is vendored: to these lines only.
pub fn adopt_vendored(lock: &Lock, tree: &Tree, adoption: &Adoption) -> Result<Plan, PlanError> {
    let mut plan = Plan::of(lock.clone());
    for place in add_edges(&mut plan.lock, adoption) {
        let revision = &mut plan.lock.revisions[place];
        let path = revision.file.to_string();
        let before = tree.file(&path).map(<[u8]>::to_vec);
        let text = String::from_utf8_lossy(before.as_deref().unwrap_or_default()).into_owned();
        let after =
            edited(&text, revision).ok_or_else(|| PlanError::NoPlace { file: path.clone() })?;
        revision.sha256 = Digest::of(&after);
        plan.files.push(FileChange {
            path,
            before,
            after: Some(after.into_bytes()),
        });
    }
    plan.writes_lock = true;
    Ok(plan)
}

/// Returns the places in the chain that have new edges.
fn add_edges(lock: &mut Lock, adoption: &Adoption) -> Vec<usize> {
    let mut place = 0;
    let mut edges = Vec::new();
    for taken in &adoption.taken {
        edges.push((place, taken.parent.iter().cloned().collect()));
        let last = lock.revisions.position(&taken.adopted.is);
        place = last.map_or(place, |last| last + 1);
    }
    edges.push((place, adoption.heads.clone()));
    edges.retain(|(place, own)| {
        *place < lock.revisions.len() && (adoption.linear || !own.is_empty())
    });
    for (place, own) in &edges {
        let revision = &mut lock.revisions[*place];
        match adoption.linear {
            true => revision.down = own.first().cloned(),
            false => revision.depends_on.clone_from(own),
        }
    }
    lock.adopted = adoption
        .taken
        .iter()
        .map(|taken| taken.adopted.clone())
        .collect();
    edges.into_iter().map(|(place, _)| place).collect()
}

/// The text of a revision file that depends on more. What a copy of upstream's depends on by itself stays.
fn edited(text: &str, revision: &LockedRevision) -> Option<String> {
    let file = RevisionFile::parse(text).ok()?;
    let header = Header {
        id: &revision.id,
        down: revision.down.as_deref(),
        depends_on: &[&file.depends_on[..], &revision.depends_on].concat(),
        labels: true,
    };
    file.at(text, &header)
}
