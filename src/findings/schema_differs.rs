//! The schema that is set against the vendored revisions.

use camino::Utf8Path;

use super::{Code, Finding};
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::place::Place;
use crate::plan::{differing, names_public, when_to_rerender};
use crate::sql::Schema;
use crate::vendored::tree::Tree;

/// What is wrong with the schema. `mode` is the one that is asked for; `directory` is relative to the project.
pub fn schema_differs(
    tree: &Tree,
    lock: &Lock,
    mode: Mode,
    wanted: Option<&Schema>,
    directory: &Utf8Path,
) -> Vec<Finding> {
    let vendored = lock.schema.as_ref();
    let mut findings = Vec::new();
    if let Some((message, remedy)) = difference(vendored, mode, wanted) {
        let place = Place::below(directory, LOCK_NAME);
        findings.push(Finding::error(Code::SchemaDiffers, place, message, remedy));
    }
    for found in names_public(lock, vendored, |path| tree.file(path)) {
        let place = Place::below(directory, found.revision.file.as_str());
        findings.push(Finding {
            migration: Some(found.revision.name().to_owned()),
            revisions: vec![found.revision.id.clone()],
            ..Finding::warning(Code::PublicSchema, place, found.message, found.remedy)
        });
    }
    findings
}

/// What the settings ask for and the lock does not say, and what to do. It is for the user to decide: nothing tells what databases
/// have.
fn difference(
    vendored: Option<&Schema>,
    mode: Mode,
    wanted: Option<&Schema>,
) -> Option<(String, String)> {
    let copies = wanted.filter(|_| mode != Mode::Render);
    if copies.is_none() && vendored == wanted {
        return None;
    }
    let message = match copies {
        Some(wanted) => format!(
            "the setting `schema` is {}, but it cannot be applied to revisions of mode `{mode}`",
            wanted.name.quoted()
        ),
        None => differing(vendored, wanted),
    };
    if mode == Mode::InPlace {
        let remedy = "remove `schema` from the settings; or vendor rendered revisions (docs/shipped-revisions.md)";
        return Some((message, remedy.to_owned()));
    }
    let render = copies.map_or("", |_| " --mode render");
    let remedy = format!(
        "change the settings back, or run `vendor-migrations sync{render} --rerender`, which {}",
        when_to_rerender(vendored, wanted)
    );
    Some((message, remedy))
}
