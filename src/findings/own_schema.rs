//! Revisions of the project's own that make Procrastinate's schema.

use camino::Utf8Path;

use super::{Code, Finding};
use crate::adoption::{How, OwnRevision, Sign};
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
pub fn own_schema(own: &Own<'_>) -> Option<Finding> {
    let signs = own.read.signs();
    let first = signs.first()?;
    let upgrades = own.read.upgrade.iter().any(|body| !body.signs().is_empty());
    let (what, then) = match upgrades {
        true => (
            "this revision of your own",
            "the vendored revisions do that, too: a fresh database fails, or gets what no release has",
        ),
        false => (
            "the `downgrade()` of this revision",
            "they belong to the vendored revisions now",
        ),
    };
    let message = format!("{what} {}, and {then}", told(first));
    let remedy = format!(
        "if every database has run it, let the vendored revisions take its place: `vendor-migrations adopt --revision {id}=RELEASE` shows \
         the edit (or, where the revision must stay as it is, `adopt --keep`)",
        id = own.id
    );
    let place = Place::new(own.path.as_str()).at(first.line);
    Some(Finding::error(Code::OwnSchema, place, message, remedy).about(vec![own.id.to_owned()]))
}

/// Notes on what cannot be told.
pub fn unclear(own: &Own<'_>) -> Vec<String> {
    let note = |unclear: &crate::adoption::Unclear| {
        format!(
            "{}:{}: whether it makes, changes or drops Procrastinate's objects cannot be told without running it (`{}`)",
            own.path, unclear.line, unclear.what
        )
    };
    own.read.unclear.iter().map(note).collect()
}

/// What a sign says, for people.
pub fn told(sign: &Sign) -> String {
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
