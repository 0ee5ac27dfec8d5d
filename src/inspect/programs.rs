//! Programs that make Alembic's configuration for themselves, or hand it a connection.

use camino::{Utf8Path, Utf8PathBuf};

use super::about::About;
use super::calls::Outside;
use super::old_sqlalchemy;
use crate::alembic::config::{AlembicConfig, Location};
use crate::alembic::env_file::TransactionKind;
use crate::alembic::invocations::{Found as In, Given, MadeConfig, is_test};
use crate::findings::Finding;
use crate::findings::calls::{maybe_unseen, moved, shared_connection, unseen};
use crate::findings::wiring::Found;

impl Outside<'_> {
    /// A program that hands on a connection with an open transaction, if `env.py` takes it and a revision leaves the transaction.
    pub(super) fn shared(&self, found: &In, kind: TransactionKind) -> Option<Finding> {
        let file = self.env.and_then(|env| env.file.as_ref().ok());
        let leaves = self.needs.is_none_or(|needs| needs.leaves_transaction);
        let old = kind == TransactionKind::Implicit && old_sqlalchemy(self.project);
        let matters = leaves && !old && file.is_some_and(|file| file.takes_connection);
        matters.then(|| shared_connection(found))
    }

    /// A configuration that a program makes: whether Alembic sees the vendored directory with it.
    pub(super) fn configured(
        &self,
        about: &About<'_>,
        found: &In,
        made: &MadeConfig,
        into: &mut Found,
    ) {
        let Some(alembic) = self.project.alembic.as_ref().filter(|_| !self.in_place) else {
            return;
        };
        // Where only programs tell the locations, that is said of the project as a whole.
        if alembic.versions.unknown().is_some() {
            return;
        }
        let directory = &self.project.directory;
        if about.is_made(&found.file, made) != Some(true) {
            return;
        }
        let reads = made.file != Given::Nothing;
        let name = directory.file_name().unwrap_or(directory.as_str());
        let lists_it = |texts: &[String]| texts.iter().any(|text| text.contains(name));
        let is_plain = !is_test(found.file.as_str());
        match &made.version_locations {
            Given::Text(text) if !text.contains(name) && is_plain => {
                into.findings.push(unseen(
                    found,
                    directory,
                    "it lists the locations, but not this one",
                ));
            }
            Given::Parts(parts) if is_own(parts, alembic) && is_plain => {
                into.findings.push(unseen(
                    found,
                    directory,
                    "it lists the locations, but not this one",
                ));
            }
            given if !reads && joins(given) && made.separator == Given::Nothing && is_plain => {
                into.findings.push(unseen(
                    found,
                    directory,
                    "it names no separator (`path_separator`, and before 1.16 `version_path_separator`), so its list is one location",
                ));
            }
            Given::Nothing if made.file == Given::Nothing && is_plain => {
                into.findings.push(unseen(
                    found,
                    directory,
                    "it reads no file, and lists no locations",
                ));
            }
            Given::Nothing if reads && moves(alembic, &made.script_location) => {
                into.notes.push(moved(found, directory));
            }
            given if given != &Given::Nothing && !lists_it(given.texts()) => {
                into.notes.push(maybe_unseen(found, directory));
            }
            _ => {}
        }
    }
}

/// Whether the texts are the parts of one path, and that is where the project's own revisions are.
fn is_own(parts: &[String], alembic: &AlembicConfig) -> bool {
    let own = alembic.own_versions();
    let ends = parts.iter().filter_map(|part| part.rsplit('}').next());
    let path: Utf8PathBuf = ends.map(|end| end.trim_matches('/')).collect();
    path.file_name() == own.file_name() && own.ends_with(&path)
}

/// Whether paths are joined by a character that separates nothing unless it is named.
fn joins(given: &Given) -> bool {
    let mut texts = given.texts().iter();
    texts.any(|text| {
        text.contains(":{") || text.contains(":/") || text.contains(";/") || text.contains('\n')
    })
}

/// Whether a program says by a path of its own where the scripts are, and the file has locations that depend on where it is started.
fn moves(alembic: &AlembicConfig, script_location: &Given) -> bool {
    let depends = |location: &Location| {
        let raw = alembic
            .setting("version_locations")
            .map(|setting| setting.raw);
        let written = raw.unwrap_or_default();
        !location.package
            && !Utf8Path::new(&location.written).is_absolute()
            && written.contains(&location.written)
    };
    let pinned = match script_location {
        Given::Nothing => false,
        Given::Text(text) => Utf8Path::new(text).is_absolute(),
        Given::Parts(_) => true,
    };
    pinned && alembic.versions.locations().iter().any(depends)
}
