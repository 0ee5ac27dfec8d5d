//! Patterns over paths. Python's regular expressions are not evaluated here; the plain ones that people write are understood,
//! and of all others the worst is assumed.

/// What files in a vendored directory are called.
const NAMES: [&str; 4] = [
    "procrastinate_.py",
    "vendor-migrations.lock",
    ".gitattributes",
    "sql/procrastinate_.sql",
];

/// Whether the pattern may match the path of a file in the directory.
pub(super) fn may_match(pattern: &str, directory: &str) -> bool {
    let plain: String = match pattern.strip_prefix("(?x)") {
        Some(rest) => rest.split_whitespace().collect(),
        None => pattern.to_owned(),
    };
    // `.` counts as itself.
    if plain.contains(['*', '+', '?', '[', '{', '#']) {
        return true;
    }
    let plain = plain.replace(['(', ')', '\\'], "");
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
    match (start.is_some(), ends) {
        (true, true) => text.starts_with(&directory),
        (true, false) => text.starts_with(&directory) || directory.starts_with(text),
        (false, true) => NAMES.iter().any(|name| name.ends_with(text)),
        (false, false) if text.is_empty() => false,
        (false, false) => {
            let mut paths = NAMES.iter().map(|name| format!("{directory}{name}"));
            text.contains(&directory) || paths.any(|path| path.contains(text))
        }
    }
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
            "node_modules",
        ] {
            assert!(!may_match(pattern, directory), "{pattern}");
        }
    }
}
