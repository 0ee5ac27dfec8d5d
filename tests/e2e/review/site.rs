//! A project with an older release vendored and a newer one installed, and what `review` says there.

use serde_json::Value;

use crate::screens::Site;
use crate::support::process::{Outcome, run};

/// The reports of one upgrade, in each format.
pub(super) struct Reports {
    pub(super) json: Value,
    pub(super) text: String,
    pub(super) markdown: String,
    pub(super) html: String,
}

/// Of a project in which `from` is vendored and `to` is installed.
pub(super) fn reports(from: &str, to: &str) -> Reports {
    let mut site = Site::vendored(from);
    site.install(to);
    reports_of(&site)
}

pub(super) fn reports_of(site: &Site) -> Reports {
    let [json, text, markdown, html] = ["json", "text", "markdown", "html"]
        .map(|format| review(site, format).exits(0).stdout.clone());
    Reports {
        json: serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error} in {json}")),
        text,
        markdown,
        html,
    }
}

pub(super) fn review(site: &Site, format: &str) -> Outcome {
    run(&mut site.command(&format!("review --format {format}")))
}

/// The elements of a list.
pub(super) fn all(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("{value} is no list"))
}

pub(super) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}
