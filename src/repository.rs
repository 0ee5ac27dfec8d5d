//! The git repository around a project. Services name files by their paths in the repository.

mod ignored;

use std::cell::RefCell;
use std::collections::HashMap;
use std::process::Command;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::links;

pub use ignored::{Ignored, Ignores, Patterns};

/// The root of the git repository around `directory`, which is absolute.
pub fn root(directory: &Utf8Path) -> Option<&Utf8Path> {
    directory.ancestors().find(|directory| is_root(directory))
}

thread_local! {
    /// The directories that were looked at: many questions lead up from one, and a repository does not come and go meanwhile.
    static LOOKED_AT: RefCell<HashMap<Utf8PathBuf, bool>> = RefCell::default();
}

fn is_root(directory: &Utf8Path) -> bool {
    LOOKED_AT.with_borrow_mut(|looked_at| {
        if let Some(is_root) = looked_at.get(directory) {
            return *is_root;
        }
        let is_root = directory.join(".git").exists();
        looked_at.insert(directory.to_owned(), is_root);
        is_root
    })
}

/// Why an edit of a file could not be taken back by git; none if it could.
pub fn unclean(directory: &Utf8Path, path: &Utf8Path) -> Option<String> {
    let status = Command::new("git")
        .args([
            "-C",
            directory.as_str(),
            "status",
            "--porcelain",
            "--ignored",
            "--",
        ])
        .arg(path)
        .output();
    let Ok(status) = status else {
        return Some("may have changes: `git` cannot be run".to_owned());
    };
    if !status.status.success() {
        return Some("is in no git repository".to_owned());
    }
    let text = String::from_utf8_lossy(&status.stdout);
    let what = match text.get(..2) {
        None => return None,
        Some("??") => "is not in the git repository yet",
        Some("!!") => "is ignored by git",
        Some(_) => "has uncommitted changes",
    };
    Some(what.to_owned())
}

/// Where a project lies in its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRepository {
    repository: Utf8PathBuf,
    project: Utf8PathBuf,
}

impl InRepository {
    /// The place of the project at `root`. `checkouts` are the directories that a service says it has checked out. The
    /// repository is the first of: a checkout with a `.git` (even if the project lies in a submodule of it), the nearest git
    /// repository, a checkout without a `.git`, the project itself.
    pub fn of(root: &Utf8Path, checkouts: &[Utf8PathBuf]) -> Self {
        let project = links::real(root).unwrap_or_else(|_| root.to_owned());
        let has_git = |directory: &Utf8PathBuf| directory.join(".git").exists();
        let checkout = checkouts
            .iter()
            .filter_map(|directory| links::real(directory).ok())
            .filter(|directory| project.starts_with(directory))
            .max_by_key(has_git);
        let repository = checkout
            .clone()
            .filter(has_git)
            .or_else(|| self::root(&project).map(Utf8Path::to_owned))
            .or(checkout)
            .unwrap_or_else(|| project.clone());
        Self {
            repository,
            project,
        }
    }

    /// Whether an absolute path without links lies in the repository.
    pub fn holds(&self, path: &Utf8Path) -> bool {
        path.starts_with(&self.repository)
    }

    /// A path relative to the repository, with `/`, from one that is relative to the project or absolute; none if it lies outside.
    pub fn path(&self, path: &str) -> Option<String> {
        let whole = normal(&self.project.join(path));
        let inner = whole.strip_prefix(&self.repository).ok()?;
        let parts: Vec<&str> = inner.components().map(|part| part.as_str()).collect();
        Some(match parts.is_empty() {
            true => ".".to_owned(),
            false => parts.join("/"),
        })
    }
}

/// `path` from `directory`, which is absolute as well: with `..` where it lies above or beside.
pub fn relative(directory: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    let mut above = directory.ancestors().enumerate();
    let found = above.find_map(|(steps, above)| {
        let below = path.strip_prefix(above).ok()?;
        Some(Utf8PathBuf::from("../".repeat(steps)).join(below))
    });
    found.unwrap_or_else(|| path.to_owned())
}

/// The path without `.` and `..`, by its text alone: it need not exist. A relative path keeps the `..` that lead out of it.
pub fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for part in path.components() {
        match (part, normal.components().next_back()) {
            (Utf8Component::CurDir, _)
            | (Utf8Component::ParentDir, Some(Utf8Component::RootDir)) => {}
            (Utf8Component::ParentDir, Some(Utf8Component::Normal(_))) => {
                normal.pop();
            }
            (part, _) => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a test makes repositories")]

    use super::*;

    #[test]
    fn a_checkout_of_the_service_comes_first() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap();
        let root = links::canonical(root).unwrap();
        let project = root.join("checkout/module/app");
        fs_err::create_dir_all(project.join("..").join(".git")).unwrap();
        let place = |checkouts: &[Utf8PathBuf]| {
            LOOKED_AT.with_borrow_mut(HashMap::clear);
            InRepository::of(&project, checkouts).path("x")
        };
        let checkout = [root.join("elsewhere"), root.join("checkout")];
        assert_eq!(place(&[]).as_deref(), Some("app/x"));
        assert_eq!(place(&checkout).as_deref(), Some("app/x"));
        fs_err::create_dir_all(root.join("checkout/.git")).unwrap();
        assert_eq!(place(&[]).as_deref(), Some("app/x"));
        assert_eq!(place(&checkout).as_deref(), Some("module/app/x"));
        fs_err::remove_dir_all(root.join("checkout/.git")).unwrap();
        fs_err::remove_dir_all(root.join("checkout/module/.git")).unwrap();
        assert_eq!(place(&checkout).as_deref(), Some("module/app/x"));
        assert_eq!(place(&[]).as_deref(), Some("x"));
    }

    #[test]
    fn paths_are_those_of_the_repository() {
        let place = InRepository {
            repository: "/r".into(),
            project: "/r/back end".into(),
        };
        for (path, there) in [
            ("alembic/x.py", Some("back end/alembic/x.py")),
            ("./a/../b.py", Some("back end/b.py")),
            ("../uv.lock", Some("uv.lock")),
            ("", Some("back end")),
            ("..", Some(".")),
            ("../../x", None),
            ("/r/x", Some("x")),
            ("/elsewhere", None),
        ] {
            assert_eq!(place.path(path).as_deref(), there, "{path}");
        }
    }
}
