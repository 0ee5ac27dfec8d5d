//! All that lies around the vendored directory: Alembic's configuration, `env.py`, the revisions, the scripts, the pins.
//! `check`, `status`, `sync` and `init` look at it through here.

mod about;
mod calls;
mod ignored;
mod own;
mod own_schema;
mod pinned;
mod programs;
mod search_path;
mod unloaded;
mod vendored;
mod version_column;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::find::{Wanted as WantedConfig, find as find_config};
use crate::alembic::config::{AlembicConfig, Setting, Versions};
use crate::alembic::env_file::EnvFile;
use crate::alembic::revisions::{Revisions, is_revision};
use crate::environment::distribution::find;
use crate::failure::Failure;
use crate::findings::schema::schema;
use crate::findings::wiring::{Env, Found, Needs, Wiring, wiring};
use crate::findings::{Graph, graph, undecided, undecided_ids};
use crate::lockfile::Lock;
use crate::place::joined;
use crate::project::Project;
use crate::read;
use crate::settings::History;
use crate::vendored::tree::Tree;

use calls::Outside;
pub use ignored::ignored;
pub use own::OwnRevisions;
pub use own_schema::{file_of_project, own_revision, own_schema, to_adopt};
pub use pinned::{Pinned, or_pinned, pins_of};
use unloaded::unloaded_revisions;
use version_column::version_column;

/// What Alembic is meant to run beside the project's own revisions.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// The vendored revisions, as they are in the directory.
    Vendored(&'a Tree),
    /// The installed package's own, in this directory; none if the package was not found.
    InPlace(Option<&'a Utf8Path>),
}

/// All that `check` says of what lies around. `needs` is what the revisions need of `env.py`.
pub fn surroundings(
    project: &Project,
    subject: Subject<'_>,
    revisions: Revisions,
    lock: Option<&Lock>,
    needs: Option<Needs>,
) -> Result<Found, Failure> {
    let directory = match subject {
        Subject::Vendored(_) => Some(project.directory.as_path()),
        Subject::InPlace(directory) => directory,
    };
    let env = env_file(project)?;
    let wired = wired(project, directory, env.as_ref(), needs);
    let mut found = wired.unwrap_or_else(unwired);
    let shipped = project.shipped_location();
    let (mut revisions, in_place) =
        all_revisions(project, subject, revisions, lock, shipped.as_deref())?;
    let own = own_schema(project, &revisions, lock, shipped.as_deref());
    found.findings.extend(own.findings);
    found.notes.extend(own.notes);
    let own_paths = own_paths(project, &revisions, shipped.as_deref());
    let unloaded = unloaded_revisions(project, &revisions.nodes, &own_paths, env.as_ref())?;
    found.findings.extend(unloaded.findings);
    found.notes.extend(unloaded.notes);
    let widened_in = version_column(project, &revisions.nodes, &own_paths)?;
    let about = Graph {
        nodes: &[],
        unreadable: &[],
        lock,
        in_place: in_place.as_ref().map(Option::as_deref),
        linear: project.settings.history == History::Linear,
        rules: project.alembic.as_ref().map(|alembic| &alembic.rules),
        widened_in: widened_in.as_deref(),
    };
    if let Subject::Vendored(tree) = subject {
        vendored::parse_if_needed(&mut revisions, project, tree, &about);
        revisions.calls.extend(vendored::calls(project, tree, lock));
    }
    let of_all = about.of(&revisions);
    found.findings.extend(graph(&of_all));
    found.notes.extend(undecided_ids(&of_all));
    let outside = Outside {
        project,
        revisions: &revisions,
        own: own_paths,
        in_place: in_place.is_some(),
        env: env.as_ref(),
        needs,
    };
    let workers = outside.calls(of_all.has_several_heads(), &mut found);
    if let Some(seen) = outside.search_paths(env.as_ref(), workers) {
        let pinned = project.settings.schema.is_some();
        found.findings.extend(schema(&seen, pinned));
    }
    found.notes.extend(undecided(&revisions.unreadable));
    Ok(found)
}

fn unwired() -> Found {
    let note = "Alembic's configuration was not found, so whether it looks into the vendored directory was not checked; \
                `--config` names it";
    Found {
        notes: vec![note.to_owned()],
        ..Found::default()
    }
}

/// All revisions that Alembic runs; and in place, where the package's own are, if they are there. `shipped` is where they would be.
fn all_revisions(
    project: &Project,
    subject: Subject<'_>,
    mut revisions: Revisions,
    lock: Option<&Lock>,
    shipped: Option<&Utf8Path>,
) -> Result<(Revisions, Option<Option<Utf8PathBuf>>), Failure> {
    let root = project.root_of_alembic();
    Ok(match subject {
        Subject::Vendored(tree) => {
            if let Some(location) = shipped {
                // Where both run, `wiring` says so; that each revision is there twice is said with it.
                revisions.retain(|path| !root.join(path).starts_with(location));
            }
            vendored::add(&mut revisions, project, tree, lock);
            let beside = vendored::beside(project, tree)?;
            revisions.unreadable.extend(beside);
            (revisions, None)
        }
        Subject::InPlace(_) => {
            let shown = shipped
                .filter(|path| path.is_dir())
                .map(|path| path.strip_prefix(root).unwrap_or(path).to_owned());
            (revisions, Some(shown))
        }
    })
}

/// The files of the project's own revisions.
fn own_paths(
    project: &Project,
    revisions: &Revisions,
    shipped: Option<&Utf8Path>,
) -> Vec<Utf8PathBuf> {
    let nodes = revisions.nodes.iter().map(|node| &node.path);
    let is_own = |path: &&Utf8PathBuf| {
        let is_shipped = |shipped| project.root_of_alembic().join(path).starts_with(shipped);
        !path.starts_with(&project.directory) && !shipped.is_some_and(is_shipped)
    };
    // A link to nothing, a directory or bytecode has nothing to search.
    let is_text = |path: &&Utf8PathBuf| {
        let compiled = matches!(path.extension(), Some("pyc" | "pyo"));
        !compiled && project.root_of_alembic().join(path).is_file()
    };
    let unreadable = revisions.unreadable.iter().map(|file| &file.path);
    let own = nodes.chain(unreadable.filter(is_text)).filter(is_own);
    own.cloned().collect()
}

/// How Alembic is told where the revisions are; none without a configuration.
pub fn wired(
    project: &Project,
    directory: Option<&Utf8Path>,
    env: Option<&Env>,
    needs: Option<Needs>,
) -> Option<Found> {
    let alembic = project.alembic.as_ref()?;
    Some(wiring(&Wiring {
        alembic,
        directory,
        own_versions: has_unlisted_versions(alembic),
        env,
        url: url(project, alembic),
        old_sqlalchemy: old_sqlalchemy(project),
        has_schema: project.settings.schema.is_some(),
        needs,
    }))
}

/// The database's URL, where a configuration file has it.
fn url(project: &Project, alembic: &AlembicConfig) -> Option<Setting> {
    const URL: &str = "sqlalchemy.url";
    let filled = |setting: &Setting| setting.text() != Some("");
    let own = alembic.setting(URL).filter(filled);
    let text = |key| alembic.sources.ini_setting(key)?.text().map(str::to_owned);
    let of_application = || {
        // A variable comes first, and only the program that runs Alembic knows it.
        if text("url_variable").is_some_and(|variable| !variable.is_empty()) {
            return None;
        }
        let file = Utf8PathBuf::from(text("application_config")?);
        let application = find_config(&WantedConfig {
            root: &project.root,
            config: Some(file.strip_prefix(&alembic.root).unwrap_or(&file)),
            script_location: None,
            section: &text("application_section").unwrap_or_else(|| "alembic".to_owned()),
            environments: &project.environments,
        });
        application.ok()?.setting(URL)
    };
    own.or_else(of_application)
}

/// Whether the project has revisions in the default directory, and Alembic does not look there.
pub fn has_unlisted_versions(alembic: &AlembicConfig) -> bool {
    let own = alembic.root.join(alembic.own_versions());
    let is_listed = matches!(alembic.versions, Versions::Listed(_));
    let holds = |directory: &Utf8Path| {
        let mut entries = directory.read_dir_utf8().into_iter().flatten().flatten();
        entries.any(|entry| is_revision(entry.file_name()))
    };
    is_listed && alembic.looks_into(&own) == Some(false) && holds(&own)
}

/// SQLAlchemy 1 does not begin transactions automatically.
fn old_sqlalchemy(project: &Project) -> bool {
    find(&project.environments, "sqlalchemy").is_ok_and(|found| {
        let major = found.version.release().first();
        major.is_some_and(|major| *major < 2)
    })
}

/// The project's `env.py`, where there is one.
pub fn env_file(project: &Project) -> Result<Option<Env>, Failure> {
    project.alembic.as_ref().map_or(Ok(None), env_of)
}

/// The `env.py` of a configuration, where there is one.
pub fn env_of(alembic: &AlembicConfig) -> Result<Option<Env>, Failure> {
    let path = joined(alembic.script_directory(), "env.py");
    let file = alembic.root.join(&path);
    let there = read::metadata(&file).map_err(Failure::Read)?;
    if !there.is_some_and(|there| there.is_file()) {
        return Ok(None);
    }
    let bytes = read::bytes(&file).map_err(Failure::Read)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let file = EnvFile::parse(&text);
    Ok(Some(Env { path, text, file }))
}
