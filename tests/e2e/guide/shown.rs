//! What a page shows of a command's output, held against the output.

/// Compares the shown lines with what was printed. A line `…` stands for any lines, `…` within a line for any text. Where
/// nothing is shown, nothing is compared.
pub(super) fn compare(shown: &[String], printed: &str) -> Result<(), String> {
    if shown.is_empty() {
        return Ok(());
    }
    let shown: Vec<&str> = shown.iter().map(|line| line.trim_end()).collect();
    let printed: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
    lines(&shown, &printed)
        .map_err(|line| format!("the page shows\n    {line}\nwhich is not there"))
}

/// Whether all shown lines match; else the first that cannot be found.
fn lines<'a>(shown: &[&'a str], printed: &[&str]) -> Result<(), &'a str> {
    match shown {
        [] if printed.is_empty() => Ok(()),
        [] => Err("(the end of the output)"),
        ["…"] => Ok(()),
        ["…", rest @ ..] => {
            let mut last = Err(rest[0]);
            for start in 0..=printed.len() {
                last = lines(rest, &printed[start..]);
                if last.is_ok() {
                    break;
                }
            }
            last.map_err(|_| rest[0])
        }
        [line, rest @ ..] => match printed.split_first() {
            Some((first, others)) if matches(line, first) => lines(rest, others),
            _ => Err(line),
        },
    }
}

/// Whether the text is the pattern's parts in order, with anything where `…` stands.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('…') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    places.any(|at| matches(rest, &text[at..]))
}

#[test]
fn elisions() {
    let shown = |page: &str| page.lines().map(str::to_owned).collect::<Vec<_>>();
    let matches = |page: &str, printed: &str| compare(&shown(page), printed).is_ok();
    assert!(matches("one\ntwo", "one\ntwo\n"));
    assert!(!matches("one", "one\ntwo\n"));
    assert!(!matches("one\ntwo", "one\n"));
    assert!(!matches("one\nthree", "one\ntwo\n"));
    assert!(matches("one\n…", "one\ntwo\nthree\n"));
    assert!(matches("…\nthree", "one\ntwo\nthree\n"));
    assert!(!matches("…\ntwo", "one\ntwo\nthree\n"));
    assert!(matches(
        "one\n…\nthree\n…\nfive",
        "one\ntwo\nthree\nfour\nfive"
    ));
    assert!(!matches(
        "one\n…\nfour\n…\nthree\n…",
        "one\ntwo\nthree\nfour\nfive"
    ));
    assert!(matches("a … c", "a b b c"));
    assert!(!matches("a … c", "a b b c d"));
    assert!(matches("", "anything"));
}
