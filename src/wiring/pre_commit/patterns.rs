//! Patterns over paths. Python's regular expressions are not evaluated here; the plain ones that people write are understood,
//! and of all others the worst is assumed.

/// How the names of files in a vendored directory end.
const ENDS: [&str; 4] = [".py", "vendor-migrations.lock", ".gitattributes", ".sql"];

/// Whether the pattern may match the path of a file in the directory.
pub(super) fn may_match(pattern: &str, directory: &str) -> bool {
    let plain: String = match pattern.strip_prefix("(?x)") {
        Some(rest) => rest.split_whitespace().collect(),
        None => pattern.to_owned(),
    };
    if plain.contains(['*', '+', '?', '[', '{', '#']) {
        return true;
    }
    // Without its groups, an alternative is shorter, and matches more.
    let plain = plain.replace(['(', ')'], "");
    plain
        .split('|')
        .any(|alternative| matches(alternative, directory))
}

fn matches(alternative: &str, directory: &str) -> bool {
    let directory = format!("{}/", directory.trim_end_matches('/'));
    let start = alternative.strip_prefix('^');
    let text = start.unwrap_or(alternative);
    let (text, ends) = match text.strip_suffix('$') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let Some(text) = characters(text) else {
        return true;
    };
    match (start.is_some(), ends) {
        (true, _) if text.is_empty() => !ends,
        (true, true) => text.len() > directory.len() && begins(&directory, &text),
        (true, false) => begins(&directory, &text),
        (false, true) => ENDS.iter().any(|end| {
            let end: String = end.chars().rev().collect();
            let text: Vec<Option<char>> = text.iter().rev().copied().collect();
            begins(&end, &text)
        }),
        (false, false) if text.is_empty() => false,
        (false, false) => match text.iter().rposition(|c| *c == Some('/')) {
            // What follows the last slash may begin any file's name.
            Some(slash) => contains(&format!("{directory}sql/"), &text[..=slash]),
            // A word may stand in the name of a migration to come.
            None => true,
        },
    }
}

/// The characters of a plain text, none for any character; none at all if it is more than that.
fn characters(text: &str) -> Option<Vec<Option<char>>> {
    let mut characters = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        characters.push(match c {
            '\\' => Some(rest.next().filter(|c| !c.is_alphanumeric())?),
            '^' | '$' => return None,
            '.' => None,
            c => Some(c),
        });
    }
    Some(characters)
}

/// Whether one of the two may begin with the other.
fn begins(path: &str, text: &[Option<char>]) -> bool {
    let mut pairs = path.chars().zip(text);
    pairs.all(|(path, text)| text.is_none_or(|text| text == path))
}

fn contains(path: &str, text: &[Option<char>]) -> bool {
    let whole: Vec<char> = path.chars().collect();
    whole.windows(text.len()).any(|part| {
        let mut pairs = part.iter().zip(text);
        pairs.all(|(path, text)| text.is_none_or(|text| text == *path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_are_understood_and_others_assumed_to_match() {
        let directory = "api/alembic/versions_procrastinate";
        for pattern in [
            "^api/alembic/versions_procrastinate/",
            "^api/",
            "^api/alembic/versions_procrastinate/procrastinate_1\\.py$",
            "alembic",
            "versions_procrastinate/",
            "(?x)^(\n  docs/|\n  api/alembic/\n)",
            "^docs/|^(web|api)/alembic",
            "\\.py$",
            "\\.lock$",
            "_1\\.py$",
            "\\Aapi/",
            "\\balembic\\b",
            "^ap./alembic",
            "initial",
            "\\d\\d_",
            "node_modules",
            "sql/",
            ".*\\.svg",
            "^x[0-9]",
        ] {
            assert!(may_match(pattern, directory), "{pattern}");
        }
        for pattern in [
            "",
            "^$",
            "^docs/",
            "^(docs|tests)/",
            "(?x)^(\n  docs/|\n  tests/fixtures/\n)",
            "\\.svg$",
            "^web/alembic/versions_procrastinate/",
            "^api/README.md$",
            "node_modules/",
            "^apis",
        ] {
            assert!(!may_match(pattern, directory), "{pattern}");
        }
    }
}
