//! The schema that Procrastinate's objects are in, where no setting pins it. Vendored revisions go wherever the search path of
//! Alembic's connection begins, and workers wherever that of theirs does. Each may be right; the two have to be the same.

use camino::Utf8PathBuf;

use super::calls::without_password;
use super::{Code, Finding, Severity};
use crate::alembic::search_path::InRevision;
use crate::lockfile::Mode;
use crate::place::Place;
use crate::sql::SearchPath;

/// What the project's files say.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Of Alembic's own connection: in its URL, and in `env.py`.
    pub alembic: Vec<Sign>,
    /// It plainly has the URL of the configuration, so it has no search path but one that was seen.
    pub configured_url: bool,
    /// Of Procrastinate's connectors.
    pub workers: Vec<Sign>,
    /// Revisions of the project's own, by path.
    pub revisions: Vec<(Utf8PathBuf, InRevision)>,
    pub mode: Mode,
    /// Whether a vendored revision leaves Alembic's transaction.
    pub leaves_transaction: bool,
}

/// A search path that begins with another schema than `public`.
#[derive(Debug, Clone)]
pub struct Sign {
    pub place: Place,
    /// The line; it is foreign text.
    pub text: String,
    pub path: SearchPath,
    /// It holds to the end of the transaction.
    pub local: bool,
}

/// Where Alembic's connection puts what revisions make.
enum Target<'a> {
    /// `public`, as far as files tell.
    Default,
    Named(&'a str),
    /// It has a search path that is only known when it runs, or several.
    Open,
    /// Nothing is seen, and it is made elsewhere.
    Unknown,
}

/// The findings; `pinned` says whether the settings name a schema, and then there are none.
pub fn schema(seen: &Seen, pinned: bool) -> Vec<Finding> {
    if pinned {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = seen
        .alembic
        .iter()
        .filter_map(|sign| seen.of_alembic(sign))
        .collect();
    findings.extend(seen.workers.iter().filter_map(|sign| seen.of_worker(sign)));
    findings.extend(
        seen.revisions
            .iter()
            .filter_map(|(path, found)| seen.of_revision(path, found)),
    );
    // One for each file: what pins the schema mends them all.
    let mut paths: Vec<String> = Vec::new();
    findings.sort_by_key(|finding| finding.severity);
    findings.retain(|finding| {
        let is_new = !paths.contains(&finding.place.path);
        paths.push(finding.place.path.clone());
        is_new
    });
    findings
}

impl Seen {
    fn target(&self) -> Target<'_> {
        let mut named = self.alembic.iter().map(|sign| sign.path.first.as_deref());
        match named.next() {
            None if self.configured_url => Target::Default,
            None => Target::Unknown,
            Some(Some(first)) if named.all(|other| other == Some(first)) => Target::Named(first),
            Some(_) => Target::Open,
        }
    }

    fn of_alembic(&self, sign: &Sign) -> Option<Finding> {
        let first = sign.path.first.as_deref();
        let shown = shown(first);
        if sign.local && self.leaves_transaction {
            let message = format!(
                "`{}`: it ends with the transaction, and vendored revisions leave the transaction to add enum values: \
                 after that, migrations do not look for Procrastinate's objects in {shown}, and fail",
                without_password(&sign.text)
            );
            let finding = self.finding(&sign.place, &message, first);
            return Some(finding.of(severity(first)));
        }
        let message = format!(
            "`{}`: the search path of Alembic's connection begins with {shown}, so the vendored revisions make their \
             objects there; nothing shows that the workers' connections have the same search path",
            without_password(&sign.text)
        );
        self.workers
            .is_empty()
            .then(|| self.finding(&sign.place, &message, first))
    }

    /// Workers find what is in any schema of their path.
    fn of_worker(&self, sign: &Sign) -> Option<Finding> {
        let first = sign.path.first.as_deref();
        let (other, severity) = match self.target() {
            Target::Named(target) if first.is_none() || sign.path.has(target) => return None,
            Target::Default | Target::Unknown if sign.path.has("public") => return None,
            Target::Open if first.is_none() => return None,
            Target::Named(target) => (format!("begins with `{target}`"), Severity::Error),
            Target::Default => ("is not set".to_owned(), severity(first)),
            Target::Open => ("is only known when it runs".to_owned(), Severity::Warning),
            Target::Unknown => {
                let where_not = "is nowhere in its configuration or `env.py`";
                (where_not.to_owned(), Severity::Warning)
            }
        };
        let message = format!(
            "`{}`: workers use {}, but the search path of Alembic's connection {other}: the vendored revisions then make a \
             copy that no worker uses",
            without_password(&sign.text),
            shown(first)
        );
        let finding = self.finding(&sign.place, &message, first);
        Some(finding.of(severity))
    }

    fn of_revision(&self, path: &Utf8PathBuf, found: &InRevision) -> Option<Finding> {
        let (line, first, message, severity) = match found {
            InRevision::Sets(sign) => {
                let first = sign.path.first.as_deref();
                let message = "it sets the search path for Procrastinate's objects, but no vendored revision does: the \
                               vendored revisions make a second copy, in the first schema of the search path of Alembic's \
                               connection";
                (&sign.place, first, message, severity(first))
            }
            InRevision::Names(place, schema) => {
                let message = "Procrastinate's tables are not in the schema `public`, and nothing shows that the search \
                               path of Alembic's connection begins with their schema: if it does not, the vendored \
                               revisions make a second copy";
                (place, Some(schema.as_str()), message, Severity::Warning)
            }
        };
        let agrees = match self.target() {
            Target::Named(target) => first == Some(target),
            Target::Open => true,
            Target::Default | Target::Unknown => false,
        };
        let place = Place::new(path.as_str()).at(line.line);
        let message = format!("`{}`: {message}", without_password(&line.text));
        (!agrees).then(|| self.finding(&place, &message, first).of(severity))
    }

    fn finding(&self, place: &Place, message: &str, first: Option<&str>) -> Finding {
        let name = match first {
            Some(name) => format!("`schema = \"{name}\"`"),
            None => "the setting `schema`".to_owned(),
        };
        let same = "give Alembic's connection and the workers' connections the same search path, for the whole session";
        let remedy = match self.mode {
            Mode::Render => {
                format!("{name} in the settings pins it in every vendored revision; or {same}")
            }
            Mode::Copy => format!(
                "{same}; or vendor rendered revisions (`vendor-migrations sync --mode render`), which {name} in the settings pins"
            ),
            Mode::InPlace => same.to_owned(),
        };
        Finding::warning(Code::Schema, place.clone(), message, remedy)
    }
}

fn shown(first: Option<&str>) -> String {
    match first {
        Some(name) => format!("the schema `{name}`"),
        None => "a schema that is only known when it runs".to_owned(),
    }
}

/// What is only known when it runs may be right.
fn severity(first: Option<&str>) -> Severity {
    match first {
        Some(_) => Severity::Error,
        None => Severity::Warning,
    }
}

#[cfg(test)]
mod tests;
