//! Foreign text that is shown: to a terminal, and in the logs of CI jobs.

use vendor_migrations::fuzzing::{Target, is_invisible, lines, one_line};

const PASSWORD: &str = "Zq7-hidden-4xK";

/// Escaped text has no control characters and no commands of a CI runner, and a database's URL is never shown with its password.
pub fn shown_text(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (one, several) = (one_line(&text), lines(&text));
    let is_bad = |c: char| c.is_control() || is_invisible(c);
    assert!(!one.chars().any(is_bad), "{one:?}");
    assert!(
        !several.chars().any(|c| is_bad(c) && c != '\n' && c != '\t'),
        "{several:?}"
    );
    for shown in [&one, &several] {
        shown.split('\n').for_each(no_command);
    }
    assert_eq!(one_line(&one), one);
    assert_eq!(lines(&several), several);
    without_password(&text);
}

fn no_command(line: &str) {
    if let Some(rest) = line.trim_start().strip_prefix("::") {
        assert!(!rest.contains("::"), "{line:?}");
    }
    for (at, _) in line.match_indices("##") {
        let name = line[at..].trim_start_matches('#');
        let rest = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        assert!(!rest.starts_with('['), "{line:?}");
    }
}

fn without_password(text: &str) {
    if text.contains(PASSWORD) {
        return;
    }
    // What ends a password is written with `%` in one.
    let plain: String = text.chars().filter(|c| !"@/?#".contains(*c)).collect();
    for url in [
        format!("postgresql://user:{PASSWORD}@{text}"),
        format!("postgresql+asyncpg://user@host/name?password={PASSWORD}&{text}"),
        format!("postgresql://user:{plain}{PASSWORD}@host/name"),
        format!("postgresql://user:{plain}?ssl={PASSWORD}@host/name"),
        text.to_owned(),
    ] {
        let shown = match Target::parse(&url) {
            Ok(target) => format!("{target} {target:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!shown.contains(PASSWORD), "{shown}");
    }
}
