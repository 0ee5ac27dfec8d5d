//! What somebody may have meant who wrote something that there is not.

use camino::{Utf8Path, Utf8PathBuf};

/// The known name that `wanted` is a slip of: at most one letter in three is wrong, left out or swapped. Case and the kind of
/// hyphen do not count.
pub fn name<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = wanted.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|name| (distance(wanted, name), name))
        .filter(|(distance, name)| *distance <= most && *distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// How many letters are wrong, left out, too many or swapped.
pub fn distance(one: &str, other: &str) -> usize {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    strsim::osa_distance(&plain(one), &plain(other))
}

/// What there is instead of a path that does not exist: in the same directory, by a similar name, and of the wanted kind.
pub fn path(missing: &Utf8Path, wanted: impl Fn(&Utf8Path) -> bool) -> Option<Utf8PathBuf> {
    let parent = missing.parent().unwrap_or(Utf8Path::new(""));
    let here = if parent.as_str().is_empty() {
        Utf8Path::new(".")
    } else {
        parent
    };
    let entries = here.read_dir_utf8().ok()?;
    let entries = entries
        .filter_map(Result::ok)
        .map(|entry| entry.into_path());
    let entries: Vec<Utf8PathBuf> = entries.filter(|path| wanted(path)).collect();
    let names = entries.iter().filter_map(|path| path.file_name());
    name(missing.file_name()?, names).map(|name| parent.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood() {
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
