//! Which schema Alembic's connection, the workers' and the project's own revisions use.

use camino::Utf8Path;

use super::calls::Outside;
use crate::alembic::env_file::EnvFile;
use crate::alembic::search_path::{in_revision, of_url};
use crate::findings::schema::{Seen, Sign};
use crate::findings::wiring::Env;
use crate::place::Place;

impl Outside<'_> {
    /// Reads them; `workers` are the connectors that were found. None before anything is vendored.
    pub(super) fn search_paths(&self, env: Option<&Env>, workers: Vec<Sign>) -> Option<Seen> {
        let needs = self.needs?;
        let project = self.project;
        let file = env.and_then(|env| Some((env.path.as_path(), env.file.as_ref().ok()?)));
        let url = project
            .alembic
            .as_ref()
            .and_then(|alembic| alembic.setting("sqlalchemy.url"));
        let text = url.as_ref().and_then(|setting| setting.text());
        let mut alembic: Vec<Sign> = Vec::new();
        if let (Some(setting), Some(path)) = (&url, text.and_then(of_url)) {
            alembic.push(Sign {
                place: (&setting.place).into(),
                // The URL may hold a password.
                text: "sqlalchemy.url".to_owned(),
                path,
                local: false,
            });
        }
        alembic.extend(file.into_iter().flat_map(|(path, file)| of_env(path, file)));
        let texts = self.revisions.texts();
        let revisions = self.own.iter().filter_map(|path| {
            let found = in_revision(texts.get(path.as_path())?)?;
            Some((path.clone(), found))
        });
        Some(Seen {
            alembic,
            configured_url: file.is_some_and(|(_, file)| file.configured_url)
                && text.is_some_and(|text| text.starts_with("postgres")),
            workers,
            revisions: revisions.collect(),
            mode: needs.mode,
            leaves_transaction: needs.leaves_transaction,
        })
    }
}

fn of_env<'a>(path: &'a Utf8Path, file: &'a EnvFile) -> impl Iterator<Item = Sign> + 'a {
    file.search_paths.iter().map(move |sign| Sign {
        place: Place::new(path.as_str()).at(sign.place.line),
        text: sign.place.text.clone(),
        path: sign.path.clone(),
        local: sign.local,
    })
}
