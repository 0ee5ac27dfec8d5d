//! Why revisions cannot be adopted.

use camino::Utf8PathBuf;

use super::{Stuck, Unproven};
use crate::steps;

/// Why nothing is edited, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "this program found no revision of this project's own that makes Procrastinate's schema"
    )]
    None,
    #[error("several revisions of this project's own make Procrastinate's schema: {}", .0.join(", "))]
    Several(Vec<String>),
    #[error("`{named}` makes nothing of Procrastinate's schema, but `{makes}` does")]
    Other { named: String, makes: String },
    #[error("no revision of this project's own has the id `{id}`{}", did_you_mean(.meant.as_deref()))]
    Unknown { id: String, meant: Option<String> },
    #[error("`{0}` is a vendored revision, and `--revision` takes one of the project's own")]
    Vendored(String),
    #[error(
        "`{0}` is a merge: the vendored revisions can take the place only of a revision that follows a single other revision"
    )]
    Merge(String),
    #[error("`{0}` builds on vendored revisions, so they cannot come before it")]
    BuildsOnVendored(String),
    #[error(
        "neither `{0}` nor `{1}` comes before the other, so it is not known in which order databases ran them"
    )]
    NoOrder(String, String),
    #[error(
        "`{later}` comes after `{earlier}`, but its release, {release}, has no migration that {before} does not have"
    )]
    SameRelease {
        earlier: String,
        before: &'static str,
        later: String,
        release: &'static str,
    },
    #[error(
        "everything is vendored already, from the first migration on, and `--keep` vendors only what comes after a release"
    )]
    KeepVendored,
    #[error(
        "{place} reads the installed package when it runs: a fresh database would get the schema of another release"
    )]
    RunTime { place: String },
    #[error("upstream is Procrastinate {upstream}, which is older than {release}")]
    OlderUpstream {
        release: &'static str,
        upstream: String,
    },
    #[error("this project has adopted `{0}` already")]
    Already(String),
    #[error(
        "the history is linear, and the vendored revisions follow the project's own: once a database has applied one of \
         them, they cannot move before `{revision}`"
    )]
    LinearVendored {
        revision: String,
        /// Where it makes Procrastinate's objects: `FILE:LINE`.
        places: Vec<String>,
    },
    #[error("the project has several heads, but the migrations after the release have to follow one head: {}", .0.join(", "))]
    SeveralHeads(Vec<String>),
    #[error(
        "`{0}` has its own `depends_on`, and Alembic cannot sort the revisions if another one is added"
    )]
    DependsOn(String),
    #[error(
        "each `--revision` has a release of its own, so it is not known what `--release` is for"
    )]
    ReleaseTwice,
    #[error("`--revision {0}` is given twice")]
    Twice(String),
    #[error("{0} is not UTF-8 text")]
    NotUtf8(Utf8PathBuf),
    #[error("the DDL of `{revision}` is that of Procrastinate {}, not of {release}", .proven.join(", "))]
    OtherRelease {
        revision: String,
        proven: Vec<&'static str>,
        release: String,
    },
    #[error("it is not proven which release's schema `{revision}` makes: {why}")]
    Unproven { revision: String, why: Unproven },
    #[error("{place} does not prove it: {why}")]
    Database { place: String, why: String },
    #[error("{path} cannot be edited automatically:\n{}", lines(path, .stuck))]
    Stuck {
        path: Utf8PathBuf,
        stuck: Vec<Stuck>,
    },
    #[error("`{revision}` names the schema `{named}`, but the vendored revisions would make their objects in {}", place(.set.as_deref()))]
    Schema {
        revision: String,
        named: String,
        set: Option<String>,
    },
    #[error(
        "`{0}` sets a search path that is only known when it runs, so the vendored revisions could make their objects in another schema"
    )]
    OpenSchema(String),
    #[error("{path} {why}, so an edit could not be undone")]
    Unclean { path: Utf8PathBuf, why: String },
    #[error(transparent)]
    Position(#[from] steps::Refusal),
}

impl Refused {
    /// Whether the command line is wrong, and not the project.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Unknown { .. } | Self::Vendored(_) | Self::Twice(_) | Self::ReleaseTwice
        )
    }

    pub fn hint(&self) -> String {
        match self {
            Self::None => "if a revision makes it in a way that this program does not see (a helper in another file), \
                           remove that from it by hand, and name the revision: `--revision ID=RELEASE`; if `procrastinate schema --apply` made the \
                           tables, `vendor-migrations stamp` is what you need"
                .to_owned(),
            Self::Several(_) => "name each with the release whose schema a database has after it: `--revision ID=RELEASE`, several times".to_owned(),
            Self::Other { makes, .. } => format!(
                "name `{makes}`, or each with its release: `--revision {makes}=RELEASE`. If `{makes}` was not meant to make it, remove that \
                 from it first"
            ),
            Self::Unknown { .. } | Self::Vendored(_) => "`alembic history` lists them".to_owned(),
            Self::Merge(_) => "name the revision that made the tables".to_owned(),
            Self::BuildsOnVendored(_) => {
                "a fresh database has the vendored tables before this revision runs: remove by hand what makes them in \
                 this revision".to_owned()
            }
            Self::NoOrder(..) => "it is not enough to merge the branches: only one of the two can be adopted; remove by \
                                  hand what makes the tables in the other one".to_owned(),
            Self::SameRelease { .. } => "give each revision the release whose schema a database has after it".to_owned(),
            Self::KeepVendored => "leave `--keep` out".to_owned(),
            Self::RunTime { .. } => "run it without `--keep`: then the vendored revisions take its place, and any \
                                     installed release will do".to_owned(),
            Self::OlderUpstream { release, .. } => format!("install Procrastinate {release} or a newer one, or name it with `--from`"),
            Self::Already(_) => "`vendor-migrations check` shows whether the edges are complete".to_owned(),
            Self::LinearVendored { revision, places } => format!(
                "if no database has run a vendored revision, remove the vendored directory and its lock, and run this \
                 again. Otherwise remove by hand what makes Procrastinate's objects in `{revision}` ({}): databases that \
                 have run it keep the objects, and a fresh database gets them from the vendored revisions at the end. The \
                 revisions between the two must not need the objects",
                places.join(", ")
            ),
            Self::SeveralHeads(_) => "merge them first (`alembic merge heads`)".to_owned(),
            Self::DependsOn(_) => "use `history = \"linear\"`, or `adopt --keep`; or move what makes the tables by hand \
                                   into a separate revision before it, which only new databases run"
                .to_owned(),
            Self::ReleaseTwice => "leave `--release` out".to_owned(),
            Self::Twice(_) => "give each revision one release".to_owned(),
            Self::NotUtf8(_) => "write it as UTF-8, commit that, and run this again".to_owned(),
            Self::OtherRelease { proven, .. } => format!("give `--release {}`", proven.last().copied().unwrap_or_default()),
            Self::Unproven { .. } | Self::Database { .. } => {
                "name the release, and prove it with each database that has run the revision: `--release RELEASE --database URL` \
                 (or the result of `vendor-migrations database --query` in a file), with `--database` once for each; all of them \
                 have to be at the release. `vendor-migrations database URL` shows which one that is. \
                 `--unproven` accepts the release without proof: if it is wrong, migrations are lost without a message"
                    .to_owned()
            }
            Self::Stuck { .. } => "remove by hand what makes Procrastinate's objects, commit that, and run this again with \
                                   `--revision ID=RELEASE`".to_owned(),
            Self::Schema { named, .. } => format!("set `schema = \"{named}\"` in the settings (`vendor-migrations init --schema {named}`), and run this again"),
            Self::OpenSchema(_) => "set `schema` in the settings (`vendor-migrations init --schema NAME`), and run this again".to_owned(),
            Self::Unclean { .. } => "commit it first, or give `--force`".to_owned(),
            Self::Position(refusal) => refusal.hint(),
        }
    }
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"))
}

fn place(schema: Option<&str>) -> String {
    schema.map_or("the first schema of the search path".to_owned(), |schema| {
        format!("`{schema}`")
    })
}

fn lines(path: &Utf8PathBuf, stuck: &[Stuck]) -> String {
    let line = |Stuck {
                    lines: (first, last),
                    why,
                }: &Stuck| match first == last {
        true => format!("  {path}:{first} {why}"),
        false => format!("  {path}:{first} to {last} {why}"),
    };
    stuck.iter().map(line).collect::<Vec<_>>().join("\n")
}
