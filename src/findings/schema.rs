//! The schema that Procrastinate's objects are in, where no setting pins it. Vendored revisions go wherever the search path of
//! Alembic's connection begins, and workers wherever that of theirs does. Each may be right; the two have to be the same.

use camino::Utf8PathBuf;

use super::calls::without_password;
use super::{Code, Finding, Severity};
use crate::alembic::search_path::InRevision;
use crate::lockfile::Mode;
use crate::place::Place;
use crate::sql::Schema;

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
    pub schema: Schema,
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
        let mut named = self.alembic.iter().map(|sign| match &sign.schema {
            Schema::Named(name) => Some(name.as_str()),
            Schema::Open => None,
        });
        match named.next() {
            None if self.configured_url => Target::Default,
            None => Target::Unknown,
            Some(Some(first)) if named.all(|other| other == Some(first)) => Target::Named(first),
            Some(_) => Target::Open,
        }
    }

    fn of_alembic(&self, sign: &Sign) -> Option<Finding> {
        let shown = shown(&sign.schema);
        if sign.local && self.leaves_transaction {
            let message = format!(
                "`{}`: it ends with the transaction, which vendored revisions leave for new enum values: from there on, \
                 migrations look for Procrastinate's objects elsewhere than in {shown}, and fail",
                without_password(&sign.text)
            );
            let severity = match sign.schema {
                Schema::Named(_) => Severity::Error,
                Schema::Open => Severity::Warning,
            };
            return Some(
                self.finding(&sign.place, &message, &sign.schema)
                    .of(severity),
            );
        }
        let message = format!(
            "`{}`: the search path of Alembic's connection begins with {shown}, so the vendored revisions make their objects \
             there; nothing shows that the workers' connections have the same one",
            without_password(&sign.text)
        );
        self.workers
            .is_empty()
            .then(|| self.finding(&sign.place, &message, &sign.schema))
    }

    fn of_worker(&self, sign: &Sign) -> Option<Finding> {
        let target = self.target();
        let (other, severity) = match (&sign.schema, target) {
            (Schema::Named(name), Target::Named(target)) if name == target => return None,
            (Schema::Open, Target::Open | Target::Named(_)) => return None,
            (Schema::Named(_), Target::Named(target)) => {
                (format!("begins with `{target}`"), Severity::Error)
            }
            (Schema::Named(_), Target::Default) => ("is not set".to_owned(), Severity::Error),
            (Schema::Open, Target::Default) => ("is not set".to_owned(), Severity::Warning),
            (Schema::Named(_), Target::Open) => {
                ("is only known when it runs".to_owned(), Severity::Warning)
            }
            (_, Target::Unknown) => {
                let where_not = "is nowhere in its configuration or `env.py`";
                (where_not.to_owned(), Severity::Warning)
            }
        };
        let shown = shown(&sign.schema);
        let message = format!(
            "`{}`: workers use {shown}, and the search path of Alembic's connection {other}: the vendored revisions then make \
             a copy that no worker uses",
            without_password(&sign.text)
        );
        Some(
            self.finding(&sign.place, &message, &sign.schema)
                .of(severity),
        )
    }

    fn of_revision(&self, path: &Utf8PathBuf, found: &InRevision) -> Option<Finding> {
        let (line, schema, message, severity) = match found {
            InRevision::Sets(sign) => {
                let severity = match sign.schema {
                    Schema::Named(_) => Severity::Error,
                    Schema::Open => Severity::Warning,
                };
                let message = "it sets the search path for Procrastinate's objects, and no vendored revision does: they go \
                               wherever that of Alembic's connection begins, and make a second copy there";
                (&sign.place, sign.schema.clone(), message, severity)
            }
            InRevision::Names(place, schema) => {
                let message = "Procrastinate's tables are in another schema than `public`, and nothing shows that the search \
                               path of Alembic's connection begins with it: the vendored revisions then make a second copy";
                (
                    place,
                    Schema::Named(schema.clone()),
                    message,
                    Severity::Warning,
                )
            }
        };
        let agrees = match (&schema, self.target()) {
            (Schema::Named(name), Target::Named(target)) => name == target,
            (_, Target::Open) => true,
            _ => false,
        };
        let place = Place::new(path.as_str()).at(line.line);
        let message = format!("`{}`: {message}", without_password(&line.text));
        (!agrees).then(|| self.finding(&place, &message, &schema).of(severity))
    }

    fn finding(&self, place: &Place, message: &str, schema: &Schema) -> Finding {
        let name = match schema {
            Schema::Named(name) => format!("`schema = \"{name}\"`"),
            Schema::Open => "the setting `schema`".to_owned(),
        };
        let same = "give Alembic's connection and those of the workers one search path, for the whole session";
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

fn shown(schema: &Schema) -> String {
    match schema {
        Schema::Named(name) => format!("the schema `{name}`"),
        Schema::Open => "a schema that is only known when it runs".to_owned(),
    }
}

#[cfg(test)]
mod tests;
