//! The schema that is set against the vendored revisions.

use camino::Utf8Path;

use super::{Code, Finding, Remedy};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::place::Place;
use crate::plan::{differing, names_public, when_to_rerender};
use crate::sql::Schema;
use crate::vendored::tree::Tree;

/// What is wrong with the schema. `mode` is the one that is asked for; `directory` is relative to the project.
pub fn schema(
    tree: &Tree,
    lock: &Lock,
    mode: Mode,
    wanted: Option<&Schema>,
    directory: &Utf8Path,
) -> Vec<Finding> {
    let place = || Place::below(directory, LOCK_NAME);
    let vendored = lock.schema.as_ref();
    let mut findings = Vec::new();
    if let Some(wanted) = wanted.filter(|_| mode != Mode::Render) {
        let message = format!(
            "the setting `schema` is {}, and revisions of mode `{mode}` cannot be told theirs",
            wanted.name.quoted()
        );
        let remedy = match mode {
            Mode::InPlace => {
                "take `schema` out of the settings; or vendor rendered revisions (docs/guide.md, \"In place\")".into()
            }
            Mode::Copy | Mode::Render => {
                Remedy::rerender(" --mode render", &when_to_rerender(vendored, Some(wanted)))
            }
        };
        findings.push(Finding::error(
            Code::SchemaDiffers,
            place(),
            message,
            remedy,
        ));
    } else if vendored != wanted {
        let remedy = Remedy::rerender("", &when_to_rerender(vendored, wanted));
        let message = differing(vendored, wanted);
        findings.push(Finding::error(
            Code::SchemaDiffers,
            place(),
            message,
            remedy,
        ));
    }
    for found in names_public(lock, |path| tree.file(path)) {
        let place = Place::below(directory, found.revision.file.as_str());
        findings.push(Finding {
            migration: Some(found.revision.name().to_owned()),
            revisions: vec![found.revision.id.clone()],
            ..Finding::warning(Code::PublicSchema, place, found.message, found.remedy)
        });
    }
    findings
}
