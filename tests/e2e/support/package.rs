//! Procrastinate packages of our own making, built from published ones.

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use super::process::run;
use super::{python, releases, storage};

const MIGRATIONS: &str = "procrastinate/sql/migrations";

/// A published wheel, unpacked, to be changed and given a version that nobody published.
/// With a version of its own it is a genuine release as far as any list of releases can tell.
pub(crate) struct Package {
    directory: TempDir,
    version: String,
}

impl Package {
    pub(crate) fn unpack(release: &str) -> Self {
        let directory = storage::temporary();
        run(python::script("package.py")
            .arg("unpack")
            .arg(releases::wheel(release))
            .arg(directory.path()))
        .exits(0);
        Self {
            directory,
            version: release.to_owned(),
        }
    }

    /// The directory that holds the package and its dist-info, to be put on a PYTHONPATH.
    pub(crate) fn site_packages(&self) -> &Utf8Path {
        storage::path(&self.directory)
    }

    /// Adds or replaces one file. `release` has to follow.
    pub(crate) fn write(&self, path: &str, contents: &str) {
        let path = self.site_packages().join(path);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("a directory");
        fs::write(path, contents).expect("the package can be written");
    }

    /// Adds one migration. `release` has to follow.
    pub(crate) fn write_migration(&self, name: &str, sql: &str) {
        self.write(&format!("{MIGRATIONS}/{name}"), sql);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.site_packages().join(path)).expect("the package has this file")
    }

    pub(crate) fn read_migration(&self, name: &str) -> String {
        self.read(&format!("{MIGRATIONS}/{name}"))
    }

    /// The names of the migrations, in the order in which they run.
    pub(crate) fn migrations(&self) -> Vec<String> {
        let directory = self.site_packages().join(MIGRATIONS);
        let mut names: Vec<String> = fs::read_dir(directory)
            .expect("a release ships migrations")
            .map(|entry| entry.expect("the directory can be read").file_name())
            .map(|name| name.into_string().expect("the name is UTF-8"))
            .filter(|name| name.ends_with(".sql"))
            .collect();
        names.sort();
        names
    }

    /// Gives the package this version, and a RECORD of what it holds now.
    pub(crate) fn release(mut self, version: &str) -> Self {
        run(python::script("package.py")
            .arg("release")
            .arg(self.site_packages())
            .arg(version))
        .exits(0);
        self.version = version.to_owned();
        self
    }

    /// The package as a wheel.
    pub(crate) fn wheel(&self) -> Wheel {
        let directory = storage::temporary();
        let path = storage::path(&directory)
            .join(format!("procrastinate-{}-py3-none-any.whl", self.version));
        run(python::script("package.py")
            .arg("pack")
            .arg(self.site_packages())
            .arg(&path))
        .exits(0);
        Wheel {
            path,
            _directory: directory,
        }
    }
}

/// A wheel of our own making; deleted with this.
pub(crate) struct Wheel {
    pub(crate) path: Utf8PathBuf,
    _directory: TempDir,
}

/// The first line within a statement that a migration has in each of two releases and not in the other: no text of upstream's
/// stands in these tests.
pub(crate) fn rewritten_line(releases: [&str; 2], migration: &str) -> [String; 2] {
    let path = format!("procrastinate/sql/migrations/{migration}");
    let [old, new] = releases.map(|release| read_from_wheel(release, &path));
    let only = |text: &str, other: &str| {
        let mut lines = text.lines();
        let line =
            lines.find(|line| !line.ends_with(';') && other.lines().all(|known| known != *line));
        line.expect("the release rewrote the migration").to_owned()
    };
    [only(&old, &new), only(&new, &old)]
}

/// One file of a published wheel.
pub(crate) fn read_from_wheel(release: &str, path: &str) -> String {
    let program = "import sys, zipfile; \
                   sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
    run(python::python()
        .args(["-c", program])
        .arg(releases::wheel(release))
        .arg(path))
    .exits(0)
    .stdout
}
