//! What the project's scripts and Python files call.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::invocations::{Does, Found as In, Search, Upgrade, Wanted, is_test, search};
use crate::findings::schema::Sign;
use crate::findings::wiring::{Found, Needs};
use crate::findings::{Finding, not_in_image, schema_apply, upgrade_head};
use crate::place::Place;
use crate::progress::Activity;
use crate::project::Project;
use crate::repository::normal;

/// What lies outside of Alembic's scripts, beside the revisions.
pub(super) struct Outside<'a> {
    pub(super) project: &'a Project,
    /// The files of the project's own revisions.
    pub(super) own: Vec<Utf8PathBuf>,
    pub(super) in_place: bool,
    /// What is vendored needs this; none before the first `sync`.
    pub(super) needs: Option<Needs>,
}

impl Outside<'_> {
    /// Adds the calls that fail beside the vendored revisions, and gives the search paths of Procrastinate's connectors.
    pub(super) fn calls(&self, several_heads: bool, into: &mut Found) -> Vec<Sign> {
        let mut connectors = Vec::new();
        let wanted = Wanted {
            upgrades: several_heads,
            procrastinate: self.needs.is_some(),
        };
        if !wanted.upgrades && !wanted.procrastinate {
            return connectors;
        }
        let activity = Activity::begin("Looking for calls of Alembic and Procrastinate");
        let Search { found, passed_over } = search(self.project.root_of_alembic(), wanted);
        drop(activity);
        into.findings.extend(self.left_out(&found));
        for found in &found {
            // Of its own revisions another finding speaks, and a test's database is its own.
            let is_ours = !self.own.contains(&found.file) && !is_test(found.file.as_str());
            match &found.call.does {
                Does::UpgradeHead(upgrade) if is_about(upgrade, self.project) => {
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
                Does::UpgradeHead(_) | Does::ApplySchema | Does::Connect(_) | Does::Copies(_) => {}
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

    /// The Dockerfiles that copy a part of Alembic's scripts, and not the vendored directory.
    fn left_out(&self, found: &[In]) -> Vec<Finding> {
        let Some(alembic) = self.project.alembic.as_ref().filter(|_| !self.in_place) else {
            return Vec::new();
        };
        let (scripts, vendored) = (&alembic.script_directory(), &self.project.directory);
        let copies = found.iter().filter_map(|found| match &found.call.does {
            Does::Copies(sources) => Some((found, sources)),
            _ => None,
        });
        let mut files: BTreeMap<&Utf8Path, Vec<(&In, &Vec<Utf8PathBuf>)>> = BTreeMap::new();
        for copy in copies {
            files.entry(&copy.0.file).or_default().push(copy);
        }
        let mut findings = Vec::new();
        for (file, copies) in files {
            // The context is the root, or the directory of the file.
            let contexts = [
                Utf8Path::new(""),
                file.parent().unwrap_or(Utf8Path::new("")),
            ];
            let from = |source: &Utf8PathBuf| contexts.map(|context| normal(&context.join(source)));
            // What is not plain may be all.
            let is_plain = |source: &Utf8PathBuf| !source.as_str().contains(['*', '?', '$', '[']);
            let has_it = |source: &Utf8PathBuf| {
                !is_plain(source) || from(source).iter().any(|path| vendored.starts_with(path))
            };
            let is_part =
                |source: &Utf8PathBuf| from(source).iter().any(|path| path.starts_with(scripts));
            let all = copies.iter().flat_map(|(_, sources)| *sources);
            let part = copies
                .iter()
                .find(|(_, sources)| sources.iter().any(is_part));
            if let Some((found, _)) = part.filter(|_| !all.clone().any(has_it)) {
                findings.push(not_in_image(found, vendored));
            }
        }
        findings
    }
}

/// Whether a call is about the project's configuration, as far as it says.
fn is_about(call: &Upgrade, project: &Project) -> bool {
    let Some(alembic) = &project.alembic else {
        return true;
    };
    let ini = alembic.sources.ini.as_ref().map(|ini| &ini.file);
    let same_file = |config: &str| {
        let config = config.trim_start_matches("./");
        ini.or(alembic.file.as_ref())
            .is_none_or(|file| file.as_str().ends_with(config))
    };
    call.config.as_deref().is_none_or(same_file)
        && call.section.as_deref().unwrap_or("alembic") == alembic.sources.section
}
