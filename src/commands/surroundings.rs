//! What lies around the vendored directory: Alembic's configuration, `env.py`, the project's own revisions.

use camino::Utf8PathBuf;

use super::Failure;
use crate::alembic::env_file::EnvFile;
use crate::alembic::graph::Node;
use crate::alembic::python::SyntaxError;
use crate::alembic::revision_file::RevisionFileError;
use crate::alembic::revisions::{Revisions, Unreadable};
use crate::findings::wiring::{Vendored, Wired, Wiring, wiring};
use crate::findings::{Graph, graph, undecided};
use crate::lockfile::{Lock, Mode};
use crate::project::Project;
use crate::settings::History;
use crate::vendored::tree::Tree;

const UNWIRED: &str = "Alembic's configuration was not found, so whether it looks into the vendored directory was not checked; `--config` \
     names it";

/// All that `check` says of them.
pub(super) fn surroundings(
    project: &Project,
    tree: &Tree,
    lock: Option<&Lock>,
) -> Result<Wired, Failure> {
    let mut wired = match &project.alembic {
        Some(alembic) => {
            let env = project.env_file()?;
            wiring(&Wiring {
                alembic,
                directory: &project.directory,
                env: env.as_ref().map(|(path, env)| (path.as_path(), env)),
                vendored: lock.map(|lock| vendored(tree, lock)),
            })
        }
        None => Wired {
            notes: vec![UNWIRED.to_owned()],
            ..Wired::default()
        },
    };
    let mut revisions = project.own_revisions()?;
    revisions.add_vendored(project, tree);
    let of_all = Graph {
        nodes: &revisions.nodes,
        unreadable: &revisions.unreadable,
        lock,
        linear: project.settings.history == History::Linear,
    };
    wired.findings.extend(graph(&of_all));
    wired.notes.extend(undecided(&revisions.unreadable));
    Ok(wired)
}

impl Project {
    /// `env.py`, where there is one.
    fn env_file(&self) -> Result<Option<(Utf8PathBuf, Result<EnvFile, SyntaxError>)>, Failure> {
        let Some(alembic) = &self.alembic else {
            return Ok(None);
        };
        let shown = alembic.script_directory().join("env.py");
        let path = alembic.root.join(&shown);
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs_err::read(&path).map_err(Failure::Read)?;
        Ok(Some((
            shown,
            EnvFile::parse(&String::from_utf8_lossy(&text)),
        )))
    }
}

impl Revisions {
    fn add_vendored(&mut self, project: &Project, tree: &Tree) {
        for path in tree.python_files() {
            let Some(bytes) = tree.file(path) else {
                continue;
            };
            let path = Utf8PathBuf::from(project.shown(path));
            match Node::parse(path.clone(), &String::from_utf8_lossy(bytes)) {
                Ok(node) => self.nodes.push(node),
                // `local` reports what is no revision.
                Err(error) if !matches!(error, RevisionFileError::Undecidable { .. }) => {}
                Err(error) => self.unreadable.push(Unreadable { path, error }),
            }
        }
    }
}

/// What the vendored revisions need of `env.py`.
fn vendored(tree: &Tree, lock: &Lock) -> Vendored {
    let files = || {
        lock.revisions
            .iter()
            .filter_map(|revision| tree.file(revision.file.as_str()))
    };
    let kept = || {
        lock.files()
            .into_iter()
            .filter(|file| file.path.ends_with(".sql"))
    };
    let leaves = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("autocommit_block");
    let adds = |bytes: &[u8]| {
        let words = String::from_utf8_lossy(bytes).to_ascii_uppercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        words.windows(2).any(|pair| pair == ["ADD", "VALUE"])
    };
    let leaves_transaction = files().any(leaves);
    Vendored {
        mode: lock.upstream.mode,
        leaves_transaction,
        adds_enum_values: lock.upstream.mode == Mode::Copy
            && !leaves_transaction
            && kept().any(|file| tree.file(&file.path).is_some_and(adds)),
    }
}
