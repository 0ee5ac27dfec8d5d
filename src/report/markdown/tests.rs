use super::inline::{code, text};
use super::*;
use crate::patch::Patch;
use crate::report::testing::{finding, report};

fn found(message: &str, after: Option<&str>) -> Finding {
    let patches = after.map(|after| Patch::between("", after, "a/x", "b/x"));
    Finding {
        patches: patches.into_iter().collect(),
        ..finding(Severity::Error, "a`b.py", message)
    }
}

fn page(findings: Vec<Finding>) -> String {
    let mut out = Vec::new();
    write(&mut out, &report(findings)).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn code_holds_anything() {
    assert_eq!(code("a"), "`a`");
    assert_eq!(code("`a``b"), "``` `a``b ```");
    assert_eq!(code("a\nb\u{202e}"), "`a\\nb\\u{202e}`");
}

#[test]
fn text_is_no_markup() {
    for (given, shown) in [
        ("run `a b` now", "run `a b` now"),
        (
            "an odd ` and @user #12",
            "an odd \\` and \\@<!-- -->user \\#<!-- -->12",
        ),
        ("<b> [x](y) a_b", "\\<b\\> \\[x\\](y) a\\_b"),
        ("1. http://x www.y.z", "1\\. http\\://x www\\.y.z"),
        ("`` ` <i>", "\\`\\` \\` \\<i\\>"),
        ("two\nlines", "two<br>lines"),
        ("see GH-12 and gh-x", "see GH<!-- -->-12 and gh-x"),
        (
            "at 0a1b2c3, not 0a1b2c3x or 123",
            "at 0<!-- -->a1b2c3, not 0a1b2c3x or 123",
        ),
        ("100% ^x", "100\\% \\^x"),
    ] {
        assert_eq!(text(given), shown);
    }
}

#[test]
fn no_diff_closes_its_fence() {
    let page = page(vec![found("x", Some("```\n````sql\n</details>\n"))]);
    assert!(page.contains("\n`````diff\n--- a/x\n"), "{page}");
    assert!(
        page.contains("\n+```\n+````sql\n+</details>\n`````\n"),
        "{page}"
    );
}

#[test]
fn what_is_too_long_is_counted() {
    let long = "x\n".repeat(30_000);
    let shown = page(vec![found("x", Some(&long)), found("y", None)]);
    assert!(
        shown.contains("The diff (30003 lines) is left out here"),
        "{shown}"
    );
    assert!(shown.contains("\ny\n") && shown.contains("- note: a \\*note\\*"));
    let many = page((0..5000).map(|_| found("some text", None)).collect());
    assert!(many.len() < MOST, "{}", many.len());
    let shown = many.matches("some text").count();
    assert!(
        many.contains(&format!("\n{} more are left out here", 5000 - shown)),
        "{many}"
    );
    assert!(many.contains("5000 errors") && many.contains("- note: "));
}
