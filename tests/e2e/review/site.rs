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

/// What a reader of CommonMark finds in the blocks of code. All other markup is the page's own, and whatever is opened is closed.
#[track_caller]
pub(super) fn rendered(markdown: &str) -> Vec<String> {
    let page = crate::reports::read(&["markdown"], markdown);
    let mut open = 0_usize;
    for markup in all(&page["html"]).iter().map(text) {
        match markup {
            "<!-- vendor-migrations review -->" => {}
            "</details>" => open -= 1,
            folded if folded.starts_with("<details><summary>") => open += 1,
            other => panic!("{other} is not of this page"),
        }
    }
    assert_eq!(open, 0, "{markdown}");
    assert_eq!(
        all(&page["links"])
            .iter()
            .map(text)
            .find(|link| !link.contains("/procrastinate/blob/")),
        None
    );
    let fences = all(&page["fences"]).iter();
    fences
        .map(|fence| text(&fence["content"]).to_owned())
        .collect()
}
