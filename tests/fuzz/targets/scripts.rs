//! Scripts, containers and CI files, which are searched for commands.

use vendor_migrations::alembic::invocations::{Wanted, calls, is_image, is_test};

use super::has_line;

/// A file of each kind. The first byte of the input says which one it is.
const PATHS: [&str; 10] = [
    ".github/workflows/ci.yml",
    "Dockerfile",
    "Jenkinsfile",
    "Makefile",
    "app/main.py",
    "deploy.sh",
    "main.tf",
    "package.json",
    "pyproject.toml",
    "script",
];

/// Each call stands on a line that the file has.
pub fn scripts(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let path = PATHS[usize::from(*first) % PATHS.len()];
    let wanted = Wanted {
        upgrades: true,
        procrastinate: true,
    };
    for call in calls(path, text, wanted) {
        assert!(has_line(text, call.line), "line {} of {path}", call.line);
    }
    let _ = (is_image(text), is_test(text));
}
