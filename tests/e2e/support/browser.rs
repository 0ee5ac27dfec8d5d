//! Pages in a real browser: what they show, run, ask for and tell, and what axe-core finds in them.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::process::feed;
use super::{chromium, python};

/// A page, how it is opened, and what is done there. It is a file, or a place on a site, in a window of 800 pixels, light and
/// with scripts.
#[derive(Serialize)]
pub(crate) struct Job {
    html: String,
    /// The directory with the site's files.
    site: Option<Utf8PathBuf>,
    place: String,
    width: u32,
    height: Option<u32>,
    dark: bool,
    scripts: bool,
    axe: bool,
    steps: Vec<Step>,
    screenshot: Option<Utf8PathBuf>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Press(String),
    Evaluate(String),
}

impl Job {
    pub(crate) fn new(html: &str) -> Self {
        Self {
            html: html.to_owned(),
            site: None,
            place: String::new(),
            width: 800,
            height: None,
            dark: false,
            scripts: true,
            axe: false,
            steps: Vec::new(),
            screenshot: None,
        }
    }

    /// A page of a site, which is served on this machine. Its address begins with `http://127.0.0.1`.
    pub(crate) fn of_site(root: &Utf8Path, place: &str) -> Self {
        Self {
            site: Some(root.to_owned()),
            place: place.to_owned(),
            ..Self::new("")
        }
    }

    /// In a window of this width, in CSS pixels.
    pub(crate) fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// In a window of this height, which is all that a screenshot shows then.
    pub(crate) fn height(self, height: u32) -> Self {
        let height = Some(height);
        Self { height, ..self }
    }

    /// For somebody who prefers dark colours.
    pub(crate) fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// Where scripts are turned off.
    pub(crate) fn without_scripts(self) -> Self {
        let scripts = false;
        Self { scripts, ..self }
    }

    /// Presses a key: a letter, a digit, `Tab`, `Shift+Tab`, `Space`, `Enter`, `Escape`, `Home`, `End`, `ArrowDown` and so on.
    pub(crate) fn press(mut self, key: &str) -> Self {
        self.steps.push(Step::Press(key.to_owned()));
        self
    }

    /// Adds the value of a JavaScript expression to `Seen::values`, or what it promises. Neither the page's policy nor turned-off
    /// scripts stop it.
    pub(crate) fn evaluate(mut self, expression: &str) -> Self {
        self.steps.push(Step::Evaluate(expression.to_owned()));
        self
    }

    /// After the steps, writes what the page looks like, from its top to its end, to a PNG file.
    pub(crate) fn screenshot(self, path: &Utf8Path) -> Self {
        let screenshot = Some(path.to_owned());
        Self { screenshot, ..self }
    }

    /// After the steps, asks axe-core: the rules of WCAG 2.2 A and AA, and what it calls best practices.
    pub(crate) fn axe(self) -> Self {
        Self { axe: true, ..self }
    }
}

/// What came of a job.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    /// Of the expressions, in their order.
    pub(crate) values: Vec<Value>,
    /// The document after all steps.
    pub(crate) dom: String,
    /// Errors, what the policy blocked, and what scripts print: `SOURCE LEVEL: TEXT`.
    pub(crate) console: Vec<String>,
    /// The addresses that the page asked for beside its own, also where that was blocked.
    pub(crate) requests: Vec<String>,
    /// What axe-core calls wrong.
    pub(crate) violations: Vec<Finding>,
    /// What axe-core leaves to people.
    pub(crate) undecided: Vec<Finding>,
}

/// A rule of axe-core's and the elements that it is about.
#[derive(Debug, Deserialize)]
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) impact: Option<String>,
    pub(crate) nodes: Vec<String>,
    pub(crate) why: String,
}

/// Does the jobs one after the other in one browser, where none knows of another.
#[track_caller]
pub(crate) fn run(jobs: &[Job]) -> Vec<Seen> {
    let environment: serde_json::Map<String, Value> = chromium::environment()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let task = json!({
        "program": chromium::program(),
        "environment": environment,
        "axe": chromium::axe(),
        "jobs": jobs,
    });
    let outcome = feed(
        &mut python::script("browser.py"),
        task.to_string().as_bytes(),
    )
    .exits(0);
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error} in {outcome}"))
}

/// Does one job.
#[track_caller]
pub(crate) fn see(job: Job) -> Seen {
    run(&[job]).remove(0)
}
