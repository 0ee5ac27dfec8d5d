//! Which configuration a call of Alembic is about, as far as it says.

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::AlembicConfig;
use crate::alembic::invocations::Upgrade;
use crate::project::Project;
use crate::repository::{self, normal};

/// What Alembic looks for where no file is named.
const DEFAULT: [&str; 2] = ["alembic.ini", "pyproject.toml"];

/// The project's configuration, to be compared with those that calls name.
pub(super) struct About<'a> {
    alembic: Option<&'a AlembicConfig>,
    root: &'a Utf8Path,
    /// The repository's root, or the project's.
    top: &'a Utf8Path,
    /// Absolute.
    file: Option<Utf8PathBuf>,
}

impl<'a> About<'a> {
    pub(super) fn new(project: &'a Project) -> Self {
        let alembic = project.alembic.as_ref();
        let root = project.root_of_alembic();
        let file = alembic.and_then(|alembic| {
            let ini = alembic.sources.ini.as_ref().map(|ini| &ini.file);
            ini.or(alembic.file.as_ref())
        });
        Self {
            alembic,
            root,
            top: repository::root(root).unwrap_or(root),
            file: file.map(|file| normal(&root.join(file))),
        }
    }

    /// Whether a call in a file of the project is about it: unless it names another configuration or section.
    pub(super) fn is_meant(&self, script: &Utf8Path, call: &Upgrade) -> bool {
        if !self.has_section(call) {
            return false;
        }
        let Some(file) = &self.file else {
            return true;
        };
        let named = match says(call) {
            true => self.named(script, call),
            false => self.nearest(script),
        };
        match named {
            Some(named) => self.is_own(&named, call),
            // It is in a container, say.
            None => call
                .config
                .as_deref()
                .is_none_or(|config| ends_alike(file, config)),
        }
    }

    /// Whether a call in a file around the project names its configuration, or the directory of it.
    pub(super) fn is_named(&self, script: &Utf8Path, call: &Upgrade) -> bool {
        let is_absolute =
            |path: &Option<String>| path.as_ref().is_some_and(|path| path.starts_with('/'));
        // In a container, any project may lie there.
        let is_plain = says(call) && !is_absolute(&call.config) && !is_absolute(&call.directory);
        let named = self.named(script, call).filter(|_| is_plain);
        self.has_section(call) && named.is_some_and(|named| self.is_own(&named, call))
    }

    fn has_section(&self, call: &Upgrade) -> bool {
        let section = call.section.as_deref().unwrap_or("alembic");
        self.alembic
            .is_none_or(|alembic| section == alembic.sources.section)
    }

    /// The configuration that the call names, if it is there: seen from the script, the project or the repository. The path of a container
    /// is there if its end is.
    fn named(&self, script: &Utf8Path, call: &Upgrade) -> Option<Utf8PathBuf> {
        let script = normal(&self.root.join(script));
        let bases = [script.parent().unwrap_or(self.root), self.root, self.top];
        let directory = call.directory.as_deref().unwrap_or_default();
        let names = call.config.as_deref().map_or(&DEFAULT[..], |_| &[]);
        let names = call
            .config
            .iter()
            .map(String::as_str)
            .chain(names.iter().copied());
        let paths: Vec<Utf8PathBuf> = names
            .map(|name| Utf8Path::new(directory).join(name))
            .collect();
        let ends = paths.iter().flat_map(|path| match path.strip_prefix("/") {
            Err(_) => vec![path.clone()],
            Ok(path) => {
                let parts: Vec<&str> = path.iter().collect();
                (0..parts.len())
                    .map(|from| parts[from..].iter().collect())
                    .collect()
            }
        });
        let mut there = ends.flat_map(|end| bases.map(|base| normal(&base.join(&end))));
        there.find(|path| path.starts_with(self.top) && path.is_file())
    }

    /// The `alembic.ini` beside the script, or in the nearest directory above it.
    fn nearest(&self, script: &Utf8Path) -> Option<Utf8PathBuf> {
        let mut above = script.ancestors().skip(1);
        above.find_map(|directory| {
            let path = normal(&self.root.join(directory).join(DEFAULT[0]));
            path.is_file().then_some(path)
        })
    }

    /// Whether it is the project's: the file itself, or where only a directory is named, the file's.
    fn is_own(&self, named: &Utf8Path, call: &Upgrade) -> bool {
        let own = self.file.as_deref();
        let is_beside = || own.and_then(Utf8Path::parent) == named.parent();
        own == Some(named) || (call.config.is_none() && is_beside())
    }
}

fn says(call: &Upgrade) -> bool {
    call.config.is_some() || call.directory.is_some()
}

/// Whether the paths end in the same way. Of a path in a container only the name is known for sure.
fn ends_alike(file: &Utf8Path, named: &str) -> bool {
    let named = normal(Utf8Path::new(named));
    let plain = named.iter().skip_while(|part| *part == "..");
    match named.is_absolute() {
        true => file.file_name() == named.file_name(),
        false => file.ends_with(plain.collect::<Utf8PathBuf>()),
    }
}
