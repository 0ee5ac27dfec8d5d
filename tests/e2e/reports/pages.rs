//! The Markdown of `sync` and `init`, read by the rules of CommonMark.

use fs_err as fs;
use serde_json::Value;

use super::hostile::Site;
use super::{read, strings};
use crate::support::process::Outcome;

const HOME: &str = "https://github.com/vendor-migrations/vendor-migrations/blob/v";

/// What a reader makes of the page, in which nothing foreign is markup.
#[track_caller]
fn page(found: &Outcome, command: &str) -> Value {
    let marker = format!("<!-- vendor-migrations {command} -->");
    assert!(found.stdout.starts_with(&marker), "{found}");
    assert!(found.stdout.chars().count() < 65_536);
    assert_eq!(read(&["runners"], &found.stdout), Value::Array(Vec::new()));
    let page = read(&["markdown"], &found.stdout);
    for html in strings(&page["html"]) {
        let known = [
            "<details><summary>Diff</summary>",
            "<details><summary>All of them</summary>",
            "</details>",
            "<br>",
            "<!-- -->",
            &marker,
        ];
        assert!(known.contains(&html.as_str()), "{html:?}");
    }
    let links = strings(&page["links"]);
    assert!(links.iter().all(|link| link.starts_with(HOME)), "{page:#}");
    let kinds = strings(&page["other"]);
    for kind in [
        "image",
        "blockquote_open",
        "em_open",
        "s_open",
        "table_open",
        "code_block",
        "hr",
    ] {
        assert!(!kinds.iter().any(|found| found == kind), "{kind}: {page:#}");
    }
    // A mention or a reference begins a word, and stands in no code.
    for text in strings(&page["texts"]) {
        let lower = text.to_lowercase();
        for word in ["@octocat", "#1", "gh-12"] {
            assert!(!lower.contains(word), "{word} in {text:?}");
        }
    }
    page
}

fn fences(page: &Value) -> Vec<String> {
    let fences = page["fences"].as_array().expect("it is an array");
    let contents = fences.iter().map(|fence| &fence["content"]);
    contents
        .map(|content| content.as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn of_a_sync_nothing_foreign_is_markup() {
    let site = Site::hostile();
    let run = |options: &[&str], release: &str| {
        let arguments = [&["sync", "--format", "markdown"], options].concat();
        site.run(&arguments, &[release])
    };
    let refused = run(&[], "3.5.2").exits(1);
    let read = page(&refused, "sync");
    let shown = fences(&read);
    assert!(
        shown.iter().any(|diff| diff.contains("</details>")),
        "{shown:#?}"
    );
    assert!(
        shown.iter().any(|diff| diff.contains("~~~~~~\n")),
        "{shown:#?}"
    );
    // The files that the lock does not know have ids of their own, and stay.
    let forced = run(&["--force"], "3.5.2");
    page(&forced, "sync");
    for (options, release) in [
        (&["--dry-run"][..], "3.10.0"),
        (&[], "3.10.0"),
        (&[], "3.10.0"),
        (&[], "3.5.1"),
        (&["-n", "@octocat #1"], "3.5.1"),
    ] {
        page(&run(options, release), "sync");
    }
}

#[test]
fn the_commands_of_a_page_are_those_of_the_text() {
    let (text, site) = (Site::clean(), Site::clean());
    for site in [&text, &site] {
        let vendored = site.root().join("alembic/versions_procrastinate");
        fs::remove_dir_all(vendored).expect("it can be removed");
        site.run(&["sync"], &["3.0.0"]).exits(0);
    }
    let said = text.run(&["sync"], &["3.1.0"]).exits(0).stdout;
    let done = site
        .run(&["sync", "--format", "markdown"], &["3.1.0"])
        .exits(0);
    let read = page(&done, "sync");
    let commands: Vec<String> = fences(&read)
        .into_iter()
        .filter(|fence| fence.starts_with("alembic ") || fence.starts_with("vendor-migrations "))
        .collect();
    assert!(!commands.is_empty(), "{read:#}");
    for command in commands.iter().flat_map(|fence| fence.lines()) {
        assert!(said.contains(command), "{command} in {said}");
    }
    let count = |text: &str| text.matches("alembic upgrade ").count();
    assert_eq!(
        count(&said),
        commands.iter().map(|fence| count(fence)).sum::<usize>()
    );
}

#[test]
fn of_init_nothing_foreign_is_markup() {
    let site = Site::without_git();
    let root = site.root();
    let ini = root.join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("it is there");
    let evil = text.replace(":%(here)s/alembic/versions_procrastinate", "");
    fs::write(
        &ini,
        evil + "; ```\n; ````\n; </details> @octocat #1 GH-12\n",
    )
    .expect("it can be written");
    fs::write(root.join("alembic/env.py"), "from alembic import context\n\ncontext.configure(name='`@octocat` #1 <b> GH-12 ![x](http://y)', connection=connection)\nwith context.begin_transaction():\n    context.run_migrations()\n").expect("it can be written");
    let run = |options: &[&str]| {
        let arguments = [&["init", "--format", "markdown"], options].concat();
        site.run(&arguments, &[])
    };
    let dry = run(&["--dry-run"]).exits(0);
    let read = page(&dry, "init");
    assert!(
        fences(&read)
            .iter()
            .any(|text| text.contains("def include_name")),
        "{read:#}"
    );
    for options in [
        &["--dry-run", "--separate", "@octocat #1 <b> [x](y)"][..],
        &[],
        &[],
        &["-n", "@octocat #1 <b>"],
    ] {
        page(&run(options), "init");
    }
}
