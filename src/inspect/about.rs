//! Which configuration a call of Alembic is about, as far as it says.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::AlembicConfig;
use crate::alembic::config::find::in_directory;
use crate::alembic::invocations::{Given, MadeConfig, Upgrade};
use crate::project::Project;
use crate::repository::{self, normal};

/// What Alembic looks for where no file is named.
const DEFAULT: [&str; 2] = ["alembic.ini", "pyproject.toml"];

/// The project's configuration, to be compared with those that calls name.
///
/// A file may make the same call over and over: what lies where it points is looked at once.
pub(super) struct About<'a> {
    alembic: Option<&'a AlembicConfig>,
    root: &'a Utf8Path,
    /// The repository's root, or the project's.
    top: &'a Utf8Path,
    /// Absolute.
    file: Option<Utf8PathBuf>,
    /// By the script's directory and what it makes.
    made: Seen<(Utf8PathBuf, MadeConfig), Option<bool>>,
    named: Seen<Named, Option<Utf8PathBuf>>,
    /// By the script's directory.
    nearest: Seen<Utf8PathBuf, Option<Utf8PathBuf>>,
}

/// The script's directory, the directory where the call runs, and the file that it names.
type Named = (Utf8PathBuf, Option<Arc<str>>, Option<String>);

/// What was seen, by what was asked.
struct Seen<K, V>(RefCell<HashMap<K, V>>);

impl<K: Eq + Hash, V: Clone> Seen<K, V> {
    fn new() -> Self {
        Self(RefCell::default())
    }

    fn once(&self, key: K, look: impl FnOnce() -> V) -> V {
        if let Some(known) = self.0.borrow().get(&key) {
            return known.clone();
        }
        let found = look();
        self.0.borrow_mut().insert(key, found.clone());
        found
    }
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
            made: Seen::new(),
            named: Seen::new(),
            nearest: Seen::new(),
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
        let is_absolute = |path: Option<&str>| path.is_some_and(|path| path.starts_with('/'));
        // In a container, any project may lie there.
        let is_plain = says(call)
            && !is_absolute(call.config.as_deref())
            && !is_absolute(call.directory.as_deref());
        let named = self.named(script, call).filter(|_| is_plain);
        self.has_section(call) && named.is_some_and(|named| self.is_own(&named, call))
    }

    /// Whether a configuration that a program makes is the project's, by the file that it reads or the scripts that it names. None if it does
    /// not say so in plain text.
    pub(super) fn is_made(&self, script: &Utf8Path, made: &MadeConfig) -> Option<bool> {
        let key = (directory_of(script), made.clone());
        self.made.once(key, || self.look_for_made(script, made))
    }

    fn look_for_made(&self, script: &Utf8Path, made: &MadeConfig) -> Option<bool> {
        let scripts = self
            .alembic
            .map(|alembic| normal(&self.root.join(alembic.script_directory())));
        let (given, own) = match &made.file {
            Given::Nothing => (&made.script_location, scripts),
            file => (file, self.file.clone()),
        };
        let own = own?;
        let is_there = |path: &Utf8PathBuf| match &made.file {
            Given::Nothing => path.join("env.py").is_file(),
            _ => path.is_file(),
        };
        let seen = |end: &str| {
            let mut paths = self.bases(script).map(|base| normal(&base.join(end)));
            paths.find(is_there)
        };
        let ends: Vec<&str> = given.texts().iter().map(|text| end(text)).collect();
        let ends = || ends.iter().copied().filter(|end| !end.is_empty());
        // `ROOT / "shop" / "migrations"`
        if let Some(found) =
            seen(&ends().collect::<Vec<_>>().join("/")).filter(|_| ends().count() > 0)
        {
            return Some(found == own);
        }
        let found: Vec<Utf8PathBuf> = ends().filter_map(seen).collect();
        let of_package = |end: &str| {
            let (package, path) = end.split_once(':')?;
            seen(&format!("{}/{path}", package.replace('.', "/")))
        };
        let is_anothers = || {
            let mut packages = ends().filter_map(of_package);
            !found.is_empty() || packages.any(|found| found != own)
        };
        match found.contains(&own) {
            true => Some(true),
            false if is_anothers() => Some(false),
            false => ends().any(|end| own.ends_with(end)).then_some(true),
        }
    }

    /// Where a relative path may begin: the script's directory, those above it, the project and the repository.
    fn bases(&self, script: &Utf8Path) -> impl Iterator<Item = Utf8PathBuf> {
        let script = normal(&self.root.join(script));
        let above: Vec<Utf8PathBuf> = script
            .ancestors()
            .skip(1)
            .take_while(|directory| directory.starts_with(self.top))
            .map(Utf8Path::to_owned)
            .collect();
        above
            .into_iter()
            .chain([self.root.to_owned(), self.top.to_owned()])
    }

    fn has_section(&self, call: &Upgrade) -> bool {
        let section = call.section.as_deref().unwrap_or("alembic");
        self.alembic
            .is_none_or(|alembic| section == alembic.sources.section)
    }

    /// The configuration that the call names, if it is there: seen from the script, the project or the repository. The path of a container
    /// is there if its end is.
    fn named(&self, script: &Utf8Path, call: &Upgrade) -> Option<Utf8PathBuf> {
        let key = (
            directory_of(script),
            call.directory.clone(),
            call.config.clone(),
        );
        self.named.once(key, || self.look_for_named(script, call))
    }

    fn look_for_named(&self, script: &Utf8Path, call: &Upgrade) -> Option<Utf8PathBuf> {
        let bases: Vec<Utf8PathBuf> = self.bases(script).collect();
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
        let mut there = ends.flat_map(|end| {
            let paths = bases.iter().map(move |base| normal(&base.join(&end)));
            paths.collect::<Vec<_>>()
        });
        there.find(|path| path.starts_with(self.top) && path.is_file())
    }

    /// The configuration beside the script, or in the nearest directory above it.
    fn nearest(&self, script: &Utf8Path) -> Option<Utf8PathBuf> {
        let look = || {
            let mut above = script.ancestors().skip(1);
            above.find_map(|directory| in_directory(&normal(&self.root.join(directory))))
        };
        self.nearest.once(directory_of(script), look)
    }

    /// Whether it is the project's: the file itself, or where only a directory is named, the file's.
    fn is_own(&self, named: &Utf8Path, call: &Upgrade) -> bool {
        let own = self.file.as_deref();
        let is_beside = || own.and_then(Utf8Path::parent) == named.parent();
        own == Some(named) || (call.config.is_none() && is_beside())
    }
}

fn directory_of(script: &Utf8Path) -> Utf8PathBuf {
    script.parent().unwrap_or(Utf8Path::new("")).to_owned()
}

/// What is plain text at the end of a path: behind what an f-string fills in.
fn end(text: &str) -> &str {
    let end = text.rsplit('}').next().unwrap_or(text);
    end.trim_start_matches("./").trim_matches('/')
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
