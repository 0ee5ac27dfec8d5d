//! Suggests the nearest known name for an unknown one.

use camino::{Utf8Path, Utf8PathBuf};

/// The known name that is nearest to `wanted`, if at most one letter in three differs. Upper and lower case are equal, and so
/// are `_` and `-`.
pub fn name<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = wanted.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|name| (distance(wanted, name), name))
        .filter(|(distance, name)| *distance <= most && *distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// The number of letters that are wrong, missing, too many or swapped.
pub fn distance(one: &str, other: &str) -> usize {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    strsim::osa_distance(&plain(one), &plain(other))
}

/// The path with the nearest name in the directory of a missing one, among those for which `wanted` is true.
pub fn path(missing: &Utf8Path, wanted: impl Fn(&Utf8Path) -> bool) -> Option<Utf8PathBuf> {
    let parent = missing.parent().unwrap_or(Utf8Path::new(""));
    let entries = Utf8Path::new(".").join(parent).read_dir_utf8().ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.into_path()));
    let paths: Vec<Utf8PathBuf> = paths.filter(|path| wanted(path)).collect();
    let names = paths.iter().filter_map(|path| path.file_name());
    name(missing.file_name()?, names).map(|name| parent.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_found() {
        let known = ["history", "mode", "config", "directory", "from", "accept"];
        for (wanted, meant) in [
            ("histroy", Some("history")),
            ("History", Some("history")),
            ("directroy", Some("directory")),
            ("form", Some("from")),
            ("frm", Some("from")),
            ("modes", Some("mode")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(name(wanted, known), meant, "{wanted}");
        }
        assert_eq!(
            name("vendor_migrations", ["vendor-migrations"]),
            Some("vendor-migrations")
        );
    }
}
