//! Pages in a browser, in the width of a desk and of a telephone.

use fs_err as fs;
use serde_json::Value;

use super::{repository, site};
use crate::support::browser::{Job, Seen, run};

const PLACES: [&str; 6] = [
    "",
    "start/",
    "existing/",
    "findings/",
    "reference/",
    "review/",
];
/// In pixels; the second one in dark colours.
const WINDOWS: [(u32, bool); 2] = [(1280, false), (360, true)];
/// axe-core looks at these, which have all that pages are made of. It takes seconds for a long one.
const LOOKED_AT: [&str; 2] = ["", "existing/"];
/// How wide the page is.
const WIDTH: &str = "document.documentElement.scrollWidth";
/// The search finds a word, and tells where.
const SEARCH: &str = "new Promise((done) => {
    const field = document.querySelector('.md-search__input');
    field.focus();
    field.value = 'rollout';
    field.dispatchEvent(new Event('input', {bubbles: true}));
    field.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true}));
    const look = () => document.querySelector('.md-search-result__link') ? done(true) : setTimeout(look, 50);
    look();
})";
/// What axe-core calls wrong in the theme itself, on every page: its search is a dialog without a name.
const OF_THE_THEME: [&str; 1] = ["aria-dialog-name"];

#[test]
fn pages_fit_into_each_window() {
    let pictures = repository().join("target/site-pictures");
    fs::create_dir_all(&pictures).expect("the target directory can be written");
    let mut looks: Vec<(&str, u32, bool)> = Vec::new();
    for place in PLACES {
        looks.extend(WINDOWS.map(|(width, dark)| (place, width, dark)));
    }
    let mut jobs: Vec<Job> = Vec::new();
    for &(place, width, dark) in &looks {
        let name = format!("{}-{width}.png", place.trim_end_matches('/'));
        let job = Job::of_site(&site().root, place)
            .width(width)
            .height(1400)
            .evaluate(WIDTH)
            .screenshot(&pictures.join(name));
        let job = if dark { job.dark() } else { job };
        jobs.push(match LOOKED_AT.contains(&place) {
            true => job.axe(),
            false => job,
        });
    }
    jobs.push(Job::of_site(&site().root, "").width(1280).evaluate(SEARCH));
    let mut seen = run(&jobs);
    let searched = seen.pop().expect("the last one searched");
    assert_eq!(searched.values, [Value::from(true)]);
    let mut faults = faults(&searched);
    for (seen, (place, width, dark)) in seen.iter().zip(&looks) {
        let mut found = self::faults(seen);
        if seen.values != [Value::from(*width)] {
            found.push(format!("it scrolls sideways: {:?}", seen.values));
        }
        let place = format!("/{place}, {width} pixels, dark {dark}");
        faults.extend(found.iter().map(|fault| format!("{place}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What is wrong with a page, whatever its width.
fn faults(seen: &Seen) -> Vec<String> {
    let outside = seen.requests.iter();
    let inside = ["http://127.0.0.1:", "data:"];
    let outside = outside.filter(|address| !inside.iter().any(|it| address.starts_with(it)));
    let violations = seen.violations.iter();
    let violations = violations.filter(|it| !OF_THE_THEME.contains(&it.id.as_str()));
    seen.console
        .iter()
        .map(|line| format!("console: {line}"))
        .chain(outside.map(|address| format!("it asks for {address}")))
        .chain(violations.map(|it| format!("{}: {:?}: {}", it.id, it.nodes, it.why)))
        .collect()
}
