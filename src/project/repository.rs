//! The repository around a project: services show a file by its path there, not by that in the project.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// The root of the git repository that `directory`, an absolute path, lies in.
pub fn root(directory: &Utf8Path) -> Option<&Utf8Path> {
    directory
        .ancestors()
        .find(|directory| directory.join(".git").exists())
}

/// Where a project lies in its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRepository {
    repository: Utf8PathBuf,
    project: Utf8PathBuf,
}

impl InRepository {
    /// The place of the project at `root`. Outside of a git repository, `checkouts` are the directories that may be one
    /// (the service says so); else the project counts as the repository.
    pub fn of(root: &Utf8Path, checkouts: &[Utf8PathBuf]) -> Self {
        let project = root.canonicalize_utf8().unwrap_or_else(|_| root.to_owned());
        let checkout = checkouts
            .iter()
            .filter_map(|directory| directory.canonicalize_utf8().ok())
            .find(|directory| project.starts_with(directory));
        let repository = self::root(&project)
            .map(Utf8Path::to_owned)
            .or(checkout)
            .unwrap_or_else(|| project.clone());
        Self {
            repository,
            project,
        }
    }

    /// A path, relative to the project or absolute, as one relative to the repository, with `/`; none if it lies outside.
    pub fn path(&self, path: &str) -> Option<String> {
        let whole = normal(&self.project.join(path));
        let inner = whole.strip_prefix(&self.repository).ok()?;
        let parts: Vec<&str> = inner.components().map(|part| part.as_str()).collect();
        Some(if parts.is_empty() {
            ".".to_owned()
        } else {
            parts.join("/")
        })
    }
}

/// Without `.` and `..`, as text: what lies there need not exist.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                normal.pop();
            }
            Utf8Component::Normal(_) | Utf8Component::RootDir | Utf8Component::Prefix(_) => {
                normal.push(part);
            }
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

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
