//! Unified diffs.

use similar::TextDiff;

/// One file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the vendored directory, with `/`.
    pub path: String,
    /// What is there now.
    pub before: Option<Vec<u8>>,
    /// What will be there; none to delete it.
    pub after: Option<Vec<u8>>,
}

/// The change of one file; `shown` makes its path one that the user knows.
pub fn of(file: &FileChange, shown: &dyn Fn(&str) -> String) -> String {
    let path = shown(&file.path);
    let header = |side: &str, bytes: &Option<Vec<u8>>| match bytes {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let (old, new) = (header("a", &file.before), header("b", &file.after));
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap_or_default());
    match (text(&file.before), text(&file.after)) {
        (Ok(before), Ok(after)) => unified(&before, &after, (&old, &new)),
        _ => format!("--- {old}\n+++ {new}\nBinary files differ\n"),
    }
}

/// Two texts; the labels stand in the header.
pub fn unified(before: &str, after: &str, (old, new): (&str, &str)) -> String {
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(old, new)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_absence_is_dev_null() {
        let file = FileChange {
            path: "x.py".to_owned(),
            before: None,
            after: Some(b"a\n".to_vec()),
        };
        let diff = of(&file, &|path| format!("dir/{path}"));
        assert_eq!(diff, "--- /dev/null\n+++ b/dir/x.py\n@@ -0,0 +1 @@\n+a\n");
        let file = FileChange {
            before: Some(vec![0xff]),
            ..file
        };
        assert!(of(&file, &str::to_owned).ends_with("Binary files differ\n"));
    }
}
