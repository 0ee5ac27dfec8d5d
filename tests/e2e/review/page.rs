//! The page in a browser: for everybody, in each width, without a network, and with hostile SQL in it.

use camino::Utf8Path;
use fs_err as fs;
use serde_json::Value;

use super::site::{rendered, reports, review, text};
use crate::screens::Site;
use crate::support::browser::{Job, Seen, run, see};
use crate::support::process::run as run_command;
use crate::support::storage;
use crate::support::tools::with_uv;

const OPEN: &str = "document.querySelectorAll('details').forEach((one) => { one.open = true })";
/// How wide the page is.
const WIDTH: &str = "document.documentElement.scrollWidth";

#[track_caller]
fn is_clean(seen: &Seen, what: &str) {
    assert!(seen.violations.is_empty(), "{what}: {:#?}", seen.violations);
    assert_eq!(seen.console, Vec::<String>::new(), "{what}");
    assert_eq!(seen.requests, Vec::<String>::new(), "{what}");
}

#[test]
fn everybody_can_read_it_in_each_width() {
    let widths = [(320, false), (360, true), (1024, false), (1600, true)];
    for (from, widths) in [
        ("3.0.0", &widths[..]),
        ("2.5.0", &widths[2..]),
        ("0.17.0", &widths[..1]),
    ] {
        let html = reports(from, "3.10.0").html;
        let job = |&(width, dark): &(u32, bool)| {
            let job = Job::new(&html)
                .width(width)
                .evaluate(WIDTH)
                .evaluate(OPEN)
                .evaluate(WIDTH)
                .axe();
            if dark { job.dark() } else { job }
        };
        let jobs: Vec<Job> = widths.iter().map(job).collect();
        for (seen, (width, dark)) in run(&jobs).iter().zip(widths) {
            let what = format!("{from}, {width} pixels, dark {dark}");
            is_clean(seen, &what);
            let wide = [&seen.values[0], &seen.values[2]];
            assert_eq!(
                wide,
                [&Value::from(*width); 2],
                "{what}: it scrolls sideways"
            );
        }
    }
}

#[test]
fn it_works_without_scripts_and_remembers_ticks_with_them() {
    let html = reports("3.0.0", "3.10.0").html;
    let words = "document.body.innerText";
    let ticked = "document.querySelector('input').checked";
    let tick = |job: Job| {
        job.evaluate(words)
            .evaluate("document.querySelector('input').focus()")
            .press("Space")
            .evaluate(ticked)
    };
    let script = html
        .split("<script>")
        .nth(1)
        .and_then(|rest| rest.split("</script>").next());
    let script = script.expect("the page has its script");
    let with = tick(Job::new(&html))
        .evaluate("JSON.stringify(localStorage)")
        .evaluate("document.querySelector('input').checked = false")
        .evaluate(script)
        .evaluate(ticked);
    let [without, with] = &run(&[tick(Job::new(&html).without_scripts()), with])[..] else {
        panic!("two jobs")
    };
    assert_eq!(without.values[0], with.values[0]);
    assert_eq!(
        (&without.values[2], &with.values[2]),
        (&Value::from(true), &Value::from(true))
    );
    assert!(text(&with.values[3]).contains("s1-1"), "{}", with.values[3]);
    // As after the page was loaded again.
    assert_eq!(with.values.last(), Some(&Value::from(true)));
}

#[test]
fn the_keyboard_reaches_everything() {
    let html = reports("3.0.0", "3.10.0").html;
    let focused = "document.activeElement.tagName + '.' + document.activeElement.className";
    let mut job = Job::new(&html).width(1024);
    for _ in 0..12 {
        job = job.press("Tab").evaluate(focused);
    }
    let seen = see(job
        .evaluate("document.querySelector('summary').focus()")
        .press("Enter")
        .evaluate("document.querySelector('details').open"));
    let order: Vec<&str> = seen.values[..12].iter().map(text).collect();
    assert_eq!(order[0], "A.skip");
    assert!(
        order[1..].iter().any(|one| one.starts_with("A.chip")),
        "{order:?}"
    );
    assert!(order.contains(&"INPUT."), "{order:?}");
    assert_eq!(seen.values.last(), Some(&Value::from(true)));
}

/// Whatever stands in a migration stays text.
const HOSTILE: &str = "-- </script><script>document.title = 'x'</script> ]]> &lt; &#60;img src=x onerror=alert(1)>\n\
    -- <img src=\"http://127.0.0.1:9/x\" onerror=\"document.title = 'x'\"> \u{202e}txet\u{2066} \u{1b}[31m\u{9b}0K\n\
    CREATE INDEX \"</code></pre><h1>x</h1>\" ON procrastinate_jobs (id);\n\
    SELECT '</style><style>*{display:none}</style>', $a$ <!-- --> $a$;\n";

#[test]
fn hostile_sql_stays_text() {
    let mut site = Site::vendored("3.10.0");
    let migration = "procrastinate/sql/migrations/03.11.00_01_pre_`x` & @y.sql";
    site.install_changed("3.10.0", "3.11.0", &[(migration, HOSTILE)]);
    let reports = super::site::reports_of(&site);
    let json = &reports.json["migrations"][0];
    assert_eq!(
        (&json["facts"], &json["sql"]),
        (&"estimated".into(), &HOSTILE.into())
    );
    let seen = see(Job::new(&reports.html)
        .evaluate(OPEN)
        .evaluate("document.querySelectorAll('img, h1, script, style').length")
        .evaluate("document.querySelector('section.one').innerText")
        .axe());
    is_clean(&seen, "hostile SQL");
    // The page's own heading, script and style.
    assert_eq!(seen.values[1], 3);
    let shown = text(&seen.values[2]);
    for line in [
        "</script><script>document.title = 'x'</script> ]]> &lt; &#60;img",
        "\"</code></pre><h1>x</h1>\"",
        "\\u{202e}txet\\u{2066} \\x1b[31m\\u{9b}0K",
        "<!-- -->",
    ] {
        assert!(shown.contains(line), "`{line}` is not in:\n{shown}");
    }
    let fences = rendered(&reports.markdown);
    assert_eq!(fences.len(), 1);
    assert!(fences[0].contains("<script>document.title"));
}

/// Both sides are at hand where both releases were downloaded before.
#[test]
fn before_and_after_stand_side_by_side() {
    let (directory, cache) = (storage::temporary(), storage::temporary());
    let command = |arguments: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        crate::support::process::scrub(&mut command)
            .args(arguments.split(' '))
            .current_dir(&directory);
        with_uv(&mut command).env("XDG_CACHE_HOME", cache.path());
        command
    };
    let offline = |format: &str| {
        run_command(&mut command(&format!(
            "review --from 3.0.0 --to 3.0.2 --format {format}"
        )))
        .exits(0)
        .stdout
        .clone()
    };
    assert!(!offline("html").contains("Before and after"));
    run_command(&mut command("diff 3.0.0 3.0.2")).exits(1);
    let html = offline("html");
    let rows = "[...document.querySelectorAll('.sides tbody tr')].map((row) => [...row.cells].map((cell) => cell.className))";
    let seen = see(Job::new(&html).evaluate(OPEN).evaluate(rows).axe());
    is_clean(&seen, "two sides");
    let changed: Vec<&Value> = super::site::all(&seen.values[1])
        .iter()
        .filter(|row| row[0] == "d")
        .collect();
    assert!(
        !changed.is_empty() && changed.iter().all(|row| row[1] == "a"),
        "{changed:?}"
    );
    assert!(offline("markdown").contains("```diff"));
}

/// The picture in the docs, of a page without SQL. `ACCEPT_SCREENS=1` takes it anew; here it has to be possible.
#[test]
fn the_picture_of_the_docs_can_be_taken() {
    let docs = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review");
    let (directory, cache) = (storage::temporary(), storage::temporary());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
    crate::support::process::scrub(&mut command)
        .args([
            "review", "--from", "2.5.0", "--to", "3.10.0", "--format", "html",
        ])
        .env("XDG_CACHE_HOME", cache.path())
        .current_dir(&directory);
    let html = run_command(&mut command).exits(0).stdout.clone();
    assert!(
        !html.contains("CREATE "),
        "no SQL of upstream's goes into this repository"
    );
    let page = docs.join("2.5.0-3.10.0.html");
    let accept = std::env::var_os("ACCEPT_SCREENS").is_some();
    let pictures = if accept {
        docs.clone()
    } else {
        storage::path(&directory).to_owned()
    };
    if accept {
        fs::create_dir_all(&docs).expect("the checkout can be written");
        fs::write(&page, &html).expect("the checkout can be written");
    }
    assert_eq!(
        fs::read_to_string(&page).expect("the docs have the page"),
        html,
        "`ACCEPT_SCREENS=1` rewrites it"
    );
    let light = pictures.join("page.png");
    run(&[Job::new(&html).width(1024).height(1500).screenshot(&light)]);
    let size = fs::metadata(&light).expect("the picture was taken").len();
    assert!(
        (10_000..600_000).contains(&size),
        "the picture has {size} bytes"
    );
    assert!(docs.join("page.png").exists(), "the docs have the picture");
}

#[test]
fn a_project_says_when_it_commits() {
    let mut site = Site::vendored("0.18.2");
    site.install("0.20.0");
    let ends = |site: &Site| {
        let report: Value =
            serde_json::from_str(&review(site, "json").exits(0).stdout).expect("it is JSON");
        let runs = super::site::all(&report["runs"]).to_vec();
        runs.iter()
            .flat_map(|run| super::site::all(&run["transactions"]).to_vec())
            .map(|one| text(&one["ends"]).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ends(&site), ["run"]);
    let env = site.root().join("alembic/env.py");
    let old = fs::read_to_string(&env).expect("alembic init wrote it");
    let new = old.replace(
        "connection=connection, target_metadata",
        "connection=connection, transaction_per_migration=True, target_metadata",
    );
    assert_ne!(old, new);
    fs::write(&env, new).expect("the project can be written");
    assert_eq!(ends(&site), ["migration"]);
}
