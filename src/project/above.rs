//! The project that a directory belongs to: found upward, to the repository's root.

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::find::{beneath, in_directory};
use crate::repository::{self, Patterns};
use crate::settings::Settings;

/// The root of the project around `directory`, where that is another directory: `..`, `../..`. It is the nearest directory that has
/// settings or a configuration of Alembic. What has only a configuration is not a project's root if the settings in a directory above
/// lead to that same configuration. Where no directory has either, it is the repository's root, if a configuration lies below that and git does
/// not ignore this directory.
pub fn above(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let start = directory.canonicalize_utf8().ok()?;
    let top = repository::root(&start);
    let ancestors: Vec<&Utf8Path> = start
        .ancestors()
        .take_while(|directory| top.is_none_or(|top| directory.starts_with(top)))
        .collect();
    let height = height(&ancestors, top.is_some());
    let height = height.filter(|height| *height > 0)?;
    Some(vec![".."; height].join("/").into())
}

fn height(ancestors: &[&Utf8Path], in_repository: bool) -> Option<usize> {
    let start = ancestors.first()?;
    let is_root =
        |directory: &Utf8Path| Settings::are_in(directory) || in_directory(directory).is_some();
    let found = if is_root(start) {
        Some(0)
    } else if !beneath(start).is_empty() {
        return None;
    } else {
        ancestors.iter().position(|directory| is_root(directory))
    };
    match found {
        Some(found) => Some(with_settings(ancestors, found).unwrap_or(found)),
        // Below the repository's root one may lie beside this directory.
        None => ancestors
            .last()
            .filter(|top| {
                in_repository && !Patterns::ignores(top, start) && !beneath(top).is_empty()
            })
            .map(|_| ancestors.len() - 1),
    }
}

/// The nearest directory above a configuration whose settings lead to it.
fn with_settings(ancestors: &[&Utf8Path], found: usize) -> Option<usize> {
    let directory = ancestors.get(found)?;
    if Settings::are_in(directory) {
        return None;
    }
    let file = in_directory(directory)?;
    let leads_to_it = |above: &Utf8Path| match Settings::read(above)
        .ok()
        .and_then(|settings| settings.config)
    {
        Some(config) => repository::normal(&above.join(config)) == file,
        None => in_directory(above).is_none() && beneath(above) == [file.clone()],
    };
    let mut above = ancestors.iter().enumerate().skip(found + 1);
    let (height, _) = above.find(|(_, above)| Settings::are_in(above) && leads_to_it(above))?;
    Some(height)
}
