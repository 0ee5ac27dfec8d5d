//! What lies around the vendored directory: Alembic's configuration, `env.py`, the project's own revisions.

use camino::{Utf8Path, Utf8PathBuf};

use super::Failure;
use crate::alembic::config::{AlembicConfig, Versions};
use crate::alembic::env_file::EnvFile;
use crate::alembic::graph::Node;
use crate::alembic::invocations::{Call, Search, search};
use crate::alembic::revisions::{Revisions, Unreadable, is_revision};
use crate::environment::distribution::find;
use crate::findings::wiring::{Vendored, Wired, Wiring, wiring};
use crate::findings::{Code, Finding, Graph, Severity, graph, undecided, upgrade_head};
use crate::lockfile::{Lock, Mode};
use crate::progress::Activity;
use crate::project::Project;
use crate::python_source::RevisionFileError;
use crate::python_source::SyntaxError;
use crate::settings::History;
use crate::upstream::Upstream;
use crate::vendored::tree::Tree;

pub(super) const UNWIRED: &str = "Alembic's configuration was not found, so whether it looks into the vendored directory was not checked; `--config` \
     names it";

/// All that `check` says of them.
pub(super) fn surroundings(
    project: &Project,
    tree: &Tree,
    lock: Option<&Lock>,
) -> Result<Wired, Failure> {
    let mut wired = match &project.alembic {
        Some(alembic) => {
            let env = env_file(project)?;
            let mut wired = wiring(&Wiring {
                alembic,
                directory: Some(&project.directory),
                env: env.as_ref().map(|(path, env)| (path.as_path(), env)),
                old_sqlalchemy: old_sqlalchemy(project),
                vendored: lock.map(|lock| vendored(tree, lock)),
            });
            wired.findings.extend(no_env(alembic, env.is_some()));
            wired
                .findings
                .extend(own_versions(alembic).then(|| own_versions_finding(alembic)));
            wired
        }
        None => Wired {
            notes: vec![UNWIRED.to_owned()],
            ..Wired::default()
        },
    };
    let mut revisions = project.own_revisions()?;
    if let Some(alembic) = &project.alembic
        && (wired.findings.iter()).any(|finding| finding.code == Code::UpstreamLocation)
    {
        // That each of them is there twice is said already.
        let locations = alembic.versions.locations().iter();
        let upstreams: Vec<&Utf8PathBuf> = locations
            .filter(|location| location.is_upstreams())
            .filter_map(|location| location.resolved.as_ref().ok())
            .collect();
        revisions.retain(|path| {
            let path = alembic.root.join(path);
            !upstreams.iter().any(|location| path.starts_with(location))
        });
    }
    revisions.add_vendored(project, tree);
    let of_all = Graph {
        nodes: &revisions.nodes,
        unreadable: &revisions.unreadable,
        lock,
        in_place: None,
        linear: project.settings.history == History::Linear,
    };
    wired.findings.extend(graph(&of_all));
    if of_all.heads().len() > 1 {
        upgrades(project, false, &mut wired);
    }
    wired.notes.extend(undecided(&revisions.unreadable));
    Ok(wired)
}

/// Every command that touches a database runs `env.py`.
fn no_env(alembic: &AlembicConfig, there: bool) -> Option<Finding> {
    let scripts = alembic.script_location.resolved.as_ref().ok()?;
    let path = alembic.script_directory().join("env.py");
    let message = "there is no such file: every `alembic upgrade` fails".to_owned();
    let remedy = "restore it from version control, or make it with `alembic init`";
    let finding = Finding::new(
        Code::EnvUnreadable,
        Severity::Error,
        path.into_string(),
        message,
        remedy,
    );
    (scripts.is_dir() && !there).then_some(finding)
}

/// Whether the project has revisions where Alembic does not look for them.
pub(super) fn own_versions(alembic: &AlembicConfig) -> bool {
    let own = alembic
        .root
        .join(alembic.script_directory())
        .join("versions");
    let is_listed = matches!(alembic.versions, Versions::Listed(_));
    let holds = |directory: &Utf8Path| {
        let mut entries = directory.read_dir_utf8().into_iter().flatten().flatten();
        entries.any(|entry| is_revision(entry.file_name()))
    };
    is_listed && alembic.looks_into(&own) == Some(false) && holds(&own)
}

fn own_versions_finding(alembic: &AlembicConfig) -> Finding {
    let own = alembic.script_directory().join("versions");
    let message = format!(
        "{own} holds revisions, and is not among the locations: Alembic exits 0, and applies none of them"
    );
    let remedy = "run `vendor-migrations init`, which adds it to `version_locations`";
    let place = alembic
        .setting("version_locations")
        .map(|setting| setting.place);
    let file = place
        .as_ref()
        .map_or_else(|| "alembic.ini".into(), |place| place.file.clone());
    let finding = Finding::new(
        Code::OwnVersions,
        Severity::Error,
        file.into_string(),
        message,
        remedy,
    );
    match place {
        Some(place) => finding.at(place.line),
        None => finding,
    }
}

/// SQLAlchemy 1 begins no transaction by itself.
pub(super) fn old_sqlalchemy(project: &Project) -> bool {
    find(&project.environments, "sqlalchemy").is_ok_and(|found| {
        found
            .version
            .release()
            .first()
            .is_some_and(|major| *major < 2)
    })
}

/// Where somebody calls `alembic upgrade head`, which fails with several heads.
pub(super) fn upgrades(project: &Project, in_place: bool, wired: &mut Wired) {
    let root = project
        .alembic
        .as_ref()
        .map_or(&project.root, |alembic| &alembic.root);
    let activity = Activity::begin("Looking for calls of `alembic upgrade`");
    let Search { found, passed_over } = search(root);
    drop(activity);
    let ours = found
        .iter()
        .filter(|found| project.is_meant_by(&found.call));
    wired
        .findings
        .extend(ours.map(|found| upgrade_head(found, in_place)));
    wired.notes.extend(passed_over.iter().map(|passed| {
        format!(
            "{} was not searched for calls of `alembic upgrade head`: {}",
            passed.path, passed.why
        )
    }));
}

impl Project {
    /// Whether a call is about this configuration, as far as it says.
    fn is_meant_by(&self, call: &Call) -> bool {
        let Some(alembic) = &self.alembic else {
            return true;
        };
        let ini = alembic.sources.ini.as_ref().map(|ini| &ini.file);
        let same_file = |config: &str| {
            let config = config.trim_start_matches("./");
            ini.or(alembic.file.as_ref())
                .is_none_or(|file| file.as_str().ends_with(config))
        };
        call.config.as_deref().is_none_or(same_file)
            && call.section.as_deref().unwrap_or("alembic") == alembic.section
    }
}

/// `env.py`, where there is one.
pub(super) fn env_file(project: &Project) -> Result<Option<Env>, Failure> {
    let Some(alembic) = &project.alembic else {
        return Ok(None);
    };
    env_at(&alembic.root, alembic.script_directory())
}

/// The same in a script directory.
pub(super) fn env_at(root: &Utf8Path, directory: &Utf8Path) -> Result<Option<Env>, Failure> {
    let shown = directory.join("env.py");
    let path = root.join(&shown);
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs_err::read(&path).map_err(Failure::Read)?;
    let env = EnvFile::parse(&String::from_utf8_lossy(&text));
    Ok(Some((shown, env)))
}

/// The path of `env.py`, and what it says.
type Env = (Utf8PathBuf, Result<EnvFile, SyntaxError>);

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
    let kept = lock.files().into_iter();
    let kept = kept.filter(|file| file.path.ends_with(".sql"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let leaves_transaction = files().any(|bytes| leaves_transaction(&text(bytes)));
    Vendored {
        mode: lock.upstream.mode,
        leaves_transaction,
        adds_enum_values: lock.upstream.mode == Mode::Copy
            && !leaves_transaction
            && kept
                .filter_map(|file| tree.file(&file.path))
                .any(|bytes| adds_enum_values(&text(bytes))),
    }
}

impl Vendored {
    /// What the installed package's own revisions need; nothing that is known, if it was not found.
    pub(super) fn in_place(upstream: Option<&Upstream>) -> Self {
        let migrations = || upstream.iter().flat_map(|upstream| &upstream.migrations);
        let mut wrappers = migrations().filter_map(|migration| migration.wrapper.as_ref());
        let leaves_transaction = wrappers.any(|wrapper| leaves_transaction(&wrapper.text));
        let wrapped = migrations().filter(|migration| migration.wrapper.is_some());
        let mut sql = wrapped.filter_map(|migration| migration.sql.as_ref());
        Self {
            mode: Mode::InPlace,
            leaves_transaction,
            adds_enum_values: !leaves_transaction && sql.any(|sql| adds_enum_values(&sql.text)),
        }
    }
}

fn leaves_transaction(revision: &str) -> bool {
    revision.contains("autocommit_block")
}

fn adds_enum_values(sql: &str) -> bool {
    let words = sql.to_ascii_uppercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    words.windows(2).any(|pair| pair == ["ADD", "VALUE"])
}
