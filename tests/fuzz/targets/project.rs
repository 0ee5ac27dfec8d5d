//! Projects on disk, for parsers that are reached by files only.

use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;
use vendor_migrations::alembic::config::AlembicConfig;
use vendor_migrations::alembic::config::find::{Wanted, find};
use vendor_migrations::environment::Environments;

pub struct Directory {
    _guard: TempDir,
    pub path: Utf8PathBuf,
}

impl Directory {
    pub fn new() -> Self {
        // Where a journal is synced, a disk is slow.
        let memory = Path::new("/dev/shm");
        let guard = match std::env::var_os("TMPDIR").is_none() && memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        let guard = guard.unwrap();
        let path = guard.path().canonicalize().unwrap();
        Self {
            path: path.try_into().unwrap(),
            _guard: guard,
        }
    }

    /// Writes a file, and makes the directories above it.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }
}

/// Where the vendored directory of a [`Project`] would be.
pub const VENDORED: &str = "versions_procrastinate";

/// A project of Alembic's.
pub struct Project {
    pub directory: Directory,
    environments: Environments,
}

impl Project {
    /// With this Alembic in its environment; with none, the rules of the newest hold.
    pub fn new(alembic: Option<&str>) -> Self {
        let directory = Directory::new();
        directory.write("alembic/env.py", "");
        directory.write("alembic/versions/a1.py", "");
        if let Some(version) = alembic {
            let name = format!("alembic-{version}.dist-info");
            directory.write(".venv/pyvenv.cfg", "");
            directory.write(
                &format!(".venv/lib/python3.12/site-packages/{name}/METADATA"),
                format!("Metadata-Version: 2.1\nName: alembic\nVersion: {version}\n"),
            );
        }
        let environments = Environments {
            project: directory.path.clone(),
            ..Environments::default()
        };
        Self {
            directory,
            environments,
        }
    }

    /// Its configuration; none where it cannot be read.
    pub fn config(&self, file: &str) -> Option<AlembicConfig> {
        let wanted = Wanted {
            root: &self.directory.path,
            config: Some(Utf8Path::new(file)),
            script_location: None,
            section: "alembic",
            environments: &self.environments,
        };
        find(&wanted).ok()
    }
}
