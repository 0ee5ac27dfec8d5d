//! The browser that the tests of pages look through sees what it should, faults above all.

use fs_err as fs;
use sha2::{Digest, Sha256};

use crate::support::browser::{Finding, Job, run, see};
use crate::support::storage;

fn page(head: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A page</title>{head}</head>\
         <body><main><h1>A page</h1>{body}</main></body></html>"
    )
}

/// A policy that allows nothing but this.
fn policy(allowed: &str) -> String {
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; {allowed}\">"
    )
}

#[track_caller]
fn only<'a>(findings: &'a [Finding], id: &str) -> &'a Finding {
    let found: Vec<&Finding> = findings.iter().filter(|found| found.id == id).collect();
    assert_eq!(found.len(), 1, "{id} in {findings:#?}");
    found[0]
}

#[test]
fn axe_finds_what_is_wrong_and_only_that() {
    let image = "<img src=\"data:,\">";
    let pale = "<p style=\"color: #aaa; background: #fff\">pale</p>";
    let shaded = "<p style=\"background: linear-gradient(#fff, #eee)\">shaded</p>";
    let small = "<button style=\"all: unset; font-size: 8px\">a</button>".repeat(2);
    let seen = run(&[
        Job::new(&page("", "<p>Nothing is wrong.</p>")).axe(),
        Job::new(&page("", &format!("{image}{pale}{shaded}{small}"))).axe(),
        Job::new(&page("", image)),
    ]);
    assert!(seen[0].violations.is_empty(), "{:#?}", seen[0]);
    assert!(seen[0].undecided.is_empty(), "{:#?}", seen[0]);

    let found: Vec<&str> = seen[1].violations.iter().map(|found| &*found.id).collect();
    assert_eq!(found, ["color-contrast", "image-alt", "target-size"]);
    let alt = only(&seen[1].violations, "image-alt");
    assert_eq!(alt.impact.as_deref(), Some("critical"));
    assert_eq!(alt.nodes, [image]);
    let contrast = only(&seen[1].violations, "color-contrast");
    assert!(contrast.why.contains("2.32"), "{contrast:#?}");
    assert_eq!(only(&seen[1].undecided, "color-contrast").nodes, [shaded]);

    assert!(seen[2].violations.is_empty(), "it was not asked");
}

#[test]
fn axe_sees_the_page_in_its_width_and_its_colours() {
    let style = "<style>p { color: #222; background: #fff }\
                 @media (prefers-color-scheme: dark) { p { color: #333; background: #000 } }\
                 @media (width < 400px) { img { display: none } }</style>";
    let html = page(style, "<p>text</p><img src=\"data:,\">");
    let seen = run(&[
        Job::new(&html).width(320).axe(),
        Job::new(&html).width(320).dark().axe(),
        Job::new(&html).width(400).axe(),
    ]);
    assert!(seen[0].violations.is_empty(), "{:#?}", seen[0]);
    only(&seen[1].violations, "color-contrast");
    only(&seen[2].violations, "image-alt");
}

#[test]
fn a_script_needs_the_hash_that_the_policy_names() {
    let script = "document.querySelector('p').textContent = 'it ran'; console.log('done', 1)";
    let body = format!("<p>it waits</p><script>{script}</script>");
    let hash = base64(&Sha256::digest(script));
    let right = page(&policy(&format!("script-src 'sha256-{hash}'")), &body);
    let wrong = page(&policy("script-src 'sha256-AAAA'"), &body);
    let seen = run(&[Job::new(&right).axe(), Job::new(&wrong).axe()]);

    assert!(seen[0].dom.contains("<p>it ran</p>"), "{:#?}", seen[0]);
    assert_eq!(seen[0].console, ["console log: done 1"]);
    assert!(seen[1].dom.contains("<p>it waits</p>"), "{:#?}", seen[1]);
    // The browser names the hash that it wants.
    let told = &seen[1].console;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("security error: "), "{told:#?}");
    assert!(told[0].contains(&hash), "{told:#?}");
}

#[test]
fn errors_of_scripts_are_seen() {
    let seen = see(Job::new(&page(
        "",
        "<script>throw new Error('oh no')</script>",
    )));
    assert_eq!(seen.console.len(), 1, "{:#?}", seen.console);
    assert!(
        seen.console[0].starts_with("exception error: Error: oh no"),
        "{:#?}",
        seen.console
    );
}

#[test]
fn widths_and_colours_are_those_that_were_asked_for() {
    let wide = page("", "<p style=\"width: 3000px\">wide</p>");
    let widths = [320, 360, 1024, 1600];
    let dark = "matchMedia('(prefers-color-scheme: dark)').matches";
    let jobs: Vec<Job> = widths
        .iter()
        .flat_map(|width| {
            let job = || {
                let job = Job::new(&wide).width(*width).height(500);
                job.evaluate("[innerWidth, document.documentElement.clientWidth, innerHeight]")
            };
            [job().evaluate(dark), job().dark().evaluate(dark)]
        })
        .collect();
    for (index, seen) in run(&jobs).into_iter().enumerate() {
        let width = widths[index / 2];
        let sizes = serde_json::json!([width, width, 500]);
        assert_eq!(seen.values, [sizes, (index % 2 == 1).into()]);
    }
}

#[test]
fn scripts_that_are_off_do_not_run() {
    let body = "<noscript><p>none</p></noscript><button onclick=\"document.title = 'pressed'\">b</button>\
                <img><script>document.title = 'ran'</script>";
    let job = || {
        let job = Job::new(&page("", body)).evaluate("document.title");
        job.press("Tab").press("Enter").evaluate("document.title")
    };
    let seen = run(&[job(), job().without_scripts().axe()]);
    assert_eq!(seen[0].values, ["ran", "pressed"]);
    assert_eq!(seen[1].values, ["A page", "A page"]);
    // axe-core runs all the same.
    only(&seen[1].violations, "image-alt");
}

#[test]
fn requests_are_seen_even_where_they_are_blocked() {
    let body = "<img alt=\"\" src=\"http://127.0.0.1:9/x\"><img alt=\"\" src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\">";
    let open = page("", body);
    let closed = page(&policy("img-src data:"), body);
    let alone = page("", "<p>text</p>");
    let seen = run(&[Job::new(&open), Job::new(&closed), Job::new(&alone)]);
    for seen in &seen[..2] {
        let beyond: Vec<&String> = seen
            .requests
            .iter()
            .filter(|request| !request.starts_with("data:"))
            .collect();
        assert_eq!(beyond, ["http://127.0.0.1:9/x"]);
    }
    assert!(seen[2].requests.is_empty(), "{:#?}", seen[2].requests);
    assert!(seen[2].console.is_empty(), "{:#?}", seen[2].console);
}

#[test]
fn keys_are_pressed() {
    let body = "<label><input type=\"checkbox\"> one</label><label>two <input id=\"two\"></label><a href=\"#\">three</a>";
    let focus = "document.activeElement.tagName";
    let seen = see(Job::new(&page("", body))
        .evaluate(focus)
        .press("Tab")
        .press("Space")
        .evaluate("document.querySelector('input').checked")
        .press("Tab")
        .press("a")
        .press("7")
        .evaluate("two.value")
        .press("Tab")
        .evaluate(focus)
        .press("Shift+Tab")
        .evaluate("document.activeElement.id"));
    let expected = serde_json::json!(["BODY", true, "a7", "A", "two"]);
    assert_eq!(serde_json::Value::from(seen.values), expected);
}

#[test]
fn a_screenshot_shows_the_whole_page_or_a_window() {
    let directory = storage::temporary();
    let path = |name: &str| storage::path(&directory).join(name);
    let tall = "<!DOCTYPE html><body style=\"margin: 0\"><div style=\"height: 2345px\">";
    run(&[
        Job::new(tall).width(360).screenshot(&path("page.png")),
        Job::new(tall)
            .width(360)
            .height(640)
            .screenshot(&path("window.png")),
    ]);
    // A PNG file has its width and its height there.
    let size = |name: &str| {
        let data = fs::read(path(name)).expect("it was written");
        let number = |at: usize| {
            let bytes = data[at..at + 4].try_into().expect("these are four");
            u32::from_be_bytes(bytes)
        };
        (number(16), number(20))
    };
    assert_eq!(size("page.png"), (360, 2345));
    assert_eq!(size("window.png"), (360, 640));
}

#[test]
#[should_panic(expected = "there is no key")]
fn a_job_that_cannot_be_done_fails() {
    see(Job::new(&page("", "")).press("Any"));
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| {
            bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * at) & 63];
            text.push(if at > chunk.len() { '=' } else { letter.into() });
        }
    }
    text
}
