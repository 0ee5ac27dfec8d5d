//! The project that a directory belongs to: found upward, to the repository's root.

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::find::{Wanted, beneath, configurations, find, in_directory};
use crate::environment::Environments;
use crate::links;
use crate::place::slashed;
use crate::read;
use crate::repository::{self, Patterns};
use crate::settings::Settings;

/// The root of the project around `directory`, where that is another directory: `..`, `../..`, `backend`. It is the nearest directory that
/// has settings or a configuration of Alembic. What has only a configuration is no project's root if the settings of a directory above
/// lead to that same configuration, or if its scripts are found from a directory above only. Where no directory has either, it is the
/// repository's root, if a configuration lies below that and git does not ignore this directory. From where one configuration lies below,
/// it is the directory between that has settings, if one does.
pub fn around(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let start = links::real(directory).ok()?;
    let top = repository::root(&start);
    let ancestors: Vec<&Utf8Path> = start
        .ancestors()
        .take_while(|directory| top.is_none_or(|top| directory.starts_with(top)))
        .collect();
    let (height, below) = match ancestors.iter().position(|directory| is_root(directory)) {
        Some(0) => (further(&ancestors, 0).unwrap_or(0), None),
        found => {
            let height = height(&ancestors, found, top.is_some()).unwrap_or(0);
            let root = ancestors.get(height)?;
            let is_root = found == Some(height) || is_root(root);
            (
                height,
                (!is_root).then(|| with_settings_below(root)).flatten(),
            )
        }
    };
    let root = ancestors.get(height)?;
    let above = Utf8PathBuf::from(vec![".."; height].join("/"));
    let found = match below {
        Some(below) => above.join(below.strip_prefix(root).ok()?),
        None => above,
    };
    (!found.as_str().is_empty()).then(|| slashed(found).into())
}

fn is_root(directory: &Utf8Path) -> bool {
    Settings::are_in(directory) || in_directory(directory).is_some()
}

/// How far above the first of these directories, which is no root, the project's root is; none if there is no project. `found` is the
/// nearest root.
fn height(ancestors: &[&Utf8Path], found: Option<usize>, in_repository: bool) -> Option<usize> {
    let start = ancestors.first()?;
    if !configurations(start).is_empty() {
        return Some(0);
    }
    match found {
        Some(found) => Some(further(ancestors, found).unwrap_or(found)),
        // Below the repository's root one may lie beside this directory.
        None => ancestors
            .last()
            .filter(|top| {
                in_repository && !Patterns::ignores(top, start) && !beneath(top).is_empty()
            })
            .map(|_| ancestors.len() - 1),
    }
}

/// The nearest directory above a configuration to which that belongs.
fn further(ancestors: &[&Utf8Path], found: usize) -> Option<usize> {
    let directory = ancestors.get(found)?;
    if Settings::are_in(directory) {
        return None;
    }
    let file = in_directory(directory)?;
    let is_only =
        |above: &Utf8Path| in_directory(above).is_none() && configurations(above) == [file.clone()];
    let leads_to_it = |above: &Utf8Path| match Settings::read(above)
        .ok()
        .and_then(|settings| settings.config)
    {
        Some(config) => repository::normal(&above.join(config)) == file,
        None => is_only(above),
    };
    let mut above = ancestors.iter().enumerate().skip(found + 1);
    let with_settings = above.find(|(_, above)| Settings::are_in(above) && leads_to_it(above));
    if let Some((height, _)) = with_settings {
        return Some(height);
    }
    let is_topmost = found + 1 == ancestors.len();
    if is_topmost || has_scripts(directory, &file) {
        return None;
    }
    let mut above = ancestors.iter().enumerate().skip(found + 1);
    let (height, _) = above.find(|(_, above)| is_only(above) && has_scripts(above, &file))?;
    Some(height)
}

/// Whether the scripts of a configuration are there, if `alembic` is run in a directory.
fn has_scripts(root: &Utf8Path, file: &Utf8Path) -> bool {
    if has_plain_scripts(root, file) {
        return true;
    }
    let environments = Environments {
        project: root.to_owned(),
        ..Environments::default()
    };
    let found = find(&Wanted {
        root,
        config: Some(file),
        script_location: None,
        section: "alembic",
        environments: &environments,
    });
    found.is_ok_and(|found| found.root.join(found.script_directory()).is_dir())
}

/// The same, where the only line about it says so without anything to be put in: the most do.
fn has_plain_scripts(root: &Utf8Path, file: &Utf8Path) -> bool {
    let text = read::text(file).unwrap_or_default();
    let mut lines = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("script_location"));
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return false;
    };
    let value = line.trim_start().strip_prefix('=').map(str::trim);
    let (base, value) = match value.and_then(|value| value.strip_prefix("%(here)s/")) {
        Some(below) => (file.parent().unwrap_or(root), Some(below)),
        None => (root, value),
    };
    let is_plain = |value: &&str| !value.is_empty() && !value.contains(['%', ':', '#', ';', '"']);
    value
        .filter(is_plain)
        .is_some_and(|value| base.join(value).join("env.py").is_file())
}

/// The nearest directory with settings above the only configuration that lies below `root`.
fn with_settings_below(root: &Utf8Path) -> Option<Utf8PathBuf> {
    let below = beneath(root);
    let [only] = below.as_slice() else {
        return None;
    };
    let mut between = only
        .ancestors()
        .skip(1)
        .take_while(|directory| *directory != root);
    between
        .find(|directory| Settings::are_in(directory))
        .map(Utf8Path::to_owned)
}
