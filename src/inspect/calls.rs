//! What the project's scripts and Python files call.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use super::about::About;
use crate::alembic::invocations::{
    Around, Does, Found as In, Search, Wanted, calls_in, is_image, is_test, search, search_around,
};
use crate::alembic::revisions::Revisions;
use crate::findings::Finding;
use crate::findings::calls::{not_in_image, not_in_package, schema_apply, upgrade_head};
use crate::findings::schema::Sign;
use crate::findings::wiring::{Env, Found, Needs};
use crate::place::Place;
use crate::progress::Activity;
use crate::project::Project;
use crate::repository::{self, normal, relative};

/// What lies outside of Alembic's scripts, beside the revisions.
pub(super) struct Outside<'a> {
    pub(super) project: &'a Project,
    /// All that Alembic runs, and was read.
    pub(super) revisions: &'a Revisions,
    /// The files of the project's own revisions.
    pub(super) own: Vec<Utf8PathBuf>,
    pub(super) in_place: bool,
    pub(super) env: Option<&'a Env>,
    /// What is vendored needs this; none before the first `sync`.
    pub(super) needs: Option<Needs>,
}

impl Outside<'_> {
    /// Adds the calls that fail beside the vendored revisions, and gives the search paths of Procrastinate's connectors.
    pub(super) fn calls(&self, several_heads: bool, into: &mut Found) -> Vec<Sign> {
        let mut connectors = Vec::new();
        let Search { found, passed_over } = self.search(several_heads);
        into.findings.extend(self.left_out(&found));
        let about = About::new(self.project);
        if several_heads {
            self.calls_around(&about, into);
        }
        let others = programs_of_others(&found, &about);
        for found in &found {
            // Of its own revisions another finding speaks, and a test's database is its own.
            let is_ours = !self.own.contains(&found.file) && !is_test(found.file.as_str());
            match &found.call.does {
                Does::UpgradeHead(upgrade)
                    if about.is_meant(&found.file, upgrade)
                        && !(upgrade.config.is_none() && others.contains(&*found.file)) =>
                {
                    into.findings
                        .push(upgrade_head(found, upgrade, self.in_place));
                }
                Does::ApplySchema if is_ours => into.findings.push(schema_apply(found)),
                Does::Connect(path) if is_ours => connectors.push(Sign {
                    place: Place::new(found.file.as_str()).at(found.call.line),
                    text: found.text.clone(),
                    path: path.clone(),
                    local: false,
                }),
                Does::Configures(made) => self.configured(&about, found, made, into),
                Does::SharesConnection(kind) => {
                    into.findings.extend(self.shared(found, *kind));
                }
                Does::UpgradeHead(_)
                | Does::ApplySchema
                | Does::Connect(_)
                | Does::TakesIn(_)
                | Does::Beyond(_) => {}
            }
        }
        into.notes.extend(passed_over.iter().map(|passed| {
            format!(
                "{} was not searched for calls of Alembic and Procrastinate: {}",
                passed.path, passed.why
            )
        }));
        connectors
    }

    fn search(&self, several_heads: bool) -> Search {
        let _activity = Activity::begin("Looking for calls of Alembic and Procrastinate");
        let wanted = Wanted {
            upgrades: several_heads,
            procrastinate: true,
        };
        let texts = self.texts();
        let known: HashMap<&str, &[In]> = self.known(&texts);
        let root = self.project.root_of_alembic();
        let mut search = search(root, wanted, |file| known.get(file).copied());
        if self.needs.is_none() {
            // Before the first `sync`, nothing has to fit what is vendored.
            let is_wanted =
                |one: &In| matches!(one.call.does, Does::UpgradeHead(_) | Does::ApplySchema);
            search.found.retain(is_wanted);
        }
        search
    }

    /// What `env.py` and Alembic's ini file call.
    fn texts(&self) -> Vec<(&str, Vec<In>)> {
        let alembic = self.project.alembic.as_ref();
        let ini = alembic.and_then(|alembic| alembic.sources.ini.as_ref());
        let ini = ini.map(|ini| (&ini.file, &ini.text));
        let env = self.env.map(|env| (&env.path, &env.text));
        let texts = env.into_iter().chain(ini);
        texts
            .map(|(path, text)| (path.as_str(), calls_in(path, text)))
            .collect()
    }

    /// What the files call that are read already, `texts` and the revisions: those that call nothing included.
    fn known<'a>(&'a self, texts: &'a [(&str, Vec<In>)]) -> HashMap<&'a str, &'a [In]> {
        let Revisions { nodes, calls, .. } = self.revisions;
        let nodes = nodes.iter().map(|node| (node.path.as_str(), &[][..]));
        let calls = calls.iter();
        let calls = calls.map(|(path, found)| (path.as_str(), found.as_slice()));
        let texts = texts.iter();
        let texts = texts.map(|(path, found)| (*path, found.as_slice()));
        nodes.chain(calls).chain(texts).collect()
    }

    /// The calls in the repository around the project that are plainly about it: in a monorepo most are about others.
    fn calls_around(&self, about: &About, into: &mut Found) {
        let Some(alembic) = &self.project.alembic else {
            return;
        };
        let root = &alembic.root;
        let Some(top) = repository::root(root).filter(|top| top != root) else {
            return;
        };
        let Around { found, beyond } = search_around(root, top);
        into.notes.extend(beyond);
        for mut found in found {
            found.file = relative(root, &top.join(&found.file));
            if let Does::UpgradeHead(upgrade) = &found.call.does
                && about.is_named(&found.file, upgrade)
            {
                into.findings
                    .push(upgrade_head(&found, upgrade, self.in_place));
            }
        }
    }

    /// What takes a part of Alembic's scripts into an image or a package, and not the vendored directory.
    fn left_out(&self, found: &[In]) -> Vec<Finding> {
        let Some(alembic) = self.project.alembic.as_ref().filter(|_| !self.in_place) else {
            return Vec::new();
        };
        let (scripts, vendored) = (&alembic.script_directory(), &self.project.directory);
        let mut files: BTreeMap<&Utf8Path, Vec<(&In, TakenIn)>> = BTreeMap::new();
        let mut seen: HashMap<Utf8PathBuf, bool> = HashMap::new();
        let root = self.project.root_of_alembic();
        let mut exists = |path: &Utf8Path| match seen.get(path) {
            Some(exists) => *exists,
            None => *seen
                .entry(path.to_owned())
                .or_insert(root.join(path).exists()),
        };
        for found in found {
            let Does::TakesIn(paths) = &found.call.does else {
                continue;
            };
            let directory = found.file.parent().unwrap_or(Utf8Path::new(""));
            let entries = paths.iter().flat_map(|path| {
                let beside = TakenIn::new(directory, path);
                // An image's context is the root, or the directory of the file, if what it copies is there.
                let from_root = is_image(found.file.as_str()) && !exists(&beside.path);
                let from_root = from_root.then(|| TakenIn::new(Utf8Path::new(""), path));
                from_root.into_iter().chain([beside])
            });
            files
                .entry(&found.file)
                .or_default()
                .extend(entries.map(|entry| (found, entry)));
        }
        let mut findings = Vec::new();
        for (file, entries) in files {
            let part = entries
                .iter()
                .find(|(_, entry)| entry.path.starts_with(scripts));
            let is_left_out = !entries.iter().any(|(_, entry)| entry.has(vendored));
            match part.filter(|_| is_left_out) {
                Some((found, _)) if is_image(file.as_str()) => {
                    findings.push(not_in_image(found, vendored))
                }
                Some((found, _)) if !self.has_manifest(file) => {
                    findings.push(not_in_package(found, vendored))
                }
                _ => {}
            }
        }
        findings
    }

    /// Whether a `MANIFEST.in` beside a `pyproject.toml` may list more for the package.
    fn has_manifest(&self, pyproject: &Utf8Path) -> bool {
        let root = self.project.root_of_alembic();
        root.join(pyproject.with_file_name("MANIFEST.in")).exists()
    }
}

/// The programs whose configurations are all made for other scripts.
fn programs_of_others<'a>(found: &'a [In], about: &About<'_>) -> BTreeSet<&'a Utf8Path> {
    let mut made: BTreeMap<&Utf8Path, Vec<Option<bool>>> = BTreeMap::new();
    for found in found {
        if let Does::Configures(config) = &found.call.does {
            let is_ours = about.is_made(&found.file, config);
            made.entry(&found.file).or_default().push(is_ours);
        }
    }
    made.retain(|_, ours| ours.iter().all(|is_ours| *is_ours == Some(false)));
    made.into_keys().collect()
}

/// What an entry takes in: the files of a directory, or all below a path.
struct TakenIn {
    path: Utf8PathBuf,
    only_files: bool,
}

impl TakenIn {
    /// What is not plain is read as the directory above it, of which it may take in all.
    fn new(context: &Utf8Path, entry: &Utf8Path) -> Self {
        let (path, only_files) = match entry.file_name() {
            Some(name) if name.starts_with("*.") => (entry.parent().unwrap_or(entry), true),
            _ => (entry, false),
        };
        let is_plain = |part: &&str| !part.contains(['*', '?', '$', '[']);
        let plain: Utf8PathBuf = path.iter().take_while(is_plain).collect();
        Self {
            only_files: only_files && plain == path,
            path: normal(&context.join(plain)),
        }
    }

    fn has(&self, directory: &Utf8Path) -> bool {
        match self.only_files {
            true => directory == self.path,
            false => directory.starts_with(&self.path),
        }
    }
}
