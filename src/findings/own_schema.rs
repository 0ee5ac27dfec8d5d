//! Revisions of the project's own that make Procrastinate's schema.

use camino::Utf8Path;

use super::{Code, Finding, Remedy};
use crate::adoption::{How, OwnRevision, Sign, Unclear};
use crate::alembic::graph::Node;
use crate::lockfile::{Adopted, Baseline, LOCK_NAME, Lock};
use crate::place::Place;
use crate::sql::ddl::Verb;

/// A revision file that was read for it.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    pub id: &'a str,
    /// As the user knows it.
    pub path: &'a Utf8Path,
    pub read: &'a OwnRevision,
}

/// The finding, if there is one.
/// `adopted` says that the project has adopted others already.
pub fn own_schema(own: &Own<'_>, adopted: bool) -> Option<Finding> {
    let signs = own.read.signs();
    let first = signs.first()?;
    let upgrades = own.read.upgrade.iter().any(|body| !body.signs().is_empty());
    let (what, then) = match upgrades {
        true => (
            "this revision of your own",
            "the vendored revisions do the same: an upgrade of a fresh database fails, or makes a schema that no release has",
        ),
        false => (
            "the `downgrade()` of this revision",
            "they belong to the vendored revisions now",
        ),
    };
    let message = format!("{what} {}, and {then}", told(first));
    let remedy = match adopted {
        true => "remove that from the revision, if no database has run it; if it is a change of your own that the vendored \
                 revisions do not make, accept the finding in the settings"
            .into(),
        false => adopt(own),
    };
    let place = Place::new(own.path.as_str()).at(first.line);
    Some(Finding::error(Code::OwnSchema, place, message, remedy).about(vec![own.id.to_owned()]))
}

/// The vendored revisions take its place. One that makes no table may follow another one that does.
fn adopt(own: &Own<'_>) -> Remedy {
    let words = format!(
        "if databases have run it, let the vendored revisions take its place before you upgrade a database again: \
         `vendor-migrations adopt --revision {id}=RELEASE --database URL` shows the edit, and `vendor-migrations database URL` tells the \
         release",
        id = own.id
    );
    match own.read.makes_tables() {
        true => Remedy::Adopt(words),
        false => Remedy::ByHand(words),
    }
}

/// `adopt` vendors, too, and a `sync` before it would be in its way.
pub fn adopt_first(findings: &mut [Finding]) {
    let is_adopt = |finding: &Finding| matches!(finding.remedy, Some(Remedy::Adopt(_)));
    if findings.iter().any(is_adopt) {
        let not_vendored = findings
            .iter_mut()
            .filter(|finding| finding.code == Code::NotVendored);
        not_vendored.for_each(|finding| {
            finding.remedy = Some(Remedy::Nothing(
                "`vendor-migrations adopt` vendors them, too",
            ));
        });
    }
}

/// What of an adoption is no longer so. `own` are the project's own revisions; `makes` says whether one makes Procrastinate's objects.
pub fn adoption(
    lock: &Lock,
    directory: &Utf8Path,
    own: &[&Node],
    makes: impl Fn(&Node) -> bool,
) -> Vec<Finding> {
    let node = |id: &str| own.iter().find(|node| node.id == id);
    let gone = |id: &str| gone(id, directory);
    let edge = |adopted: &Adopted| {
        let (id, is) = (&adopted.revision, &adopted.is);
        let Some(node) = node(id) else {
            return Some(gone(id));
        };
        let message = format!(
            "this revision stands for Procrastinate {}, but no longer needs `{is}`: a database that has run it would run \
             the vendored revisions again",
            adopted.release
        );
        let remedy = match lock.is_linear() {
            true => format!("write `down_revision = \"{is}\"` again"),
            false => format!("write `depends_on = \"{is}\"` again"),
        };
        let place = Place::new(node.path.as_str()).at(node.lines.depends_on);
        let finding =
            || Finding::error(Code::AdoptionBroken, place, message, remedy).about(vec![id.clone()]);
        (!node.down.contains(is) && !node.depends_on.contains(is)).then(finding)
    };
    let below = |baseline: &Baseline| {
        let id = &baseline.revision;
        let Some(node) = node(id) else {
            return Some(gone(id));
        };
        let message = format!(
            "the lock says that this revision makes the schema of Procrastinate {}, and that the vendored revisions begin \
             after it; but this revision does not make that schema: a fresh database has no tables",
            baseline.release
        );
        let remedy = "restore it from version control";
        let place = Place::new(node.path.as_str());
        (!makes(node)).then(|| {
            Finding::error(Code::AdoptionBroken, place, message, remedy).about(vec![id.clone()])
        })
    };
    lock.adopted
        .iter()
        .filter_map(edge)
        .chain(lock.baseline.iter().filter_map(below))
        .collect()
}

/// An own revision that an adoption rests on, and that is not there.
fn gone(id: &str, directory: &Utf8Path) -> Finding {
    let message = format!(
        "the lock says that vendored revisions took the place of `{id}`, but no revision has that id (was it squashed?)"
    );
    let remedy = format!(
        "restore `{id}` from version control: without it, Alembic does not know which databases have Procrastinate's tables"
    );
    let place = Place::below(directory, LOCK_NAME);
    Finding::error(Code::AdoptionBroken, place, message, remedy)
}

/// Notes on what cannot be told.
pub fn unclear(own: &Own<'_>) -> Vec<String> {
    let note = |unclear: &Unclear| {
        format!(
            "{}:{}: only running it can show whether it makes, changes or drops Procrastinate's objects (`{}`)",
            own.path, unclear.line, unclear.what
        )
    };
    own.read.unclear.iter().map(note).collect()
}

/// What a sign says, for people.
fn told(sign: &Sign) -> String {
    match &sign.how {
        How::Literal(ddl) | How::File { ddl, .. } => {
            let mut names: Vec<&str> = ddl
                .targets
                .iter()
                .map(|target| target.name.as_str())
                .collect();
            names.dedup();
            let verb = ddl
                .targets
                .first()
                .map_or(Verb::Create, |target| target.verb);
            let verb = match verb {
                Verb::Create => "makes",
                Verb::Alter => "changes",
                Verb::Drop => "drops",
            };
            let more = match names.len() {
                0 | 1 => String::new(),
                several => format!(" and {} more of Procrastinate's objects", several - 1),
            };
            let from = match &sign.how {
                How::File { path, .. } => format!(" (it runs `{path}`)"),
                _ => String::new(),
            };
            format!(
                "{verb} `{}`{more}{from}",
                names.first().copied().unwrap_or_default()
            )
        }
        How::Operation(name, object) => format!("calls `op.{name}` on `{object}`"),
        How::Package(what) => format!("runs SQL of the installed Procrastinate (`{what}`)"),
        How::Command(what) => format!("runs `{what}`"),
    }
}
