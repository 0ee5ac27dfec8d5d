//! Why revisions cannot be adopted.

use camino::Utf8PathBuf;

use super::{Stuck, Unproven};
use crate::steps;

/// Why nothing is edited, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "no revision of this project's own makes Procrastinate's schema, as far as can be read"
    )]
    None,
    #[error("several revisions of this project's own make Procrastinate's schema: {}", .0.join(", "))]
    Several(Vec<String>),
    #[error("no revision of this project's own has the id `{id}`{}", did_you_mean(.meant.as_deref()))]
    Unknown { id: String, meant: Option<String> },
    #[error("`{0}` is a vendored revision, and `--revision` takes one of the project's own")]
    Vendored(String),
    #[error(
        "`{0}` is a merge: the vendored revisions can take the place of one that follows a single other only"
    )]
    Merge(String),
    #[error("`{0}` builds upon vendored revisions, so they cannot come before it")]
    BuildsOnVendored(String),
    #[error(
        "neither of `{0}` and `{1}` comes before the other, so databases ran them in no certain order"
    )]
    NoOrder(String, String),
    #[error(
        "`{later}` comes after `{earlier}`, and is given {release}, which brings no migration that {before} does not have"
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
        "the history is linear, and the vendored revisions follow the project's own: where one of them is applied, they cannot move before `{revision}`"
    )]
    LinearVendored {
        revision: String,
        /// Where it makes Procrastinate's objects: `FILE:LINE`.
        places: Vec<String>,
    },
    #[error("the project has several heads, and what comes after the release has to follow one: {}", .0.join(", "))]
    SeveralHeads(Vec<String>),
    #[error("`{0}` has a `depends_on` of its own, beside which Alembic cannot sort another one")]
    DependsOn(String),
    #[error("`--revision {0}` is given twice")]
    Twice(String),
    #[error("{0} is not UTF-8 text")]
    NotUtf8(Utf8PathBuf),
    #[error("the DDL of `{revision}` is that of Procrastinate {}, and not of {release}", .proven.join(", "))]
    OtherRelease {
        revision: String,
        proven: Vec<&'static str>,
        release: String,
    },
    #[error("which release's schema `{revision}` makes is not proven: {why}")]
    Unproven { revision: String, why: Unproven },
    #[error("{place} does not prove it: {why}")]
    Database { place: String, why: String },
    #[error("{path} cannot be edited without you:\n{}", lines(path, .stuck))]
    Stuck {
        path: Utf8PathBuf,
        stuck: Vec<Stuck>,
    },
    #[error("`{revision}` names the schema `{named}`, and the vendored revisions would make their objects in {}", place(.set.as_deref()))]
    Schema {
        revision: String,
        named: String,
        set: Option<String>,
    },
    #[error(
        "`{0}` sets a search path that is only known when it runs, so the vendored revisions could make their objects in another schema"
    )]
    OpenSchema(String),
    #[error("{path} {why}, so an edit could not be taken back")]
    Unclean { path: Utf8PathBuf, why: String },
    #[error(transparent)]
    Position(#[from] steps::Refusal),
}

impl Refused {
    /// Whether the command line is wrong, and not the project.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Unknown { .. } | Self::Vendored(_) | Self::Twice(_)
        )
    }

    pub fn hint(&self) -> String {
        match self {
            Self::None => "where one makes it in a way that is not seen (a helper in another file), take that out of it by hand, and name it: \
                           `--revision ID=RELEASE`"
                .to_owned(),
            Self::Several(_) => "name each with the release whose schema a database has after it: `--revision ID=RELEASE`, several times".to_owned(),
            Self::Unknown { .. } | Self::Vendored(_) => "`alembic history` lists them".to_owned(),
            Self::Merge(_) => "name the revision that made the tables".to_owned(),
            Self::BuildsOnVendored(_) => {
                "a fresh database has the vendored tables before it runs: take what makes them out of it by hand".to_owned()
            }
            Self::NoOrder(..) => "merge the branches is not enough: only one of the two can be adopted; take what the other one makes out of it by hand".to_owned(),
            Self::SameRelease { .. } => "give each revision the release whose schema a database has after it".to_owned(),
            Self::KeepVendored => "leave `--keep` out".to_owned(),
            Self::RunTime { .. } => "leave `--keep` out: the vendored revisions take its place, whichever release is installed".to_owned(),
            Self::OlderUpstream { release, .. } => format!("install Procrastinate {release} or a newer one, or name it with `--from`"),
            Self::Already(_) => "`vendor-migrations check` says whether the edges are whole".to_owned(),
            Self::LinearVendored { revision, places } => format!(
                "if no database has run a vendored revision, remove the vendored directory and its lock, and run this again. Otherwise take out of \
                 `{revision}` by hand what makes Procrastinate's objects ({}): databases that have run it keep them, and a fresh one gets them from the \
                 vendored revisions at the end. What runs between the two must not need them",
                places.join(", ")
            ),
            Self::SeveralHeads(_) => "merge them first (`alembic merge heads`)".to_owned(),
            Self::DependsOn(_) => "use `history = \"linear\"`, or `adopt --keep`; or take what makes the tables out of it by hand, and put it into a revision of \
                 its own before it, which only new databases run"
                .to_owned(),
            Self::Twice(_) => "give each revision one release".to_owned(),
            Self::NotUtf8(_) => "write it as UTF-8, commit that, and run this again".to_owned(),
            Self::OtherRelease { proven, .. } => format!("give `--release {}`", proven.last().copied().unwrap_or_default()),
            Self::Unproven { .. } | Self::Database { .. } => {
                "prove it by each database that has run the revision: `--database URL` (or the result of `vendor-migrations database --query` in a \
                 file), once for each; all of them have to be at the release. `--unproven` takes your word, and a wrong one loses migrations \
                 without a message"
                    .to_owned()
            }
            Self::Stuck { .. } => "take out by hand what makes Procrastinate's objects, commit that, and run this again with `--revision ID=RELEASE`".to_owned(),
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
