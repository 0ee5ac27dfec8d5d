//! The formats say the same.

use serde_json::Value;

use super::site::{Reports, all, rendered, reports, text};
use crate::reports::{own_schema, read};
use crate::support::browser::{Job, see};

/// What the page shows, by its headings, lists and tables.
const PAGE: &str = r#"(() => {
  const texts = (selector, root = document) => [...root.querySelectorAll(selector)].map((one) => one.textContent);
  return {
    title: document.title,
    summary: texts(".sum dd"),
    points: texts("[aria-labelledby=look-at] li"),
    steps: texts("label span"),
    held: texts(".held"),
    migrations: [...document.querySelectorAll("section.one")].map((one) => ({
      name: one.querySelector("h3").textContent,
      rows: [...one.querySelectorAll("table.stack tbody tr")].map((row) => texts("td", row)),
      broken: texts("li.stop", one),
    })),
  };
})()"#;

/// Without the signs for code, as a page shows it.
fn shown(text: &str) -> String {
    text.replace('`', "")
}

/// The text as one line of words, as far as they are the same in each format.
fn words(text: &str) -> String {
    let plain = text.replace(['`', '\\'], "");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn agree(from: &str, to: &str) {
    let Reports {
        json,
        text: plain,
        markdown,
        html,
    } = reports(from, to);
    read(&["schema", &own_schema("review")], &json.to_string());
    assert_eq!(
        (&json["from"], &json["to"]),
        (&Value::from(from), &Value::from(to))
    );
    assert!(html.len() < 1 << 20, "the page has {} bytes", html.len());
    assert!(markdown.chars().count() <= 65_536);
    let fences = rendered(&markdown);
    assert!(
        fences.iter().any(|sql| sql.contains("CREATE ")),
        "no SQL is shown"
    );
    let page = see(Job::new(&html).evaluate(PAGE)).values.remove(0);
    let (plain, markdown) = (words(&plain), words(&markdown));
    let everywhere = |what: &str| {
        assert!(
            plain.contains(&words(what)),
            "the text lacks `{what}`:\n{plain}"
        );
        assert!(
            markdown.contains(&words(what)),
            "the Markdown lacks `{what}`:\n{markdown}"
        );
    };
    for line in all(&page["summary"]) {
        everywhere(text(line));
    }
    let points: Vec<String> = all(&json["attention"])
        .iter()
        .map(|point| format!("{}.", shown(text(point))).to_lowercase())
        .collect();
    let in_page: Vec<String> = all(&page["points"])
        .iter()
        .map(|point| text(point).to_lowercase())
        .collect();
    assert_eq!(points, in_page);
    let of_json: Vec<&str> = all(&json["migrations"])
        .iter()
        .map(|one| text(&one["name"]))
        .collect();
    let of_page: Vec<&str> = all(&page["migrations"])
        .iter()
        .map(|one| text(&one["name"]))
        .collect();
    assert_eq!(of_json, of_page);
    for (known, shown) in all(&json["migrations"])
        .iter()
        .zip(all(&page["migrations"]))
    {
        everywhere(text(&known["name"]));
        migration(known, shown, &everywhere);
    }
    steps(&json, &page, &everywhere);
}

/// The locks of each statement, and the code that ends.
#[track_caller]
fn migration(known: &Value, shown: &Value, everywhere: &dyn Fn(&str)) {
    let rows = all(&shown["rows"]);
    for row in rows {
        everywhere(&format!("statement {}: {}", text(&row[0]), text(&row[1])));
    }
    for broken in all(&shown["broken"]) {
        let mut sentence = text(broken).to_owned();
        sentence[..1].make_ascii_lowercase();
        everywhere(&sentence);
    }
    assert_eq!(all(&known["broken"]).len(), all(&shown["broken"]).len());
    if known["change"] != "new" {
        assert!(rows.is_empty(), "{known} does not run");
        return;
    }
    for statement in all(&known["statements"]) {
        let number = statement["number"].as_u64().expect("a number");
        let said: Vec<&str> = rows
            .iter()
            .filter(|row| has(text(&row[0]), number))
            .map(|row| text(&row[1]))
            .collect();
        let locks = all(&statement["locks"]);
        let says_nothing = locks.is_empty() && all(&statement["scans"]).is_empty();
        assert_eq!(said.is_empty(), says_nothing, "{statement}: {said:?}");
        for lock in locks {
            let lock = format!("{} on {}", text(&lock["mode"]), text(&lock["table"]));
            assert!(
                said.iter().any(|said| said.contains(&lock)),
                "{lock} is not in {said:?}"
            );
        }
        let waits = |what: &str| {
            all(&statement["blocks"])
                .iter()
                .any(|block| block["what"] == what)
        };
        for (what, word) in [
            ("defer", "deferring"),
            ("fetch", "fetching"),
            ("read", "reads and writes"),
        ] {
            assert_eq!(
                waits(what),
                said.iter().any(|said| said.contains(word)),
                "{what}: {statement}, {said:?}"
            );
        }
    }
}

/// Whether `7-12, 14` has the number.
fn has(numbers: &str, number: u64) -> bool {
    numbers.split(", ").any(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number_of = |text: &str| text.parse::<u64>().expect("a number");
        (number_of(first)..=number_of(last)).contains(&number)
    })
}

#[track_caller]
fn steps(json: &Value, page: &Value, everywhere: &dyn Fn(&str)) {
    let actions: Vec<&Value> = all(&json["steps"])
        .iter()
        .flat_map(|step| all(&step["actions"]))
        .collect();
    let boxes = all(&page["steps"]);
    assert_eq!(actions.len(), boxes.len());
    let mut runs = all(&json["runs"]).iter();
    for (action, shown) in actions.into_iter().zip(boxes) {
        let shown = text(shown);
        if action["action"] != "upgrade" {
            everywhere(shown);
            continue;
        }
        let run = runs.next().expect("each upgrade is a run");
        assert_eq!(
            (&action["command"], &action["migrations"]),
            (&run["command"], &run["migrations"])
        );
        everywhere(text(&action["command"]));
        assert!(shown.starts_with(text(&action["command"])), "{shown}");
    }
    for held in all(&page["held"]) {
        everywhere(text(held));
    }
}

#[test]
fn of_version_3() {
    agree("3.0.0", "3.10.0");
}

#[test]
fn of_version_2() {
    agree("2.5.0", "3.10.0");
}

#[test]
fn of_the_oldest_release() {
    agree("0.17.0", "3.10.0");
}
