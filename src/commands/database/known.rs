//! What is known without a database: the project, and the code that is installed.

use camino::Utf8Path;

use crate::alembic::env_file::TableName;
use crate::alembic::revisions::Revisions;
use crate::catalog;
use crate::cli::{Expected, Source};
use crate::failure::{DatabaseError, Failure};
use crate::inspect::{env_file, to_adopt};
use crate::live::{Expect, Sides, Snapshot, homes};
use crate::lockfile::Lock;
use crate::report::style::count;
use crate::session::Session;
use crate::settings::History;
use crate::sql::SchemaName;
use crate::state::State;
use crate::steps::Refusal;
use crate::upstream::{Processes, Upstream, UpstreamError};

pub struct Known {
    /// None without a project.
    state: Option<State>,
    /// What a baseline stands for is a part of it.
    lock: Option<Lock>,
    revisions: Revisions,
    table: TableName,
    code: Result<Upstream, UpstreamError>,
    /// Where the revisions are, in words for people.
    place: String,
    /// The schema that is set.
    schema: Option<SchemaName>,
    /// What `adopt` is for, in words for people.
    own_tables: Option<String>,
    pub notes: Vec<String>,
}

impl Known {
    /// Reads the project and the installed release. `python` names the environment of the code, too.
    pub fn read(session: &Session<'_>, python: Option<&Utf8Path>) -> Result<Self, Failure> {
        let project = &session.project;
        let is_project = project.alembic.is_some() || project.settings.directory.is_some();
        let state = match is_project {
            true => Some(State::read(project)?),
            false => None,
        };
        let source = Source {
            python: python.map(Utf8Path::to_owned),
            ..Source::default()
        };
        let code = session.locate(&source, Processes::Forbidden);
        let mut notes = Vec::new();
        match &code {
            Err(UpstreamError::NotFound(_)) | Ok(_) => {}
            Err(error) => notes.push(format!(
                "the database was not compared with the code: {error}"
            )),
        }
        let alembic = project.alembic.as_ref();
        if let Some(unknown) = alembic.and_then(|alembic| alembic.versions.unknown()) {
            notes.push(format!(
                "some of the project's own revisions were not looked at: {unknown}"
            ));
        }
        let place = state
            .as_ref()
            .map(|state| state.place(project, code.as_ref().ok()));
        let lock = state.as_ref().and_then(State::lock);
        let own = project.own_revisions()?;
        Ok(Self {
            own_tables: to_adopt(project, &own, lock),
            revisions: project.revisions(|location| !location.is_upstreams())?,
            table: match env_file(project)?.map(|env| env.file) {
                Some(Ok(file)) => file.version_table(),
                Some(Err(_)) | None => TableName::unknown(),
            },
            lock: state
                .as_ref()
                .and_then(State::lock)
                .map(|lock| lock.whole().into_owned()),
            state,
            code,
            place: place.unwrap_or_default(),
            schema: project.settings.schema.clone(),
            notes,
        })
    }

    /// The schema to look at: the one that the user names, else the one that is set.
    pub fn schema<'a>(&'a self, named: Option<&'a str>) -> Option<&'a str> {
        named.or(self.schema.as_ref().map(SchemaName::as_str))
    }

    /// For people: the schemas with Procrastinate's tables that the setting leaves out.
    pub fn unseen(&self, snapshot: &Snapshot, named: Option<&str>) -> Option<String> {
        let set = self.schema(named)?;
        let mut others = homes(snapshot);
        let is_there = others.contains(&set);
        others.retain(|schema| *schema != set);
        let why = match named {
            // That is what the user asked for.
            Some(_) if is_there => return None,
            Some(_) => format!("`--schema` is `{set}`"),
            None => format!("the setting `schema` is `{set}` (`--schema` names another)"),
        };
        (!others.is_empty()).then(|| {
            format!(
                "not looked at: Procrastinate in the schema `{}` of the database `{}`, because {why}",
                others.join("`, `"),
                snapshot.database
            )
        })
    }

    /// Whether there is a project, and nothing is vendored in it yet.
    pub fn is_not_vendored(&self) -> bool {
        self.state.is_some() && self.lock.is_none()
    }

    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    pub fn revisions(&self) -> &Revisions {
        &self.revisions
    }

    /// What the user expects, if that can be compared.
    pub fn expect(&self, expected: Option<&Expected>) -> Result<Expect, Failure> {
        Ok(match expected {
            None => Expect::All,
            Some(Expected::Vendored) if self.lock().is_none() => {
                return Err(
                    DatabaseError::Expectation(Refusal::NothingVendored.to_string()).into(),
                );
            }
            Some(Expected::Vendored) => Expect::Vendored,
            Some(Expected::Code) => match &self.code {
                Ok(_) => Expect::Code,
                Err(error) => return Err(DatabaseError::Expectation(error.to_string()).into()),
            },
            Some(Expected::Release(release)) => Expect::Release(catalog::known(release)?),
        })
    }

    pub fn sides(&self, session: &Session<'_>) -> Sides<'_> {
        Sides {
            lock: self.lock(),
            nodes: &self.revisions.nodes,
            unread: &self.revisions.unreadable,
            table: self.table.clone(),
            linear: session.project.settings.history == History::Linear,
            code: self.code.as_ref().ok(),
            own_tables: self.own_tables.clone(),
            ..Sides::default()
        }
    }

    /// For people: what a database is compared with.
    pub fn words(&self, expected: Option<&Expected>) -> Vec<(&'static str, String)> {
        let mut words = Vec::new();
        if let Some(state) = &self.state {
            let text = match state.lock() {
                None => "nothing".to_owned(),
                Some(lock) => format!(
                    "Procrastinate {} in {}, {}",
                    lock.upstream.release,
                    self.place,
                    count(lock.revisions.len(), "revision")
                ),
            };
            words.push(("Vendored", text));
        }
        match &self.code {
            Ok(upstream) => words.push(("Installed", upstream.title())),
            Err(UpstreamError::NotFound(_)) if self.state.is_none() => {}
            Err(_) => words.push(("Installed", "not found".to_owned())),
        }
        if let Some(expected) = expected {
            words.push(("Expected", expected.to_string()));
        }
        words
    }
}
