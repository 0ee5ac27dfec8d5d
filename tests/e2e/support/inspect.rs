//! What a project and its database hold now.

use std::collections::BTreeMap;

use fs_err as fs;

use super::project::Project;

impl Project {
    /// The database's revisions, sorted.
    #[track_caller]
    pub(crate) fn current(&self) -> Vec<String> {
        ids(&self.alembic(&["current"]).exits(0).stdout)
    }

    /// Fails the test unless the database is where the revisions end.
    #[track_caller]
    pub(crate) fn assert_at_head(&self) {
        let heads = ids(&self.alembic(&["heads"]).exits(0).stdout);
        assert!(!heads.is_empty(), "Alembic sees no revision");
        assert_eq!(self.current(), heads);
    }

    /// The chain that Alembic sees, root first: one `down -> id` a line.
    #[track_caller]
    pub(crate) fn chain(&self) -> Vec<String> {
        let listing = self.alembic(&["history"]).exits(0).stdout;
        let links = listing.lines().filter_map(|line| line.split(',').next());
        let mut links: Vec<String> = links.map(str::to_owned).collect();
        links.reverse();
        links
    }

    /// The vendored revision files with their bytes.
    pub(crate) fn revisions(&self) -> BTreeMap<String, Vec<u8>> {
        let tree = self.tree().into_iter();
        tree.filter_map(|(path, bytes)| {
            let name = path.strip_prefix("alembic/versions_procrastinate/")?;
            (name.ends_with(".py") && !name.contains('/')).then(|| (name.to_owned(), bytes))
        })
        .collect()
    }

    /// The SQL that was locked with a copied revision: it lies under the revision file's name.
    #[track_caller]
    pub(crate) fn kept_sql(&self, revision: &str) -> String {
        let directory = self.vendored().join("sql");
        let path = directory.join(revision).with_extension("sql");
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}"))
    }

    /// How many revisions the lock has; none without a lock.
    pub(crate) fn locked_revisions(&self) -> usize {
        let lock = self.vendored().join("vendor-migrations.lock");
        let text = fs::read_to_string(lock).unwrap_or_default();
        text.lines().filter(|line| *line == "[[revision]]").count()
    }

    /// Every file of the project with its bytes, or a link's target.
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tree = BTreeMap::new();
        let mut directories = vec![self.root()];
        while let Some(directory) = directories.pop() {
            for entry in directory.read_dir_utf8().expect("the project can be read") {
                let path = entry.expect("the project can be read").into_path();
                if path.is_dir() && !path.is_symlink() {
                    directories.push(path);
                    continue;
                }
                let contents = match path.read_link_utf8() {
                    Ok(target) => target.into_string().into_bytes(),
                    Err(_) => fs::read(&path).expect("it can be read"),
                };
                let name = path.strip_prefix(self.root()).expect("it lies there");
                tree.insert(name.to_string(), contents);
            }
        }
        tree
    }
}

/// The first word of each line, sorted.
fn ids(listing: &str) -> Vec<String> {
    let words = listing
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let mut ids: Vec<String> = words.map(str::to_owned).collect();
    ids.sort();
    ids
}
