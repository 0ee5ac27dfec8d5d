//! Configurations whose files do not name the script location, or name it where this Alembic does not read it.

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::Candidate;
use super::find::{Chosen, PYPROJECT, Wanted, find, in_directory};
use super::packages::normal;
use super::programs::{below, mentions};
use super::reader::Reader;
use super::{AlembicConfig, ConfigError, Location, Refusal, Rules, Sources, Versions};
use crate::place::Line;

/// The file has no script location: a fault in it, another section, another file, or a program that sets it.
pub(super) fn without_location(
    reader: &Reader<'_>,
    chosen: &Chosen,
    candidate: Candidate,
) -> Result<AlembicConfig, ConfigError> {
    let is_fault = |refusal: &&Refusal| refusal.setting.as_deref() == Some("script_location");
    if let Some(fault) = candidate.read.refusals.iter().find(is_fault)
        && let Some(place) = fault.place.clone()
    {
        let why = fault.why.clone();
        return Err(ConfigError::Syntax { place, why });
    }
    if let Some(toml) = toml_with_location(reader, &candidate.working_directory)? {
        return unread_toml(reader, &toml);
    }
    let ini = candidate.sources.ini.as_ref();
    let others = ini.map_or(Vec::new(), |source| {
        source.ini.sections_with("script_location")
    });
    let has_section = ini.is_some_and(|source| source.ini.has_section(reader.section));
    let plain = others.is_empty() && (has_section || chosen.is_toml());
    let no_location = ConfigError::NoLocation {
        file: reader.shown(&chosen.file),
        section: reader.section.to_owned(),
        others: others.into_iter().map(str::to_owned).collect(),
    };
    if !plain {
        return Err(no_location);
    }
    if let Some(directory) = chosen.file.parent()
        && !chosen.is_toml()
        && directory.join("env.py").is_file()
    {
        return beside_its_scripts(reader, chosen, directory);
    }
    let found = scripts_alone(reader, candidate.sources).map_err(|error| match error {
        ConfigError::NotFound { .. } => no_location,
        other => other,
    })?;
    Ok(refused_unless_set(reader, chosen, found))
}

/// Where no program sets the script location either, Alembic refuses the file.
fn refused_unless_set(
    reader: &Reader<'_>,
    chosen: &Chosen,
    mut found: AlembicConfig,
) -> AlembicConfig {
    let is_set = match &found.versions {
        Versions::Undecidable { look_at, .. } => !look_at.is_empty(),
        _ => true,
    };
    if !is_set {
        let file = reader.shown(&chosen.file);
        found.refusals.push(Refusal {
            setting: Some("script_location".to_owned()),
            why: format!("`{file}` has no `script_location`, and no program here sets it"),
            place: Some(Line::new(file, 1)),
        });
    }
    found
}

/// A `pyproject.toml` that this Alembic does not read, though it names the script location.
fn toml_with_location(
    reader: &Reader<'_>,
    directory: &Utf8Path,
) -> Result<Option<Chosen>, ConfigError> {
    if reader.rules.reads_toml() {
        return Ok(None);
    }
    let file = directory.join(PYPROJECT);
    let found = reader.toml(&file)?;
    let named = found.is_some_and(|source| source.table.get("script_location").is_some());
    Ok(named.then(|| Chosen::run_in(directory, file)))
}

/// A `[tool.alembic]` that this Alembic does not know. It is read by the newest rules, and refused.
pub(super) fn unread_toml(
    reader: &Reader<'_>,
    chosen: &Chosen,
) -> Result<AlembicConfig, ConfigError> {
    let why = format!("{} does not read `pyproject.toml`; 1.16 does", reader.rules);
    let newest = Reader {
        rules: Rules::Newest { why: why.clone() },
        ..reader.clone()
    };
    let mut config = newest.read(chosen)?;
    let first_line = || Some(Line::new(config.file.clone()?, 1));
    let place = config.script_location.place.clone().or_else(first_line);
    config.rules = reader.rules.clone();
    config.refusals.insert(
        0,
        Refusal {
            place,
            ..Refusal::general(why)
        },
    );
    Ok(config)
}

/// Flask-Migrate keeps its ini among the scripts, sets the script location to that directory, and is run beside it.
fn beside_its_scripts(
    reader: &Reader<'_>,
    chosen: &Chosen,
    directory: &Utf8Path,
) -> Result<AlembicConfig, ConfigError> {
    let working_directory = directory.parent().unwrap_or(directory);
    let candidate = Candidate::read(reader, chosen, working_directory)?;
    let location = Location::unnamed(&reader.shown(directory), directory);
    let note = format!(
        "`{}` names no script location; took its own directory, as Flask-Migrate does",
        reader.shown(&chosen.file)
    );
    candidate.into_config(reader, chosen, location, vec![note])
}

/// Takes the only script directory of a project that makes its configuration in Python.
pub(super) fn scripts_alone(
    reader: &Reader<'_>,
    sources: Sources,
) -> Result<AlembicConfig, ConfigError> {
    let below = below(&reader.root)?;
    let [directory] = below.scripts.as_slice() else {
        let scripts = below.scripts.iter().map(|found| reader.shown(found));
        return Err(match below.scripts.is_empty() {
            true => ConfigError::NotFound {
                root: reader.root.clone(),
                searched: below.searched,
                above: false,
            },
            false => ConfigError::SeveralScripts(scripts.collect()),
        });
    };
    if let Some(file) = configured_above(reader, directory) {
        let root = reader.root.clone();
        return Err(ConfigError::ScriptsOnly { root, file });
    }
    scripts_at(reader, directory, sources)
}

/// The nearest configuration above the project, if these are its scripts.
fn configured_above(reader: &Reader<'_>, scripts: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut above = reader.root.ancestors().skip(1);
    let (root, file) = above.find_map(|root| Some((root, in_directory(root)?)))?;
    let found = find(&Wanted {
        root,
        config: Some(&file),
        script_location: None,
        section: reader.section,
        environments: reader.environments,
    });
    let names_it = |found: AlembicConfig| root.join(found.script_directory()) == scripts;
    found.is_ok_and(names_it).then_some(file)
}

/// The script directory that the user names.
pub(super) fn scripts_in(
    reader: &Reader<'_>,
    directory: &Utf8Path,
) -> Result<AlembicConfig, ConfigError> {
    if let Some(file) = in_directory(&reader.root) {
        return Err(ConfigError::Configured(reader.shown(&file)));
    }
    let found = normal(&reader.root, directory.as_str());
    if !found.join("env.py").is_file() {
        return Err(ConfigError::NoScripts {
            directory: directory.to_owned(),
            near: below(&reader.root)?
                .scripts
                .iter()
                .map(|near| reader.shown(near))
                .collect(),
        });
    }
    scripts_at(
        reader,
        &found,
        Sources {
            section: reader.section.to_owned(),
            ..Sources::default()
        },
    )
}

fn scripts_at(
    reader: &Reader<'_>,
    directory: &Utf8Path,
    sources: Sources,
) -> Result<AlembicConfig, ConfigError> {
    let shown = reader.shown(directory);
    let why = format!(
        "no configuration file names the script location; `{}` was found",
        shown.join("env.py")
    );
    Ok(AlembicConfig {
        file: None,
        rules: reader.rules.clone(),
        working_directory: reader.root.clone(),
        root: reader.root.clone(),
        script_location: Location::unnamed(&shown, directory),
        versions: Versions::Undecidable {
            why,
            look_at: mentions(&reader.root)?,
        },
        recursive: false,
        sourceless: false,
        prepend_sys_path: Vec::new(),
        refusals: Vec::new(),
        notes: Vec::new(),
        sources: Sources {
            section: reader.section.to_owned(),
            ..sources
        },
    })
}
